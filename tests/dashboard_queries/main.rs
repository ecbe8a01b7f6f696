//! Sends every query of every dashboard to real Prometheus servers with the history of a simulated morning.
//!
//! On this morning a contact centre with 200 skills opens. One skill has no calls, and for one wolkvox reports no
//! service level. Later wolkvox refuses the token of the exporter.
#![cfg(feature = "simulator")]

#[path = "../support/mod.rs"]
mod support;

mod asking;
mod days;
mod displayed;
mod expected_figures;
mod failures;
mod history;
mod links;
mod states;
mod teams;
mod wallboard;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use jiff::{ToSpan as _, Unit};
use serde_json::{Value, json};

use asking::{ALL, Chosen, Cost, RANGE, ask, ask_with_cost, of_variable, of_variable_with, options};
use displayed::{NOTHING, is_hidden, is_tile, mapped_word, override_property, panel, words_of};
use expected_figures::wrong_figures;
use history::{
    BUSY, GONE_AFTER, IDLE, NO_LEVEL, OPERATION, SKILLS, START, at, prometheus_with_history, simulate_morning,
};
use links::wrong_links;
use states::{BOTH, wrong_history, wrong_states};
use support::dashboard::{Target, annotations, files, folder, list, targets, text, variables};
use support::exporter::LIMIT;
use support::peers::PrometheusVersion;
use support::prometheus::Prometheus;
use support::promtool::promtool;

/// The middle of the morning, without problems.
const GOOD: &str = "2026-11-17T11:30:00-05:00";
/// Ten minutes after the exporter of the other operation is gone: its recorded windows still exist.
const JUST_GONE: &str = "2026-11-17T09:10:00-05:00";
/// Half an hour after the last successful poll.
const BROKEN: &str = "2026-11-17T12:40:00-05:00";
/// Hours after the end of the history. A range that ends then begins in the morning.
const NOTHING_LEFT: &str = "2026-11-17T16:00:00-05:00";
/// Before the opening time.
const CLOSED: &str = "2026-11-17T06:15:00-05:00";

/// Dashboard, panel, query id, and the reason why this query has no result here.
type Excuse = (&'static str, &'static str, &'static str, &'static str);

/// Queries without a result in this history.
const EMPTY: [Excuse; 21] = [
    ("wolkvox-wall", "Alerts firing now", "A", "no alert rule is loaded"),
    ("wolkvox-wall", "Skills, worst first", "E", "the history has no week before"),
    ("wolkvox-skill", "Forecast until the end of the day", "A", "the history has no week before"),
    ("wolkvox-skill", "Forecast until the end of the day", "B", "the history has no week before"),
    ("wolkvox-skill", "Calls, 30 min", "B", "the history has no week before"),
    ("wolkvox-skill", "Alerts firing now", "A", "no alert rule is loaded"),
    ("wolkvox-exporter", "Alerts firing now", "A", "no alert rule is loaded"),
    ("wolkvox-agents", "Agents logged in", "B", "the history has no week before"),
    ("wolkvox-day", "Calls by half-hour", "B", "the history has no week before"),
    ("wolkvox-day", "Service level by half-hour", "C", "the history has no week before"),
    ("wolkvox-day", "Service level by weekday, % of the target", "A", "the history has no day before"),
    ("wolkvox-day", "Calls by weekday", "A", "the history has no day before"),
    ("wolkvox-day", "Abandonment by weekday, multiple of the limit", "A", "the history has no day before"),
    ("wolkvox-exporter", "Failures by reason", "B", "no poll succeeds while one of its requests fails"),
    ("wolkvox-exporter", "Parse errors by field", "A", "every value could be parsed"),
    ("wolkvox-exporter", "Unusual responses", "C", "there are no duplicate rows"),
    ("wolkvox-exporter", "Exporters", "C", "a history has no process metrics"),
    ("wolkvox-exporter", "Memory", "A", "a history has no process metrics"),
    ("wolkvox-exporter", "CPU", "A", "a history has no process metrics"),
    ("wolkvox-exporter", "Open files", "A", "a history has no process metrics"),
    ("wolkvox-exporter", "Open files", "B", "a history has no process metrics"),
];

