//! docs/alert-study.md.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::judge::Firing;
use crate::study::{HEALTHY_DAYS, LARGE, MOST_WARNINGS, Polls, Raised, Study, median, sizes};

const HEAD: &str = "# Do the alerts page for the right reason?

Made by `make alert-study` from the rules in `alerts/`; do not edit. Simulated days of a contact centre with skills of 80, 250,
600, 1,200 and 2,400 calls a day go through the exporter's own polling, parsing and metrics under a clock that jumps
(the subcommand `history`), become blocks of a real Prometheus (`promtool tsdb create-blocks-from openmetrics`), and the shipped
rules are evaluated over them by its engine, once a minute; `for` and `keep_firing_for` are applied to the result as its rule manager
does, inhibition as `alerts/alertmanager.yml` says. Another seed is chosen with `--seed` and `--output` in `ARGS`.

Not simulated: what wolkvox's reports lag behind, failures of Prometheus itself, and staleness markers (a series that vanishes
lingers for five minutes in a history).
";

/// The page.
pub(crate) fn markdown(study: &Study) -> String {
    let mut text = HEAD.to_owned();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\nSeed {}. Rules: {}.", study.plan.seed, crate::rules::fingerprint());
    let _ = writeln!(text, "\n## Healthy days\n");
    let _ = writeln!(
        text,
        "{HEALTHY_DAYS} days from Monday to Sunday, {} skills. Nobody is to be paged, and at most {MOST_WARNINGS} warnings a skill and day are to be raised.\n",
        sizes().len()
    );
    let _ = writeln!(text, "| Polls | Critical | Warnings | Warnings a skill-day | Which |\n|---|---|---|---|---|");
    for polls in &study.polls {
        let of = |severity: &str| polls.healthy.iter().filter(|firing| firing.rule.severity == severity).count();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.3} | {} |",
            polls.interval,
            of("critical"),
            of("warning"),
            polls.warnings(),
            by_name_and_size(&polls.healthy)
        );
    }
    scenarios(&mut text, study);
    delays(&mut text, study);
    curve(&mut text, study);
    let broken = study.broken_promises();
    let _ = writeln!(text, "\n## What does not hold\n");
    if broken.is_empty() {
        let _ = writeln!(text, "Nothing: every promise of this page holds with this seed.");
    }
    for promise in broken {
        let _ = writeln!(text, "- {promise}");
    }
    text
}

fn scenarios(text: &mut String, study: &Study) {
    let _ = writeln!(text, "\n## Scenarios\n");
    let _ = writeln!(
        text,
        "Each on the Monday after those days. \"Raised\" is before inhibition, with the number of times; \"paged\" is what somebody is told, with the minutes from the trouble to the first page.\n"
    );
    let _ = writeln!(text, "| Scenario | Polls | Raised | Paged | Missing | Unexpected |\n|---|---|---|---|---|---|");
    for place in 0..study.polls[0].scenarios.len() {
        for polls in &study.polls {
            let raised = &polls.scenarios[place];
            let wrong: Vec<&str> = raised.unexpected().into_iter().chain(raised.wrong_pages()).collect();
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} |",
                raised.expected.name,
                polls.interval,
                by_name(&raised.firings),
                paged(raised),
                or_none(&raised.missing()),
                or_none(&wrong)
            );
        }
    }
}

fn delays(text: &mut String, study: &Study) {
    let _ = writeln!(text, "\n## Half the agents gone\n");
    let _ = writeln!(
        text,
        "Minutes until `WolkvoxServiceLevelFastBurn` pages, {} days for each hour: median (longest; how many never). Promised are a page for every skill of {LARGE} calls a day or more, and a median of theirs of 30 minutes at 1-minute polls and 40 at 5-minute polls, when the agents go at the hour at which most people call, 10:00.\n",
        study.plan.delay_seeds
    );
    let columns: Vec<String> = sizes()
        .into_values()
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .map(|size| format!("{size} calls"))
        .collect();
    let _ = writeln!(text, "| Gone at | Polls | {} | Large skills |", columns.join(" | "));
    let _ = writeln!(text, "|---|---|{}---|", "---|".repeat(columns.len()));
    for place in 0..study.polls[0].delays.len() {
        for polls in &study.polls {
            let delays = &polls.delays[place];
            let cells: Vec<String> = delays.by_size.values().map(|delays| cell(delays)).collect();
            let hour = delays.hour.trim_end_matches('h');
            let _ = writeln!(
                text,
                "| {hour}:00 | {} | {} | {} |",
                polls.interval,
                cells.join(" | "),
                cell(&delays.large())
            );
        }
    }
}

