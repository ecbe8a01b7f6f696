//! Closed, no volume, no data and broken have a look and a name of their own on every panel where they can occur.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;

use super::asking::{ALL, Chosen};
use super::looks::{Look, look, look_back, panel};
use super::past::{BUSY, IDLE, QUIET, START, UNTOLD, at};
use super::support::dashboard::{files, folder, list, text};
use super::support::prometheus::Prometheus;
use super::{BROKEN, CLOSED, GOOD, NOTHING_LEFT};

/// Panels that are about no figure of the contact centre, and why.
const EXEMPT: [(&str, &str, &str); 2] = [
    ("wolkvox-wall", "Alerts firing now", "it says itself that nothing fires"),
    (
        "wolkvox-wall",
        "Age of the data",
        "its own words say that they are too old, and it has a figure as long as there is one",
    ),
];

/// What may stand with a word.
#[derive(Clone, Copy, PartialEq)]
enum Figures {
    /// Whatever there is.
    Any,
    /// A figure, instead of the word: what was counted before a centre closes is still right.
    Instead,
    /// None: it would be of another time.
    No,
    /// Figures of what is not in that state.
    Some,
}

/// A state, when it is, and what is chosen.
struct Case {
    word: &'static str,
    when: Timestamp,
    chosen: Chosen<'static>,
    figures: Figures,
}

/// The operation whose exporter is gone, and the one that is well.
pub(crate) const BOTH: (&str, &str) = ("operation", ".+");

/// The states of a skill, and nothing at all.
fn of_skill() -> [Case; 6] {
    let case = |word, when, chosen| Case { word, when, chosen, figures: Figures::Any };
    [
        case("Closed", at(CLOSED), &[("skill_id", BUSY[1])]),
        case("No volume", at(GOOD), &[("skill_id", IDLE)]),
        case("No figure", at(GOOD), &[("skill_id", UNTOLD)]),
        Case { figures: Figures::No, ..case("Broken", at(BROKEN), &[("skill_id", BUSY[1])]) },
        Case { figures: Figures::Some, ..case("Broken", at(GOOD), &[BOTH, ("skill_id", BUSY[0])]) },
        case("No data", at(START) - 1.hour(), &[("skill_id", BUSY[1])]),
    ]
}

/// The states of a report. That nobody called is seen where a number, an agent or a menu is chosen that had no calls.
fn of_report() -> [Case; 6] {
    const NOBODY: Chosen = &[("dnis", "none"), ("agent_id", "none"), ("rp_id", "none"), ("channel", "none")];
    let case = |word, when, chosen, figures| Case { word, when, chosen, figures };
    [
        case("Closed", at(CLOSED), &[], Figures::Instead),
        case("Closed", at(CLOSED), NOBODY, Figures::Any),
        case("No volume", at(GOOD), NOBODY, Figures::Any),
        case("Broken", at(BROKEN), &[], Figures::No),
        case("Broken", at(GOOD), &[BOTH], Figures::Some),
        case("No data", at(START) - 1.hour(), &[], Figures::No),
    ]
}

/// Panels without a figure of calls that there were, by board, kind and title, and what is chosen: no service level for that
/// threshold, and no wait where nobody has called for a while.
const WITHOUT_FIGURE: [(&str, &str, &str, Chosen); 6] = [
    ("wolkvox-dnis", "stat", "Service level", &[("threshold_seconds", "7")]),
    ("wolkvox-dnis", "timeseries", "Service level", &[("threshold_seconds", "7")]),
    ("wolkvox-skill", "stat", "Estimated wait", &[("skill_id", QUIET)]),
    ("wolkvox-skill", "timeseries", "Estimated wait", &[("skill_id", QUIET)]),
    ("wolkvox-wall", "stat", "Estimated wait", &[("skill_id", QUIET)]),
    ("wolkvox-wall", "stat", "Estimated wait", &[("skill_id", QUIET_AND_IDLE)]),
];

/// One that is measured, and one that nobody calls at all.
const QUIET_AND_IDLE: &str = "50001|4211";

