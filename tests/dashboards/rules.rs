//! What a dashboard has to be, as a table of rules. Each takes a parsed dashboard and says what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use wolkvox_exporter::metrics::catalogue;

use super::support::dashboard::{Asked, Target, list, targets, text, variables};
use super::support::promql::{self, Query, Selector};
use super::support::rules;

/// Columns of Grafana's grid.
const COLUMNS: u64 = 24;

/// Rows of the grid that a screen of 1080 lines shows in kiosk mode: 30 pixels each, and 8 between them.
const SCREEN: u64 = 28;

/// Panels that every Grafana from 10 to 13 brings.
const KINDS: [&str; 12] = [
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

/// Panels that show no figure and ask for none.
const WITHOUT_FIGURES: [&str; 2] = ["row", "text"];

/// What Grafana fills in by itself.
const BUILT_IN: [&str; 4] = ["__interval", "__range", "__rate_interval", "__url_time_range"];

/// Series that Prometheus makes from the state of the alerts.
const OF_ALERTS: [(&str, &[&str]); 2] = [
    (
        "ALERTS",
        &["alertname", "alertstate", "severity", "operation", "skill_id", "skill_name", "team", "category", "dnis"],
    ),
    ("ALERTS_FOR_STATE", &["alertname", "severity", "operation", "skill_id", "skill_name", "team", "category", "dnis"]),
];

/// Every series that a dashboard may read, and every board that it may link to.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    series: promql::Known,
    counters: BTreeSet<String>,
    boards: BTreeSet<String>,
}

