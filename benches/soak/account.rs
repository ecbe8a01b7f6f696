//! Compares a page with the simulated world at the moment of the call that the page shows.
//!
//! The simulated time moves by seconds between two polls, so a value is right only for one call. A page shows the last
//! poll of each report, or the one before if the page was not rendered again yet. Therefore the values of a report are
//! compared with the calls since the last match, and must agree with one of them as a whole.

use std::collections::VecDeque;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Zoned};
use wolkvox_simulator::world::World;

use crate::counters::Allowed;
use crate::planted::MAX_CORRUPTED;
use crate::programs::OPERATION;
use crate::series::{Name, Values, name};
use crate::tap::RecordedCall;
use crate::truth::{self, Truth};

/// The calls before the compared one after which an event must be counted. The first of them may have had a time that
/// could not be read.
const CALLS_UNTIL_COUNTED: usize = 10;

/// What a report shows: its label `api`, the prefix of its series, and its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    api: &'static str,
    prefixes: &'static [&'static str],
    window: &'static str,
}

/// All parts of a page. A report with two windows is asked for them in this order.
pub(crate) const PARTS: [Part; 7] = [
    Part { api: "skills", prefixes: &["wolkvox_skill_"], window: "" },
    Part { api: "skill_6", prefixes: &["wolkvox_dnis_"], window: "today" },
    Part { api: "skill_6", prefixes: &["wolkvox_dnis_"], window: "30m" },
    Part { api: "agents_kpi", prefixes: &["wolkvox_agent_"], window: "" },
    Part { api: "chat_9", prefixes: &["wolkvox_transfers_", "wolkvox_agent_transfers_"], window: "" },
    Part { api: "diagram_1_3", prefixes: &["wolkvox_ivr_"], window: "today" },
    Part { api: "diagram_1_3", prefixes: &["wolkvox_ivr_"], window: "30m" },
];

/// A call and the state of the account at its moment.
#[derive(Clone, Debug)]
struct Call {
    /// wolkvox's time when it answered.
    at: Zoned,
    /// The window of the query.
    from: Zoned,
    until: Zoned,
    /// Whether the response had no rows.
    is_empty: bool,
    /// Calls to all reports on wolkvox's day until this one.
    made_today: u64,
    /// The counters after this response. Only for skills.
    allowed: Option<Allowed>,
}

/// The calls for one part.
#[derive(Debug)]
struct History {
    part: Part,
    /// The call that the last page showed, and the later ones.
    calls: VecDeque<Call>,
    /// The last call with rows before them. Its values may stay after an empty response.
    kept: Option<Call>,
    /// The moments of the last calls before `calls`.
    earlier: VecDeque<Zoned>,
    has_matched: bool,
    /// All calls for the part.
    seen: u64,
}

/// The account.
#[derive(Debug)]
pub(crate) struct Account {
    zone: TimeZone,
    histories: Vec<History>,
    allowed: Allowed,
    transfers: Option<TransfersSoFar>,
    /// The steps of the clock until the last page.
    steps: usize,
    made_today: u64,
    last: Option<Zoned>,
    /// All calls.
    pub(crate) calls: u64,
    /// Series that were compared and agreed.
    pub(crate) compared: u64,
}

impl Account {
    pub(crate) fn new(zone: &TimeZone) -> Self {
        let history = |part| History {
            part,
            calls: VecDeque::new(),
            kept: None,
            earlier: VecDeque::new(),
            has_matched: false,
            seen: 0,
        };
        Self {
            zone: zone.clone(),
            histories: PARTS.map(history).into(),
            allowed: Allowed::default(),
            transfers: None,
            steps: 0,
            made_today: 0,
            last: None,
            calls: 0,
            compared: 0,
        }
    }

