//! The rules for dashboards, as a table. Each rule takes a parsed dashboard and returns the problems that it finds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;
use wolkvox_exporter::metrics::catalogue;

use super::links::links;
use super::support::dashboard::{Asked, Target, annotations, list, targets, text, variables};
use super::support::promql::{self, Query, Selector};
use super::support::rules;

/// Columns of Grafana's grid.
const COLUMNS: u64 = 24;

/// Rows of the grid on a screen of 1080 pixels in kiosk mode: a row has 30 pixels, with 8 pixels between rows.
const SCREEN_ROWS: u64 = 28;

/// The panel types that every Grafana from 10 to 13 has.
const PANEL_TYPES: [&str; 12] = [
    "alertlist",
    "bargauge",
    "gauge",
    "heatmap",
    "histogram",
    "row",
    "stat",
    "state-timeline",
    "status-history",
    "table",
    "text",
    "timeseries",
];

/// Panel types without a query.
const WITHOUT_FIGURES: [&str; 2] = ["row", "text"];

/// Variables that Grafana defines.
const BUILT_IN_VARIABLES: [&str; 5] = ["__interval", "__range", "__range_s", "__rate_interval", "__url_time_range"];

/// The labels of an alert.
const ALERT_LABELS: [&str; 11] = [
    "alertname",
    "severity",
    "operation",
    "skill_id",
    "skill_name",
    "team",
    "category",
    "dnis",
    "window",
    "collector",
    "instance",
];

/// Series that Prometheus creates from the state of the alerts, with the label that each has besides those of the alert.
const ALERT_SERIES: [(&str, Option<&str>); 2] = [("ALERTS", Some("alertstate")), ("ALERTS_FOR_STATE", None)];

/// Every series that a dashboard can query, and every dashboard and section of the runbook that it can link to.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    series: promql::Known,
    counters: BTreeSet<String>,
    /// The names of the variables of each dashboard, by uid.
    pub(crate) boards: BTreeMap<String, BTreeSet<String>>,
    /// The sections of the runbook, as in an address.
    pub(crate) alerts: BTreeSet<String>,
}

impl Known {
    /// The series of the exporter, the recording rules and Prometheus.
    pub(crate) fn with_boards<'a>(boards: impl Iterator<Item = &'a Value>) -> Self {
        let variables = |board: &Value| {
            list(&board["templating"], "list").iter().map(|variable| text(variable, "name").to_owned()).collect()
        };
        let boards = boards.map(|board| (text(board, "uid").to_owned(), variables(board))).collect();
        let mut series = rules::read(&rules::rules()).1;
        for (name, own) in ALERT_SERIES {
            series.insert(name.to_owned(), ALERT_LABELS.into_iter().chain(own).map(str::to_owned).collect());
        }
        let mut counters = BTreeSet::new();
        for family in catalogue::families() {
            match family.kind {
                "histogram" => {
                    counters.extend(["_bucket", "_sum", "_count"].map(|suffix| format!("{}{suffix}", family.name)));
                }
                "counter" => drop(counters.insert(family.name.to_owned())),
                _ => {}
            }
        }
        let runbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/RUNBOOK.md");
        let runbook = fs::read_to_string(runbook).expect("the runbook is text");
        let alerts = runbook.lines().filter_map(|line| line.strip_prefix("## ")).map(str::to_lowercase).collect();
        Self { series, counters, boards, alerts }
    }

    /// Whether the series is scraped. Those have the labels `job` and `instance`, which recorded ones have not.
    fn is_scraped(&self, name: &str) -> bool {
        self.series.get(name).is_some_and(|labels| labels.contains("job"))
    }

    /// The expression, read.
    pub(crate) fn read(&self, expression: &str) -> Query {
        promql::read(expression, &self.series)
    }
}

/// A rule: its name, and a function that returns its violations.
pub(crate) type Rule = (&'static str, fn(&Value, &Known) -> Vec<String>);

/// All rules.
pub(crate) const RULES: [Rule; 17] = [
    ("classic", classic),
    ("panel types", panel_types),
    ("ids", ids),
    ("grid", grid),
    ("texts", texts),
    ("missing values", missing_values),
    ("text columns", text_columns),
    ("data source", data_source),
    ("variables", invalid_variables),
    ("series", series),
    ("target", target_matchers),
    ("counters", counters),
    ("averages", averages),
    ("labels", labels),
    ("annotations", alert_annotations),
    ("query ids", query_ids),
    ("links", links),
];

/// The problems of a dashboard, each after the name of its rule.
pub(crate) fn findings(dashboard: &Value, known: &Known) -> Vec<String> {
    let found = RULES
        .iter()
        .flat_map(|(name, rule)| rule(dashboard, known).into_iter().map(move |found| format!("{name}: {found}")));
    found.collect()
}

fn panels(dashboard: &Value) -> &[Value] {
    list(dashboard, "panels")
}

/// Panels with queries.
fn query_panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    panels(dashboard).iter().filter(|panel| !WITHOUT_FIGURES.contains(&text(panel, "type")))
}

