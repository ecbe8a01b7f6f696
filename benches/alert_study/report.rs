//! Renders docs/alert-study.md.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::evaluation::FiredAlert;
use crate::promise_report;
use crate::study::{HEALTHY_DAYS, MAX_WARNINGS, ScenarioResult, Study, sizes};

const HEAD: &str = "# Alert study: wrong pages and delays

`make alert-study` makes this page from the rules in `alerts/`. Do not edit it. Set `--seed` and `--output` in `ARGS` to
use another seed.

The study simulates days of a contact centre call by call. Its skills get 80, 250, 600, 1,200 and 2,400 calls a day. It
has two parts:

- **Single skills.** Tens of thousands of days. The study calculates what the exporter would count at each poll and what
  Prometheus would scrape every 30 seconds, and evaluates the shipped expressions of the alerts that page on these samples
  once a minute, and recorded series in the interval of their group. A test compares the result with the real exporter
  and the real Prometheus, alert by alert.
- **The whole operation.** The exporter (subcommand `history`) polls, parses and exports two healthy weeks and each
  scenario of the simulator under a clock that jumps. A real Prometheus evaluates all shipped rules over these days. The
  study applies `for`, `keep_firing_for` and the inhibition rules of `alerts/alertmanager.yml`.

The study does not simulate the lag of wolkvox's reports, failures of Prometheus, or staleness markers. Without
staleness markers, a series that disappears stays visible for five minutes.
";

/// Renders the page.
pub(crate) fn markdown(study: &Study) -> String {
    let mut text = HEAD.to_owned();
    // Writing to a string never fails.
    let _ = writeln!(text, "\nSeed {}. Rules: {}.", study.plan.seed, crate::rules::fingerprint());
    promise_report::write(&mut text, study);
    let _ = writeln!(text, "\n## Healthy days of the whole operation\n");
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
    text.push_str(&crate::staffing::section(&study.staffing));
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
    for index in 0..study.results.first().map_or(0, |result| result.scenarios.len()) {
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

/// A delay with one decimal.
pub(crate) fn minutes(delay: f64) -> String {
    if delay.is_finite() { format!("{delay:.1}") } else { "never".to_owned() }
}

fn short_name(firing: &FiredAlert) -> &str {
    firing.rule.alert.trim_start_matches("Wolkvox")
}

/// How often each name occurs.
fn counted(names: impl Iterator<Item = String>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let counts: Vec<String> = counts.into_iter().map(|(name, count)| format!("{name} × {count}")).collect();
    if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
}

fn by_name(firings: &[FiredAlert]) -> String {
    counted(firings.iter().map(|firing| format!("{} ({})", short_name(firing), firing.rule.severity)))
}

fn by_name_and_size(firings: &[FiredAlert]) -> String {
    let sizes = sizes();
    counted(firings.iter().map(|firing| {
        let of = sizes.get(firing.label("skill_id")).map_or_else(
            || firing.label("dnis").to_owned() + firing.label("collector") + firing.label("field"),
            |size| format!("{size} calls"),
        );
        format!("{} ({of})", short_name(firing))
    }))
}

fn paged(raised: &ScenarioResult) -> String {
    let mut first: BTreeMap<&str, (i64, usize)> = BTreeMap::new();
    for page in &raised.pages {
        let entry = first.entry(short_name(page)).or_insert((page.from, 0));
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