/// The most samples that a query of a panel may make Prometheus read and hold in memory, over six hours of 200 skills
/// with one scrape a minute. The costliest query needs about two thirds of each. A query above it makes its board slow.
const MOST_READ: u64 = 110_000_000;
const MOST_HELD: u64 = 160_000;

/// How many queries are printed with their cost.
const PRINTED: usize = 10;

/// The code of the state `no volume`.
const NO_VOLUME: f64 = 4.0;

/// The maximum of series that stay readable on a panel of this type.
fn most_series(kind: &str) -> usize {
    match kind {
        "stat" | "gauge" => 10,
        "timeseries" | "bargauge" => 25,
        "state-timeline" | "status-history" => 20,
        "heatmap" => 40,
        "table" => 500,
        other => panic!("no maximum of series for the panel type {other}"),
    }
}

/// The titles of the panels that are tiles.
fn tiles(board: &Value) -> Vec<String> {
    list(board, "panels").iter().filter(|panel| is_tile(panel)).map(|panel| text(panel, "title").to_owned()).collect()
}

/// The query of the tile with this title.
fn query_of(board: &Value, title: &str) -> Target {
    let found = panel(board, "stat", title)["id"].clone();
    let mut of_it = targets(board).into_iter().filter(|target| found == target.id);
    let query = of_it.next().expect("a tile has a query");
    assert!(of_it.next().is_none(), "{title} has several queries");
    query
}