    /// Adds calls in their order. Their time of answer is the time of the simulated world.
    pub(crate) fn record(&mut self, calls: Vec<RecordedCall>) {
        for call in calls {
            let at = call.answered.to_zoned(self.zone.clone());
            let is_new_day = self.last.replace(at.clone()).is_some_and(|last| last.date() != at.date());
            // The first call of a day may have been counted before midnight, and answered after it.
            self.made_today = if is_new_day { 0 } else { self.made_today + 1 };
            self.calls += 1;
            let api = parameter(&call.query, "api").unwrap_or_default();
            if api == "skills" {
                self.allowed.read(at.date(), &call.body);
            } else if api == "chat_9" {
                self.transfers.get_or_insert_with(|| TransfersSoFar::new(&at));
            }
            // The windows of a report are asked for in turn.
            let histories = self.histories.iter_mut().filter(|history| history.part.api == api);
            let Some(history) = histories.min_by_key(|history| history.seen) else { continue };
            history.seen += 1;
            let bound = |name| parameter(&call.query, name).and_then(|text| moment(text, &self.zone));
            history.calls.push_back(Call {
                from: bound("date_ini").unwrap_or_else(|| at.clone()),
                // The window contains the whole second.
                until: bound("date_end").map_or_else(|| at.clone(), |end| end + SignedDuration::from_millis(999)),
                is_empty: !call.body.contains("records were found"),
                made_today: self.made_today,
                allowed: (api == "skills").then(|| self.allowed.clone()),
                at,
            });
        }
    }

    /// Compares a page; returns one finding for each part that agrees with no call. `steps` of the clock were made.
    pub(crate) fn compare(&mut self, world: &World, page: &Values, steps: usize) -> Vec<String> {
        let mut findings = Vec::new();
        // One page after a step, the exporter has polled with the new time. Every second step sets the right time.
        let is_settled = steps == self.steps && steps.is_multiple_of(2);
        self.steps = steps;
        for history in &mut self.histories {
            let found: Values = page.iter().filter(|(name, _)| history.part.has(name)).map(copied).collect();
            if found.is_empty() && !history.has_matched {
                continue;
            }
            match history.matching(world, &found, self.transfers.as_ref(), steps) {
                Ok(at) => {
                    self.compared += found.len() as u64;
                    history.forget_before(at);
                    if is_settled && let Some(transfers) = &mut self.transfers {
                        history.settle(transfers, &found, steps);
                    }
                }
                Err(problems) => findings.push(format!("{}: {}", history.part.title(), problems.join("; "))),
            }
        }
        findings.extend(self.forgotten_calls(page));
        findings
    }

    /// Whether the page counts fewer calls for the quota than were made today.
    fn forgotten_calls(&self, page: &Values) -> Option<String> {
        let shown = self.histories.first().filter(|history| history.has_matched)?.calls.front()?;
        let is_of_today = self.last.as_ref().is_some_and(|last| last.date() == shown.at.date());
        let used = page.get(&name("wolkvox_api_quota_used", &[("operation", OPERATION)]))?;
        (is_of_today && *used < shown.made_today as f64)
            .then(|| format!("wolkvox_api_quota_used is {used}, but {} calls were made", shown.made_today))
    }
}

impl Part {
    fn title(self) -> String {
        format!("{} {}", self.api, self.window).trim_end().to_owned()
    }

    fn has(self, (metric, labels): &Name) -> bool {
        let is_of = |part: Part| part.prefixes.iter().any(|prefix| metric.starts_with(prefix));
        // The figures of agents and the transfers by agent have the same prefix.
        let belongs = is_of(self) && (self.api != "agents_kpi" || !metric.starts_with("wolkvox_agent_transfers_"));
        belongs && (self.window.is_empty() || labels.get("window").is_some_and(|window| window == self.window))
    }
}

/// The transfers that were counted when the exporter's clock was right the last time. While it is wrong, and in the
/// first poll after that, transfers are not counted.
#[derive(Debug)]
struct TransfersSoFar {
    /// The first call, whose events are not counted.
    first: Zoned,
    counted: f64,
    /// A call after they were counted, and a call some polls before.
    at: Zoned,
    earlier: Zoned,
    steps: usize,
}