impl Known {
    /// The series of the exporter, the recording rules and Prometheus; `boards` are uids.
    pub(crate) fn with_boards(boards: BTreeSet<String>) -> Self {
        let mut series = rules::read(&rules::rules()).1;
        for (name, labels) in OF_ALERTS {
            series.insert(name.to_owned(), labels.iter().map(|label| (*label).to_owned()).collect());
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
        Self { series, counters, boards }
    }

    /// Whether the series is scraped. Those have the labels `job` and `instance`, which recorded ones have not.
    fn is_scraped(&self, name: &str) -> bool {
        self.series.get(name).is_some_and(|labels| labels.contains("job"))
    }

    /// The expression, read.
    fn read(&self, expression: &str) -> Query {
        promql::read(expression, &self.series)
    }
}

/// A rule: its name, and how to see that it is broken.
pub(crate) type Rule = (&'static str, fn(&Value, &Known) -> Vec<String>);

/// All of them.
pub(crate) const RULES: [Rule; 16] = [
    ("classic", classic),
    ("kinds", kinds),
    ("ids", ids),
    ("grid", grid),
    ("texts", texts),
    ("nothing", nothing),
    ("columns", columns),
    ("data source", data_source),
    ("variables", wrong_variables),
    ("series", series),
    ("target", target_matchers),
    ("counters", counters),
    ("ratios", ratios),
    ("labels", labels),
    ("letters", letters),
    ("links", links),
];

/// What is wrong with a dashboard, each finding after the name of its rule.
pub(crate) fn findings(dashboard: &Value, known: &Known) -> Vec<String> {
    let found = RULES
        .iter()
        .flat_map(|(name, rule)| rule(dashboard, known).into_iter().map(move |found| format!("{name}: {found}")));
    found.collect()
}

fn panels(dashboard: &Value) -> &[Value] {
    list(dashboard, "panels")
}

/// Panels with figures.
fn figures(dashboard: &Value) -> impl Iterator<Item = &Value> {
    panels(dashboard).iter().filter(|panel| !WITHOUT_FIGURES.contains(&text(panel, "type")))
}

/// Every expression, panels' and variables', with the place where it stands.
fn expressions(dashboard: &Value) -> Vec<(String, String)> {
    let mut found: Vec<_> = targets(dashboard)
        .into_iter()
        .map(|Target { panel, letter, expression, .. }| (format!("{panel} {letter}"), expression))
        .collect();
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

/// Classic JSON that works by import and by provisioning.
fn classic(dashboard: &Value, _: &Known) -> Vec<String> {
    let mut found = Vec::new();
    for key in ["__inputs", "__requires", "__elements", "id", "apiVersion", "spec", "elements"] {
        if dashboard.get(key).is_some() {
            found.push(format!("{key} does not belong here"));
        }
    }
    for key in ["uid", "title", "description", "refresh"] {
        if text(dashboard, key).is_empty() {
            found.push(format!("it has no {key}"));
        }
    }
    if text(dashboard, "uid").len() > 40 {
        found.push("Grafana takes uids of at most 40 characters".to_owned());
    }
    if !dashboard["schemaVersion"].as_u64().is_some_and(|version| (39..=42).contains(&version)) {
        found.push("schemaVersion is not between 39 and 42".to_owned());
    }
    if dashboard["editable"] != false {
        found.push("editable is not false".to_owned());
    }
    if panels(dashboard).is_empty() || text(&dashboard["time"], "from").is_empty() || list(dashboard, "tags").is_empty()
    {
        found.push("it lacks panels, time or tags".to_owned());
    }
    found
}

fn kinds(dashboard: &Value, _: &Known) -> Vec<String> {
    let unknown = panels(dashboard).iter().filter(|panel| !KINDS.contains(&text(panel, "type")));
    unknown.map(|panel| format!("{} is no panel of Grafana's own", panel["type"])).collect()
}

fn ids(dashboard: &Value, _: &Known) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let twice =
        panels(dashboard).iter().filter(|panel| !panel["id"].as_u64().is_some_and(|id| id > 0 && seen.insert(id)));
    twice.map(|panel| format!("id {} is not its own", panel["id"])).collect()
}

/// No overlap, no gap, and the wall on one screen.
fn grid(dashboard: &Value, _: &Known) -> Vec<String> {
    let mut taken = BTreeMap::new();
    let mut found = Vec::new();
    let mut height = 0;
    for panel in panels(dashboard) {
        let place = |key: &str| panel["gridPos"][key].as_u64();
        let (Some(x), Some(y), Some(w), Some(h)) = (place("x"), place("y"), place("w"), place("h")) else {
            found.push(format!("{} has no place", panel["title"]));
            continue;
        };
        if w == 0 || h == 0 || x + w > COLUMNS {
            found.push(format!("{} is not within the {COLUMNS} columns", panel["title"]));
        }
        height = height.max(y + h);
        for cell in (x..x + w).flat_map(|column| (y..y + h).map(move |line| (column, line))) {
            if let Some(other) = taken.insert(cell, &panel["title"]) {
                found.push(format!("{} lies over {other}", panel["title"]));
                break;
            }
        }
    }
    if taken.len() as u64 != COLUMNS * height && found.is_empty() {
        found.push("there are gaps".to_owned());
    }
    if text(dashboard, "uid").starts_with("wolkvox-wall") && height > SCREEN {
        found.push(format!("the wall is {height} high, a screen {SCREEN}"));
    }
    found
}

/// Title, description, unit, and what stands where there is no figure.
fn texts(dashboard: &Value, _: &Known) -> Vec<String> {
    let untitled = panels(dashboard).iter().filter(|panel| text(panel, "title").is_empty());
    let mut found: Vec<String> = untitled.map(|panel| format!("panel {} has no title", panel["id"])).collect();
    for panel in figures(dashboard) {
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

/// Where a panel has no value it says so in a colour chosen for that, not in the one of the lowest threshold, which alarms.
/// A table has cells without a value wherever one of its queries has a row that another has not.
fn nothing(dashboard: &Value, _: &Known) -> Vec<String> {
    let says = |mappings: &Value, what: &str| {
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
            // A label that a row has not is an empty text.
            "table" => &["null", "empty"],
            _ => continue,
        };
        let lacks = |mappings: &Value| needed.iter().find(|what| !says(mappings, what));
        if let Some(what) = lacks(&config["defaults"]["mappings"]) {
            found.push(format!("{} has no look for {what}", panel["title"]));
        }
        let columns = list(config, "overrides")
            .iter()
            .filter(|one| is_table && text(&one["matcher"], "options").starts_with("Value"));
        for column in columns {
            let mut mappings = list(column, "properties").iter().filter(|one| one["id"] == "mappings");
            if mappings.any(|one| lacks(&one["value"]).is_some()) {
                let place = &column["matcher"]["options"];
                found.push(format!("{}: the column {place} has no look for no value", panel["title"]));
            }
        }
    }
    found
}

/// Columns of words are of the unit `string`: else Grafana takes ids for numbers, and shows 4187 and 4192 both as 4.19 K.
fn columns(dashboard: &Value, _: &Known) -> Vec<String> {
    let mut found = Vec::new();
    for panel in panels(dashboard).iter().filter(|panel| panel["type"] == "table") {
        for column in list(&panel["fieldConfig"], "overrides") {
            let name = text(&column["matcher"], "options");
            let mut units = list(column, "properties").iter().filter(|one| one["id"] == "unit");
            if !name.starts_with("Value") && !units.any(|one| one["value"] == "string") {
                found.push(format!("{}: the column {name} may be taken for numbers", panel["title"]));
            }
        }
    }
    found
}

/// Panels, targets and variables ask the data source that is chosen, whatever its uid is.
fn data_source(dashboard: &Value, _: &Known) -> Vec<String> {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    if key == "datasource" && (value["uid"] != "${datasource}" || value["type"] != "prometheus") {
                        found.push(format!("{value} is hard-coded"));
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
    for one in figures(dashboard).chain(figures(dashboard).flat_map(|panel| list(panel, "targets"))).chain(variables) {
        if one.get("datasource").is_none() {
            found.push(format!("{} {} {} has none", one["title"], one["refId"], one["name"]));
        }
    }
    found
}

/// The names of variables that `text` uses: `$name`, `${name}`, `${name:format}`.
fn used(text: &str) -> BTreeSet<&str> {
    let names = text.split('$').skip(1).filter_map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = &rest[..end];
        // $1 is what label_replace found.
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_').then_some(name)
    });
    names.collect()
}

fn wrong_variables(dashboard: &Value, _: &Known) -> Vec<String> {
    let mut found: Vec<String> = variables(dashboard).err().into_iter().collect();
    let variables = list(&dashboard["templating"], "list");
    let of = |name: &str| variables.iter().find(|variable| variable["name"] == name);
    match of("datasource") {
        Some(variable) if variable["type"] == "datasource" && variable["query"] == "prometheus" => {}
        _ => found.push("datasource chooses no Prometheus".to_owned()),
    }
    for name in ["job", "instance", "operation"] {
        let right = of(name).is_some_and(|variable| {
            variable["multi"] == true && variable["includeAll"] == true && variable["allValue"] == ".+"
        });
        if !right {
            found.push(format!("{name} is not several of all, or all is not .+"));
        }
    }
    let defined: BTreeSet<&str> = variables.iter().map(|variable| text(variable, "name")).collect();
    let expressions = expressions(dashboard);
    let asked: BTreeSet<&str> = expressions.iter().flat_map(|(_, expression)| used(expression)).collect();
    let unknown = asked.iter().filter(|name| !defined.contains(*name) && !BUILT_IN.contains(name));
    found.extend(unknown.map(|name| format!("${name} is not defined")));
    let idle = defined.iter().filter(|name| **name != "datasource" && !asked.contains(*name));
    found.extend(idle.map(|name| format!("${name} changes nothing")));
    found
}

/// Every expression is `PromQL`, every series and label that it names exists, and it does not compute again what a rule
/// records.
fn series(dashboard: &Value, known: &Known) -> Vec<String> {
    let mut found = Vec::new();
    for (place, expression) in expressions(dashboard) {
        if expression.trim().is_empty() {
            found.push(format!("{place}: the query is empty"));
            continue;
        }
        let query = known.read(&expression);
        found.extend(query.findings.into_iter().map(|finding| format!("{place}: {finding}")));
        let recorded = query.selectors.into_iter().map(|selector| selector.name);
        let recorded = recorded.filter(|name| name.starts_with("wolkvox_skill_") && name.ends_with("_calls_total"));
        found.extend(recorded.map(|name| format!("{place}: a rule records the increase of {name}: use that")));
    }
    found
}

/// Series that are scraped have the matchers of the chosen job and instance. Recorded series have neither label.
fn target_matchers(dashboard: &Value, known: &Known) -> Vec<String> {
    let mut found = Vec::new();
    for (place, selector) in selectors(dashboard, known) {
        // A variable cannot depend on the choice that is made from it.
        let needed: &[&str] = match place.as_str() {
            "variable job" => &[],
            "variable instance" => &["job"],
            _ => &["job", "instance"],
        };
        for label in needed.iter().filter(|_| known.is_scraped(&selector.name)) {
            let wanted = format!("{label}=~\"${label}\"");
            if !selector.matchers.contains(&wanted) {
                found.push(format!("{place}: {} lacks {wanted}", selector.name));
            }
        }
    }
    found
}

/// A counter is read only by a function that gives its increase, and a rate follows the resolution of the panel.
fn counters(dashboard: &Value, known: &Known) -> Vec<String> {
    let mut found = Vec::new();
    for (place, Selector { name, range, inside, .. }) in selectors(dashboard, known) {
        let grows = matches!(inside.as_deref(), Some("rate" | "irate" | "increase"));
        let counter = known.counters.contains(&name) || name.ends_with("_total");
        if counter != grows {
            found.push(format!("{place}: {name} in {inside:?}"));
        }
        if matches!(inside.as_deref(), Some("rate" | "irate")) && range.as_deref() != Some("$__rate_interval") {
            found.push(format!("{place}: the range of a rate is $__rate_interval, not {range:?}"));
        }
    }
    found
}

/// Percentages are never averaged: calls are summed and divided.
fn ratios(dashboard: &Value, known: &Known) -> Vec<String> {
    let averages = |expression: &str| known.read(expression).calls.iter().any(|(name, _)| name == "avg");
    let all = expressions(dashboard).into_iter().filter(|(_, expression)| averages(expression));
    all.map(|(place, _)| format!("{place} averages")).collect()
}

/// The labels in the name of a series, `{{skill_name}}`, are labels of the result of its query, and a variable takes the
/// values of a label that its series have.
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

/// Queries have letters of their own, and what is said about a letter is said about one that there is.
fn letters(dashboard: &Value, _: &Known) -> Vec<String> {
    let mut found = Vec::new();
    for panel in figures(dashboard) {
        let mut letters = BTreeSet::new();
        for target in list(panel, "targets") {
            if text(target, "refId").is_empty() || !letters.insert(text(target, "refId")) {
                found.push(format!("{}: the letter {} is not its own", panel["title"], target["refId"]));
            }
        }
        if letters.is_empty() {
            found.push(format!("{} asks nothing", panel["title"]));
        }
        for matcher in list(&panel["fieldConfig"], "overrides").iter().map(|one| &one["matcher"]) {
            let option = text(matcher, "options");
            let letter = if matcher["id"] == "byFrameRefID" { Some(option) } else { option.strip_prefix("Value #") };
            if letter.is_some_and(|letter| !letters.contains(letter)) {
                found.push(format!("{}: there is no query for {option}", panel["title"]));
            }
        }
    }
    found
}

/// Links lead to boards that there are, with time and variables.
fn links(dashboard: &Value, known: &Known) -> Vec<String> {
    let mut found = Vec::new();
    let overrides = panels(dashboard).iter().flat_map(|panel| list(&panel["fieldConfig"], "overrides"));
    let properties = overrides.flat_map(|one| list(one, "properties")).filter(|property| property["id"] == "links");
    let cells: Vec<&str> = properties.flat_map(|links| list(links, "value")).map(|link| text(link, "url")).collect();
    for url in list(dashboard, "links").iter().map(|link| text(link, "url")).chain(cells.iter().copied()) {
        let board = url.strip_prefix("/d/").and_then(|rest| rest.split(['?', '/']).next());
        if !board.is_some_and(|board| known.boards.contains(board)) {
            found.push(format!("{url} leads nowhere"));
        }
    }
    for url in
        cells.iter().filter(|url| !url.contains("${__url_time_range}") || !url.contains("${operation:queryparam}"))
    {
        found.push(format!("{url} forgets time or variables"));
    }
    let forgets =
        list(dashboard, "links").iter().filter(|link| link["keepTime"] != true || link["includeVars"] != true);
    found.extend(forgets.map(|link| format!("{} forgets time or variables", link["url"])));
    found
}