/// Every expression of panels, annotations and variables, with its place.
fn expressions(dashboard: &Value) -> Vec<(String, String)> {
    let mut found: Vec<_> = targets(dashboard)
        .into_iter()
        .map(|Target { panel, letter, expression, .. }| (format!("{panel} {letter}"), expression))
        .collect();
    for annotation in annotations(dashboard) {
        found.push((format!("annotation {}", annotation["name"]), text(annotation, "expr").to_owned()));
    }
    for (name, asked) in variables(dashboard).unwrap_or_default() {
        let (Asked::Label(expression, _) | Asked::Result(expression)) = asked;
        found.push((format!("variable {name}"), expression));
    }
    found
}

/// Every selector of every expression, with the place where it stands.
fn selectors(dashboard: &Value, known: &Known) -> Vec<(String, Selector)> {
    let all = expressions(dashboard).into_iter();
    all.flat_map(|(place, expression)| {
        known.read(&expression).selectors.into_iter().map(move |selector| (place.clone(), selector))
    })
    .collect()
}

/// The file is classic JSON, which works for import and for provisioning.
fn classic(dashboard: &Value, _: &Known) -> Vec<String> {
    let mut found = Vec::new();
    for key in ["__inputs", "__requires", "__elements", "id", "apiVersion", "spec", "elements"] {
        if dashboard.get(key).is_some() {
            found.push(format!("unexpected key {key}"));
        }
    }
    for key in ["uid", "title", "description", "refresh"] {
        if text(dashboard, key).is_empty() {
            found.push(format!("missing {key}"));
        }
    }
    if text(dashboard, "uid").len() > 40 {
        found.push("the uid is longer than the 40 characters that Grafana accepts".to_owned());
    }
    if !dashboard["schemaVersion"].as_u64().is_some_and(|version| (39..=42).contains(&version)) {
        found.push("invalid schemaVersion: expected 39 to 42".to_owned());
    }
    if dashboard["editable"] != false {
        found.push("invalid editable: expected false".to_owned());
    }
    if panels(dashboard).is_empty() || text(&dashboard["time"], "from").is_empty() || list(dashboard, "tags").is_empty()
    {
        found.push("missing panels, time or tags".to_owned());
    }
    found
}

fn panel_types(dashboard: &Value, _: &Known) -> Vec<String> {
    let unknown = panels(dashboard).iter().filter(|panel| !PANEL_TYPES.contains(&text(panel, "type")));
    unknown.map(|panel| format!("the panel type {} is not built into Grafana", panel["type"])).collect()
}

fn ids(dashboard: &Value, _: &Known) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let duplicates =
        panels(dashboard).iter().filter(|panel| !panel["id"].as_u64().is_some_and(|id| id > 0 && seen.insert(id)));
    duplicates.map(|panel| format!("duplicate or invalid id {}", panel["id"])).collect()
}

/// Panels do not overlap or leave gaps, and the wallboard fits on one screen.
fn grid(dashboard: &Value, _: &Known) -> Vec<String> {
    let mut taken = BTreeMap::new();
    let mut found = Vec::new();
    let mut height = 0;
    for panel in panels(dashboard) {
        let place = |key: &str| panel["gridPos"][key].as_u64();
        let (Some(x), Some(y), Some(w), Some(h)) = (place("x"), place("y"), place("w"), place("h")) else {
            found.push(format!("{} has no position", panel["title"]));
            continue;
        };
        if w == 0 || h == 0 || x + w > COLUMNS {
            found.push(format!("{} exceeds the {COLUMNS} columns of the grid", panel["title"]));
        }
        height = height.max(y + h);
        for cell in (x..x + w).flat_map(|column| (y..y + h).map(move |line| (column, line))) {
            if let Some(other) = taken.insert(cell, &panel["title"]) {
                found.push(format!("{} overlaps {other}", panel["title"]));
                break;
            }
        }
    }
    if taken.len() as u64 != COLUMNS * height && found.is_empty() {
        found.push("the grid has gaps".to_owned());
    }
    if text(dashboard, "uid").starts_with("wolkvox-wall") && height > SCREEN_ROWS {
        found.push(format!("the wallboard has {height} rows, but a screen has {SCREEN_ROWS}"));
    }
    found
}