/// A problem with the rows of a table, if there is one.
///
/// Grafana merges rows whose common labels are equal. So a query can have only one row for each set of common labels,
/// and rows with different metric names would not be merged.
fn wrong_rows(responses: &[Vec<Value>]) -> Option<String> {
    let labels = |series: &Value| -> BTreeMap<String, Value> {
        series["metric"].as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let responses: Vec<Vec<_>> = responses.iter().map(|rows| rows.iter().map(labels).collect()).collect();
    let names =
        |rows: &Vec<BTreeMap<String, Value>>| rows.iter().flat_map(BTreeMap::keys).cloned().collect::<BTreeSet<_>>();
    let full: Vec<_> = responses.iter().filter(|rows| !rows.is_empty()).collect();
    let shared = full.iter().map(|rows| names(rows)).reduce(|one, other| &one & &other).unwrap_or_default();
    if full.iter().any(|rows| names(rows).contains("__name__")) {
        return Some("rows have metric names".to_owned());
    }
    full.iter().find_map(|rows| {
        let mut seen = BTreeSet::new();
        let key = |row: &BTreeMap<String, Value>| -> Vec<String> {
            shared.iter().map(|label| row.get(label).map(Value::to_string).unwrap_or_default()).collect()
        };
        rows.iter().find(|row| !seen.insert(key(row))).map(|row| format!("two rows like {row:?} share {shared:?}"))
    })
}

/// The first column of the responses that the table neither names nor hides.
fn unnamed_columns(table: &Value, responses: &[Vec<Value>]) -> Option<String> {
    let labels =
        responses.iter().flatten().filter_map(|row| row["metric"].as_object()).flat_map(|labels| labels.keys());
    let mut unnamed = labels
        .filter(|label| override_property(table, "byName", label, "displayName").is_none() && !is_hidden(table, label));
    unnamed.next().map(|label| format!("the column {label} has no name"))
}

#[test]
fn rows_that_cannot_be_merged_are_found() {
    let row = |metric: Value| json!({"metric": metric});
    let (a, b) = (row(json!({"skill_id": "1", "name": "a"})), row(json!({"skill_id": "1"})));
    assert_eq!(wrong_rows(&[vec![a.clone()], vec![b.clone()], vec![]]), None);
    assert!(wrong_rows(&[vec![a.clone()], vec![b.clone(), b]]).is_some());
    assert!(wrong_rows(&[vec![a], vec![row(json!({"skill_id": "1", "__name__": "x"}))]]).is_some());
}

/// The words and values that a tile shows.
async fn shown(
    prometheus: &Prometheus,
    board: &Value,
    title: &str,
    chosen: Chosen<'_>,
    moment: &str,
) -> Vec<(String, f64)> {
    let response = ask(prometheus, &query_of(board, title), chosen, at(moment)).await.expect("the query is valid");
    let shown = response.iter().map(|series| {
        let value = series["value"][1].as_str().and_then(|value| value.parse().ok()).expect("a value is a number");
        (words_of(panel(board, "stat", title), series), value)
    });
    shown.collect()
}

/// Prints the costliest queries: `--nocapture` shows them.
fn print_costs(costs: &mut [(Cost, String)]) {
    costs.sort_by(|(one, _), (other, _)| other.seconds.total_cmp(&one.seconds));
    println!("samples read, samples held, seconds of evaluation: the slowest of {} queries", costs.len());
    for (Cost { read, held, seconds }, place) in costs.iter().take(PRINTED) {
        println!("{read:>9} {held:>9} {seconds:>7.3}  {place}");
    }
}

/// Every query parses, costs Prometheus no more than it may, and shows no more than somebody can read.
async fn every_query_answers(version: PrometheusVersion, prometheus: &Prometheus, found: &mut Vec<String>) {
    let mut excused: BTreeSet<&Excuse> = BTreeSet::new();
    let mut costs = Vec::new();
    for (name, board) in files(&folder()) {
        // Grafana repeats the rows of this dashboard for each skill.
        let chosen: Chosen = if name == "wolkvox-skill" { &[("skill_id", BUSY[1])] } else { ALL };
        for target in targets(&board) {
            let place = format!("{version:?} {name}, {} {}", target.panel, target.letter);
            let mut answered = false;
            for moment in [GOOD, BROKEN] {
                match ask_with_cost(prometheus, &target, chosen, RANGE, at(moment)).await {
                    Err(error) => found.push(format!("{place}: {error}")),
                    Ok((series, cost)) => {
                        let series = series.len();
                        answered |= series > 0;
                        if series > most_series(&target.kind) {
                            found.push(format!("{place}: {series} series are too many for a {}", target.kind));
                        }
                        if cost.read > MOST_READ || cost.held > MOST_HELD {
                            found.push(format!("{place}: it costs {cost:?}"));
                        }
                        costs.push((cost, place.clone()));
                    }
                }
            }
            let excuse = EMPTY
                .iter()
                .find(|(board, panel, letter, _)| *board == name && *panel == target.panel && *letter == target.letter);
            excused.extend(excuse);
            // One query of a tile of days has a figure, or the word that stands in its place.
            let is_word = name == "wolkvox-day" && days::is_word(&board, &target);
            if !is_word && answered == excuse.is_some() {
                found.push(format!("{place}: it answers: {answered}, and {excuse:?}"));
            }
        }
        for table in list(&board, "panels").iter().filter(|panel| panel["type"] == "table") {
            let columns = || targets(&board).into_iter().filter(|target| target.panel == text(table, "title"));
            for moment in [GOOD, BROKEN] {
                let responses =
                    join_all(columns().map(async |column| ask(prometheus, &column, chosen, at(moment)).await));
                let responses: Vec<_> = responses.await.into_iter().flatten().collect();
                let wrong = wrong_rows(&responses);
                let wrong = wrong.into_iter().chain(unnamed_columns(table, &responses));
                found.extend(wrong.map(|wrong| format!("{version:?} {name}, {} at {moment}: {wrong}", table["title"])));
            }
        }
        for (variable, asked) in variables(&board).expect("variables have queries") {
            let values = options(prometheus, (&variable, &asked), ALL, at(GOOD)).await;
            if !values.as_ref().is_ok_and(|values| !values.is_empty()) {
                found.push(format!("{version:?} {name}, variable {variable}: {values:?}"));
            }
        }
        for annotation in annotations(&board) {
            let query = of_variable(text(annotation, "expr"));
            // No alert rule is loaded.
            let marks = prometheus.api("/api/v1/query", &[("query", &query)]).await;
            if !marks.as_ref().is_ok_and(|marks| list(marks, "result").is_empty()) {
                found.push(format!("{version:?} {name}, {}: {marks:?}", annotation["name"]));
            }
        }
    }
    print_costs(&mut costs);
    assert_eq!(excused.len(), EMPTY.len(), "an excuse is for a query that does not exist; found: {excused:?}");
}

/// At any time, a tile has one number with its words, or the word of a state. If everything is broken, it has the state.
async fn every_tile_has_one_number(prometheus: &Prometheus, found: &mut Vec<String>) {
    for (name, board) in files(&folder()) {
        for (tile, moment) in tiles(&board).iter().flat_map(|tile| [CLOSED, GOOD, BROKEN].map(|moment| (tile, moment)))
        {
            let shown = shown(prometheus, &board, tile, ALL, moment).await;
            let needs_state = moment == BROKEN && tile != "Age of the data";
            let is_valid = matches!(&shown[..], [(words, _)] if words == "State" || !needs_state);
            if !is_valid {
                found.push(format!("{name}, {tile} at {moment}: {shown:?}"));
            }
        }
    }
}

/// The state of each skill, as the word on the wallboard. A skill without a state is left out.
async fn states(prometheus: &Prometheus, moment: &str) -> BTreeMap<String, String> {
    let wall = &files(&folder())["wolkvox-wall"];
    let title = "Service level by skill";
    let mappings = &panel(wall, "state-timeline", title)["fieldConfig"]["defaults"]["mappings"];
    let mut state = targets(wall).into_iter().find(|target| target.panel == title).expect("the wallboard has states");
    state.instant = true;
    let skills = [&BUSY[..], &[IDLE, NO_LEVEL]].concat().join("|");
    let response = ask(prometheus, &state, &[("skill_id", &skills)], at(moment)).await.expect("the query is valid");
    let words = response.iter().map(|series| {
        let code = series["value"][1].as_str().expect("a value is a string");
        (
            text(&series["metric"], "skill_name").to_owned(),
            mapped_word(mappings, code).expect("a code has a word").to_owned(),
        )
    });
    words.collect()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the peers: make test"]
async fn every_query_answers_over_a_simulated_morning() {
    let history = simulate_morning();
    join_all(PrometheusVersion::ALL.map(async |version| {
        let prometheus = prometheus_with_history(version, history.path(), at(BROKEN)).await;
        let known = format!(
            "count(operation_skill:wolkvox_skill_state:code{{operation=\"{OPERATION}\"}} @ {})",
            at(GOOD).as_second()
        );
        let skills = prometheus.api("/api/v1/query", &[("query", &known)]).await.expect("the query is valid");
        assert_eq!(skills["result"][0]["value"][1], SKILLS.to_string(), "{version:?}");
        let mut found = Vec::new();
        every_query_answers(version, &prometheus, &mut found).await;
        // The checks below need results of these queries.
        assert!(found.is_empty(), "{found:#?}");
        every_tile_has_one_number(&prometheus, &mut found).await;
        found.extend(wrong_figures(&prometheus).await);
        found.extend(days::wrong_cells(&prometheus).await);
        found.extend(wrong_states(&prometheus).await);
        found.extend(wrong_history(&prometheus).await);
        found.extend(wrong_links(&prometheus).await);
        assert!(found.is_empty(), "{version:?}: {found:#?}");

        // Every state that is not a service level has its own word.
        let closed = states(&prometheus, CLOSED).await;
        assert!(closed.len() == 6 && closed.values().all(|state| state == "Closed"), "{closed:?}");
        let good = states(&prometheus, GOOD).await;
        let named = |skill: &str| good.get(skill).map(String::as_str);
        assert_eq!(named("Campaña Navideña"), Some("No volume"), "{good:?}");
        assert_eq!(named("Empresas Año Ñandú"), Some("No figure"), "{good:?}");
        let measured = ["▲ OK", "▼ At risk", "▼ Missed"];
        assert_eq!(good.values().filter(|state| measured.contains(&state.as_str())).count(), BUSY.len(), "{good:?}");
        let broken = states(&prometheus, BROKEN).await;
        assert!(broken.len() == 6 && broken.values().all(|state| state == "Broken"), "{broken:?}");
        let before = (at(START) - 1.hour()).to_string();
        assert_eq!(states(&prometheus, &before).await, BTreeMap::new());

        // Sums leave out the recorded windows of broken skills, now and in the past.
        let wall = &files(&folder())["wolkvox-wall"];
        for tile in tiles(wall).iter().filter(|tile| *tile != "Age of the data") {
            let mut all = Vec::new();
            for chosen in [&[BOTH][..], ALL] {
                let values = shown(&prometheus, wall, tile, chosen, JUST_GONE).await;
                // The words say with ⚠ that an operation is missing.
                let without_gap = |words: String| words.split('⚠').next().unwrap_or_default().trim().to_owned();
                all.push(values.into_iter().map(|(words, value)| (without_gap(words), value)).collect::<Vec<_>>());
            }
            assert!(all[1].len() == 1 && all[0] == all[1], "{tile}: {all:?}");
        }

        // The age of the data continues to grow after the exporter is gone.
        let age = shown(&prometheus, wall, "Age of the data", &[BOTH], GOOD).await;
        let gone_for = (at(GOOD) - at(GONE_AFTER)).total(Unit::Second).expect("it is a duration");
        assert!(
            // The age is in whole minutes.
            matches!(&age[..], [(words, age)] if words == "▲ broken: gone"
                && (-60.0..120.0).contains(&(60.0 * age - gone_for))),
            "{age:?}"
        );

        // Grafana joins several selected values with `|`.
        let state = targets(wall)
            .into_iter()
            .find(|target| target.panel == "Skills, worst first")
            .expect("the wallboard has skills");
        let two = ask(&prometheus, &state, &[("skill_id", "4173|4211")], at(GOOD)).await.unwrap();
        let of =
            |id: &str| two.iter().find(|series| series["metric"]["skill_id"] == id).map(|series| &series["value"][1]);
        assert_eq!((two.len(), of(IDLE)), (2, Some(&json!(NO_VOLUME.to_string()))), "{two:?}");
        assert!(of("4173").is_some(), "{two:?}");
    }))
    .await;
}

/// Alerts that always fire: for a skill, for a skill without a name, for two dialled numbers, and without an operation.
/// The wallboard must not show the alerts that are pending and the alert of another product.
const ALWAYS: &str = r#"{groups: [{name: always, rules: [
    {alert: WolkvoxQueueStuck, expr: vector(1), labels: {severity: critical, operation: demo, skill_id: "4173", skill_name: "Ventas Móvil"}},
    {alert: WolkvoxQueueStuck, expr: vector(1), labels: {severity: critical, operation: demo, skill_id: "4199"}},
    {alert: WolkvoxDnisAbandonHigh, expr: vector(1), labels: {severity: warning, operation: demo, skill_id: all, dnis: "576015550112"}},
    {alert: WolkvoxDnisAbandonHigh, expr: vector(1), labels: {severity: warning, operation: demo, skill_id: all, dnis: "576015550113"}},
    {alert: WolkvoxExporterDown, expr: vector(1), labels: {severity: critical}},
    {alert: WolkvoxExporterDown, expr: vector(1), for: 1h, labels: {severity: critical, category: exporter}},
    {alert: WolkvoxNoCalls, expr: vector(1), for: 1h, labels: {severity: critical, operation: demo}},
    {alert: DiskFull, expr: vector(1), labels: {severity: critical}}]}]}"#;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the peers: make test"]
