//! Every query of every dashboard, asked of real Prometheuses over a simulated morning in which a contact centre opens, has
//! a skill that nobody calls and one of which no service level is told, and whose exporter then loses its token. It has 200
//! skills.

#[path = "../support/mod.rs"]
mod support;

mod agreement;
mod asking;
mod looks;
mod past;
mod states;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use jiff::{ToSpan as _, Unit};
use serde_json::{Value, json};

use agreement::disagreements;
use asking::{ALL, Chosen, Cost, ask, ask_with_cost, of_variable};
use looks::{is_hidden, is_tile, mapped, overridden, panel};
use past::{BUSY, GONE_AFTER, IDLE, OPERATION, SKILLS, START, UNTOLD, after_the_morning, at, morning};
use states::{BOTH, wrong_looks, wrong_pasts};
use support::dashboard::{Asked, Target, files, folder, list, targets, text, variables};
use support::exporter::LIMIT;
use support::peers::PrometheusVersion;
use support::prometheus::Prometheus;
use support::promtool::promtool;

/// The middle of the morning, all well.
const GOOD: &str = "2026-11-17T11:30:00-05:00";
/// Ten minutes after the exporter of the other operation has gone: its windows are still there.
const JUST_GONE: &str = "2026-11-17T09:10:00-05:00";
/// Half an hour after the last good poll.
const BROKEN: &str = "2026-11-17T12:40:00-05:00";
/// Hours after the exporter itself has ended; ranges that end then begin in the morning.
const NOTHING_LEFT: &str = "2026-11-17T16:00:00-05:00";
/// Before anybody comes.
const CLOSED: &str = "2026-11-17T06:15:00-05:00";

/// Board, panel, letter, and why that query shows nothing here.
type Excuse = (&'static str, &'static str, &'static str, &'static str);

/// Queries that show nothing here, and rightly so.
const EMPTY: [Excuse; 10] = [
    ("wolkvox-wall", "Calls received, 30 min", "F", "there is no week before"),
    ("wolkvox-wall", "Alerts firing now", "A", "no rule of alerts is loaded"),
    ("wolkvox-skill", "Calls received, 30 min", "B", "there is no week before"),
    ("wolkvox-exporter", "Values that could not be read", "A", "every value could be read"),
    ("wolkvox-exporter", "Odd answers", "C", "no row came twice"),
    ("wolkvox-exporter", "What runs", "A", "a history has no process"),
    ("wolkvox-exporter", "Memory", "A", "a history has no process"),
    ("wolkvox-exporter", "Processor", "A", "a history has no process"),
    ("wolkvox-exporter", "Open files", "A", "a history has no process"),
    ("wolkvox-exporter", "Open files", "B", "a history has no process"),
];

/// The most samples that a query of a panel may make Prometheus read and hold, over six hours of 200 skills with a scrape a minute:
/// the costliest query of today needs about two thirds of each. A query that needs more makes its board slow.
const MOST_READ: u64 = 110_000_000;
const MOST_HELD: u64 = 160_000;

/// How many queries are printed with their cost.
const PRINTED: usize = 10;

/// The codes of the states, as the mappings of the boards have them.
const NO_VOLUME: f64 = 4.0;

/// Most series that a panel of this kind can show so that somebody can read them.
fn most_series(kind: &str) -> usize {
    match kind {
        "stat" | "gauge" => 10,
        "timeseries" | "bargauge" => 25,
        "state-timeline" | "status-history" => 20,
        "heatmap" => 40,
        "table" => 500,
        other => panic!("how much does a {other} show?"),
    }
}

/// Queries of a tile of which one answers or two, if one of them names a state: all but what the value is measured by, which is the last.
fn bands(board: &Value, title: &str) -> Vec<Target> {
    let mut bands: Vec<Target> = targets(board).into_iter().filter(|target| target.panel == title).collect();
    bands.pop();
    bands
}

/// The panels that show a number in the colour of what it is measured by.
fn tiles(board: &Value) -> Vec<String> {
    list(board, "panels").iter().filter(|panel| is_tile(panel)).map(|panel| text(panel, "title").to_owned()).collect()
}