/// Panels have a title, and those with queries also a description, a unit and a text for no data.
fn texts(dashboard: &Value, _: &Known) -> Vec<String> {
    let untitled = panels(dashboard).iter().filter(|panel| text(panel, "title").is_empty());
    let mut found: Vec<String> = untitled.map(|panel| format!("panel {} has no title", panel["id"])).collect();
    for panel in query_panels(dashboard) {
        let defaults = &panel["fieldConfig"]["defaults"];
        let given = [
            ("description", text(panel, "description")),
            ("unit", text(defaults, "unit")),
            ("noValue", text(defaults, "noValue")),
        ];
        for (what, value) in given {
            if value.is_empty() {
                found.push(format!("{} has no {what}", panel["title"]));
            }
        }
    }
    found
}

/// A missing value has its own text and colour. Otherwise Grafana would use the colour of the lowest threshold, which
/// is often the alarm colour. A table has cells without a value when one of its queries has a row that another query
/// lacks.
fn missing_values(dashboard: &Value, _: &Known) -> Vec<String> {
    let maps = |mappings: &Value, what: &str| {
        let mut special = mappings.as_array().into_iter().flatten().filter(|one| one["type"] == "special");
        special.any(|one| {
            let (options, result) = (&one["options"], &one["options"]["result"]);
            options["match"] == what && !text(result, "text").is_empty() && !text(result, "color").is_empty()
        })
    };
    let mut found = Vec::new();
    for panel in panels(dashboard) {
        let config = &panel["fieldConfig"];
        let is_table = panel["type"] == "table";
        let needed = match text(panel, "type") {
            "stat" | "gauge" | "bargauge" => &["null"][..],
            // If a row lacks a label, its cell is an empty text.
            "table" => &["null", "empty"],
            _ => continue,
        };
        let unmapped = |mappings: &Value| needed.iter().find(|what| !maps(mappings, what));
        if let Some(what) = unmapped(&config["defaults"]["mappings"]) {
            found.push(format!("{} has no value mapping for {what}", panel["title"]));
        }
        let columns = list(config, "overrides")
            .iter()
            .filter(|one| is_table && text(&one["matcher"], "options").starts_with("Value"));
        for column in columns {
            let mut mappings = list(column, "properties").iter().filter(|one| one["id"] == "mappings");
            if mappings.any(|one| unmapped(&one["value"]).is_some()) {
                let place = &column["matcher"]["options"];
                found.push(format!("{}: the column {place} has no value mapping for missing values", panel["title"]));
            }
        }
    }
    found
}

/// Text columns have the unit `string`. Otherwise Grafana takes ids for numbers, and shows 4187 and 4192 both as 4.19
/// K. The time of a row has a format of its own.
fn text_columns(dashboard: &Value, _: &Known) -> Vec<String> {
    let mut found = Vec::new();
    for panel in panels(dashboard).iter().filter(|panel| panel["type"] == "table") {
        for column in list(&panel["fieldConfig"], "overrides") {
            let name = text(&column["matcher"], "options");
            let mut units = list(column, "properties").iter().filter(|one| one["id"] == "unit");
            let wanted = if name == "Time" { "time:D/M HH:mm" } else { "string" };
            if !name.starts_with("Value") && !units.any(|one| one["value"] == wanted) {
                found.push(format!(
                    "{}: the column {name} needs the unit {wanted}, because Grafana could take its ids for numbers",
                    panel["title"]
                ));
            }
        }
    }
    found
}

/// Panels, queries and variables use the data source that the reader selects.
fn data_source(dashboard: &Value, _: &Known) -> Vec<String> {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    if key == "datasource" && (value["uid"] != "${datasource}" || value["type"] != "prometheus") {
                        found.push(format!("the data source {value} is hard-coded"));
                    }
                    walk(value, found);
                }
            }
            Value::Array(elements) => elements.iter().for_each(|element| walk(element, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(dashboard, &mut found);
    let variables = list(&dashboard["templating"], "list").iter().filter(|variable| variable["type"] == "query");
    for one in
        query_panels(dashboard).chain(query_panels(dashboard).flat_map(|panel| list(panel, "targets"))).chain(variables)
    {
        if one.get("datasource").is_none() {
            found.push(format!("{} {} {} has no data source", one["title"], one["refId"], one["name"]));
        }
    }
    found
}

/// The names of the variables in `text`: `$name`, `${name}`, `${name:format}`.
fn used_variables(text: &str) -> BTreeSet<&str> {
    let names = text.split('$').skip(1).filter_map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = &rest[..end];
        // $1 is a capture group of label_replace.
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_').then_some(name)
    });
    names.collect()
}