async fn the_wallboard_shows_firing_alerts_and_no_others() {
    let wall = &files(&folder())["wolkvox-wall"];
    let alerts =
        targets(wall).into_iter().find(|target| target.panel == "Alerts firing now").expect("the wallboard has alerts");
    let query = of_variable(&alerts.expression);
    join_all(PrometheusVersion::ALL.map(async |version| {
        let config = "global: {evaluation_interval: 1s}\nrule_files: [always.yml]\n";
        let prometheus = Prometheus::start_with_files(version, config, &[("always.yml", ALWAYS)]).await;
        let shown = prometheus.wait_until(&query, LIMIT, |rows| rows.len() == 5).await.unwrap();
        let mut names: Vec<_> = shown.iter().map(|row| (row.label("alertname"), row.label("about"))).collect();
        names.sort_unstable();
        let expected = [
            ("DnisAbandonHigh", "576015550112"),
            ("DnisAbandonHigh", "576015550113"),
            ("ExporterDown", ""),
            ("QueueStuck", "4199"),
            ("QueueStuck", "Ventas Móvil"),
        ];
        assert_eq!(names, expected, "{version:?}");
        // The value is the time at which the alert began, in milliseconds.
        assert!(shown.iter().all(|row| (1.7e12..4e12).contains(&row.value)), "{version:?}: {shown:?}");
        // The order: critical alerts are before warnings, and its texts are as long as each other.
        let mut sorted: Vec<_> = shown.iter().map(|row| (row.label("order"), row.label("severity"))).collect();
        sorted.sort_unstable();
        let severities: Vec<_> = sorted.iter().map(|(_, severity)| *severity).collect();
        assert_eq!(severities, ["warning", "warning", "critical", "critical", "critical"], "{version:?}");
        assert!(sorted.iter().all(|(order, _)| order.len() == 10), "{version:?}: {sorted:?}");
        // The marks on the graphs: the same alerts by severity, but not the one of a skill that is not selected.
        let mut marks = Vec::new();
        for annotation in annotations(wall) {
            let query = of_variable(text(annotation, "expr"));
            let rows = prometheus.wait_until(&query, LIMIT, |rows| rows.len() == 2).await.unwrap();
            let mut texts: Vec<_> =
                rows.iter().map(|row| format!("{} {}", row.label("alertname"), row.label("about"))).collect();
            texts.sort_unstable();
            marks.push(texts);
        }
        assert_eq!(marks[0], ["ExporterDown –", "QueueStuck Ventas Móvil"], "{version:?}");
        assert_eq!(marks[1], ["DnisAbandonHigh 576015550112", "DnisAbandonHigh 576015550113"], "{version:?}");
        assert!(prometheus.stop().await.unwrap().success(), "{version:?}");
    }))
    .await;
}

