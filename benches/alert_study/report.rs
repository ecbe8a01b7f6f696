//! Renders docs/alert-study.md.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::evaluation::FiredAlert;
use crate::study::{HEALTHY_DAYS, IntervalResult, LARGE, MAX_WARNINGS, ScenarioResult, Study, median, sizes};

const HEAD: &str = "# Alert study: wrong pages and delays

`make alert-study` makes this page from the rules in `alerts/`. Do not edit it.

The study simulates days of a contact centre. Its skills get 80, 250, 600, 1,200 and 2,400 calls a day.

1. The exporter (subcommand `history`) polls, parses and exports these days under a clock that jumps.
2. `promtool tsdb create-blocks-from openmetrics` turns the pages into blocks of a real Prometheus.
3. Prometheus evaluates the shipped rules over these days, once a minute.
4. The study applies `for` and `keep_firing_for` to the results, as the rule manager of Prometheus does. Then it applies
   the inhibition rules of `alerts/alertmanager.yml`.

Set `--seed` and `--output` in `ARGS` to use another seed.

The study does not simulate the lag of wolkvox's reports, failures of Prometheus, or staleness markers. Without
staleness markers, a series that disappears stays visible for five minutes.
";

/// Renders the page.
pub(crate) fn markdown(study: &Study) -> String {
    let mut text = HEAD.to_owned();
    // Writing to a string never fails.
    let _ = writeln!(text, "\nSeed {}. Rules: {}.", study.plan.seed, crate::rules::fingerprint());
    let _ = writeln!(text, "\n## Healthy days\n");
    let _ = writeln!(
        text,
        "{HEALTHY_DAYS} days from Monday to Sunday, {} skills. Targets: no page, and at most {MAX_WARNINGS} warnings per skill and day.\n",
        sizes().len()
    );
    let _ =
        writeln!(text, "| Polls | Critical | Warnings | Warnings per skill and day | Alerts |\n|---|---|---|---|---|");
    for result in &study.results {
        let of = |severity: &str| result.healthy.iter().filter(|firing| firing.rule.severity == severity).count();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.3} | {} |",
            result.interval,
            of("critical"),
            of("warning"),
            result.warnings(),
            by_name_and_size(&result.healthy)
        );
    }
    scenarios(&mut text, study);
    delays(&mut text, study);
    curve(&mut text, study);
    let missed = study.missed_targets();
    let _ = writeln!(text, "\n## Missed targets\n");
    if missed.is_empty() {
        let _ = writeln!(text, "None. All targets of this page are met with this seed.");
    }
    for target in missed {
        let _ = writeln!(text, "- {target}");
    }
    text
}

fn scenarios(text: &mut String, study: &Study) {
    let _ = writeln!(text, "\n## Scenarios\n");
    let _ = writeln!(
        text,
        "Each scenario runs on the Monday after the healthy days.

- Raised: alerts before inhibition, with their number.
- Paged: pages that are sent, with the minutes from the start of the incident to the first page.
- Missing: alerts that the scenario must raise and did not raise.
- Unexpected: alerts or pages that the scenario should not cause.\n"
    );
    let _ = writeln!(text, "| Scenario | Polls | Raised | Paged | Missing | Unexpected |\n|---|---|---|---|---|---|");
    for index in 0..study.results[0].scenarios.len() {
        for result in &study.results {
            let raised = &result.scenarios[index];
            let wrong: Vec<&str> = raised.unexpected().into_iter().chain(raised.wrong_pages()).collect();
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} |",
                raised.expected.name,
                result.interval,
                by_name(&raised.firings),
                paged(raised),
                or_none(&raised.missing()),
                or_none(&wrong)
            );
        }
    }
}