fn invalid_variables(dashboard: &Value, _: &Known) -> Vec<String> {
    let mut found: Vec<String> = variables(dashboard).err().into_iter().collect();
    let variables = list(&dashboard["templating"], "list");
    let of = |name: &str| variables.iter().find(|variable| variable["name"] == name);
    match of("datasource") {
        Some(variable) if variable["type"] == "datasource" && variable["query"] == "prometheus" => {}
        _ => found.push("the variable datasource does not select a Prometheus".to_owned()),
    }
    for name in ["job", "instance", "operation"] {
        let is_valid = of(name).is_some_and(|variable| {
            variable["multi"] == true && variable["includeAll"] == true && variable["allValue"] == ".+"
        });
        if !is_valid {
            found.push(format!("invalid variable {name}: expected several values with All, and .+ for All"));
        }
    }
    let defined: BTreeSet<&str> = variables.iter().map(|variable| text(variable, "name")).collect();
    let expressions = expressions(dashboard);
    let asked: BTreeSet<&str> = expressions.iter().flat_map(|(_, expression)| used_variables(expression)).collect();
    let unknown = asked.iter().filter(|name| !defined.contains(*name) && !BUILT_IN_VARIABLES.contains(name));
    found.extend(unknown.map(|name| format!("${name} is not defined")));
    // The address of the runbook is only for links.
    let others = ["datasource", "runbook"];
    let unused = defined.iter().filter(|name| !others.contains(name) && !asked.contains(*name));
    found.extend(unused.map(|name| format!("no query uses ${name}")));
    match of("runbook") {
        Some(runbook) if text(&runbook["query"], "query").contains(rules::ADDRESSES) && runbook["hide"] == 2 => {}
        _ => found.push("the variable runbook is not the address that the alerts have, or is shown".to_owned()),
    }
    found
}

/// Every expression is `PromQL`, and every series and label in it exists. A value that a recording rule computes is not
/// computed again.
fn series(dashboard: &Value, known: &Known) -> Vec<String> {
    let mut found = Vec::new();
    for (place, expression) in expressions(dashboard) {
        if expression.trim().is_empty() {
            found.push(format!("{place}: empty query"));
            continue;
        }
        let query = known.read(&expression);
        found.extend(query.findings.into_iter().map(|finding| format!("{place}: {finding}")));
        let recorded = query.selectors.into_iter().map(|selector| selector.name);
        let recorded = recorded.filter(|name| name.starts_with("wolkvox_skill_") && name.ends_with("_calls_total"));
        found.extend(recorded.map(|name| format!("{place}: use the recorded series instead of {name}")));
    }
    found
}

/// Series that are scraped are filtered by the selected job and instance. Recorded series have neither label.
fn target_matchers(dashboard: &Value, known: &Known) -> Vec<String> {
    let mut found = Vec::new();
    for (place, selector) in selectors(dashboard, known) {
        // A variable cannot be filtered by itself.
        let needed: &[&str] = match place.as_str() {
            "variable job" => &[],
            "variable instance" => &["job"],
            _ => &["job", "instance"],
        };
        for label in needed.iter().filter(|_| known.is_scraped(&selector.name)) {
            let wanted = format!("{label}=~\"${label}\"");
            if !selector.matchers.contains(&wanted) {
                found.push(format!("{place}: the series {} lacks the matcher {wanted}", selector.name));
            }
        }
    }
    found
}

/// A counter is used only inside rate or increase, and the range of a rate follows the resolution of the panel.
fn counters(dashboard: &Value, known: &Known) -> Vec<String> {
    let mut found = Vec::new();
    for (place, Selector { name, range, inside, .. }) in selectors(dashboard, known) {
        let is_growth = matches!(inside.as_deref(), Some("rate" | "irate" | "increase"));
        let counter = known.counters.contains(&name) || name.ends_with("_total");
        if counter != is_growth {
            found.push(format!(
                "{place}: {name} inside {inside:?}; counters, and only counters, belong inside rate or increase"
            ));
        }
        if matches!(inside.as_deref(), Some("rate" | "irate")) && range.as_deref() != Some("$__rate_interval") {
            found.push(format!("{place}: invalid range of a rate {range:?}: expected $__rate_interval"));
        }
    }
    found
}