/// Whether what stands with the word is what may.
fn is_right(case: &Case, look: &Look) -> bool {
    let named = look.words.contains(case.word);
    // Where all figures have words, as the state of a skill has, they are others.
    let others = look.figures.len() + look.words.len() - usize::from(named);
    match case.figures {
        Figures::Any => named,
        Figures::Instead => named || !look.figures.is_empty(),
        Figures::No => named && look.figures.is_empty(),
        Figures::Some => named && others > 0,
    }
}

/// The panels whose figures are in one of these states, with their board and its name.
fn panels(boards: &BTreeMap<String, Value>) -> impl Iterator<Item = (&str, &Value, &Value)> {
    let of_figures = boards.iter().filter(|(name, _)| {
        // It names what is the matter with collectors and calls in words of its own.
        *name != "wolkvox-exporter"
    });
    of_figures.flat_map(|(name, board)| {
        let panels = list(board, "panels").iter().filter(|panel| panel["type"] != "row");
        panels.map(move |panel| (name.as_str(), board, panel))
    })
}

fn is_of_skills(board: &str) -> bool {
    ["wolkvox-wall", "wolkvox-skill"].contains(&board)
}

/// What is wrong with the looks of all boards.
pub(crate) async fn wrong_looks(prometheus: &Prometheus) -> Vec<String> {
    let mut found = Vec::new();
    let mut exempted = BTreeSet::new();
    for (name, board, panel) in panels(&files(&folder())) {
        let title = text(panel, "title");
        if let Some(exempt) = EXEMPT.iter().find(|(board, panel, _)| (*board, *panel) == (name, title)) {
            exempted.insert(exempt);
            continue;
        }
        for case in if is_of_skills(name) { of_skill() } else { of_report() } {
            let look = look(prometheus, board, panel, case.chosen, case.when).await;
            if !is_right(&case, &look) {
                found.push(format!("{name}, {title}: {} {:?} is {look:?}", case.word, case.chosen));
            }
        }
    }
    assert_eq!(exempted.len(), EXEMPT.len(), "an exemption is for a panel that there is not: {exempted:?}");
    for (name, kind, title, chosen) in WITHOUT_FIGURE {
        let board = &files(&folder())[name];
        let look = look(prometheus, board, panel(board, kind, title), chosen, at(GOOD)).await;
        if look.words != ["No figure".to_owned()].into() || !look.figures.is_empty() {
            found.push(format!("{name}, {title} of {chosen:?} is {look:?}"));
        }
    }
    found
}

/// What is wrong with how panels show a past, in a range at whose end there is nothing any more, or something else.
pub(crate) async fn wrong_pasts(prometheus: &Prometheus) -> Vec<String> {
    let measured: BTreeSet<String> = ["▲ OK", "▼ At risk", "▼ Missed"].map(str::to_owned).into();
    let mut found = Vec::new();
    for (name, board, panel) in panels(&files(&folder())) {
        if !["timeseries", "state-timeline", "status-history"].contains(&text(panel, "type")) {
            continue;
        }
        let all = BUSY.join("|");
        let chosen: Chosen = match name {
            "wolkvox-wall" => &[("skill_id", &all)],
            "wolkvox-skill" => &[("skill_id", BUSY[1])],
            _ => ALL,
        };
        let good = look_back(prometheus, board, panel, chosen, at(NOTHING_LEFT), at(GOOD)).await;
        // A number is shown as one: nobody in a queue is not "OK".
        let is_right = match text(panel, "type") {
            "state-timeline" => !good.words.is_empty() && good.words.is_subset(&measured),
            _ => !good.figures.is_empty() && good.words.is_empty(),
        };
        if !is_right {
            found.push(format!("{name}, {}: a good morning is {good:?}", panel["title"]));
        }
        let closed = look_back(prometheus, board, panel, chosen, at(GOOD), at(CLOSED)).await;
        let counted = !is_of_skills(name) && !closed.figures.is_empty();
        if !closed.words.contains("Closed") && !counted {
            found.push(format!("{name}, {}: a closed morning is {closed:?}", panel["title"]));
        }
    }
    found
}

