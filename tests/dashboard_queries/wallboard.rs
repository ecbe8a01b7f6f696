//! The wallboard tells the important from the rest: the promised wait, skills with few calls, and broken operations.

use serde_json::{Value, json};

use super::asking::of_variable_with;
use super::displayed::NOTHING;
use super::support::dashboard::{Target, files, folder, targets};
use super::support::peers::PrometheusVersion;
use super::support::promtool::promtool;

/// The minute in which the queries are asked; the minute of the value before is a quarter of an hour earlier.
const NOW: &str = "20m";

/// A series whose value is the same at all times.
fn constant(name: &str, labels: &str, value: f64) -> Value {
    json!({"series": format!("{name}{{{labels}}}"), "values": format!("{value}x30")})
}

/// The recorded series of a skill.
fn skill(id: &str, name: &str, value: f64) -> Value {
    let name = format!("operation_skill:wolkvox_skill_{name}");
    constant(&name, &format!(r#"operation="ventas",skill_id="{id}""#), value)
}

/// The state of the report of an operation.
fn report(operation: &str, code: f64) -> Value {
    let labels = format!(r#"operation="{operation}",collector="skills""#);
    constant("operation_collector:wolkvox_collector_empty:code", &labels, code)
}

/// The queries of a panel of the wallboard.
fn queries(wall: &Value, title: &str) -> Vec<Target> {
    targets(wall).into_iter().filter(|target| target.panel == title).collect()
}

/// An expression, for all operations and skills.
fn asked(expression: &str) -> String {
    of_variable_with(expression, &[("operation", ".+"), ("skill_id", ".+")])
}

/// What a query must return.
fn expects(target: &Target, samples: &[(&str, f64)]) -> Value {
    let samples: Vec<_> = samples.iter().map(|(labels, value)| json!({"labels": labels, "value": value})).collect();
    json!({"expr": asked(&target.expression), "eval_time": NOW, "exp_samples": samples})
}

/// What a tile must show: the number of the rule with this index, with `labels` for its words.
fn shows(wall: &Value, title: &str, index: usize, labels: &str, value: f64) -> Value {
    let [query] = &queries(wall, title)[..] else { panic!("{title} has one query") };
    expects(query, &[(&format!(r#"{{rule="rule {index}",{labels}}}"#), value)])
}

/// What a tile must show in place of a number: the word of a code.
fn shows_state(wall: &Value, title: &str, code: f64) -> Value {
    let [query] = &queries(wall, title)[..] else { panic!("{title} has one query") };
    expects(query, &[(r#"{rule="state"}"#, code)])
}

/// Runs the cases with promtool.
pub(crate) fn check(cases: &Value) {
    let file = tempfile::NamedTempFile::new().expect("a file can be created");
    std::fs::write(file.path(), cases.to_string()).expect("a file can be written");
    for version in PrometheusVersion::ALL {
        let tested = promtool(version, &["test", "rules", &file.path().to_string_lossy()], "");
        assert!(tested.status.success(), "{version:?}: {}{}", tested.stdout, tested.stderr);
    }
}

/// A centre with one skill in which so many callers wait for so long, now and before, with 90 calls in 15 minutes.
fn waiting(now: f64, before: f64, seconds: f64, seconds_before: f64) -> Vec<Value> {
    let changed = |name: &str, before: f64, now: f64| {
        let labels = r#"operation="ventas",skill_id="1""#;
        json!({"series": format!("operation_skill:wolkvox_skill_{name}{{{labels}}}"),
            "values": format!("{before}x10 {now}x20")})
    };
    vec![
        report("ventas", 4.0),
        skill("1", "state:code", 0.0),
        skill("1", "inbound_calls:increase15m", 90.0),
        changed("calls_in_queue:max", before, now),
        changed("wait:seconds15m", seconds_before, seconds),
        constant(
            "wolkvox_skill_service_level_target_ratio",
            r#"job="wolkvox",instance="a:9909",operation="ventas",skill_id="1",threshold_seconds="20""#,
            0.8,
        ),
    ]
}

#[test]
#[ignore = "needs the peers: make test"]
fn the_queue_and_the_wait_are_judged_by_the_promised_threshold() {
    let wall = &files(&folder())["wolkvox-wall"];
    // Green, orange and red have the same words.
    let (green, orange, red) = (0, 1, 2);
    let case = |name: &str, series: Vec<Value>, queue: (usize, &str, f64), wait: (usize, &str, f64)| {
        let expected = [
            shows(wall, "Waiting now", queue.0, queue.1, queue.2),
            shows(wall, "Estimated wait", wait.0, wait.1, wait.2),
        ];
        json!({"name": name, "interval": "1m", "input_series": series, "promql_expr_test": expected})
    };
    let labels = |change: &str, limit: u32| {
        let change = format!("{change} · ").replace(' ', "\u{a0}");
        format!(r#"change="{change}",limit="{limit}",gap="{NOTHING}""#)
    };
    check(&json!({"evaluation_interval": "1m", "tests": [
        case(
            "one caller more is no news",
            waiting(2.0, 1.0, 7.0, 6.0),
            (green, &labels("= 1→2", 4), 2.0),
            (green, &labels("= 6→7", 20), 7.0),
        ),
        case(
            "more than usual",
            waiting(5.0, 1.0, 30.0, 10.0),
            (orange, &labels("▲ 1→5", 4), 5.0),
            (orange, &labels("▲ 10→30", 20), 30.0),
        ),
        case(
            "far too many, although they were more",
            waiting(9.0, 40.0, 156.0, 400.0),
            (red, &labels("▼ 40→9", 4), 9.0),
            (red, &labels("▼ 400→156", 20), 156.0),
        ),
    ]}));
}

#[test]
#[ignore = "needs the peers: make test"]
fn broken_operations_come_first_and_few_calls_are_not_red() {
    let wall = &files(&folder())["wolkvox-wall"];
    let skill_of = |id: &str, name: &str, code: f64, calls: f64, level: f64, burn_least: f64| {
        let known = constant(
            "operation_skill:wolkvox_skill_known:info",
            &format!(r#"operation="ventas",skill_id="{id}",skill_name="{name}""#),
            1.0,
        );
        vec![
            known,
            skill(id, "state:code", code),
            skill(id, "inbound_calls:increase30m", calls),
            skill(id, "service_level:ratio30m", level),
            skill(id, "service_level_target:ratio", 0.75),
            skill(id, "service_level:burn_least2h", burn_least),
            skill(id, "calls_in_queue:max", 0.0),
        ]
    };
    let age = |operation: &str| {
        let labels = format!(r#"operation="{operation}",collector="skills""#);
        constant("operation_collector:wolkvox_collector_age:seconds", &labels, 18.0)
    };
    let refused = constant(
        "wolkvox_collector_failure_info",
        r#"job="wolkvox",instance="a:9909",operation="soporte",collector="skills",reason="unauthorized""#,
        1.0,
    );
    let mut series = vec![report("ventas", 4.0), report("soporte", 6.0), age("ventas"), refused];
    series.extend(skill_of("1", "Two calls", 2.0, 2.0, 0.0, 0.9));
    series.extend(skill_of("2", "Many calls", 1.0, 64.0, 0.5, 1.2));
    series.extend(skill_of("3", "Closed", 3.0, 4.0, 0.0, 0.9));
    series.extend(skill_of("4", "Two bad hours", 2.0, 8.0, 0.25, 1.3));
    let table = queries(wall, "Skills, worst first");
    let states = [
        (r#"{operation="ventas",skill_id="1",skill_name="Two calls"}"#, 7.0),
        (r#"{operation="ventas",skill_id="2",skill_name="Many calls"}"#, 1.0),
        (r#"{operation="ventas",skill_id="3",skill_name="Closed"}"#, 3.0),
        (r#"{operation="ventas",skill_id="4",skill_name="Two bad hours"}"#, 2.0),
        (r#"{operation="soporte",reason="unauthorized",skill_name="unauthorized"}"#, 6.0),
    ];
    let (first, second) = (r#"{operation="ventas",skill_id="1"}"#, r#"{operation="ventas",skill_id="2"}"#);
    let fourth = r#"{operation="ventas",skill_id="4"}"#;
    let order = [
        (r#"{operation="soporte"}"#, 1_000_000.0),
        (second, 16.0),
        (fourth, 4.0),
        (first, 1.5),
        (r#"{operation="ventas",skill_id="3"}"#, -997.0),
    ];
    let mut expected = vec![
        expects(&table[0], &states),
        expects(&table[1], &[(first, 1.5), (second, 16.0), (fourth, 4.0)]),
        expects(table.last().expect("the table has queries"), &order),
    ];
    // The second query is about the only operation that is broken and never had figures.
    expected.push(shows(wall, "Age of the data", 1, r#"operation="soporte""#, 0.0));
    let mut all = vec![json!({"name": "one operation never had figures", "interval": "1m", "input_series": series,
        "promql_expr_test": expected})];

    // With more skills than rows, the last row counts the others and has their worst state.
    let mut many = vec![report("ventas", 4.0)];
    for id in 1..=12 {
        let code = if id == 12 { 1.0 } else { 0.0 };
        many.extend(skill_of(&id.to_string(), &format!("Skill {id}"), code, 100.0, 0.75, 0.0));
    }
    let rows = asked(&table[0].expression);
    let of_others = format!(r#"({rows}) and on (others) label_replace(vector(1), "others", "4", "", "")"#);
    let count = |expression: &str, value: u32| json!({"expr": format!("count({expression})"), "eval_time": NOW, "exp_samples": [{"labels": "{}", "value": value}]});
    all.push(json!({"name": "more skills than rows", "interval": "1m", "input_series": many, "promql_expr_test": [
        count(&rows, 13),
        count(&of_others, 1),
    ]}));
    check(&json!({"evaluation_interval": "1m", "tests": all}));
}

#[test]
#[ignore = "needs the peers: make test"]
fn a_tile_says_that_an_operation_is_missing() {
    let wall = &files(&folder())["wolkvox-wall"];
    let series = vec![
        report("ventas", 4.0),
        report("soporte", 6.0),
        report("cobranza", 6.0),
        skill("1", "state:code", 0.0),
        skill("1", "inbound_calls:increase30m", 32.0),
        skill("1", "answered_in_time_calls:increase30m", 24.0),
        skill("1", "service_level_target:ratio", 0.75),
    ];
    let gap = "\u{a0}⚠\u{a0}1/3";
    let labels = format!(r#"target="75",gap="{gap}""#);
    let expected = shows(wall, "Service level, 30 min", 0, &labels, 0.75);
    check(&json!({"evaluation_interval": "1m", "tests": [
        {"name": "two of three operations", "interval": "1m", "input_series": series, "promql_expr_test": [expected]},
    ]}));
}

/// The forecast of a skill: the calls of today so far, those still to come, and the service level at the end of the day.
fn forecast(id: &str, today: f64, to_come: f64, level: f64) -> Vec<Value> {
    vec![
        skill(id, "state:code", 0.0),
        skill(id, "inbound_calls:today", today),
        skill(id, "inbound_calls:forecast_rest_of_day", to_come),
        skill(id, "service_level:forecast_today", level),
    ]
}

#[test]
#[ignore = "needs the peers: make test"]
fn the_words_of_the_tiles_have_the_forecast_of_all_skills() {
    let wall = &files(&folder())["wolkvox-wall"];
    let current = || {
        vec![
            report("ventas", 4.0),
            skill("1", "inbound_calls:increase30m", 100.0),
            skill("1", "inbound_calls:increase30m_offset1w", 100.0),
            skill("1", "answered_in_time_calls:increase30m", 90.0),
            skill("1", "service_level_target:ratio", 0.75),
        ]
    };
    // 400 calls at 90 % and 200 calls at 60 % are 480 of 600, which is not the mean of the percentages.
    let two = || [forecast("1", 100.0, 300.0, 0.9), forecast("2", 60.0, 140.0, 0.6)].concat();
    let without =
        |code: f64, today: f64| vec![skill("3", "state:code", code), skill("3", "inbound_calls:today", today)];
    let case = |name: &str, skills: &[Vec<Value>], forecast: Option<(u32, u32)>| {
        let label =
            |name: &str, value: Option<u32>| value.map_or(String::new(), |value| format!(r#"{name}="{value}","#));
        let (day, rest) = (label("day", forecast.map(|one| one.0)), label("rest", forecast.map(|one| one.1)));
        let (good, usual) = if forecast.is_some() { (3, 4) } else { (0, 1) };
        let expected = [
            shows(wall, "Service level, 30 min", good, &format!(r#"target="75",{day}gap="{NOTHING}""#), 0.9),
            shows(wall, "Calls received, 30 min", usual, &format!(r#"before="100",{rest}gap="{NOTHING}""#), 100.0),
        ];
        let series = [current(), skills.concat()].concat();
        json!({"name": name, "interval": "1m", "input_series": series, "promql_expr_test": expected})
    };
    check(&json!({"evaluation_interval": "1m", "tests": [
        case("two skills", &[two()], Some((80, 440))),
        case("no forecast", &[vec![skill("1", "state:code", 0.0)]], None),
        case("a skill with 8 of 168 calls has no forecast", &[two(), without(0.0, 8.0)], Some((80, 440))),
        case("a skill with 9 of 169 calls has no forecast", &[two(), without(0.0, 9.0)], None),
        case("a closed skill has no calls to come", &[two(), forecast("3", 0.0, 0.0, 0.0)], Some((80, 440))),
    ]}));
}

#[test]
#[ignore = "needs the peers: make test"]
fn the_table_has_the_forecast_of_each_skill() {
    let wall = &files(&folder())["wolkvox-wall"];
    let table = queries(wall, "Skills, worst first");
    let mut series = [forecast("1", 100.0, 300.0, 0.9), forecast("2", 60.0, 140.0, 0.6)].concat();
    series.extend([skill("1", "calls_to_recover:today", 0.0), skill("2", "calls_to_recover:today", 12.0)]);
    // A broken skill has no figures.
    series.extend([skill("3", "state:code", 6.0), skill("3", "service_level:forecast_today", 0.5)]);
    let (first, second) = (r#"{operation="ventas",skill_id="1"}"#, r#"{operation="ventas",skill_id="2"}"#);
    let expected =
        [expects(&table[4], &[(first, 0.9), (second, 0.6)]), expects(&table[5], &[(first, 0.0), (second, 12.0)])];
    check(&json!({"evaluation_interval": "1m", "tests": [
        {"name": "two skills", "interval": "1m", "input_series": series, "promql_expr_test": expected},
    ]}));
}

/// A tile without any skill says what is missing: `No data` would not help anybody.
#[test]
#[ignore = "needs the peers: make test"]
fn a_tile_without_skills_says_what_is_missing() {
    let boards = files(&folder());
    let up = || constant("wolkvox_up", r#"job="wolkvox",instance="a:9909",operation="ventas""#, 0.0);
    let interval = || {
        let labels = r#"operation="ventas",collector="skills""#;
        constant("operation_collector:wolkvox_collector_interval:seconds", labels, 60.0)
    };
    // The codes of queries.py.
    let (broken, no_skills, no_rules, no_exporter) = (6.0, 8.0, 9.0, 10.0);
    let cases = [
        ("the operation is refused from the start", vec![up(), interval(), report("ventas", 6.0)], broken),
        ("the report has no rows", vec![up(), interval(), report("ventas", 4.0)], no_skills),
        ("the recording rules are not loaded", vec![up()], no_rules),
        ("Prometheus scrapes no exporter", vec![], no_exporter),
    ];
    let tests = cases.into_iter().map(|(name, series, code)| {
        let tiles = ["Service level, 30 min", "Abandoned, 30 min"];
        let of = |board: &'static str, title| shows_state(&boards[board], title, code);
        let mut expected = tiles.map(|title| of("wolkvox-skill", title)).to_vec();
        let others = ["Waiting now", "Calls received, 30 min", "Estimated wait"];
        expected.extend(tiles.iter().chain(&others).map(|title| of("wolkvox-wall", *title)));
        json!({"name": name, "interval": "1m", "input_series": series, "promql_expr_test": expected})
    });
    check(&json!({"evaluation_interval": "1m", "tests": tests.collect::<Vec<_>>()}));
}