fn curve(text: &mut String, study: &Study) {
    if study.plan.curve_seeds == 0 {
        return;
    }
    let _ = writeln!(text, "\n## A quieter night or a faster page\n");
    let _ = writeln!(
        text,
        "The two limits of the fast alert (a burn rate of at least 2.25 in 30 minutes or 1.9 in an hour) times a factor: false pages a healthy skill-day over {} other fortnights, and the median delay of large skills when half the agents go at 10:00.\n",
        study.plan.curve_seeds
    );
    let _ = writeln!(
        text,
        "| Factor | Polls | False pages a skill-day | Median delay, minutes | Never |\n|---|---|---|---|---|"
    );
    for place in 0..study.polls[0].curve.len() {
        for Polls { interval, curve, .. } in &study.polls {
            let point = &curve[place];
            let _ = writeln!(
                text,
                "| {} | {interval} | {:.4} | {} | {} |",
                point.factor,
                point.false_pages,
                minutes(point.median),
                point.missed
            );
        }
    }
    text.push_str(WHY);
}

const WHY: &str = "
The shipped point is 1. Around it the curve is flat, because the limits of the burn rates are not what keeps healthy days quiet: the
other conditions are, above all that a quarter of the callers of 30 minutes have given up. Without them a cluster of calls that is over
before anybody could act would page. Lower limits gain a minute or two, and false pages in larger samples (about one in 3,000 healthy
skill-days each); higher ones find skills of 600 calls a day late, since with half their agents gone they still answer half of their
calls in time. Where callers are so patient that few give up, the fast alert is silent and `WolkvoxServiceLevelSlowBurn` warns. Skills
of fewer than about 500 calls a day are hardly ever paged by the service level, since they seldom have 30 calls in half an hour: they are
warned (`WolkvoxServiceLevelLowTraffic`, `WolkvoxServiceLevelSlowBurn`), and paged when nobody answers or nobody calls.

The simulated centre is staffed tightly, and team leaders and others, one for each seven agents, take calls that have waited for
30 seconds. When half the agents are gone, they are gone as well.
";

fn by_name(firings: &[Firing]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for firing in firings {
        let name = firing.rule.alert.trim_start_matches("Wolkvox");
        *counts.entry(format!("{name} ({})", firing.rule.severity)).or_default() += 1;
    }
    let counts: Vec<String> = counts.into_iter().map(|(name, count)| format!("{name} × {count}")).collect();
    if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
}

fn by_name_and_size(firings: &[Firing]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for firing in firings {
        let name = firing.rule.alert.trim_start_matches("Wolkvox");
        let of = sizes().get(firing.label("skill_id")).map_or_else(
            || firing.label("dnis").to_owned() + firing.label("collector") + firing.label("field"),
            |size| format!("{size} calls"),
        );
        *counts.entry(format!("{name} ({of})")).or_default() += 1;
    }
    let counts: Vec<String> = counts.into_iter().map(|(name, count)| format!("{name} × {count}")).collect();
    if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
}

fn paged(raised: &Raised) -> String {
    let mut first: BTreeMap<&str, (i64, usize)> = BTreeMap::new();
    for page in &raised.pages {
        let entry = first.entry(page.rule.alert.trim_start_matches("Wolkvox")).or_insert((page.from, 0));
        entry.1 += 1;
    }
    let pages: Vec<String> = first
        .into_iter()
        .map(|(name, (at, count))| format!("{name} × {count} (after {} min)", (at - raised.trouble) / 60))
        .collect();
    if pages.is_empty() { "nobody".to_owned() } else { pages.join(", ") }
}

fn or_none(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn cell(delays: &[Option<f64>]) -> String {
    let longest = delays.iter().flatten().copied().fold(f64::NAN, f64::max);
    let never = delays.iter().filter(|delay| delay.is_none()).count();
    let longest = if longest.is_nan() { "none".to_owned() } else { minutes(longest) };
    format!("{} ({longest}; {never})", minutes(median(delays)))
}

fn minutes(delay: f64) -> String {
    if delay.is_finite() { format!("{delay}") } else { "never".to_owned() }
}