/// Percentages are never averaged. Calls are summed first and divided then.
fn averages(dashboard: &Value, known: &Known) -> Vec<String> {
    let uses_avg = |expression: &str| known.read(expression).calls.iter().any(|(name, _)| name == "avg");
    let all = expressions(dashboard).into_iter().filter(|(_, expression)| uses_avg(expression));
    all.map(|(place, _)| format!("{place} uses avg")).collect()
}

/// The labels in the name of a series, `{{skill_name}}`, are labels of the result of its query, and a variable takes
/// the values of a label that its series have.
fn labels(dashboard: &Value, known: &Known) -> Vec<String> {
    let mut found = Vec::new();
    for target in targets(dashboard) {
        let result = known.read(&target.expression).labels;
        let named = target.legend.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()).map(str::trim);
        for label in named.filter(|label| !result.contains(*label)) {
            found.push(format!("{} {}: the result has no label {label}", target.panel, target.letter));
        }
    }
    for (name, asked) in variables(dashboard).unwrap_or_default() {
        if let Asked::Label(selector, label) = asked
            && !known.read(&selector).labels.contains(&label)
        {
            found.push(format!("variable {name}: {selector} has no label {label}"));
        }
    }
    found
}

/// The marks on the graphs: firing alerts, critical ones in red and others in orange, with a switch, and with texts from
/// labels that exist.
fn alert_annotations(dashboard: &Value, known: &Known) -> Vec<String> {
    let mut found = Vec::new();
    let expected = [("severity=\"critical\"", "red"), ("severity!=\"critical\"", "orange")];
    let all = annotations(dashboard);
    if all.len() != expected.len() {
        found.push(format!("{} annotations: expected critical alerts and others", all.len()));
    }
    for (annotation, (severity, colour)) in all.iter().zip(expected) {
        let (name, expression) = (&annotation["name"], text(annotation, "expr"));
        let query = known.read(expression);
        let alerts = query.selectors.iter().find(|selector| selector.name == "ALERTS");
        let has = |matcher: &str| alerts.is_some_and(|alerts| alerts.matchers.iter().any(|one| one == matcher));
        if !has(severity) || !has("alertstate=\"firing\"") || annotation["iconColor"] != colour {
            found.push(format!("{name}: expected firing alerts with {severity} in {colour}"));
        }
        if !alerts.is_some_and(|alerts| alerts.matchers.iter().any(|one| one.contains("$operation"))) {
            found.push(format!("{name}: the selected operation does not matter"));
        }
        // On the graphs of whole days, warnings would be many marks.
        let is_on = colour == "red" || !text(dashboard, "uid").starts_with("wolkvox-day");
        if annotation["enable"] != is_on || annotation["hide"] != false {
            found.push(format!("{name}: expected a switch, and to be {}", if is_on { "on" } else { "off" }));
        }
        // Grafana 10 reads the one, newer versions read the other.
        if annotation["target"]["expr"] != *expression {
            found.push(format!("{name}: the expressions for old and new versions of Grafana differ"));
        }
        for format in ["titleFormat", "textFormat"] {
            let label = text(annotation, format).trim_matches(['{', '}']);
            if !query.labels.contains(label) {
                found.push(format!("{name}: the result has no label {label}"));
            }
        }
    }
    found
}

/// Each query of a panel has its own id, and overrides refer to existing ids.
fn query_ids(dashboard: &Value, _: &Known) -> Vec<String> {
    let mut found = Vec::new();
    for panel in query_panels(dashboard) {
        let mut ids = BTreeSet::new();
        for target in list(panel, "targets") {
            if text(target, "refId").is_empty() || !ids.insert(text(target, "refId")) {
                found.push(format!("{}: duplicate or missing query id {}", panel["title"], target["refId"]));
            }
        }
        if ids.is_empty() {
            found.push(format!("{} has no query", panel["title"]));
        }
        for matcher in list(&panel["fieldConfig"], "overrides").iter().map(|one| &one["matcher"]) {
            let option = text(matcher, "options");
            let id = if matcher["id"] == "byFrameRefID" { Some(option) } else { option.strip_prefix("Value #") };
            if id.is_some_and(|id| !ids.contains(id)) {
                found.push(format!("{}: an override refers to the missing query {option}", panel["title"]));
            }
        }
    }
    found
}