impl TransfersSoFar {
    fn new(first: &Zoned) -> Self {
        Self { first: first.clone(), counted: 0.0, at: first.clone(), earlier: first.clone(), steps: 0 }
    }
}

fn counted_transfers(found: &Values) -> f64 {
    found.iter().filter(|((metric, _), _)| metric == "wolkvox_transfers_total").map(|(_, value)| value).sum()
}

impl History {
    /// The place of the oldest call with which all these values agree. A later call may have had the same values.
    ///
    /// # Errors
    /// The problems with the call that has the fewest.
    fn matching(
        &self,
        world: &World,
        found: &Values,
        transfers: Option<&TransfersSoFar>,
        steps: usize,
    ) -> Result<usize, Vec<String>> {
        let mut fewest: Option<Vec<String>> = None;
        for at in 0..self.calls.len() {
            let mut problems = self.problems(world, at, found);
            problems.extend(transfers.and_then(|transfers| self.miscounted(world, at, found, transfers, steps)));
            if problems.is_empty() {
                return Ok(at);
            }
            if fewest.as_ref().is_none_or(|fewest| problems.len() < fewest.len()) {
                fewest = Some(problems);
            }
        }
        Err(fewest.unwrap_or_else(|| vec!["there was no call".to_owned()]))
    }

    /// The problems with the call at this place.
    fn problems(&self, world: &World, at: usize, found: &Values) -> Vec<String> {
        let call = &self.calls[at];
        if !call.is_empty {
            return self.problems_of(world, call, found);
        }
        let has_values = found.iter().any(|((metric, _), value)| !metric.ends_with("_total") && *value > 0.0);
        let before = self.calls.iter().take(at).rfind(|call| !call.is_empty).or(self.kept.as_ref());
        match before {
            Some(before) if has_values => self.problems_of(world, before, found),
            _ if has_values => vec!["values although no response had rows".to_owned()],
            _ => Vec::new(),
        }
    }

    fn problems_of(&self, world: &World, call: &Call, found: &Values) -> Vec<String> {
        let Call { at: now, from, until, .. } = call;
        match self.part.api {
            "skills" => of_skills(world, call, found),
            "skill_6" => compared(found, &truth::of_numbers(world, self.part.window, from, until, now)),
            "agents_kpi" => compared(found, &truth::of_agents(world, from.date(), now)),
            "diagram_1_3" => compared(found, &truth::of_menus(world, self.part.window, from, until, now)),
            _ => of_transfers(found, &truth::transfers_today(world, from, until, now)),
        }
    }

    /// Whether fewer or more transfers are counted at this place than there can be.
    fn miscounted(
        &self,
        world: &World,
        at: usize,
        found: &Values,
        so_far: &TransfersSoFar,
        steps: usize,
    ) -> Option<String> {
        if self.part.api != "chat_9" {
            return None;
        }
        let until = |now: &Zoned| truth::counted_transfers(world, &so_far.first, now) as f64;
        // The first response, and one after the clock was wrong by days, may have had times that could not be read.
        let most = so_far.counted + until(&self.calls[at].at) - until(&so_far.earlier) + MAX_CORRUPTED as f64;
        let new = until(self.some_calls_before(at)) - until(&so_far.at);
        let least = if steps == so_far.steps { so_far.counted + new.max(0.0) } else { so_far.counted };
        let counted = counted_transfers(found);
        (counted < least || counted > most).then(|| format!("{counted} transfers are counted, not {least} to {most}"))
    }

    /// The moment of the call before which every transfer must be counted at this place.
    fn some_calls_before(&self, at: usize) -> &Zoned {
        let calls = self.calls.iter().take(at + 1).rev().map(|call| &call.at).chain(self.earlier.iter().rev());
        calls.take(CALLS_UNTIL_COUNTED).last().unwrap_or(&self.calls[at].at)
    }

