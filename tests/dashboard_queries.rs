//! Every query of every dashboard, asked of real Prometheuses over a simulated morning in which a contact centre opens, has
//! a skill that nobody calls, and whose exporter then loses its token.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use wolkvox_exporter::clock::Clock;
use wolkvox_exporter::simulator::Settings;
use wolkvox_exporter::simulator::world::{Calendar, Tally, World, demo};

use support::dashboard::{Asked, Target, files, folder, list, targets, text, variables};
use support::peers::PrometheusVersion;
use support::process::{exporter, run};
use support::prometheus::Prometheus;
use support::promtool::promtool;

/// When the history begins, a Tuesday at 05:30 in the operation: closed until 07:00.
const START: &str = "2026-11-17T05:30:00-05:00";
const LENGTH: &str = "7h30m";
/// From now on wolkvox refuses the token.
const TROUBLE_AFTER: &str = "6h30m";
/// The middle of the morning, all well.
const GOOD: &str = "2026-11-17T11:30:00-05:00";
/// Half an hour after the last good poll.
const BROKEN: &str = "2026-11-17T12:40:00-05:00";
/// Before anybody comes.
const CLOSED: &str = "2026-11-17T06:15:00-05:00";

/// The range that boards open with.
const RANGE: u64 = 6 * 3600;
const SCRAPES: u64 = 60;
/// Points of a panel that says nothing about them, about as many as it is wide.
const POINTS: u64 = 720;

/// A panel that takes longer makes its board feel slow.
const LIMIT: Duration = Duration::from_millis(500);
/// The fastest of so many answers counts: other tests keep the machine busy.
const TRIES: usize = 4;

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

/// The codes of the states, as the mappings of the boards have them.
const NO_VOLUME: f64 = 4.0;

fn at(moment: &str) -> Timestamp {
    moment.parse().expect("it is a time")
}

/// Most series that a panel of this kind can show so that somebody can read them.
fn most_series(kind: &str) -> usize {
    match kind {
        "stat" | "gauge" => 10,
        "timeseries" | "bargauge" => 25,
        "state-timeline" | "status-history" | "heatmap" => 40,
        "table" => 500,
        other => panic!("how much does a {other} show?"),
    }
}

/// An expression with its variables filled in as Grafana does it. `$1` is no variable.
fn filled(expression: &str, values: &BTreeMap<&str, String>) -> String {
    let mut parts = expression.split('$');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
        match values.get(&part[..end]) {
            Some(value) => filled.push_str(value),
            None => filled = filled + "$" + &part[..end],
        }
        filled.push_str(&part[end..]);
    }
    filled
}

/// What the variables are when a board is opened, for a panel with steps of `step` seconds; All is `.+`.
fn values(step: u64, skill: &str) -> BTreeMap<&'static str, String> {
    let all =
        ["job", "instance", "operation", "agent_id", "dnis", "rp_id", "channel"].map(|name| (name, ".+".to_owned()));
    let others = [
        ("skill_id", skill.to_owned()),
        ("window", "today".to_owned()),
        ("threshold_seconds", "20".to_owned()),
        ("__interval", format!("{step}s")),
        ("__range", format!("{RANGE}s")),
        ("__rate_interval", format!("{}s", (step + SCRAPES).max(4 * SCRAPES))),
    ];
    all.into_iter().chain(others).collect()
}

#[test]
fn variables_are_filled_in_and_nothing_else_is() {
    let values = values(60, "1|2");
    let expression = r#"label_replace(a{skill_id=~"$skill_id"}[$__range], "x", "$1", "y", "(.+)")"#;
    let expected = r#"label_replace(a{skill_id=~"1|2"}[21600s], "x", "$1", "y", "(.+)")"#;
    assert_eq!(filled(expression, &values), expected);
}

