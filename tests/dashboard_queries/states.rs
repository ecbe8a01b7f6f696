//! Every panel shows closed, no volume, no figure, broken and no data with their own word and colour.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;

use super::asking::{ALL, Chosen};
use super::displayed::{Displayed, display, display_at, is_tile, override_property, panel};
use super::history::{BUSY, IDLE, NO_LEVEL, QUIET, START, at};
use super::support::dashboard::{files, folder, list, text};
use super::support::prometheus::Prometheus;
use super::{BROKEN, CLOSED, GOOD, NOTHING_LEFT};

/// Panels without a figure of the contact centre, and the reason.
const EXEMPT: [(&str, &str, &str); 3] = [
    ("wolkvox-wall", "Alerts firing now", "it has its own text when no alert fires"),
    ("wolkvox-skill", "Alerts firing now", "it has its own text when no alert fires"),
    (
        "wolkvox-wall",
        "Age of the data",
        "it has its own label for data that are too old, and then still shows their age",
    ),
];

/// The figures that can be shown with the word of a state.
#[derive(Clone, Copy, PartialEq)]
enum Figures {
    /// Any figures, or none.
    Any,
    /// A figure instead of the word: counts from before closing time are still correct.
    Instead,
    /// None: a figure would be about an earlier time.
    No,
    /// Figures of operations or skills that are not in this state.
    Some,
}

/// The word of a state, a time at which it must be shown, and the selection.
struct Case {
    word: &'static str,
    when: Timestamp,
    chosen: Chosen<'static>,
    figures: Figures,
}

/// Both operations: the one whose exporter is gone, and the other one.
pub(crate) const BOTH: (&str, &str) = ("operation", ".+");

/// The states of a skill, and no data.
fn of_skill() -> [Case; 6] {
    let case = |word, when, chosen| Case { word, when, chosen, figures: Figures::Any };
    [
        case("Closed", at(CLOSED), &[("skill_id", BUSY[1])]),
        case("No volume", at(GOOD), &[("skill_id", IDLE)]),
        case("No figure", at(GOOD), &[("skill_id", NO_LEVEL)]),
        Case { figures: Figures::No, ..case("Broken", at(BROKEN), &[("skill_id", BUSY[1])]) },
        Case { figures: Figures::Some, ..case("Broken", at(GOOD), &[BOTH, ("skill_id", BUSY[0])]) },
        case("No data", at(START) - 1.hour(), &[("skill_id", BUSY[1])]),
    ]
}

/// The states of a report. For no volume, the selection is a number, an agent and a menu without calls.
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

/// Panels that have no figure although there were calls: dashboard, panel type, title and selection. There is no
/// service level for this threshold, and no wait for a skill without calls in the last minutes.
const WITHOUT_FIGURE: [(&str, &str, &str, Chosen); 6] = [
    ("wolkvox-dnis", "stat", "Service level", &[("threshold_seconds", "7")]),
    ("wolkvox-dnis", "timeseries", "Service level", &[("threshold_seconds", "7")]),
    ("wolkvox-skill", "stat", "Estimated wait", &[("skill_id", QUIET)]),
    ("wolkvox-skill", "timeseries", "Estimated wait", &[("skill_id", QUIET)]),
    ("wolkvox-wall", "stat", "Estimated wait", &[("skill_id", QUIET)]),
    ("wolkvox-wall", "stat", "Estimated wait", &[("skill_id", QUIET_AND_IDLE)]),
];

/// A skill with a state from its service level, and a skill without any calls.
const QUIET_AND_IDLE: &str = "50001|4211";

/// Whether the panel shows the word of the case, and only figures that the case allows.
fn is_valid(case: &Case, displayed: &Displayed) -> bool {
    let named = displayed.words.contains(case.word);
    // On panels where every value is a word, other words count as figures.
    let others = displayed.figures.len() + displayed.words.len() - usize::from(named);
    match case.figures {
        Figures::Any => named,
        Figures::Instead => named || !displayed.figures.is_empty(),
        Figures::No => named && displayed.figures.is_empty(),
        Figures::Some => named && others > 0,
    }
}

/// The panels that can show these states, each with its dashboard and the uid of that.
fn panels(boards: &BTreeMap<String, Value>) -> impl Iterator<Item = (&str, &Value, &Value)> {
    let of_figures = boards.iter().filter(|(name, _)| {
        // One has its own words for the condition of collectors, and the figures of the other one are about the past.
        !["wolkvox-exporter", "wolkvox-day"].contains(&name.as_str())
    });
    of_figures.flat_map(|(name, board)| {
        let panels = list(board, "panels").iter().filter(|panel| panel["type"] != "row");
        panels.map(move |panel| (name.as_str(), board, panel))
    })
}