    /// Notes the transfers that the last page counted.
    fn settle(&self, so_far: &mut TransfersSoFar, found: &Values, steps: usize) {
        // The page shows the oldest call that agrees with it, or a later one.
        let Some(newest) = self.calls.back().filter(|_| self.part.api == "chat_9") else { return };
        so_far.counted = counted_transfers(found);
        so_far.at = newest.at.clone();
        so_far.earlier = self.some_calls_before(0).clone();
        so_far.steps = steps;
    }

    /// Forgets the calls before this place.
    fn forget_before(&mut self, at: usize) {
        self.has_matched = true;
        for call in self.calls.drain(..at) {
            self.earlier.push_back(call.at.clone());
            if !call.is_empty {
                self.kept = Some(call);
            }
        }
        while self.earlier.len() > CALLS_UNTIL_COUNTED {
            self.earlier.pop_front();
        }
    }
}

fn copied((name, value): (&Name, &f64)) -> (Name, f64) {
    (name.clone(), *value)
}

/// Every value must be true, and no more may be missing than one response has corrupted.
fn compared(found: &Values, truth: &Truth) -> Vec<String> {
    let mut problems = truth::wrong_values(found, truth);
    let missing = truth.keys().filter(|name| !found.contains_key(*name)).count();
    if missing > MAX_CORRUPTED {
        problems.push(format!("{missing} values are missing"));
    }
    problems
}

/// A transfer whose time cannot be read is left out.
fn of_transfers(found: &Values, truth: &Truth) -> Vec<String> {
    let mut problems = Vec::new();
    let mut left_out = 0.0;
    for (name, (expected, _)) in truth {
        let value = found.get(name).copied().unwrap_or_default();
        if value > *expected {
            problems.push(format!("{value} instead of {expected}: {name:?}"));
        }
        left_out += expected - value;
    }
    // Each has a series by kind and one by agent.
    if left_out > 2.0 * MAX_CORRUPTED as f64 {
        problems.push(format!("{left_out} values of transfers are missing"));
    }
    let is_surplus =
        |(name, value): &(&Name, &f64)| name.0.ends_with("_today") && **value > 0.0 && !truth.contains_key(*name);
    problems.extend(found.iter().filter(is_surplus).map(|(name, value)| format!("surplus: {name:?} {value}")));
    problems
}

fn of_skills(world: &World, call: &Call, found: &Values) -> Vec<String> {
    let is_counter = |metric: &str| metric.ends_with("_total");
    let mut problems = call.allowed.as_ref().map(|allowed| allowed.problems(found)).unwrap_or_default();
    let mut missing = 0;
    let mut compared = 0;
    for (place, skill) in world.skills().iter().enumerate() {
        let id = skill.id.to_string();
        let of_this: Values = found
            .iter()
            .filter(|((metric, labels), _)| !is_counter(metric) && labels.get("skill_id") == Some(&id))
            .map(copied)
            .collect();
        // At most one late correction is in effect at a time. It withdraws no call, one or two.
        let corrections = [0, 1, 2].map(|withdrawn| truth::of_skill(world, place, &call.at, withdrawn));
        let compared_with = |truth: &Truth| {
            (truth::wrong_values(&of_this, truth), truth.keys().filter(|name| !of_this.contains_key(*name)).count())
        };
        let best = corrections.iter().map(compared_with).min_by_key(|(wrong, missing)| (wrong.len(), *missing));
        let (wrong, missing_here) = best.unwrap_or_default();
        problems.extend(wrong);
        missing += missing_here;
        compared += of_this.len();
    }
    if missing > MAX_CORRUPTED {
        problems.push(format!("{missing} values of skills are missing"));
    }
    // Only the denominator has no skill.
    let others = found.keys().filter(|(metric, labels)| !is_counter(metric) && labels.contains_key("skill_id")).count();
    if others != compared {
        problems.push(format!("{} series of skills that do not exist", others - compared));
    }
    problems
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// A moment as a query has it, `YYYYmmddHHMMSS`.
fn moment(text: &str, zone: &TimeZone) -> Option<Zoned> {
    DateTime::strptime("%Y%m%d%H%M%S", text).ok()?.to_zoned(zone.clone()).ok()
}
