//! Closed, no volume, no data and broken have a look and a name of their own on every panel where they can occur.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan as _};

use super::asking::Chosen;
use super::looks::{is_tile, look};
use super::past::{BUSY, IDLE, START, UNTOLD, at};
use super::support::dashboard::{files, folder, list, text};
use super::support::prometheus::Prometheus;
use super::{BROKEN, CLOSED, GOOD};

/// Panels that are about no figure of the contact centre, and why.
const EXEMPT: [(&str, &str, &str); 2] = [
    ("wolkvox-wall", "Alerts firing now", "it says itself that nothing fires"),
    (
        "wolkvox-wall",
        "Age of the data",
        "its own words say that they are too old, and it has a figure as long as there is one",
    ),
];

/// A state, when it is, and what is chosen.
struct Case {
    word: &'static str,
    when: Timestamp,
    chosen: Chosen<'static>,
    /// Whether a figure may stand in its place: what was counted before a centre closes is still right.
    or_figure: bool,
}

/// The states of a skill, and nothing at all.
fn of_skill() -> [Case; 5] {
    let case = |word, when, chosen| Case { word, when, chosen, or_figure: false };
    [
        case("Closed", at(CLOSED), &[("skill_id", BUSY[1])]),
        case("No volume", at(GOOD), &[("skill_id", IDLE)]),
        case("No data", at(GOOD), &[("skill_id", UNTOLD)]),
        case("Broken", at(BROKEN), &[("skill_id", BUSY[1])]),
        case("No data", at(START) - 1.hour(), &[("skill_id", BUSY[1])]),
    ]
}

/// The states of a report. That nobody called is seen where a number, an agent or a menu is chosen that had no calls.
fn of_report() -> [Case; 4] {
    const NOBODY: Chosen = &[("dnis", "none"), ("agent_id", "none"), ("rp_id", "none"), ("channel", "none")];
    let case = |word, when, chosen, or_figure| Case { word, when, chosen, or_figure };
    [
        case("Closed", at(CLOSED), &[], true),
        case("Closed", at(CLOSED), NOBODY, false),
        case("No volume", at(GOOD), NOBODY, false),
        case("Broken", at(BROKEN), &[], false),
    ]
}

/// What is wrong with the looks of all boards.
pub(crate) async fn wrong_looks(prometheus: &Prometheus) -> Vec<String> {
    let mut found = Vec::new();
    let mut exempted = BTreeSet::new();
    for (name, board) in files(&folder()) {
        let cases = match name.as_str() {
            "wolkvox-wall" | "wolkvox-skill" => of_skill().into_iter().collect::<Vec<_>>(),
            // It names what is the matter with collectors and calls in words of its own.
            "wolkvox-exporter" => continue,
            _ => of_report().into(),
        };
        for panel in list(&board, "panels").iter().filter(|panel| panel["type"] != "row") {
            let title = text(panel, "title");
            if let Some(exempt) = EXEMPT.iter().find(|(board, panel, _)| (*board, *panel) == (&name, title)) {
                exempted.insert(exempt);
                continue;
            }
            for Case { word, when, chosen, or_figure } in &cases {
                let look = look(prometheus, &board, panel, chosen, *when).await;
                if !(look.words.contains(*word) || *or_figure && !look.figures.is_empty()) {
                    found.push(format!("{name}, {title}: {word} {chosen:?} is {look:?}"));
                }
                // A tile keeps what its value would be measured by.
                let most = usize::from(is_tile(panel));
                if *word == "Broken" && panel["type"] == "stat" && look.figures.len() > most {
                    found.push(format!("{name}, {title}: figures stand beside {word}: {look:?}"));
                }
            }
        }
    }
    assert_eq!(exempted.len(), EXEMPT.len(), "an exemption is for a panel that there is not: {exempted:?}");
    found
}

#[test]
fn states_differ_in_word_and_colour() {
    let boards = files(&folder());
    let mut seen = 0;
    for panel in boards.values().flat_map(|board| list(board, "panels")) {
        let overrides = list(&panel["fieldConfig"], "overrides").iter().flat_map(|one| list(one, "properties"));
        let mappings = overrides.filter(|property| property["id"] == "mappings").map(|property| &property["value"]);
        for mapping in mappings.chain([&panel["fieldConfig"]["defaults"]["mappings"]]) {
            let options = &mapping[0]["options"];
            let of = |codes: [&str; 4], what: &str| -> BTreeSet<String> {
                codes.iter().filter_map(|code| options[*code][what].as_str().map(str::to_owned)).collect()
            };
            for codes in [["3", "4", "5", "6"], ["-3", "-4", "-5", "-6"]] {
                if options[codes[0]].is_object() {
                    seen += 1;
                    assert_eq!(
                        (of(codes, "text").len(), of(codes, "color").len()),
                        (4, 4),
                        "{}: {options}",
                        panel["title"]
                    );
                }
            }
        }
    }
    assert!(seen > 20, "only {seen} panels map states");
}
