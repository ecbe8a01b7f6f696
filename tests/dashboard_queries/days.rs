//! The manager's dashboard judges the past: the signs of its tiles, the error budget, the worst half-hours, the teams, and
//! the cells by weekday.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use serde_json::{Value, json};

use super::GOOD;
use super::asking::{ALL, ask, in_range};
use super::displayed::override_property;
use super::history::at;
use super::support::dashboard::{Target, files, folder, list, targets};
use super::support::prometheus::Prometheus;
use super::support::rules::{HALF_HOURS, shipped};
use super::wallboard::check;

/// Whether the query is the one for the word in place of the figure of a tile.
pub(crate) fn is_word(board: &Value, target: &Target) -> bool {
    let panel = list(board, "panels").iter().find(|panel| panel["id"] == target.id).expect("the board has the panel");
    target.kind == "stat" && override_property(panel, "byFrameRefID", &target.letter, "displayName").is_some()
}

/// The cells by weekday of the day after the simulated morning, which are wrong.
pub(crate) async fn wrong_cells(prometheus: &Prometheus) -> Vec<String> {
    let board = &files(&folder())["wolkvox-day"];
    let mut found = Vec::new();
    for target in targets(board).into_iter().filter(|target| target.kind == "status-history") {
        let rows = ask(prometheus, &target, ALL, at(GOOD) + 24.hours()).await;
        let rows = rows.expect("the query is valid");
        // The morning is a Tuesday. It begins at 05:30, and the first cell with calls is that of 07:00.
        let [row] = &rows[..] else {
            found.push(format!("{}: expected one weekday, found {rows:?}", target.panel));
            continue;
        };
        let cells = list(row, "values");
        let first = cells.iter().find(|cell| !["0", "-2"].contains(&cell[1].as_str().expect("a value is a text")));
        let first = first.and_then(|cell| cell[0].as_i64());
        if row["metric"]["day"] != "2" || first != Some(at("2026-11-17T07:00:00-05:00").as_second()) {
            found.push(format!("{}: the first calls are at {first:?} in {row:?}", target.panel));
        }
    }
    found
}

/// Seconds of a day.
const DAY: u64 = 86_400;

/// A skill with the same calls in every half-hour.
#[derive(Clone, Copy)]
struct Skill {
    id: &'static str,
    team: &'static str,
    calls: f64,
    in_time: f64,
    abandoned: f64,
}

/// A skill with 10 calls in each half-hour.
const TEN: Skill = Skill { id: "1", team: "north", calls: 10.0, in_time: 8.0, abandoned: 0.25 };
/// The shares of its calls that every skill may miss and abandon.
const ALLOWED: [f64; 2] = [0.25, 0.05];

impl Skill {
    /// Its recorded series, with a sample exactly at the end of each half-hour.
    fn series(self) -> Vec<Value> {
        let [missed, abandoned] = ALLOWED;
        let figures = [
            ("inbound", self.calls),
            ("abandoned", self.abandoned),
            ("limited", self.calls),
            ("allowed_abandoned", abandoned * self.calls),
            ("rated", self.calls),
            ("answered_in_time", self.in_time),
            ("allowed_missed", missed * self.calls),
        ];
        figures.map(|(name, value)| self.figure(name, value)).to_vec()
    }