/// The recording rules with every recorded series replaced by what it is made of, so that their order does not matter: over
/// a past that nobody evaluated them in, promtool computes each from raw series alone.
fn inlined(text: &str) -> String {
    let rules: Value = serde_saphyr::from_str(text).expect("rules are YAML");
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut flat = Vec::new();
    for rule in list(&rules, "groups").iter().flat_map(|group| list(group, "rules")) {
        let name = rule["record"].as_str().expect("every rule of this file records");
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let expression = rule["expr"].as_str().expect("a rule has an expression");
        let mut made = String::new();
        let mut rest = expression;
        while let Some(start) = rest.find(is_name) {
            let end = rest[start..].find(|c| !is_name(c)).map_or(rest.len(), |end| start + end);
            let (word, after) = (&rest[start..end], &rest[end..]);
            made.push_str(&rest[..start]);
            rest = after;
            let Some(meaning) = known.get(word) else {
                assert!(!word.contains(':'), "{name}: {word} is recorded later, or nowhere");
                made.push_str(word);
                continue;
            };
            made = match after.strip_prefix('{').and_then(|after| after.split_once('}')) {
                None => format!("{made}({meaning})"),
                Some((matcher, after)) => {
                    rest = after;
                    let (label, value) = matcher.split_once('=').expect("a matcher has a value");
                    let alike = format!(r#"label_replace(vector(1), "{label}", {value}, "", "")"#);
                    format!("{made}(({meaning}) and on ({label}) {alike})")
                }
            };
        }
        made.push_str(rest);
        known.insert(name.to_owned(), made.clone());
        flat.push(json!({"record": name, "expr": made}));
    }
    json!({"groups": [{"name": "inlined", "rules": flat}]}).to_string()
}

#[test]
fn recorded_series_are_replaced_by_what_they_are_made_of() {
    let rules =
        "{groups: [{rules: [{record: 'a:b:c', expr: 'x + 1'}, {record: 'a:b:d', expr: 'a:b:c{l=\"v\"} * y:z'}]}]}";
    let said = std::panic::catch_unwind(|| inlined(rules)).expect_err("y:z is nowhere");
    assert!(said.downcast_ref::<String>().expect("it has words").contains("y:z is recorded later"));
    let found: Value = inlined(&rules.replace("y:z", "a:b:c")).parse().unwrap();
    let expected = r#"((x + 1) and on (l) label_replace(vector(1), "l", "v", "", "")) * (x + 1)"#;
    assert_eq!(found["groups"][0]["rules"][1]["expr"], expected);
}

/// Runs promtool, which has to succeed.
fn make_blocks(version: PrometheusVersion, arguments: &[&str]) {
    let said = promtool(version, arguments, "");
    assert!(said.status.success(), "{version:?}: promtool {arguments:?}: {}{}", said.stdout, said.stderr);
}

/// A Prometheus that remembers the morning, rules and all.
async fn after_the_morning(version: PrometheusVersion, history: &Path) -> Prometheus {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let data = folder.path().join("data").to_string_lossy().into_owned();
    let rules = folder.path().join("inlined.yml").to_string_lossy().into_owned();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/wolkvox-recording.rules.yml");
    fs::write(&rules, inlined(&fs::read_to_string(shipped).expect("rules are text"))).expect("a file can be written");
    for entry in fs::read_dir(history).expect("there is a history") {
        let day = entry.expect("an entry can be read").path();
        let day = day.to_string_lossy();
        make_blocks(
            version,
            &["tsdb", "create-blocks-from", "--max-block-duration=24h", "openmetrics", &day, &data, "-q"],
        );
    }
    let raw = Prometheus::start_over(version, folder).await;
    let end = at(BROKEN) + 20.minutes();
    let (start, end) = (at(START).as_second().to_string(), end.as_second().to_string());
    let (url, step) = (raw.url().to_owned(), format!("{SCRAPES}s"));
    let wanted =
        ["tsdb", "create-blocks-from", "rules", "--start", &start, "--end", &end, "--url", &url, "--output-dir", &data];
    make_blocks(version, &[&wanted[..], &["--eval-interval", &step, &rules]].concat());
    // It looks at its blocks when it starts.
    let folder = raw.stop_and_keep().await.expect("it ends");
    Prometheus::start_over(version, folder).await
}

/// The history, in a folder of its own.
fn morning() -> tempfile::TempDir {
    let history = tempfile::tempdir().expect("there is room for a folder");
    let mut command = exporter();
    command.args([
        "history",
        "--history.length",
        LENGTH,
        "--history.start",
        START,
        "--real-hours",
        "--log.level",
        "error",
    ]);
    command
        .args(["--scenario", "bad-token", "--trouble.after", TROUBLE_AFTER])
        .arg("--history.directory")
        .arg(history.path());
    let said = run(&mut command, "");
    assert!(said.status.success(), "{}", said.stderr);
    history
}

/// What Prometheus says to a query that a panel asks at `moment`.
async fn ask(prometheus: &Prometheus, target: &Target, skill: &str, moment: &str) -> Result<Vec<Value>, String> {
    let step = (RANGE / target.most_points.unwrap_or(POINTS)).div_ceil(SCRAPES) * SCRAPES;
    let step = step.max(60 * target.least_minutes.unwrap_or_default());
    let query = filled(&target.expression, &values(step, skill));
    let end = at(moment).as_second().cast_unsigned();
    let (start, end, step) = ((end - RANGE).to_string(), end.to_string(), step.to_string());
    let answer = if target.instant {
        prometheus.api("/api/v1/query", &[("query", &query), ("time", &end)]).await?
    } else {
        let parameters = [("query", query.as_str()), ("start", &start), ("end", &end), ("step", &step)];
        prometheus.api("/api/v1/query_range", &parameters).await?
    };
    Ok(list(&answer, "result").to_vec())
}

/// [`ask`], and how long it took at best.
async fn timed(
    prometheus: &Prometheus,
    target: &Target,
    skill: &str,
    moment: &str,
) -> Result<(usize, Duration), String> {
    let clock = Clock::system();
    let mut best = Duration::MAX;
    let mut series = 0;
    for _ in 0..TRIES {
        let asked = clock.instant();
        series = ask(prometheus, target, skill, moment).await?.len();
        best = best.min(clock.instant().duration_since(asked));
        if best < LIMIT {
            break;
        }
    }
    Ok((series, best))
}

/// The panel with that title.
fn panel<'a>(board: &'a Value, title: &str) -> &'a Value {
    list(board, "panels").iter().find(|panel| panel["title"] == title).expect("the board has the panel")
}

