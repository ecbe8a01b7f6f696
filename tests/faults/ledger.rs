//! What the exporter must show for one operation after the answers that the server gave: the counts of calls and
//! failures, and for each request the samples of one of its last answers as a whole, or none.
#![allow(dead_code, reason = "the tests use one part of it, and the endurance run another")]

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use crate::fault::{Outcome, Reading};
use crate::page::value;
use crate::rows::{Part, Samples, number, series, text};
use crate::support::wolkvox::Request;

/// The largest difference of a value that comes from another order of computation.
const ROUNDING: f64 = 1e-9;

/// Counters of a skill, with the field of their day total.
const COUNTERS: [(&str, &str); 3] = [
    ("wolkvox_skill_inbound_calls_total", "stat_inbound"),
    ("wolkvox_skill_answered_calls_total", "stat_answer"),
    ("wolkvox_skill_abandoned_calls_total", "stat_abandon"),
];
const CORRECTIONS: &str = "wolkvox_skill_corrections_total";

/// Counts by report, and by reason or field.
type Counts = BTreeMap<(String, String), u64>;

/// What must be counted and shown.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    operation: String,
    /// Changes with every call and every answer.
    pub(crate) version: u64,
    /// Calls without an answer so far.
    open: u64,
    /// By the family of the exporter.
    counts: BTreeMap<&'static str, Counts>,
    histories: BTreeMap<Part, History>,
    skills: BTreeMap<String, SkillCounters>,
    /// Whether counters of skills follow from the answers: the exporter's clock is right, and it is not restarted.
    counts_skills: bool,
    /// Whether the next call repeats the last one, whose connection was closed.
    is_repeated: bool,
    /// Whether calls may have been made that did not reach the server.
    pub(crate) has_refused: bool,
}

/// The answers to one request that a page can still show.
#[derive(Debug, Default)]
struct History(VecDeque<(u64, Samples)>);

/// The counters of one skill.
#[derive(Debug, Default)]
struct SkillCounters {
    /// The last day total, and the calls counted so far.
    totals: [Option<(f64, f64)>; 3],
    corrections: f64,
}

impl Ledger {
    /// Nothing was called so far.
    pub(crate) fn new(operation: &str, counts_skills: bool) -> Self {
        Self { operation: operation.to_owned(), counts_skills, ..Self::default() }
    }

    fn count(&mut self, family: &'static str, report: &str, more: &str, by: u64) {
        if by > 0 {
            *self.counts.entry(family).or_default().entry((report.to_owned(), more.to_owned())).or_default() += by;
        }
    }

    /// Notes a call that has arrived.
    pub(crate) fn called(&mut self, request: &Request) {
        self.version += 1;
        self.open += 1;
        self.count(REQUESTS, &request.report(), "", 1);
    }

    /// Notes the answer to it.
    pub(crate) fn answered(&mut self, request: &Request, outcome: Outcome) {
        self.version += 1;
        self.open -= 1;
        let report = request.report();
        let is_repeated = std::mem::take(&mut self.is_repeated);
        match outcome {
            // The server of an earlier call closes the connection: the exporter calls once more.
            Outcome::Breaks if request.on_connection > 1 && !is_repeated => self.is_repeated = true,
            Outcome::Breaks => self.count(FAILURES, &report, "connect", 1),
            Outcome::Fails(reason) => self.count(FAILURES, &report, reason, 1),
            Outcome::Empty => self.count(EMPTY, &report, "", 1),
            Outcome::Rows(reading) => self.read(request, &report, &reading),
        }
    }

    fn read(&mut self, request: &Request, report: &str, reading: &Reading) {
        self.count(REPAIRS, report, "", u64::from(reading.is_repaired));
        self.count(DUPLICATES, report, "", reading.duplicates);
        if let Some(field) = reading.unreadable {
            self.count(UNREADABLE, report, field, 1);
        }
        let part = Part::of(request);
        let mut samples = part.samples(&self.operation, request, &reading.rows);
        if report == "skills" && self.counts_skills {
            samples.extend(self.counters(&reading.rows));
        }
        self.histories.entry(part).or_default().0.push_back((self.version, samples));
    }

