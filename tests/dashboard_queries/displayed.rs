//! What a reader sees on a panel: figures, and words in their place or beside them. This imitates Grafana's mappings.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use super::asking::{Chosen, ask, step};
use super::support::dashboard::{Target, list, targets, text};
use super::support::prometheus::Prometheus;

/// The texts and figures on a panel at a time in its range.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Displayed {
    /// Words from value mappings and from names in overrides, or the text for no data.
    pub(crate) words: BTreeSet<String>,
    /// Values without a word.
    pub(crate) figures: Vec<f64>,
}

/// The panel of this type with this title.
///
/// # Panics
/// If there is none.
pub(crate) fn panel<'a>(board: &'a Value, kind: &str, title: &str) -> &'a Value {
    let mut panels = list(board, "panels").iter();
    panels.find(|panel| panel["type"] == kind && panel["title"] == title).expect("the board has the panel")
}

/// Whether the panel is a tile: a number whose colour and words come from a comparison. Its query returns the number with
/// the name of the rule that applies, and an override for this name has the colour and the words.
pub(crate) fn is_tile(panel: &Value) -> bool {
    panel["type"] == "stat" && list(panel, "targets").first().is_some_and(|target| target["legendFormat"] == RULE)
}

/// The legend of a tile's query.
const RULE: &str = "{{rule}}";

/// A character without width: the value of a label that says nothing.
pub(crate) const NOTHING: char = '\u{200b}';

/// The words of a tile, with the labels of its number.
///
/// # Panics
/// If a label is missing, because Grafana would show its name.
pub(crate) fn words_of(panel: &Value, series: &Value) -> String {
    let words = override_property(panel, "byName", &series_name(RULE, series), "displayName").and_then(Value::as_str);
    let mut words = words.expect("every rule has words").to_owned();
    for (label, value) in series["metric"].as_object().into_iter().flatten() {
        words = words.replace(&format!("${{__field.labels.{label}}}"), value.as_str().unwrap_or_default());
    }
    assert!(!words.contains("${"), "a label is missing in {words}: {series}");
    in_plain_spaces(&words.replace(NOTHING, ""))
}

/// The value of a property in the first override for this matcher and name.
pub(crate) fn override_property<'a>(panel: &'a Value, matcher: &str, name: &str, property: &str) -> Option<&'a Value> {
    let of_it = list(&panel["fieldConfig"], "overrides")
        .iter()
        .filter(|one| one["matcher"]["id"] == matcher && one["matcher"]["options"] == name);
    let mut properties = of_it.flat_map(|one| list(one, "properties"));
    properties.find(|one| one["id"] == property).map(|one| &one["value"])
}

/// The word of a value mapping; `value` is the text of the value in Prometheus's response.
pub(crate) fn mapped_word<'a>(mappings: &'a Value, value: &str) -> Option<&'a str> {
    let mut options = mappings.as_array()?.iter().filter(|one| one["type"] == "value").map(|one| &one["options"]);
    options.find_map(|options| options[value]["text"].as_str())
}

/// Whether a column is hidden: it only sorts the rows or keeps them apart.
pub(crate) fn is_hidden(panel: &Value, column: &str) -> bool {
    let mut transformations = panel["transformations"].as_array().into_iter().flatten();
    transformations.any(|one| one["options"]["excludeByName"][column] == true)
}

/// The name of a series, from the legend of its query.
fn series_name(legend: &str, series: &Value) -> String {
    let mut name = legend.to_owned();
    for (label, value) in series["metric"].as_object().into_iter().flatten() {
        name = name.replace(&format!("{{{{{label}}}}}"), value.as_str().unwrap_or_default());
    }
    name
}

/// The text of a series' value at a time; `None` if the series has no value in the step before.
fn value_at(series: &Value, moment: Timestamp, step: u64) -> Option<&str> {
    let one = std::slice::from_ref(&series["value"]);
    let points = if series["values"].is_array() { list(series, "values") } else { one };
    #[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
    let (moment, step) = (moment.as_second() as f64, step as f64);
    let is_current = |point: &&Value| {
        let at = point[0].as_f64().expect("a sample has a time");
        at <= moment && at + step > moment
    };
    points.iter().find(is_current).map(|point| point[1].as_str().expect("a value is a string"))
}