/// What is wrong with the rows of a table: Grafana puts those together that are equal in all that they share, so a query
/// may have one row for each, and the name of a series keeps rows apart that belong together.
fn wrong_rows(answers: &[Vec<Value>]) -> Option<String> {
    let labels = |series: &Value| -> BTreeMap<String, Value> {
        series["metric"].as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let answers: Vec<Vec<_>> = answers.iter().map(|rows| rows.iter().map(labels).collect()).collect();
    let names =
        |rows: &Vec<BTreeMap<String, Value>>| rows.iter().flat_map(BTreeMap::keys).cloned().collect::<BTreeSet<_>>();
    let full: Vec<_> = answers.iter().filter(|rows| !rows.is_empty()).collect();
    let shared = full.iter().map(|rows| names(rows)).reduce(|one, other| &one & &other).unwrap_or_default();
    if full.iter().any(|rows| names(rows).contains("__name__")) {
        return Some("rows have names".to_owned());
    }
    full.iter().find_map(|rows| {
        let mut seen = BTreeSet::new();
        let key = |row: &BTreeMap<String, Value>| -> Vec<String> {
            shared.iter().map(|label| row.get(label).map(Value::to_string).unwrap_or_default()).collect()
        };
        rows.iter().find(|row| !seen.insert(key(row))).map(|row| format!("two rows like {row:?} share {shared:?}"))
    })
}

/// Columns that the answers make and the table neither names nor hides.
fn unnamed_columns(table: &Value, answers: &[Vec<Value>]) -> Option<String> {
    let labels = answers.iter().flatten().filter_map(|row| row["metric"].as_object()).flat_map(|labels| labels.keys());
    let mut unnamed =
        labels.filter(|label| overridden(table, "byName", label, "displayName").is_none() && !is_hidden(table, label));
    unnamed.next().map(|label| format!("the column {label} has no name"))
}

#[test]
fn rows_that_cannot_be_put_together_are_found() {
    let row = |metric: Value| json!({"metric": metric});
    let (a, b) = (row(json!({"skill_id": "1", "name": "a"})), row(json!({"skill_id": "1"})));
    assert_eq!(wrong_rows(&[vec![a.clone()], vec![b.clone()], vec![]]), None);
    assert!(wrong_rows(&[vec![a.clone()], vec![b.clone(), b]]).is_some());
    assert!(wrong_rows(&[vec![a], vec![row(json!({"skill_id": "1", "__name__": "x"}))]]).is_some());
}

/// Which of a tile's bands answer, by the words beside the number, and with what.
async fn shown(
    prometheus: &Prometheus,
    board: &Value,
    title: &str,
    chosen: Chosen<'_>,
    moment: &str,
) -> Vec<(String, f64)> {
    let mut shown = Vec::new();
    for band in bands(board, title) {
        for series in ask(prometheus, &band, chosen, at(moment)).await.expect("the query is right") {
            let words = overridden(panel(board, "stat", title), "byFrameRefID", &band.letter, "displayName");
            let words = words.and_then(Value::as_str).expect("a band has words");
            let value = series["value"][1].as_str().and_then(|value| value.parse().ok()).expect("a value is a number");
            shown.push((words.to_owned(), value));
        }
    }
    shown
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
        // A row of that board is repeated for each skill.
        let chosen: Chosen = if name == "wolkvox-skill" { &[("skill_id", BUSY[1])] } else { ALL };
        let tiles = tiles(&board);
        for target in targets(&board) {
            let place = format!("{version:?} {name}, {} {}", target.panel, target.letter);
            let mut answered = false;
            for moment in [GOOD, BROKEN] {
                match ask_with_cost(prometheus, &target, chosen, at(moment)).await {
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
            // Of a tile one band answers; that is looked at apart.
            let is_band = tiles.contains(&target.panel)
                && bands(&board, &target.panel).iter().any(|band| band.letter == target.letter);
            if !is_band && answered == excuse.is_some() {
                found.push(format!("{place}: it answers: {answered}, and {excuse:?}"));
            }
        }
        for table in list(&board, "panels").iter().filter(|panel| panel["type"] == "table") {
            let columns = || targets(&board).into_iter().filter(|target| target.panel == text(table, "title"));
            for moment in [GOOD, BROKEN] {
                let answers =
                    join_all(columns().map(async |column| ask(prometheus, &column, chosen, at(moment)).await));
                let answers: Vec<_> = answers.await.into_iter().flatten().collect();
                let wrong = wrong_rows(&answers);
                let wrong = wrong.into_iter().chain(unnamed_columns(table, &answers));
                found.extend(wrong.map(|wrong| format!("{version:?} {name}, {} at {moment}: {wrong}", table["title"])));
            }
        }
        for (variable, asked) in variables(&board).expect("variables ask") {
            let end = at(GOOD).as_second().to_string();
            let answer = match &asked {
                Asked::Result(expression) => {
                    prometheus.api("/api/v1/query", &[("query", &of_variable(expression)), ("time", &end)]).await
                }
                Asked::Label(selector, label) => {
                    let (path, selector) = (format!("/api/v1/label/{label}/values"), of_variable(selector));
                    prometheus.api(&path, &[("match[]", &selector), ("start", &end), ("end", &end)]).await
                }
            };
            let some = |answer: &Value| {
                let result = answer.get("result").unwrap_or(answer);
                result.as_array().is_some_and(|values| !values.is_empty())
            };
            if !answer.as_ref().is_ok_and(some) {
                found.push(format!("{version:?} {name}, variable {variable}: {answer:?}"));
            }
        }
    }
    print_costs(&mut costs);
    assert_eq!(excused.len(), EMPTY.len(), "an excuse is for a query that there is not: {excused:?}");
}

/// Of every tile one band answers, at any time of the day; beside it may stand the state, or in its place, as it does where all
/// is broken.
async fn every_tile_says_one_thing(prometheus: &Prometheus, found: &mut Vec<String>) {
    for (name, board) in files(&folder()) {
        for (tile, moment) in tiles(&board).iter().flat_map(|tile| [CLOSED, GOOD, BROKEN].map(|moment| (tile, moment)))
        {
            let shown = shown(prometheus, &board, tile, ALL, moment).await;
            let states = shown.iter().filter(|(word, _)| word == "State").count();
            let is_state = moment == BROKEN && tile != "Age of the data";
            if shown.len().saturating_sub(states) > 1 || shown.is_empty() || is_state && shown.len() != states {
                found.push(format!("{name}, {tile} at {moment}: {shown:?}"));
            }
        }
    }
}

/// The state of each skill, by the word that the wall has for it; a skill without one is not in it.
async fn states(prometheus: &Prometheus, moment: &str) -> BTreeMap<String, String> {
    let wall = &files(&folder())["wolkvox-wall"];
    let title = "Service level by skill";
    let mappings = &panel(wall, "state-timeline", title)["fieldConfig"]["defaults"]["mappings"];
    let mut state = targets(wall).into_iter().find(|target| target.panel == title).expect("the wall has states");
    state.instant = true;
    let skills = [&BUSY[..], &[IDLE, UNTOLD]].concat().join("|");
    let answer = ask(prometheus, &state, &[("skill_id", &skills)], at(moment)).await.expect("the query is right");
    let words = answer.iter().map(|series| {
        let code = series["value"][1].as_str().expect("a value is a text");
        (
            text(&series["metric"], "skill_name").to_owned(),
            mapped(mappings, code).expect("a code has a word").to_owned(),
        )
    });
    words.collect()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the peers: make test"]
async fn every_query_answers_over_a_simulated_morning() {
    let history = morning();
    join_all(PrometheusVersion::ALL.map(async |version| {
        let prometheus = after_the_morning(version, history.path(), at(BROKEN)).await;
        let known = format!(
            "count(operation_skill:wolkvox_skill_state:code{{operation=\"{OPERATION}\"}} @ {})",
            at(GOOD).as_second()
        );
        let skills = prometheus.api("/api/v1/query", &[("query", &known)]).await.expect("the query is right");
        assert_eq!(skills["result"][0]["value"][1], SKILLS.to_string(), "{version:?}");
        let mut found = Vec::new();
        every_query_answers(version, &prometheus, &mut found).await;
        // What follows rests on queries that are answered.
        assert!(found.is_empty(), "{found:#?}");
        every_tile_says_one_thing(&prometheus, &mut found).await;
        found.extend(disagreements(&prometheus).await);
        found.extend(wrong_looks(&prometheus).await);
        found.extend(wrong_pasts(&prometheus).await);
        assert!(found.is_empty(), "{version:?}: {found:#?}");

        // What is not a service level has a name of its own.
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

        // Windows of what is broken are not summed with those of what is not, nor with those of before.
        let wall = &files(&folder())["wolkvox-wall"];
        for tile in tiles(wall).iter().filter(|tile| *tile != "Age of the data") {
            let mut all = Vec::new();
            for chosen in [&[BOTH][..], ALL] {
                let mut values = shown(&prometheus, wall, tile, chosen, JUST_GONE).await;
                values.retain(|(word, _)| word != "State");
                all.push(values);
            }
            assert!(!all[1].is_empty() && all[0] == all[1], "{tile}: {all:?}");
        }

        // Of an exporter that is gone, the age of the data goes on.
        let age = shown(&prometheus, wall, "Age of the data", &[BOTH], GOOD).await;
        let gone_for = (at(GOOD) - at(GONE_AFTER)).total(Unit::Second).expect("it is a length of time");
        assert!(
            matches!(&age[..], [(words, age)] if words == "▲ too old: broken" && (0.0..120.0).contains(&(age - gone_for))),
            "{age:?}"
        );

        // Of several values that are chosen, Grafana makes alternatives.
        let state = targets(wall)
            .into_iter()
            .find(|target| target.panel == "Skills, worst first")
            .expect("the wall has skills");
        let two = ask(&prometheus, &state, &[("skill_id", "4173|4211")], at(GOOD)).await.unwrap();
        let of =
            |id: &str| two.iter().find(|series| series["metric"]["skill_id"] == id).map(|series| &series["value"][1]);
        assert_eq!((two.len(), of(IDLE)), (2, Some(&json!(NO_VOLUME.to_string()))), "{two:?}");
        assert!(of("4173").is_some(), "{two:?}");
    }))
    .await;
}

/// Alerts as they are shipped are not needed to see that one is shown: of a skill, of one without a name, of two numbers, and of
/// no operation. Those that only pend, or are of something else, are not shown.
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
async fn alerts_that_fire_are_on_the_wall_and_no_others() {
    let wall = &files(&folder())["wolkvox-wall"];
    let alerts =
        targets(wall).into_iter().find(|target| target.panel == "Alerts firing now").expect("the wall has alerts");
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
        // The value is the number of seconds since the alert began, not a time.
        assert!(shown.iter().all(|row| (0.0..86_400.0).contains(&row.value)), "{version:?}: {shown:?}");
        assert!(prometheus.stop().await.unwrap().success(), "{version:?}");
    }))
    .await;
}