/// The contrast that small words need (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;

/// How much a colour stands out from a dark panel of Grafana's, by the definition of WCAG 2.2.
fn contrast(colour: &str) -> f64 {
    // What Grafana calls purple.
    let colour = if colour == "purple" { "#b877d9" } else { colour };
    let luminance = |colour: &str| {
        let rgb =
            u32::from_str_radix(colour.trim_start_matches('#'), 16).expect("a colour is hexadecimal").to_be_bytes();
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(rgb[1]) + 0.7152 * linear(rgb[2]) + 0.0722 * linear(rgb[3])
    };
    (luminance(colour) + 0.05) / (luminance("#181b1f") + 0.05)
}

#[test]
fn dark_grey_is_faint_and_white_is_not() {
    assert!((contrast("#ffffff") - 17.3).abs() < 0.1, "{}", contrast("#ffffff"));
    assert!(contrast("#3b4654") < 2.0);
}

/// The words and colours that a panel has for states, each set of them: of mappings, and of the names of bands.
fn palettes(panel: &Value) -> Vec<BTreeMap<String, (String, String)>> {
    let config = &panel["fieldConfig"];
    let overrides = list(config, "overrides");
    let property = |one: &Value, id: &str| -> Value {
        list(one, "properties")
            .iter()
            .find(|property| property["id"] == id)
            .map_or(Value::Null, |one| one["value"].clone())
    };
    let mappings =
        overrides.iter().map(|one| property(one, "mappings")).chain([config["defaults"]["mappings"].clone()]);
    let of_mappings = mappings.map(|mappings| {
        let options = mappings.as_array().into_iter().flatten().filter_map(|one| one["options"].as_object());
        let codes = options.flatten().filter(|(code, _)| STATES.contains(&code.trim_start_matches('-')));
        codes
            .map(|(code, look)| (code.clone(), (text(look, "text").to_owned(), text(look, "color").to_owned())))
            .collect()
    });
    let bands = overrides.iter().filter_map(|one| {
        let code = one["matcher"]["options"].as_str()?.strip_prefix("state ")?;
        let (word, colour) = (property(one, "displayName"), property(one, "color"));
        let colour = colour["fixedColor"].as_str().expect("a band has a colour").to_owned();
        Some((code.to_owned(), (word.as_str().expect("a band has a word").to_owned(), colour)))
    });
    of_mappings.chain([bands.collect()]).filter(|palette: &BTreeMap<_, _>| !palette.is_empty()).collect()
}

/// The codes of closed, no volume, no figure and broken.
const STATES: [&str; 4] = ["3", "4", "5", "6"];

#[test]
fn states_differ_in_word_and_colour() {
    let boards = files(&folder());
    let mut seen = 0;
    for (_, _, panel) in panels(&boards) {
        let title = text(panel, "title");
        // What stands where there is nothing at all.
        let mappings = list(&panel["fieldConfig"]["defaults"], "mappings").iter();
        let nothing = mappings.filter(|one| one["type"] == "special").map(|one| &one["options"]["result"]);
        let nothing: BTreeSet<_> = nothing.map(|look| (text(look, "text"), text(look, "color"))).collect();
        for palette in palettes(panel) {
            seen += 1;
            let looks = palette.values().map(|(word, colour)| (word.as_str(), colour.as_str()));
            let looks: Vec<_> = looks.chain(nothing.iter().copied()).collect();
            let words: BTreeSet<_> = looks.iter().map(|(word, _)| word).collect();
            let colours: BTreeSet<_> = looks.iter().map(|(_, colour)| colour).collect();
            let all = STATES.len() + nothing.len();
            assert_eq!((palette.len(), words.len(), colours.len()), (STATES.len(), all, all), "{title}: {looks:?}");
            let faint = looks.iter().filter(|(_, colour)| *colour != "transparent" && contrast(colour) < READABLE);
            assert_eq!(faint.collect::<Vec<_>>(), [&("", ""); 0], "{title}");
        }
    }
    assert!(seen > 50, "only {seen} sets of looks for states");
}