    /// The counters after an answer with these rows.
    fn counters(&mut self, rows: &[Value]) -> Samples {
        let mut samples = Samples::new();
        for row in rows {
            let id = text(&row["skill_id"]);
            let SkillCounters { totals, corrections } = self.skills.entry(id.clone()).or_default();
            let mut has_fallen = false;
            for ((family, field), total) in COUNTERS.iter().zip(totals) {
                *total = match (number(&row[*field]), *total) {
                    (None, total) => total,
                    (Some(now), None) => Some((now, 0.0)),
                    (Some(now), Some((last, counted))) => {
                        has_fallen |= now < last;
                        Some((now, counted + (now - last).max(0.0)))
                    }
                };
                if let Some((_, counted)) = total {
                    samples.insert(series(family, &self.operation, &[("skill_id", &id)]), *counted);
                }
            }
            *corrections += f64::from(u8::from(has_fallen));
            samples.insert(series(CORRECTIONS, &self.operation, &[("skill_id", &id)]), *corrections);
        }
        samples
    }

    /// The calls that have reached the server.
    pub(crate) fn calls(&self) -> u64 {
        self.counts.get(REQUESTS).map(|requests| requests.values().sum()).unwrap_or_default()
    }

    /// The counts of a family, by report and reason or field.
    pub(crate) fn counted(&self, family: &str) -> Counts {
        self.counts.get(family).cloned().unwrap_or_default()
    }

    /// The samples of a page that are not those of one answer, by request. Answers before the one that is shown are
    /// forgotten.
    pub(crate) fn wrong_samples(&mut self, page: &[(&str, f64)]) -> Vec<String> {
        let counts_skills = self.counts_skills;
        let mut wrong = Vec::new();
        for (part, history) in &mut self.histories {
            let found = shown(part, page, counts_skills);
            if found.is_empty() {
                continue;
            }
            match history.0.iter().position(|(_, samples)| are_equal(&found, samples)) {
                Some(place) => drop(history.0.drain(..place)),
                None => wrong.push(format!("{part:?}: {}", history.nearest(&found))),
            }
        }
        wrong
    }

    /// Whether the page shows an answer of each request since this version.
    pub(crate) fn shows_answers_since(&self, version: u64, page: &[(&str, f64)]) -> bool {
        let is_new = |(part, history): (&Part, &History)| {
            let found = shown(part, page, self.counts_skills);
            !found.is_empty() && history.0.iter().any(|(at, samples)| *at > version && are_equal(&found, samples))
        };
        !self.histories.is_empty() && self.histories.iter().all(is_new)
    }

    /// The counts on a page that differ from those here. `None` while a call is open, because it may have been counted.
    pub(crate) fn miscounts(&self, page: &[(&str, f64)]) -> Option<Vec<String>> {
        if self.open > 0 {
            return None;
        }
        let mut wrong = Vec::new();
        let mut all_calls = 0;
        let shown: BTreeMap<&str, Counts> = FAMILIES.map(|family| (family, counts_on(page, family))).into();
        let refused = self.refused(page);
        for (family, found) in &shown {
            let mut expected = self.counted(family);
            // Calls that were refused, as far as they are both counted as calls and as failures.
            for (report, refused) in &refused {
                let reason = match *family {
                    REQUESTS => "",
                    FAILURES => "connect",
                    _ => continue,
                };
                *expected.entry((report.clone(), reason.to_owned())).or_default() += refused;
            }
            expected.retain(|_, count| *count > 0);
            if *family == REQUESTS {
                all_calls = expected.values().sum();
            }
            if *found != expected {
                wrong.push(format!("{family} is {found:?} instead of {expected:?}"));
            }
        }
        let used = value(page, &series("wolkvox_api_quota_used", &self.operation, &[]));
        if used != Some(all_calls as f64) {
            wrong.push(format!("wolkvox_api_quota_used is {used:?} instead of {all_calls}"));
        }
        Some(wrong)
    }