fn is_of_skills(board: &str) -> bool {
    ["wolkvox-wall", "wolkvox-skill"].contains(&board)
}

/// The figures of a panel that can be shown in a case. The tiles of a skill have the state beside them in a tile of its
/// own, and the agents who are logged in are those of the operation, whichever agents are selected. Such a panel needs
/// the word of the state only when it has no figure.
fn allowed(board: &str, panel: &Value, figures: Figures) -> Figures {
    let title = text(panel, "title");
    let is_instead = match board {
        "wolkvox-skill" => panel["type"] == "stat" && title != "State",
        "wolkvox-agents" => ["Agents now", "Agents logged in"].contains(&title),
        _ => false,
    };
    if is_instead && figures == Figures::Any { Figures::Instead } else { figures }
}

/// The panels that do not show a state as they should.
pub(crate) async fn wrong_states(prometheus: &Prometheus) -> Vec<String> {
    let mut found = Vec::new();
    let mut exempted = BTreeSet::new();
    for (name, board, panel) in panels(&files(&folder())) {
        let title = text(panel, "title");
        if let Some(exempt) = EXEMPT.iter().find(|(board, panel, _)| (*board, *panel) == (name, title)) {
            exempted.insert(exempt);
            continue;
        }
        for mut case in if is_of_skills(name) { of_skill() } else { of_report() } {
            case.figures = allowed(name, panel, case.figures);
            // A tile has one number. It is only about the service level that the skill of this case has no figure.
            if case.word == "No figure" && is_tile(panel) {
                case.figures = Figures::Instead;
            }
            // A tile says what is missing.
            if case.word == "No data" && is_tile(panel) {
                case.word = "No exporter";
            }
            let displayed = display(prometheus, board, panel, case.chosen, case.when).await;
            if !is_valid(&case, &displayed) {
                found.push(format!(
                    "{name}, {title}: expected {} for {:?}, found {displayed:?}",
                    case.word, case.chosen
                ));
            }
        }
    }
    assert_eq!(exempted.len(), EXEMPT.len(), "an exemption is for a panel that does not exist; found: {exempted:?}");
    for (name, kind, title, chosen) in WITHOUT_FIGURE {
        let board = &files(&folder())[name];
        let displayed = display(prometheus, board, panel(board, kind, title), chosen, at(GOOD)).await;
        if displayed.words != ["No figure".to_owned()].into() || !displayed.figures.is_empty() {
            found.push(format!("{name}, {title}: expected No figure for {chosen:?}, found {displayed:?}"));
        }
    }
    found
}

/// The panels that show an earlier time wrongly, in a range that ends without data or in another state.
pub(crate) async fn wrong_history(prometheus: &Prometheus) -> Vec<String> {
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
        let good = display_at(prometheus, board, panel, chosen, at(NOTHING_LEFT), at(GOOD)).await;
        // A number must not get the word of a state code: an empty queue is 0, not "OK".
        let is_valid = match text(panel, "type") {
            "state-timeline" => !good.words.is_empty() && good.words.is_subset(&measured),
            _ => !good.figures.is_empty() && good.words.is_empty(),
        };
        if !is_valid {
            found.push(format!("{name}, {}: the open morning shows {good:?}", panel["title"]));
        }
        let closed = display_at(prometheus, board, panel, chosen, at(GOOD), at(CLOSED)).await;
        let counted = !is_of_skills(name) && !closed.figures.is_empty();
        if !closed.words.contains("Closed") && !counted {
            found.push(format!("{name}, {}: the closed morning shows {closed:?}", panel["title"]));
        }
    }
    found
}

/// The minimum contrast of small text (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;

/// Grafana's dark panel.
const PANEL: &str = "#181b1f";

/// The red, green and blue of a colour.
fn rgb(colour: &str) -> [u8; 3] {
    // Grafana's colours for these names.
    let colour = match colour {
        "purple" => "#b877d9",
        "dark-purple" => "#8f3bb8",
        "dark-red" => "#c4162a",
        "dark-blue" => "#1f60c4",
        other => other,
    };
    let number = u32::from_str_radix(colour.trim_start_matches('#'), 16).expect("a colour is hexadecimal");
    let [_, red, green, blue] = number.to_be_bytes();
    [red, green, blue]
}

/// The contrast of two colours, as WCAG 2.2 defines it.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |colour: &str| {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = rgb(colour).map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The contrast of a filled cell of a table with its text: Grafana writes dark on bright colours and white on others.
fn contrast_of_cell(fill: &str) -> f64 {
    let [red, green, blue] = rgb(fill).map(f64::from);
    let is_bright = 0.299 * red + 0.587 * green + 0.114 * blue > 180.0;
    contrast(fill, if is_bright { "#202226" } else { "#f7f8fa" })
}