/// The word without the spaces that keep it on one line.
fn in_plain_spaces(word: &str) -> String {
    word.replace('\u{a0}', " ").trim().to_owned()
}

/// What the panel shows at a time, given the responses to its queries.
fn interpret(panel: &Value, responses: &[(Target, Vec<Value>)], moment: Timestamp) -> Displayed {
    let mut displayed = Displayed::default();
    let defaults = &panel["fieldConfig"]["defaults"];
    for (target, response) in responses {
        for series in response {
            let Some(value) = value_at(series, moment, step(target)) else { continue };
            let name = series_name(&target.legend, series);
            // With this sign, the words of a number say that an operation is broken.
            if is_tile(panel) && words_of(panel, series).contains('⚠') {
                displayed.words.insert("Broken".to_owned());
            }
            // The words of a tile stand below its number.
            let series_word = override_property(panel, "byName", &name, "displayName").filter(|_| !is_tile(panel));
            let column = if responses.len() > 1 { format!("Value #{}", target.letter) } else { "Value".to_owned() };
            if is_hidden(panel, &column) {
                continue;
            }
            let mappings = override_property(panel, "byFrameRefID", &target.letter, "mappings")
                .or_else(|| override_property(panel, "byName", &column, "mappings"))
                .or_else(|| override_property(panel, "byName", &name, "mappings"))
                .unwrap_or(&defaults["mappings"]);
            // The name of a state is a word without a figure, unless its value is one.
            match (mapped_word(mappings, value), series_word.and_then(Value::as_str)) {
                (Some(word), _) | (None, Some(word)) => drop(displayed.words.insert(in_plain_spaces(word))),
                (None, None) => displayed.figures.push(value.parse().expect("a value is a number")),
            }
        }
    }
    if displayed.words.is_empty() && displayed.figures.is_empty() {
        displayed.words.insert(text(defaults, "noValue").to_owned());
    }
    displayed
}

/// What the panel shows at the end of its range.
///
/// # Panics
/// If Prometheus refuses a query.
pub(crate) async fn display(
    prometheus: &Prometheus,
    board: &Value,
    panel: &Value,
    chosen: Chosen<'_>,
    end: Timestamp,
) -> Displayed {
    display_at(prometheus, board, panel, chosen, end, end).await
}

/// What the panel shows at `moment`, when its range ends later.
///
/// # Panics
/// If Prometheus refuses a query.
pub(crate) async fn display_at(
    prometheus: &Prometheus,
    board: &Value,
    panel: &Value,
    chosen: Chosen<'_>,
    end: Timestamp,
    moment: Timestamp,
) -> Displayed {
    let mut responses = Vec::new();
    for target in targets(board).into_iter().filter(|target| panel["id"] == target.id) {
        let response = ask(prometheus, &target, chosen, end).await;
        let response = response.unwrap_or_else(|error| panic!("{}: {error}", target.panel));
        responses.push((target, response));
    }
    interpret(panel, &responses, moment)
}

#[test]
fn words_and_figures_are_distinguished() {
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
        time: Default::default(),
        every_skill: None,
    };
    let series = |id: &str, at: u64, value: &str| serde_json::json!({"metric": {"id": id}, "values": [[at, value]]});
    let moment = Timestamp::from_second(1000).expect("it is a timestamp");
    let shown = |letter, series| interpret(&panel, &[(target(letter, "skill {{id}}"), vec![series])], moment);
    let word = |word: &str| Displayed { words: [word.to_owned()].into(), figures: vec![] };
    assert_eq!(shown("A", series("1", 1000, "7")), word("seven"));
    assert_eq!(shown("B", series("1", 1000, "7")), Displayed { figures: vec![7.0], ..Displayed::default() });
    assert_eq!(shown("A", series("3", 1000, "1")), word("three"));
    assert_eq!(shown("A", series("3", 500, "1")), word("nothing"), "the series ended before");
    assert_eq!(shown("A", series("3", 1001, "1")), word("nothing"), "the series began later");
}