/// A tile's figure and what it is measured by, as windows have them: quotients that are a little more or less than they should
/// be. Which words the tile has for them, and what it shows.
const LIMITS: [(&str, &str, [f64; 2], &str, f64); 6] = [
    ("Service level, 30 min", "answered_in_time", [4.0, 5.0], "▲ on target", 0.8),
    ("Service level, 30 min", "answered_in_time", [18.0, 25.0], "▼ at risk", 0.72),
    ("Service level, 30 min", "answered_in_time", [71.0, 100.0], "▼ missed", 0.71),
    ("Abandoned, 30 min", "abandoned", [1.0, 20.0], "▼ within", 0.05),
    ("Abandoned, 30 min", "abandoned", [2.0, 20.0], "▲ above", 0.1),
    ("Abandoned, 30 min", "abandoned", [3.0, 20.0], "▲ far above", 0.15),
];

#[test]
#[ignore = "needs the peers: make test"]
fn a_target_that_is_just_kept_is_kept() {
    let wall = &files(&folder())["wolkvox-wall"];
    let mut tests = Vec::new();
    for (title, counted, [part, whole], word, value) in LIMITS {
        // What extrapolation may make of the windows.
        for stretch in [1.0, 30.0 / 29.0, 1800.0 / 1771.0, 1800.0 / 1787.0, 1.0 / 3.0] {
            let series = |name: &str, value: f64| {
                let name = format!("operation_skill:wolkvox_skill_{name}{{operation=\"{OPERATION}\",skill_id=\"1\"}}");
                json!({"series": name, "values": format!("{value:e}")})
            };
            let samples = bands(wall, title).into_iter().map(|band| {
                let words = overridden(panel(wall, "stat", title), "byFrameRefID", &band.letter, "displayName");
                let shown = words.and_then(Value::as_str) == Some(word);
                let samples = if shown { json!([{"labels": "{}", "value": value}]) } else { json!([]) };
                json!({"expr": of_variable(&band.expression), "eval_time": "0m", "exp_samples": samples})
            });
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
                "promql_expr_test": samples.collect::<Vec<_>>(),
            }));
        }
    }
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let file = folder.path().join("limits.yml");
    std::fs::write(&file, json!({"rule_files": [], "tests": tests}).to_string()).expect("a file can be written");
    for version in PrometheusVersion::ALL {
        let said = promtool(version, &["test", "rules", &file.to_string_lossy()], "");
        assert!(said.status.success(), "{version:?}: {}{}", said.stdout, said.stderr);
    }
}