#[test]
fn dark_grey_has_little_contrast_and_white_has_much() {
    assert!((contrast("#ffffff", PANEL) - 17.3).abs() < 0.1, "{}", contrast("#ffffff", PANEL));
    assert!(contrast("#3b4654", PANEL) < 2.0);
}

#[test]
fn the_tiles_of_the_wallboard_are_readable() {
    let boards = files(&folder());
    let tiles = list(&boards["wolkvox-wall"], "panels").iter().filter(|panel| panel["type"] == "stat");
    let overrides = tiles.flat_map(|tile| list(&tile["fieldConfig"], "overrides"));
    let properties = overrides.flat_map(|one| list(one, "properties"));
    let colours: BTreeSet<&str> =
        properties.filter(|one| one["id"] == "color").map(|one| text(&one["value"], "fixedColor")).collect();
    assert_eq!(colours.len(), 4, "green, orange, red and blue: {colours:?}");
    let unreadable = colours.into_iter().filter(|colour| contrast_of_cell(colour) < READABLE);
    assert_eq!(unreadable.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn the_state_cells_of_the_wallboard_are_readable() {
    let boards = files(&folder());
    let skills = panel(&boards["wolkvox-wall"], "table", "Skills, worst first");
    let mappings = override_property(skills, "byName", "Value #A", "mappings").expect("the column has words");
    let words = mappings.as_array().expect("mappings are a list").iter().find(|one| one["type"] == "value");
    let words = words.and_then(|one| one["options"].as_object()).expect("each state has a word");
    assert_eq!(words.len(), 8, "{words:?}");
    for word in words.values() {
        let fill = text(word, "color");
        assert!(contrast_of_cell(fill) >= READABLE, "{word}: {}", contrast_of_cell(fill));
    }
}

/// The words and colours of states on a panel, one set for each group of mappings, and one for the coloured areas of a
/// graph.
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
        let codes = options.flatten().filter(|(code, _)| STATE_CODES.contains(&code.trim_start_matches('-')));
        codes.map(|(code, one)| (code.clone(), (text(one, "text").to_owned(), text(one, "color").to_owned()))).collect()
    });
    let areas = overrides.iter().filter_map(|one| {
        let code = one["matcher"]["options"].as_str()?.strip_prefix("state ")?;
        let (word, colour) = (property(one, "displayName"), property(one, "color"));
        let colour = colour["fixedColor"].as_str().expect("an area has a colour").to_owned();
        Some((code.to_owned(), (word.as_str().expect("an area has a word").to_owned(), colour)))
    });
    of_mappings.chain([areas.collect()]).filter(|palette: &BTreeMap<_, _>| !palette.is_empty()).collect()
}

/// The codes of closed, no volume, no figure and broken.
const STATE_CODES: [&str; 4] = ["3", "4", "5", "6"];

#[test]
fn states_differ_in_word_and_colour() {
    let boards = files(&folder());
    let mut seen = 0;
    for (_, _, panel) in panels(&boards) {
        let title = text(panel, "title");
        // Text and colour of missing values.
        let mappings = list(&panel["fieldConfig"]["defaults"], "mappings").iter();
        let no_data = mappings.filter(|one| one["type"] == "special").map(|one| &one["options"]["result"]);
        let no_data: BTreeSet<_> = no_data.map(|one| (text(one, "text"), text(one, "color"))).collect();
        for palette in palettes(panel) {
            seen += 1;
            let words_and_colours = palette.values().map(|(word, colour)| (word.as_str(), colour.as_str()));
            let words_and_colours: Vec<_> = words_and_colours.chain(no_data.iter().copied()).collect();
            let words: BTreeSet<_> = words_and_colours.iter().map(|(word, _)| word).collect();
            let colours: BTreeSet<_> = words_and_colours.iter().map(|(_, colour)| colour).collect();
            let all = STATE_CODES.len() + no_data.len();
            assert_eq!(
                (palette.len(), words.len(), colours.len()),
                (STATE_CODES.len(), all, all),
                "{title}: {words_and_colours:?}"
            );
            // Colours of filled cells are dark, so that their own text is readable.
            let is_readable =
                |colour: &str| contrast(colour, PANEL) >= READABLE || contrast_of_cell(colour) >= READABLE;
            let low_contrast =
                words_and_colours.iter().filter(|(_, colour)| *colour != "transparent" && !is_readable(colour));
            assert_eq!(low_contrast.collect::<Vec<_>>(), [&("", ""); 0], "{title}");
        }
    }
    assert!(seen > 50, "only {seen} sets of words and colours for states");
}
