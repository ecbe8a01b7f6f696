//! The sections of docs/alert-study.md about single skills.

use std::fmt::Write as _;

use crate::promise::{Delays, FalsePages, IncidentDelays, OneAgent, Promise, Rate};
use crate::report::minutes;
use crate::skill_days::PAGING;
use crate::study::Study;
use crate::worlds::{HARDER_LIMIT, TROUBLES, WORLDS, skills};

const PROMISE: &str = "
## The promise

- False pages: at most 1 in 2,000 healthy skill-days of the plain world, and 1 in 100 of any harder world, over all sizes
  together, with polls every minute and every 5 minutes.
- When half the agents leave at 10:00, the hour with the most calls: a median of at most 15, 26, 42 and 100 minutes until
  the page for 2,400, 1,200, 600 and 250 calls a day, and a page within the shift on most days for 80 calls. With polls
  every 5 minutes, at most 6 minutes more.
";

/// Writes the sections.
pub(crate) fn write(text: &mut String, study: &Study) {
    // Writing to a string never fails.
    text.push_str(PROMISE);
    let _ = writeln!(text, "\n## False pages\n");
    let _ = writeln!(
        text,
        "Skill-days with at least one page, out of 1,000 ({}). In parentheses: the 95 % confidence interval.\n",
        PAGING.map(|alert| format!("`{alert}`")).join(", ")
    );
    let sizes: Vec<u32> = skills().into_iter().map(|(size, _)| size).collect();
    let columns = sizes.iter().map(|size| format!("{size} calls")).collect::<Vec<_>>().join(" | ");
    let _ = writeln!(text, "| World | Polls | Days | {columns} | All | Limit |");
    let _ = writeln!(text, "|---|---|---|{}---|---|", "---|".repeat(sizes.len()));
    for place in 0..study.promises[0].false_pages.len() {
        for promise in &study.promises {
            false_pages_row(text, promise, &promise.false_pages[place]);
        }
    }
    let _ = writeln!(text, "\n## Delays\n");
    let _ = writeln!(
        text,
        "Minutes from 10:00 to the first page, over {} days: the median / the 90th percentile / the share of days without a
page. The incident lasts until closing time unless the row says otherwise.\n",
        study.plan.days.incident
    );
    let _ = writeln!(text, "| From 10:00 | Polls | {columns} |");
    let _ = writeln!(text, "|---|---|{}", "---|".repeat(sizes.len()));
    let bound: Vec<String> = study.bound.values().map(cell).collect();
    let _ = writeln!(
        text,
        "| half the agents leave, for an observer who sees each call and knows the roster | | {} |",
        bound.join(" | ")
    );
    for place in 0..study.promises[0].delays.len() {
        for promise in &study.promises {
            let IncidentDelays { trouble, by_size } = &promise.delays[place];
            let cells: Vec<String> = by_size.values().map(cell).collect();
            let _ = writeln!(text, "| {} | {} | {} |", trouble.name, polls(promise), cells.join(" | "));
        }
    }
    one_agent(text, study);
    alerts(text, study);
    changes(text, study, &columns, sizes.len());
    curve(text, study, &columns, sizes.len());
}

fn polls(promise: &Promise) -> String {
    format!("{}m", promise.interval / 60)
}

fn false_pages_row(text: &mut String, promise: &Promise, measured: &FalsePages) {
    let per_thousand = |rate: &Rate| format!("{:.2}", 1000.0 * rate.share());
    let cells: Vec<String> = measured.by_size.values().map(per_thousand).collect();
    let whole = measured.whole();
    let (least, most) = whole.interval();
    let _ = writeln!(
        text,
        "| {} | {} | {} | {} | {} ({:.2} to {:.2}) | {} |",
        measured.world.name,
        polls(promise),
        whole.days,
        cells.join(" | "),
        per_thousand(&whole),
        1000.0 * least,
        1000.0 * most,
        1000.0 * measured.world.limit
    );
}

fn cell(delays: &Delays) -> String {
    let (median, ninth) = (minutes(delays.median()), minutes(delays.quantile(0.9)));
    format!("{median} / {ninth} / {:.0} %", 100.0 * delays.never())
}