/// Queries of a tile of which one answers: all but what the value is measured by, which is the last.
fn bands(board: &Value, title: &str) -> Vec<Target> {
    let mut bands: Vec<Target> = targets(board).into_iter().filter(|target| target.panel == title).collect();
    bands.pop();
    bands
}

/// The panels that show a number in the colour of what it is measured by.
fn tiles(board: &Value) -> Vec<String> {
    let is_tile = |panel: &&Value| {
        let overrides = list(&panel["fieldConfig"], "overrides");
        panel["type"] == "stat" && overrides.iter().any(|one| one["matcher"]["id"] == "byFrameRefID")
    };
    list(board, "panels").iter().filter(is_tile).map(|panel| text(panel, "title").to_owned()).collect()
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

#[test]
fn rows_that_cannot_be_put_together_are_found() {
    let row = |metric: Value| json!({"metric": metric});
    let (a, b) = (row(json!({"skill_id": "1", "name": "a"})), row(json!({"skill_id": "1"})));
    assert_eq!(wrong_rows(&[vec![a.clone()], vec![b.clone()], vec![]]), None);
    assert!(wrong_rows(&[vec![a.clone()], vec![b.clone(), b]]).is_some());
    assert!(wrong_rows(&[vec![a], vec![row(json!({"skill_id": "1", "__name__": "x"}))]]).is_some());
}

/// Which of a tile's bands answer, by the words beside the number, and with what.
async fn shown(prometheus: &Prometheus, board: &Value, title: &str, moment: &str) -> Vec<(String, f64)> {
    let mut shown = Vec::new();
    for band in bands(board, title) {
        for series in ask(prometheus, &band, ".+", moment).await.expect("the query is right") {
            let overrides = list(&panel(board, title)["fieldConfig"], "overrides");
            let of_band = overrides.iter().find(|one| one["matcher"]["options"] == band.letter.as_str());
            let words = list(of_band.expect("a band has words"), "properties");
            let words = words.iter().find(|property| property["id"] == "displayName").expect("a band has a name");
            let value = series["value"][1].as_str().and_then(|value| value.parse().ok()).expect("a value is a number");
            shown.push((text(words, "value").to_owned(), value));
        }
    }
    shown
}

/// Every query parses, answers in time, and shows what can be read.
async fn every_query_answers(version: PrometheusVersion, prometheus: &Prometheus, found: &mut Vec<String>) {
    let mut excused: BTreeSet<&Excuse> = BTreeSet::new();
    for (name, board) in files(&folder()) {
        // A row of that board is repeated for each skill.
        let skill = if name == "wolkvox-skill" { "4180" } else { ".+" };
        let tiles = tiles(&board);
        for target in targets(&board) {
            let place = format!("{version:?} {name}, {} {}", target.panel, target.letter);
            let mut answered = false;
            for moment in [GOOD, BROKEN] {
                match timed(prometheus, &target, skill, moment).await {
                    Err(error) => found.push(format!("{place}: {error}")),
                    Ok((series, took)) => {
                        answered |= series > 0;
                        if series > most_series(&target.kind) {
                            found.push(format!("{place}: {series} series are too many for a {}", target.kind));
                        }
                        if took >= LIMIT {
                            found.push(format!("{place}: it takes {took:?}"));
                        }
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
            let columns = targets(&board).into_iter().filter(|target| target.panel == text(table, "title"));
            let answers = join_all(columns.map(async |column| ask(prometheus, &column, skill, GOOD).await));
            let answers: Vec<_> = answers.await.into_iter().flatten().collect();
            found.extend(wrong_rows(&answers).map(|wrong| format!("{version:?} {name}, {}: {wrong}", table["title"])));
        }
        for (variable, asked) in variables(&board).expect("variables ask") {
            let values = values(SCRAPES, ".+");
            let end = at(GOOD).as_second().to_string();
            let answer = match &asked {
                Asked::Result(expression) => {
                    prometheus.api("/api/v1/query", &[("query", &filled(expression, &values)), ("time", &end)]).await
                }
                Asked::Label(selector, label) => {
                    let (path, selector) = (format!("/api/v1/label/{label}/values"), filled(selector, &values));
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
    assert_eq!(excused.len(), EMPTY.len(), "an excuse is for a query that there is not: {excused:?}");
}

/// Of every tile one band answers, at any time of the day.
async fn every_tile_says_one_thing(prometheus: &Prometheus, found: &mut Vec<String>) {
    for (name, board) in files(&folder()) {
        for (tile, moment) in tiles(&board).iter().flat_map(|tile| [CLOSED, GOOD, BROKEN].map(|moment| (tile, moment)))
        {
            let shown = shown(prometheus, &board, tile, moment).await;
            if shown.len() != 1 {
                found.push(format!("{name}, {tile} at {moment}: {shown:?}"));
            }
        }
    }
}

/// The state of each skill, by the word that the wall has for it; a skill without one is not in it.
async fn states(prometheus: &Prometheus, moment: &str) -> BTreeMap<String, String> {
    let wall = &files(&folder())["wolkvox-wall"];
    let title = "Service level by skill";
    let mappings = &panel(wall, title)["fieldConfig"]["defaults"]["mappings"][0]["options"];
    let mut state = targets(wall).into_iter().find(|target| target.panel == title).expect("the wall has states");
    state.instant = true;
    let answer = ask(prometheus, &state, ".+", moment).await.expect("the query is right");
    let words = answer.iter().map(|series| {
        let code = series["value"][1].as_str().expect("a value is a text");
        (text(&series["metric"], "skill_name").to_owned(), text(&mappings[code], "text").to_owned())
    });
    words.collect()
}

/// What a tile shows is what happened: calls received and answered in time in half an hour, by the simulator's own account.
async fn tiles_agree_with_the_simulator(prometheus: &Prometheus, found: &mut Vec<String>) {
    let settings = Settings::default();
    let world = World::new(settings.seed, Calendar::real_hours(settings.zone.clone()), demo());
    let account = |moment: Timestamp| {
        let today = world.skills_at(&moment.to_zoned(settings.zone.clone()));
        let sum = |of: fn(&Tally) -> u64| -> u64 { today.iter().map(|skill| of(&skill.today)).sum() };
        [sum(|calls| calls.inbound), sum(|calls| calls.answered_within(20)), sum(Tally::abandoned)]
            .map(|calls| calls as f64)
    };
    let (now, before) = (account(at(GOOD)), account(at(GOOD) - 30.minutes()));
    let [inbound, in_time, abandoned] = std::array::from_fn(|index| now[index] - before[index]);
    assert!(inbound > 50.0, "{inbound} calls prove nothing");
    let wall = &files(&folder())["wolkvox-wall"];
    // Polls and scrapes are a minute apart, so the half-hours differ by so much at most.
    let expected = [
        ("Calls received, 30 min", inbound, 0.1 * inbound),
        ("Service level, 30 min", in_time / inbound, 0.05),
        ("Abandoned, 30 min", abandoned / inbound, 0.03),
    ];
    for (tile, truth, tolerance) in expected {
        let shown = shown(prometheus, wall, tile, GOOD).await;
        if !shown.iter().any(|(_, value)| (value - truth).abs() <= tolerance) {
            found.push(format!("{tile} shows {shown:?}, the simulator says {truth}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the peers: make test"]
async fn every_query_answers_over_a_simulated_morning() {
    let history = morning();
    join_all(PrometheusVersion::ALL.map(async |version| {
        let prometheus = after_the_morning(version, history.path()).await;
        let mut found = Vec::new();
        every_query_answers(version, &prometheus, &mut found).await;
        // What follows rests on queries that are answered.
        assert!(found.is_empty(), "{found:#?}");
        every_tile_says_one_thing(&prometheus, &mut found).await;
        tiles_agree_with_the_simulator(&prometheus, &mut found).await;
        assert!(found.is_empty(), "{version:?}: {found:#?}");

        // What is not a service level has a name of its own.
        let closed = states(&prometheus, CLOSED).await;
        assert!(closed.len() == 6 && closed.values().all(|state| state == "Closed"), "{closed:?}");
        let good = states(&prometheus, GOOD).await;
        assert_eq!(good["Campaña Navideña"], "No volume", "{good:?}");
        let measured = ["▲ OK", "▼ At risk", "▼ Missed"];
        assert_eq!(good.values().filter(|state| measured.contains(&state.as_str())).count(), 5, "{good:?}");
        let broken = states(&prometheus, BROKEN).await;
        assert!(broken.len() == 6 && broken.values().all(|state| state == "Broken"), "{broken:?}");
        let before = (at(START) - 1.hour()).to_string();
        assert_eq!(states(&prometheus, &before).await, BTreeMap::new());

        // Of several values that are chosen, Grafana makes alternatives.
        let wall = &files(&folder())["wolkvox-wall"];
        let state = targets(wall)
            .into_iter()
            .find(|target| target.panel == "Skills, worst first")
            .expect("the wall has skills");
        let two = ask(&prometheus, &state, "4173|4211", GOOD).await.unwrap();
        let of =
            |id: &str| two.iter().find(|series| series["metric"]["skill_id"] == id).map(|series| &series["value"][1]);
        assert_eq!((two.len(), of("4211")), (2, Some(&json!(NO_VOLUME.to_string()))), "{two:?}");
        assert!(of("4173").is_some(), "{two:?}");
    }))
    .await;
}

/// Alerts as they are shipped are not needed to see that one is shown: with a skill, and without an operation.
const ALWAYS: &str = r#"{groups: [{name: always, rules: [
    {alert: WolkvoxQueueStuck, expr: vector(1), labels: {severity: critical, operation: ventas, skill_id: "4173", skill_name: "Ventas Móvil"}},
    {alert: WolkvoxExporterDown, expr: vector(1), labels: {severity: critical}},
    {alert: WolkvoxNoCalls, expr: vector(1), for: 1h, labels: {severity: critical, operation: ventas}},
    {alert: DiskFull, expr: vector(1), labels: {severity: critical}}]}]}"#;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the peers: make test"]
async fn alerts_that_fire_are_on_the_wall_and_no_others() {
    let wall = &files(&folder())["wolkvox-wall"];
    let alerts =
        targets(wall).into_iter().find(|target| target.panel == "Alerts firing now").expect("the wall has alerts");
    let query = filled(&alerts.expression, &values(SCRAPES, ".+"));
    join_all(PrometheusVersion::ALL.map(async |version| {
        let config = "global: {evaluation_interval: 1s}\nrule_files: [always.yml]\n";
        let prometheus = Prometheus::start_with_files(version, config, &[("always.yml", ALWAYS)]).await;
        let shown = prometheus.wait_until(&query, Duration::from_secs(60), |rows| rows.len() == 2).await.unwrap();
        let mut names: Vec<_> = shown.iter().map(|row| (row.label("alertname"), row.label("skill_name"))).collect();
        names.sort_unstable();
        assert_eq!(names, [("WolkvoxExporterDown", ""), ("WolkvoxQueueStuck", "Ventas Móvil")], "{version:?}");
        // How long it has been so.
        assert!(shown.iter().all(|row| (0.0..60.0).contains(&row.value)), "{version:?}: {shown:?}");
        assert!(prometheus.stop().await.unwrap().success(), "{version:?}");
    }))
    .await;
}