    fn figure(self, name: &str, value: f64) -> Value {
        let Self { id, team, .. } = self;
        let labels = format!(r#"operation="demo",skill_id="{id}",skill_name="Skill {id}",team="{team}""#);
        let name = format!("operation_skill:wolkvox_skill_{name}_calls:half_hour{{{labels}}}");
        json!({"series": name, "values": format!("{value}x1500")})
    }
}

/// The expression of a query of a panel, in a time range of so many seconds, for all skills.
fn asked(title: &str, index: usize, range: u64) -> String {
    asked_of(".+", title, index, range)
}

/// The same for the skills that a regular expression chooses, as Grafana writes it.
fn asked_of(skills: &str, title: &str, index: usize, range: u64) -> String {
    let board = &files(&folder())["wolkvox-day"];
    let all: Vec<Target> = targets(board).into_iter().filter(|target| target.panel == title).collect();
    in_range(&all[index].expression, range, skills)
}

/// Runs cases, in which the shipped rules make the totals of teams out of the samples of skills.
fn check_days(evaluation_interval: &str, cases: &[Value]) {
    let rules = [shipped(HALF_HOURS)];
    check(&json!({"rule_files": rules, "evaluation_interval": evaluation_interval, "tests": cases}));
}

/// A query at a time and the samples that it must return, as labels and values.
fn expects(expression: &str, time: &str, samples: &[(&str, f64)]) -> Value {
    let samples: Vec<_> = samples.iter().map(|(labels, value)| json!({"labels": labels, "value": value})).collect();
    json!({"expr": expression, "eval_time": time, "exp_samples": samples})
}

fn case(name: &str, series: &[Vec<Value>], expected: Vec<Value>) -> Value {
    json!({"name": name, "interval": "30m", "input_series": series.concat(), "promql_expr_test": Value::from(expected)})
}

/// A tile after a day: its number, or the code of the word in its place.
fn tile(title: &str, figure: &[(&str, f64)], word: Option<f64>) -> Vec<Value> {
    let word: Vec<_> = word.iter().map(|code| ("{}", *code)).collect();
    vec![expects(&asked(title, 0, DAY), "24h", figure), expects(&asked(title, 1, DAY), "24h", &word)]
}

#[test]
#[ignore = "needs the peers: make test"]
fn tiles_judge_a_day_by_its_target_and_name_what_is_missing() {
    let level = |figure: &[(&str, f64)], word| tile("Service level", figure, word);
    let abandoned = |figure: &[(&str, f64)], word| tile("Abandoned", figure, word);
    let of_level = |name: &str, skill: Skill, labels: &str, value: f64| {
        case(name, &[skill.series()], level(&[(labels, value)], None))
    };
    let of_abandonment = |name: &str, abandoned_calls: f64, sign: &str, value: f64| {
        let labels = format!(r#"{{sign="{sign}",limit="5"}}"#);
        let skill = Skill { abandoned: abandoned_calls, ..TEN };
        case(name, &[skill.series()], abandoned(&[(&labels, value)], None))
    };
    let (no_volume, no_figure) = (4.0, 5.0);
    let nothing = Skill { calls: 0.0, in_time: 0.0, abandoned: 0.0, ..TEN };
    let few = Skill { calls: 0.5, in_time: 0.125, ..TEN };
    check_days(
        "30m",
        &[
            of_level("on target", TEN, r#"{sign="▲",target="75"}"#, 0.8),
            of_level("exactly on target", Skill { in_time: 7.5, ..TEN }, r#"{sign="▲",target="75"}"#, 0.75),
            of_level("below the target", Skill { in_time: 7.0, ..TEN }, r#"{sign="▼",target="75"}"#, 0.7),
            of_level("far below the target", Skill { in_time: 6.0, ..TEN }, r#"{sign="▼▼",target="75"}"#, 0.6),
            of_level("24 calls are few", few, r#"{sign="~",target="75"}"#, 0.25),
            case(
                "no calls",
                &[nothing.series()],
                [level(&[], Some(no_volume)), abandoned(&[], Some(no_volume))].concat(),
            ),
            case("no target", &[vec![TEN.figure("inbound", 10.0)]], level(&[], Some(no_figure))),
            case("no data", &[], [level(&[], None), abandoned(&[], None)].concat()),
            of_abandonment("within the limit", 0.5, "▼", 0.05),
            of_abandonment("above the limit", 1.0, "▲", 0.1),
            of_abandonment("far above the limit", 1.5, "▲▲", 0.15),
            case(
                "as many calls as a week before",
                &[TEN.series()],
                vec![expects(&asked("Calls received", 0, DAY), "192h", &[(r#"{sign="=",before="480"}"#, 480.0)])],
            ),
            case(
                "no limit",
                &[vec![TEN.figure("inbound", 10.0), TEN.figure("abandoned", 1.0)]],
                abandoned(&[(r#"{limit="–"}"#, 0.1)], None),
            ),
        ],
    );
}

#[test]
#[ignore = "needs the peers: make test"]
fn a_time_range_has_the_half_hours_that_began_in_it() {
    // 100 calls in the half-hour before the day and in those after it, one call in each half-hour of the day. The samples
    // are 10 minutes after the end of their half-hours.
    let mut series = TEN.figure("inbound", 0.0);
    let values = [vec!["_ 100 _"], vec!["_ 1 _"; 48], vec!["_ 100 _"; 3]].concat();
    series["values"] = json!(values.join(" "));
    let expected = vec![
        expects(&asked("Calls received", 0, DAY), "24h", &[(r#"{before="–"}"#, 48.0)]),
        expects(&asked("Calls by half-hour", 0, DAY), "0h", &[("{}", 1.0)]),
        expects(&asked("Calls by half-hour", 0, DAY), "24h", &[("{}", 100.0)]),
        // promtool has no samples after the last time.
        expects("vector(1)", "26h", &[("{}", 1.0)]),
    ];
    let mut day = case("a day", &[vec![series]], expected);
    day["interval"] = json!("10m");
    check_days("10m", &[day]);
}

#[test]
#[ignore = "needs the peers: make test"]
fn the_error_budget_is_that_of_the_month() {
    let month = |skill: Skill, left: (&str, f64), runs_out: (&str, f64)| {
        // The 11th of January 1970 at 0 o'clock.
        let now = |title: &str| asked(title, 0, 10 * DAY);
        let expected =
            vec![expects(&now("Budget left"), "240h", &[left]), expects(&now("Runs out"), "240h", &[runs_out])];
        let name = format!("{} of 10 calls in time", skill.in_time);
        case(&name, &[skill.series()], expected)
    };
    let by_dates: Vec<_> = ["SL this month", "Budget left", "Runs out"]
        .iter()
        .map(|title| expects(&asked(title, 0, DAY), "240h", &[]))
        .collect();
    // 480 calls a day, of which 120 may be missed: 3,720 in 31 days.
    check_days(
        "30m",
        &[
            month(TEN, (r#"{sign="▲",spent="960",budget="3720"}"#, 0.741_935), ("{}", 0.0)),
            // 1,800 missed calls are left, at 192 a day.
            month(
                Skill { in_time: 6.0, ..TEN },
                (r#"{sign="▼",spent="1920",budget="3720"}"#, 0.483_871),
                (r#"{sign="▼"}"#, 1000.0 * (10.0 + 9.375) * 86_400.0),
            ),
            month(
                Skill { in_time: 0.0, ..TEN },
                (r#"{sign="▼▼",spent="4800",budget="3720"}"#, -0.290_323),
                ("{}", 1.0),
            ),
            case("a time range chosen by dates", &[TEN.series()], by_dates),
        ],
    );
}

#[test]
#[ignore = "needs the peers: make test"]
fn the_worst_half_hours_are_short_of_most_calls_and_have_enough_of_them() {
    let skill = |id: &'static str, team: &'static str, calls: f64, in_time: f64| {
        Skill { id, team, calls, in_time, abandoned: 0.0 }.series()
    };
    let series = [
        skill("1", "north", 100.0, 60.0),
        skill("2", "north", 5.0, 0.0),
        skill("3", "south", 40.0, 40.0),
        skill("4", "", 20.0, 12.0),
    ];
    let labels = |id: &str| format!(r#"{{operation="demo",skill_id="{id}"}}"#);
    let named = |id: &str| format!(r#"{{operation="demo",skill_id="{id}",skill_name="Skill {id}"}}"#);
    let at = |title: &str, index: usize, samples: &[(&str, f64)]| expects(&asked(title, index, DAY), "24h", samples);
    let (worst, best, teams) = ("Worst half-hours", "Best half-hours", "Teams");
    let (north, south, none) = (r#"{team="north"}"#, r#"{team="south"}"#, "{}");
    // The codes of "missed" and "OK".
    let (missed, ok) = (2.0, 0.0);
    let (one, four) = (labels("1"), labels("4"));
    let expected = vec![
        at(worst, 0, &[(&named("1"), 15.0), (&named("4"), 3.0)]),
        at(worst, 1, &[(&one, 0.6), (&four, 0.6)]),
        at(worst, 2, &[(&one, 0.75), (&four, 0.75)]),
        at(worst, 3, &[(&one, 100.0), (&four, 20.0)]),
        at(best, 0, &[(&named("3"), 10.0)]),
        at(best, 3, &[(&labels("3"), 40.0)]),
        at(teams, 0, &[(north, missed), (south, ok), (none, missed)]),
        at(teams, 1, &[(north, 48.0 * 18.75), (south, 0.0), (none, 48.0 * 3.0)]),
        // promtool has no samples after the last time.
        expects("vector(1)", "25h", &[("{}", 1.0)]),
        at(teams, 6, &[(north, 48.0 * 105.0), (south, 48.0 * 40.0), (none, 48.0 * 20.0)]),
    ];
    check_days("30m", &[case("four skills", &series, expected)]);
}

#[test]
#[ignore = "needs the peers: make test"]
fn all_skills_have_the_figures_of_the_skills_one_by_one() {
    let skill = |id: &'static str, team: &'static str, in_time: f64| {
        Skill { id, team, in_time, calls: 100.0, abandoned: 4.0 }.series()
    };
    // The skill 3 has no abandon target, and each half-hour of the skill 4 is recorded later than those of the others.
    let mut series = [skill("1", "north", 60.0), skill("2", "north", 90.0), skill("3", "", 70.0), skill("4", "", 75.0)];
    series[2].retain(|figure| {
        !figure["series"].to_string().contains("limited") && !figure["series"].to_string().contains("allowed_abandoned")
    });
    for (index, skill) in series.iter_mut().enumerate() {
        for figure in skill {
            let value =
                figure["values"].as_str().and_then(|values| values.split('x').next()).expect("a constant").to_owned();
            let late = if index == 3 { format!("_ _ {value}") } else { format!("_ {value} _") };
            figure["values"] = json!(vec![late; 49].join(" "));
        }
    }
    let board = &files(&folder())["wolkvox-day"];
    let panels: BTreeMap<String, usize> = targets(board).iter().fold(BTreeMap::new(), |mut counts, target| {
        *counts.entry(target.panel.clone()).or_default() += 1;
        counts
    });
    let mut expected = vec![expects("vector(1)", "25h", &[("{}", 1.0)])];
    for (title, index) in panels.iter().flat_map(|(title, count)| (0..*count).map(move |index| (title, index))) {
        let [all, list, one] = [".+", "1|2|3|4", "2"].map(|skills| asked_of(skills, title, index, DAY));
        expected.push(expects(&format!("count(({all}) != ({list}))"), "24h", &[]));
        expected.push(expects(&format!("count({list}) - count({all}) != 0"), "24h", &[]));
        if title == "Calls received" && index == 0 {
            expected.push(expects(&format!("sum({one})"), "24h", &[("{}", 4_800.0)]));
        }
    }
    let mut four = case("four skills", &series, expected);
    four["interval"] = json!("10m");
    check_days("10m", &[four]);
}

#[test]
#[ignore = "needs the peers: make test"]
fn cells_show_attainment_or_why_there_is_none() {
    let titles = [
        "Service level by weekday, % of the target",
        "Calls by weekday",
        "Abandonment by weekday, multiple of the limit",
    ];
    let cells = |name: &str, skill: Skill, values: [f64; 3]| {
        // The second day is a Friday.
        let of_day = |title: &str, day: &str| {
            let day = format!(r#"label_replace(vector(1), "day", "{day}", "", "")"#);
            format!("({}) and on (day) {day}", asked(title, 0, DAY))
        };
        let mut expected = Vec::new();
        for (title, value) in titles.iter().zip(values) {
            for day in ["5", "4"] {
                let labels = format!(r#"{{day="{day}"}}"#);
                expected.push(expects(&of_day(title, day), "24h", &[(&labels, value)]));
            }
            // A range of two days has no single day.
            expected.push(expects(&asked(title, 0, 2 * DAY), "48h", &[]));
        }
        case(name, &[skill.series()], expected)
    };
    check_days(
        "30m",
        &[
            // 7.4 of 7.5 calls are 98.7 %.
            cells("below the target", Skill { in_time: 7.4, abandoned: 0.52, ..TEN }, [98.0, 10.0, 2.0]),
            cells("far above the target", Skill { in_time: 10.0, abandoned: 0.0, ..TEN }, [133.0, 10.0, 1.0]),
            cells("few calls", Skill { calls: 9.0, in_time: 0.0, abandoned: 9.0, ..TEN }, [-1.0, 9.0, -1.0]),
            cells("no calls", Skill { calls: 0.0, in_time: 0.0, abandoned: 0.0, ..TEN }, [-2.0, 0.0, -2.0]),
        ],
    );
}