fn delays(text: &mut String, study: &Study) {
    let _ = writeln!(text, "\n## Half the agents leave\n");
    let _ = writeln!(
        text,
        "Minutes until `WolkvoxServiceLevelFastBurn` pages, over {} days for each hour. A cell holds the median, and in
parentheses the longest delay and the number of skill-days without a page.

A skill is large from {LARGE} calls a day on. The targets hold for large skills when the agents leave at 10:00, the hour
with the most calls: every skill gets a page, and the median is at most 30 minutes with polls every minute and 40
minutes with polls every 5 minutes.\n",
        study.plan.delay_seeds
    );
    let columns: Vec<String> = sizes()
        .into_values()
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .map(|size| format!("{size} calls"))
        .collect();
    let _ = writeln!(text, "| Agents leave at | Polls | {} | Large skills |", columns.join(" | "));
    let _ = writeln!(text, "|---|---|{}---|", "---|".repeat(columns.len()));
    for index in 0..study.results[0].delays.len() {
        for result in &study.results {
            let delays = &result.delays[index];
            let cells: Vec<String> = delays.by_size.values().map(|delays| cell(delays)).collect();
            let hour = delays.hour.trim_end_matches('h');
            let _ = writeln!(
                text,
                "| {hour}:00 | {} | {} | {} |",
                result.interval,
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
    let _ = writeln!(text, "\n## Sensitivity of the fast alert\n");
    let _ = writeln!(
        text,
        "The two limits of the fast alert are a burn rate of 2.25 in 30 minutes and of 1.9 in an hour. This table multiplies both
by a factor. False pages are per skill and healthy day, over {} other periods of 14 days. The median delay, in minutes,
is that of large skills when half the agents leave at 10:00. Never is the number of skill-days without a page.\n",
        study.plan.curve_seeds
    );
    let _ = writeln!(text, "| Factor | Polls | False pages | Median delay | Never |\n|---|---|---|---|---|");
    for index in 0..study.results[0].curve.len() {
        for IntervalResult { interval, curve, .. } in &study.results {
            let point = &curve[index];
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
    text.push_str(EXPLANATION);
}

const EXPLANATION: &str = "
The shipped rules have the factor 1. The results change little around it, because the limits of the burn rates are not
the conditions that prevent false pages on healthy days. The other conditions prevent them, above all the abandon ratio
of at least 25 % in 30 minutes. Without these conditions, a short cluster of calls would page although it is over before
anybody can act.

Lower limits page a minute or two earlier, but they cause false pages in larger samples (about one in 3,000 healthy
skill-days each). Higher limits page late for skills of 600 calls a day, because these skills still answer half of their
calls within the threshold when half of their agents have left.

If callers are so patient that few of them abandon, the fast alert does not fire and `WolkvoxServiceLevelSlowBurn`
warns. Skills with fewer than about 500 calls a day rarely get a page about the service level, because they rarely
receive 30 calls in half an hour. They get warnings (`WolkvoxServiceLevelLowTraffic`, `WolkvoxServiceLevelSlowBurn`),
and they get pages when no agent answers or when no calls arrive.

The simulated centre has few spare agents. Team leaders and other staff, one for every seven agents, take calls that
have waited for 30 seconds. When half of the agents leave, these staff leave as well.
";

fn by_name(firings: &[FiredAlert]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for firing in firings {
        let name = firing.rule.alert.trim_start_matches("Wolkvox");
        *counts.entry(format!("{name} ({})", firing.rule.severity)).or_default() += 1;
    }
    let counts: Vec<String> = counts.into_iter().map(|(name, count)| format!("{name} × {count}")).collect();
    if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
}

fn by_name_and_size(firings: &[FiredAlert]) -> String {
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

fn paged(raised: &ScenarioResult) -> String {
    let mut first: BTreeMap<&str, (i64, usize)> = BTreeMap::new();
    for page in &raised.pages {
        let entry = first.entry(page.rule.alert.trim_start_matches("Wolkvox")).or_insert((page.from, 0));
        entry.1 += 1;
    }
    let pages: Vec<String> = first
        .into_iter()
        .map(|(name, (at, count))| format!("{name} × {count} (after {} min)", (at - raised.incident) / 60))
        .collect();
    if pages.is_empty() { "none".to_owned() } else { pages.join(", ") }
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
