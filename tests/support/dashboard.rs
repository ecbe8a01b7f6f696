//! The parts of the shipped dashboards that tests check.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A query of a panel.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The panel's title.
    pub(crate) panel: String,
    /// The panel's id, which is unique, unlike its title.
    pub(crate) id: u64,
    /// The panel's type, `stat` for instance.
    pub(crate) kind: String,
    /// Its `refId`.
    pub(crate) letter: String,
    /// The expression, with variables.
    pub(crate) expression: String,
    /// The names of its series.
    pub(crate) legend: String,
    /// Whether it is an instant query for the end of the range.
    pub(crate) instant: bool,
    /// The maximum of points, if the panel sets it.
    pub(crate) most_points: Option<u64>,
    /// The minimum time between two points, in minutes, if the panel sets it.
    pub(crate) least_minutes: Option<u64>,
    /// The panel's own time range: `timeFrom` and `timeShift`. Empty if it has that of the dashboard.
    pub(crate) time: (String, String),
    /// The regular expression for all skills, if the variable of the dashboard has one in place of a list.
    pub(crate) every_skill: Option<String>,
}

/// The query of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The values of a label of the series that a selector finds.
    Label(String, String),
    /// The series of an expression.
    Result(String),
}

/// The folder of the files in English; `es` below it has those in Spanish.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("grafana/dashboards")
}

/// The dashboard with every row open: the panels of a collapsed row come after it, as those of an open row do.
fn expanded(mut dashboard: Value) -> Value {
    if let Some(panels) = dashboard["panels"].as_array_mut() {
        let all = std::mem::take(panels).into_iter().flat_map(|mut panel| {
            let inside = panel.get_mut("panels").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
            std::iter::once(panel).chain(inside)
        });
        *panels = all.collect();
    }
    dashboard
}

/// The JSON files of a folder, by name, with every row open.
///
/// # Panics
/// When a file cannot be read or is not JSON.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Value> {
    files_as_opened(folder).into_iter().map(|(name, dashboard)| (name, expanded(dashboard))).collect()
}

/// The same with the rows that are collapsed when a dashboard is opened.
///
/// # Panics
/// As [`files`].
pub(crate) fn files_as_opened(folder: &Path) -> BTreeMap<String, Value> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry of a folder can be read").path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let text = fs::read_to_string(&path).expect("a dashboard is text");
            let parsed = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            files.insert(path.file_stem().expect("it has a name").to_string_lossy().into_owned(), parsed);
        }
    }
    files
}

/// The elements of an array. None if the value is not an array.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// A text. Empty if the value is not a text.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Every query of every panel.
pub(crate) fn targets(dashboard: &Value) -> Vec<Target> {
    let panels = list(dashboard, "panels").iter();
    let skills = list(&dashboard["templating"], "list").iter().find(|variable| variable["name"] == "skill_id");
    let every_skill = skills.and_then(|variable| variable["allValue"].as_str());
    let targets = panels.flat_map(|panel| {
        list(panel, "targets").iter().map(|target| Target {
            panel: text(panel, "title").to_owned(),
            id: panel["id"].as_u64().unwrap_or_default(),
            kind: text(panel, "type").to_owned(),
            letter: text(target, "refId").to_owned(),
            expression: text(target, "expr").to_owned(),
            legend: text(target, "legendFormat").to_owned(),
            instant: target["instant"] == true,
            most_points: panel["maxDataPoints"].as_u64(),
            least_minutes: text(panel, "interval").strip_suffix('m').and_then(|minutes| minutes.parse().ok()),
            time: (text(panel, "timeFrom").to_owned(), text(panel, "timeShift").to_owned()),
            every_skill: every_skill.map(str::to_owned),
        })
    });
    targets.collect()
}

/// The queries for the marks on the graphs.
pub(crate) fn annotations(dashboard: &Value) -> &[Value] {
    list(&dashboard["annotations"], "list")
}

/// The most queries that a dashboard may send when it is opened.
pub(crate) const MOST_QUERIES: usize = 40;

/// The number of queries that Grafana sends when it opens a dashboard: those of the open panels, of the variables and of the
/// marks on the graphs. The dashboard is one of [`files_as_opened`].
///
/// # Panics
/// When a variable has no form that Grafana supports.
pub(crate) fn queries_on_opening(dashboard: &Value) -> usize {
    let open = targets(dashboard).len();
    let of_variables = variables(dashboard).expect("the variables have queries").len();
    let marks = annotations(dashboard).iter().filter(|one| one["enable"] == true && one["expr"].is_string()).count();
    open + of_variables + marks
}

/// The query of each variable, by its name.
///
/// # Errors
/// When a query has no form that Grafana supports.
pub(crate) fn variables(dashboard: &Value) -> Result<BTreeMap<String, Asked>, String> {
    let variables = list(&dashboard["templating"], "list").iter().filter(|variable| variable["type"] == "query");
    let asked = variables.map(|variable| {
        let (name, query) = (text(variable, "name"), text(&variable["query"], "query"));
        let inside = |function: &str| query.strip_prefix(function)?.strip_prefix('(')?.strip_suffix(')');
        let asked = match (inside("label_values"), inside("query_result")) {
            (Some(inside), _) => inside
                .rsplit_once(", ")
                .map(|(selector, label)| Asked::Label(selector.to_owned(), label.to_owned()))
                .ok_or(format!("variable {name}: {query} names no label")),
            (_, Some(inside)) => Ok(Asked::Result(inside.to_owned())),
            _ => Err(format!("variable {name}: {query} is not a query of a variable")),
        };
        asked.map(|asked| (name.to_owned(), asked))
    });
    asked.collect()
}