fn one_agent(text: &mut String, study: &Study) {
    let _ = writeln!(text, "\n## A skill with one agent\n");
    let _ = writeln!(
        text,
        "20 calls a day, one agent, and nobody who steps in. Healthy days with a page, out of 1,000, with at most {} allowed; and
the minutes to the first page when the agent leaves at 10:00.\n",
        1000.0 * HARDER_LIMIT
    );
    let _ = writeln!(text, "| Polls | Days | False pages | The agent leaves |\n|---|---|---|---|");
    for promise in &study.promises {
        let OneAgent { false_pages, delays } = &promise.one_agent;
        let share = 1000.0 * false_pages.share();
        let _ = writeln!(text, "| {} | {} | {share:.2} | {} |", polls(promise), false_pages.days, cell(delays));
    }
}

/// The rules before beside the present ones.
fn changes(text: &mut String, study: &Study, columns: &str, sizes: usize) {
    let (Some(before), now) = (&study.before, &study.promises[0]) else { return };
    let _ = writeln!(text, "\n## What changed against the rules before\n");
    let _ = writeln!(
        text,
        "With polls every minute. False pages out of 1,000 skill-days, and median delays in minutes. The rules before paged when a
lower bound of the burn rate in 30 minutes or an hour was too high (`WolkvoxServiceLevelFastBurn`), and when five times
the abandon target was exceeded for 10 minutes.\n"
    );
    let _ = writeln!(text, "| | Rules | {columns} |\n|---|---|{}", "---|".repeat(sizes));
    let rules = [("before", before), ("now", now)];
    for (place, world) in WORLDS.iter().enumerate() {
        for (name, promise) in rules {
            let rates = promise.false_pages[place].by_size.values();
            let cells: Vec<String> = rates.map(|rate| format!("{:.2}", 1000.0 * rate.share())).collect();
            let _ = writeln!(text, "| false pages: {} | {name} | {} |", world.name, cells.join(" | "));
        }
    }
    for (place, trouble) in TROUBLES.iter().enumerate() {
        for (name, promise) in rules {
            let delays = promise.delays[place].by_size.values();
            let cells: Vec<String> = delays.map(|delays| minutes(delays.median())).collect();
            let _ = writeln!(text, "| delay: {} | {name} | {} |", trouble.name, cells.join(" | "));
        }
    }
}

/// Which alerts are the first, and which are false.
fn alerts(text: &mut String, study: &Study) {
    let _ = writeln!(text, "\n## Which alert pages\n");
    let _ = writeln!(
        text,
        "With polls every minute: the false pages of all healthy days above, and the first pages of the incidents.\n"
    );
    let _ = writeln!(text, "| | {} |", PAGING.map(|alert| format!("`{alert}`")).join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(PAGING.len()));
    let promise = &study.promises[0];
    let mut row = |name: &str, counts: [usize; PAGING.len()]| {
        let _ = writeln!(text, "| {name} | {} |", counts.map(|count| count.to_string()).join(" | "));
    };
    let sum = |all: &mut dyn Iterator<Item = [usize; PAGING.len()]>| {
        all.fold([0; PAGING.len()], |sum, one| std::array::from_fn(|place| sum[place] + one[place]))
    };
    row("healthy days: plain", promise.false_pages[0].by_alert);
    row("healthy days: harder worlds", sum(&mut promise.false_pages[1..].iter().map(|measured| measured.by_alert)));
    for IncidentDelays { trouble, by_size } in &promise.delays {
        row(trouble.name, sum(&mut by_size.values().map(|delays| delays.by_alert)));
    }
}

fn curve(text: &mut String, study: &Study, columns: &str, sizes: usize) {
    if study.curve.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## False pages against delay\n");
    let _ = writeln!(
        text,
        "The limit of `WolkvoxAbandonmentHigh` times a factor, with polls every minute: false pages out of 1,000 skill-days of
the plain world, and the median delays when half the agents leave. The shipped rules have the factor 1.\n"
    );
    let _ = writeln!(text, "| Factor | False pages | {columns} |");
    let _ = writeln!(text, "|---|---|{}", "---|".repeat(sizes));
    for point in &study.curve {
        let cells: Vec<String> = point.medians.values().map(|median| minutes(*median)).collect();
        let false_pages = 1000.0 * point.false_pages.share();
        let _ = writeln!(text, "| {} | {false_pages:.2} | {} |", point.factor, cells.join(" | "));
    }
}