    /// Calls by report that were counted as refused connections and did not reach the server.
    pub(crate) fn refused(&self, page: &[(&str, f64)]) -> BTreeMap<String, u64> {
        if !self.has_refused {
            return BTreeMap::new();
        }
        let known = self.counted(FAILURES);
        let connect = counts_on(page, FAILURES).into_iter().filter(|((_, reason), _)| reason == "connect");
        let beyond =
            connect.map(|(key, count)| (key.0.clone(), count.saturating_sub(known.get(&key).copied().unwrap_or(0))));
        beyond.collect()
    }
}

const REQUESTS: &str = "wolkvox_api_requests_total";
pub(crate) const FAILURES: &str = "wolkvox_api_request_failures_total";
const EMPTY: &str = "wolkvox_api_empty_answers_total";
const REPAIRS: &str = "wolkvox_json_repairs_total";
const DUPLICATES: &str = "wolkvox_duplicate_rows_total";
const UNREADABLE: &str = "wolkvox_parse_errors_total";
const FAMILIES: [&str; 6] = [REQUESTS, FAILURES, EMPTY, REPAIRS, DUPLICATES, UNREADABLE];

/// The counts of a family on a page that are not 0, by report and reason or field.
fn counts_on(page: &[(&str, f64)], family: &str) -> Counts {
    let mut counts = Counts::new();
    for (series, value) in page.iter().filter(|(_, value)| *value > 0.0) {
        let Some(labels) = series.strip_prefix(family).and_then(|rest| rest.strip_prefix('{')) else { continue };
        let label = |name: &str| {
            let value = labels.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next());
            value.unwrap_or_default().to_owned()
        };
        let more = if family == FAILURES { label("reason") } else { label("field") };
        counts.insert((label("endpoint"), more), *value as u64);
    }
    counts
}

/// The samples of a page that belong to a part and are compared.
fn shown<'a>(part: &Part, page: &[(&'a str, f64)], counts_skills: bool) -> BTreeMap<&'a str, f64> {
    let is_counter = |series: &str| {
        let family = series.split('{').next().unwrap_or_default();
        part.report == "skills" && (family == CORRECTIONS || COUNTERS.iter().any(|(counter, _)| *counter == family))
    };
    let is_shown = |(series, value): &&(&str, f64)| part.has(series, *value) || counts_skills && is_counter(series);
    page.iter().filter(is_shown).copied().collect()
}

fn are_close(a: f64, b: f64) -> bool {
    (a - b).abs() <= ROUNDING * (1.0 + b.abs())
}

fn are_equal(found: &BTreeMap<&str, f64>, samples: &Samples) -> bool {
    let pairs = || found.iter().zip(samples);
    found.len() == samples.len() && pairs().all(|((a, x), (b, y))| *a == b && are_close(*x, *y))
}

impl History {
    /// The differences from the answer that is most like the samples.
    fn nearest(&self, found: &BTreeMap<&str, f64>) -> String {
        let differences = |samples: &Samples| {
            let mut differences = Vec::new();
            for (series, value) in found {
                match samples.get(*series) {
                    Some(expected) if are_close(*value, *expected) => {}
                    expected => differences.push(format!("{series} is {value} instead of {expected:?}")),
                }
            }
            let missing = samples.iter().filter(|(series, _)| !found.contains_key(series.as_str()));
            differences.extend(missing.map(|(series, value)| format!("{series} {value} is missing")));
            differences
        };
        let nearest = self.0.iter().map(|(_, samples)| differences(samples)).min_by_key(Vec::len);
        let differences = nearest.unwrap_or_else(|| vec!["there was no answer with rows".to_owned()]);
        let shown: Vec<&str> = differences.iter().take(3).map(String::as_str).collect();
        format!("{} of {} answers: {}", differences.len(), self.0.len(), shown.join("; "))
    }
}