/// The queries of the panels with this title.
fn expressions_of(board: &str, title: &str) -> Vec<String> {
    let all = targets(&files(&folder())[board]).into_iter();
    all.filter(|target| target.panel == title).map(|target| target.expression).collect()
}

#[test]
#[ignore = "needs the peers: make test"]
fn tables_of_alerts_have_critical_ones_first_and_then_the_oldest() {
    // The severity, the second at which the condition began to hold, and the text by which the table is sorted downwards.
    let firing = [
        ("critical", 3000, "8999997000"),
        ("warning", 1000, "5999999000"),
        ("warning", 2000, "5999998000"),
        ("info", 500, "2999999500"),
        ("other", 250, "1000000000"),
    ];
    let labels = |severity: &str, since: u64| {
        format!(
            r#"alertname="Wolkvox{since}",severity="{severity}",operation="{OPERATION}",skill_id="1",collector="skills",category="exporter""#
        )
    };
    let series = firing.iter().flat_map(|(severity, since, _)| {
        let labels = labels(severity, *since);
        [(format!(r#"ALERTS{{alertstate="firing",{labels}}}"#), 1), (format!("ALERTS_FOR_STATE{{{labels}}}"), *since)]
    });
    let mut series: Vec<_> =
        series.map(|(name, value)| json!({"series": name, "values": format!("{value}x60")})).collect();
    let state = format!(r#"operation_skill:wolkvox_skill_state:code{{operation="{OPERATION}",skill_id="1"}}"#);
    series.push(json!({"series": state, "values": "0x60"}));
    for board in ["wolkvox-skill", "wolkvox-exporter"] {
        let alerts = &expressions_of(board, "Alerts firing now")[0];
        let query = format!("max by (severity, order) ({})", of_variable_with(alerts, &[("skill_id", "1")]));
        let rows = firing.map(|(severity, since, order)| {
            json!({"labels": format!(r#"{{severity="{severity}",order="{order}"}}"#), "value": 3600 - since})
        });
        wallboard::check(&json!({"evaluation_interval": "1m", "tests": [{"name": board, "interval": "1m",
            "input_series": series, "promql_expr_test": [{"expr": query, "eval_time": "60m", "exp_samples": rows}]}]}));
    }
}

#[test]
#[ignore = "needs the peers: make test"]
fn the_skills_of_a_timeline_are_the_worst_ones_at_its_end() {
    // Nine skills, of which there is room for eight. The skill 9 was the worst one, and is nearly on target now.
    let series = (1..=9).flat_map(|id| {
        let labels = format!(r#"operation="{OPERATION}",skill_id="{id}""#);
        let level = if id == 9 { "0x30 0.79x29" } else { "0.5x60" };
        [
            (format!("operation_skill:wolkvox_skill_state:code{{{labels}}}"), "2x60"),
            (format!("operation_skill:wolkvox_skill_inbound_calls:increase30m{{{labels}}}"), "100x60"),
            (format!("operation_skill:wolkvox_skill_service_level_target:ratio{{{labels}}}"), "0.8x60"),
            (format!("operation_skill:wolkvox_skill_service_level:ratio30m{{{labels}}}"), level),
            (format!(r#"operation_skill:wolkvox_skill_seen:timestamp{{{labels},skill_name="Skill {id}"}}"#), "0+60x60"),
        ]
    });
    let series: Vec<_> = series.map(|(name, values)| json!({"series": name, "values": values})).collect();
    let timeline = &expressions_of("wolkvox-wall", "Service level by skill")[0];
    let query = format!("sum by (skill_id) ({})", of_variable_with(timeline, &[("skill_id", ".+")]));
    let rows: Vec<_> = (1..=8).map(|id| json!({"labels": format!(r#"{{skill_id="{id}"}}"#), "value": 2})).collect();
    wallboard::check(&json!({"evaluation_interval": "1m", "tests": [{"name": "nine skills", "interval": "1m",
        "input_series": series, "promql_expr_test": [{"expr": query, "eval_time": "60m", "exp_samples": rows}]}]}));
}

#[test]
#[ignore = "needs the peers: make test"]
fn a_broken_operation_is_above_all_numbers() {
    let target = r#"job="j",instance="a""#;
    let number = format!(r#"{target},operation="demo",skill_id="all",dnis="1",window="today""#);
    let series = [
        (r#"operation_collector:wolkvox_collector_empty:code{operation="other",collector="dnis"}"#.to_owned(), "6x5"),
        (format!(r#"wolkvox_collector_interval_seconds{{{target},operation="other",collector="dnis"}}"#), "60x5"),
        (format!("wolkvox_dnis_inbound_calls{{{number}}}"), "1000000x5"),
        (format!(r#"wolkvox_dnis_service_level_ratio{{{number},threshold_seconds="20"}}"#), "0.25x5"),
    ];
    let series = series.map(|(name, values)| json!({"series": name, "values": values}));
    // The last query is not shown. It orders the rows.
    let table = expressions_of("wolkvox-dnis", "Numbers, worst first");
    let order = table.last().expect("the table has queries");
    let query = of_variable_with(order, &[("operation", ".+")]);
    let rows = [
        json!({"labels": r#"{operation="other",skill_id="–",dnis="–"}"#, "value": 6e9}),
        json!({"labels": r#"{operation="demo",skill_id="all",dnis="1"}"#, "value": 750_000}),
    ];
    wallboard::check(&json!({"evaluation_interval": "1m", "tests": [{"name": "numbers", "interval": "1m",
        "input_series": series, "promql_expr_test": [{"expr": query, "eval_time": "5m", "exp_samples": rows}]}]}));
}

/// Panel, counted calls, calls and their total, label, and figure. Extrapolated windows give quotients that are
/// slightly above or below the exact value, and the label must be right all the same.
const LIMITS: [(&str, &str, [f64; 2], &str, f64); 6] = [
    ("Service level, 30 min", "answered_in_time", [4.0, 5.0], "▲ OK · target 80 %", 0.8),
    ("Service level, 30 min", "answered_in_time", [18.0, 25.0], "▼ at risk · target 80 %", 0.72),
    ("Service level, 30 min", "answered_in_time", [71.0, 100.0], "▼ missed · target 80 %", 0.71),
    ("Abandoned, 30 min", "abandoned", [1.0, 20.0], "▼ within · limit 5 %", 0.05),
    ("Abandoned, 30 min", "abandoned", [2.0, 20.0], "▲ above · limit 5 %", 0.1),
    ("Abandoned, 30 min", "abandoned", [3.0, 20.0], "▲ far above · limit 5 %", 0.15),
];

#[test]
#[ignore = "needs the peers: make test"]
fn a_figure_exactly_at_its_limit_has_the_right_label() {
    let wall = &files(&folder())["wolkvox-wall"];
    let mut tests = Vec::new();
    for (title, counted, [part, whole], word, value) in LIMITS {
        // Factors by which extrapolation can stretch the windows.
        for stretch in [1.0, 30.0 / 29.0, 1800.0 / 1771.0, 1800.0 / 1787.0, 1.0 / 3.0] {
            let series = |name: &str, value: f64| {
                let name = format!("operation_skill:wolkvox_skill_{name}{{operation=\"{OPERATION}\",skill_id=\"1\"}}");
                json!({"series": name, "values": format!("{value:e}")})
            };
            // The words have the target from a label.
            let target = if counted == "abandoned" { "5" } else { "80" };
            let labels = json!({"target": target, "gap": NOTHING.to_string()});
            let has_words = |rule: &String| {
                let mut labels = labels.clone();
                labels["rule"] = json!(rule);
                words_of(panel(wall, "stat", title), &json!({"metric": labels})) == word
            };
            // The last rule has no target.
            let rule = (0..3).map(|rule| format!("rule {rule}")).find(has_words).expect("a rule has these words");
            let labels = format!(r#"{{rule="{rule}",target="{target}",gap="{NOTHING}"}}"#);
            let expression = of_variable_with(&query_of(wall, title).expression, &[("skill_id", "1")]);
            let samples =
                json!({"expr": expression, "eval_time": "0m", "exp_samples": [{"labels": labels, "value": value}]});
            tests.push(json!({
                "name": format!("{title}: {part} of {whole}"),
                "interval": "1m",
                "input_series": [
                    series("state:code", 0.0),
                    series(&format!("{counted}_calls:increase30m"), part * stretch),
                    series("inbound_calls:increase30m", whole * stretch),
                    series("service_level_target:ratio", 0.8),
                    series("abandon_target:ratio", 0.05),
                ],
                "promql_expr_test": [samples],
            }));
        }
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let file = folder.path().join("limits.yml");
    std::fs::write(&file, json!({"rule_files": [], "tests": tests}).to_string()).expect("a file can be written");
    for version in PrometheusVersion::ALL {
        let output = promtool(version, &["test", "rules", &file.to_string_lossy()], "");
        assert!(output.status.success(), "{version:?}: {}{}", output.stdout, output.stderr);
    }
}
