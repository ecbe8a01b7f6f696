//! What Grafana makes of the answers to a panel's queries: figures, and words in their place or beside them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::asking::{Chosen, ask, step};
use super::support::dashboard::{Target, list, targets, text};
use super::support::prometheus::Prometheus;

/// What can be read on a panel at a moment of its range.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Look {
    /// Words that a mapping or a name of an override gives, or what stands where there is nothing.
    pub(crate) words: BTreeSet<String>,
    /// Values without a word.
    pub(crate) figures: Vec<f64>,
}

/// The panel of that kind with that title.
///
/// # Panics
/// When there is none.
pub(crate) fn panel<'a>(board: &'a Value, kind: &str, title: &str) -> &'a Value {
    let mut panels = list(board, "panels").iter();
    panels.find(|panel| panel["type"] == kind && panel["title"] == title).expect("the board has the panel")
}

/// Whether the panel shows a number in the colour of what it is measured by: it has a query, with words, for each colour.
pub(crate) fn is_tile(panel: &Value) -> bool {
    let overrides = list(&panel["fieldConfig"], "overrides").iter();
    panel["type"] == "stat" && overrides.filter(|one| one["matcher"]["id"] == "byFrameRefID").count() > 2
}

/// The property of the override that is for these names, the first that there is.
pub(crate) fn overridden<'a>(panel: &'a Value, matcher: &str, name: &str, property: &str) -> Option<&'a Value> {
    let of_it = list(&panel["fieldConfig"], "overrides")
        .iter()
        .filter(|one| one["matcher"]["id"] == matcher && one["matcher"]["options"] == name);
    let mut properties = of_it.flat_map(|one| list(one, "properties"));
    properties.find(|one| one["id"] == property).map(|one| &one["value"])
}

/// The word that the mappings have for a value, as Prometheus writes it.
pub(crate) fn mapped<'a>(mappings: &'a Value, value: &str) -> Option<&'a str> {
    let mut options = mappings.as_array()?.iter().filter(|one| one["type"] == "value").map(|one| &one["options"]);
    options.find_map(|options| options[value]["text"].as_str())
}

/// Whether a column is there for the order of rows only, or to tell them apart.
pub(crate) fn is_hidden(panel: &Value, column: &str) -> bool {
    let mut transformations = panel["transformations"].as_array().into_iter().flatten();
    transformations.any(|one| one["options"]["excludeByName"][column] == true)
}

/// The name of a series by its legend.
fn name(legend: &str, series: &Value) -> String {
    let mut name = legend.to_owned();
    for (label, value) in series["metric"].as_object().into_iter().flatten() {
        name = name.replace(&format!("{{{{{label}}}}}"), value.as_str().unwrap_or_default());
    }
    name
}

/// The value of a series at that moment, as it is written; none if it has none within a step before.
fn value_at(series: &Value, moment: Timestamp, step: u64) -> Option<&str> {
    let one = std::slice::from_ref(&series["value"]);
    let points = if series["values"].is_array() { list(series, "values") } else { one };
    #[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
    let (moment, step) = (moment.as_second() as f64, step as f64);
    let is_then = |point: &&Value| {
        let at = point[0].as_f64().expect("a sample has a time");
        at <= moment && at + step > moment
    };
    points.iter().find(is_then).map(|point| point[1].as_str().expect("a value is a text"))
}

/// What the queries of a panel show at that moment.
fn read(panel: &Value, answers: &[(Target, Vec<Value>)], moment: Timestamp) -> Look {
    let mut look = Look::default();
    let defaults = &panel["fieldConfig"]["defaults"];
    for (target, answer) in answers {
        for series in answer {
            let Some(value) = value_at(series, moment, step(target)) else { continue };
            let called = overridden(panel, "byName", &name(&target.legend, series), "displayName");
            let column = if answers.len() > 1 { format!("Value #{}", target.letter) } else { "Value".to_owned() };
            if is_hidden(panel, &column) {
                continue;
            }
            let mappings = overridden(panel, "byFrameRefID", &target.letter, "mappings")
                .or_else(|| overridden(panel, "byName", &column, "mappings"))
                .unwrap_or(&defaults["mappings"]);
            match (called.and_then(Value::as_str), mapped(mappings, value)) {
                (Some(word), _) | (None, Some(word)) => drop(look.words.insert(word.to_owned())),
                (None, None) => look.figures.push(value.parse().expect("a value is a number")),
            }
        }
    }
    if look.words.is_empty() && look.figures.is_empty() {
        look.words.insert(text(defaults, "noValue").to_owned());
    }
    look
}

/// What can be read on a panel at the end of its range.
///
/// # Panics
/// When Prometheus has something against a query.
pub(crate) async fn look(
    prometheus: &Prometheus,
    board: &Value,
    panel: &Value,
    chosen: Chosen<'_>,
    end: Timestamp,
) -> Look {
    look_back(prometheus, board, panel, chosen, end, end).await
}

/// What can be read on a panel at a moment, while its range ends later.
///
/// # Panics
/// As [`look`].
pub(crate) async fn look_back(
    prometheus: &Prometheus,
    board: &Value,
    panel: &Value,
    chosen: Chosen<'_>,
    end: Timestamp,
    moment: Timestamp,
) -> Look {
    let mut answers = Vec::new();
    let mut asked: Vec<Target> = targets(board).into_iter().filter(|target| panel["id"] == target.id).collect();
    if is_tile(panel) {
        // What the value is measured by may stand alone.
        asked.pop();
    }
    for target in asked {
        let answer = ask(prometheus, &target, chosen, end).await;
        let answer = answer.unwrap_or_else(|error| panic!("{}: {error}", target.panel));
        answers.push((target, answer));
    }
    read(panel, &answers, moment)
}

#[test]
fn words_and_figures_are_told_apart() {
    let panel: Value = serde_json::json!({"fieldConfig": {
        "defaults": {"noValue": "nothing", "mappings": [{"type": "value", "options": {"7": {"text": "seven"}}}]},
        "overrides": [
            {"matcher": {"id": "byFrameRefID", "options": "B"}, "properties": [{"id": "mappings", "value": []}]},
            {"matcher": {"id": "byName", "options": "skill 3"}, "properties": [{"id": "displayName", "value": "three"}]},
        ],
    }});
    let target = |letter: &str, legend: &str| Target {
        panel: String::new(),
        id: 1,
        kind: String::new(),
        letter: letter.to_owned(),
        expression: String::new(),
        legend: legend.to_owned(),
        instant: false,
        most_points: None,
        least_minutes: None,
    };
    let series = |id: &str, at: u64, value: &str| serde_json::json!({"metric": {"id": id}, "values": [[at, value]]});
    let moment = Timestamp::from_second(1000).expect("it is a time");
    let shown = |letter, series| read(&panel, &[(target(letter, "skill {{id}}"), vec![series])], moment);
    let word = |word: &str| Look { words: [word.to_owned()].into(), figures: vec![] };
    assert_eq!(shown("A", series("1", 1000, "7")), word("seven"));
    assert_eq!(shown("B", series("1", 1000, "7")), Look { figures: vec![7.0], ..Look::default() });
    assert_eq!(shown("A", series("3", 1000, "1")), word("three"));
    assert_eq!(shown("A", series("3", 500, "1")), word("nothing"), "it ended before");
    assert_eq!(shown("A", series("3", 1001, "1")), word("nothing"), "it began later");
}
