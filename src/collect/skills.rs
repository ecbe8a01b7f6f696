//! The collector `skills`: queue, day totals and service level of each skill, in real time.

use std::any::Any;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::counters::{DayTotals, SkillState};
use super::denominator::DenominatorInference;
use super::parse_errors::ParseErrors;
use super::parsed_rows::{DuplicateRows, dedup_by_key_keep_last};
use super::reset_time::{DailyReset, ResetTime};
use super::thresholds::{Thresholds, is_further};
use super::{PollContext, PollError, ReportCollector, parse_state};
use crate::api::values::{Count, Percentage, Text};
use crate::api::wire::SkillRow;
use crate::api::{MAX_ROWS, Query, WireRow as _};
use crate::clock::ClockReading;
use crate::config::{Operation, SkillSelection};
use crate::model::{Denominator, Report, RequestKey, ServiceLevel, Skill, SkillsReport, TargetThreshold, Targets};

/// The counters of a skill are removed when it has not been in a response for this time. If it returns, they start from
/// zero.
const REMOVE_SKILLS_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A skill whose service levels still have the precision that wolkvox sent.
#[derive(PartialEq)]
struct ParsedSkill {
    skill: Skill,
    /// By threshold in seconds, ascending; `None` where wolkvox sent no percentage.
    levels: Vec<(u32, Option<Percentage>)>,
    /// Of further calls, one for each threshold.
    further: Vec<FurtherLevel>,
}

/// A service level of another call, with the totals that it was computed from.
#[derive(PartialEq)]
struct FurtherLevel {
    threshold_seconds: u32,
    level: Option<Percentage>,
    inbound: Option<u64>,
    answered: Option<u64>,
}

pub(super) fn build(operation: &Operation) -> Option<Box<dyn ReportCollector>> {
    let settings = operation.collectors.skills.as_ref()?;
    Some(Box::new(Skills::new(&settings.skill_ids, Arc::clone(&operation.targets))))
}

#[derive(Debug)]
struct Skills {
    requests: Vec<SkillsRequest>,
    targets: Arc<Targets>,
    state: SavedState,
    /// The clock at the last request, with or without skills, so that each step of the clock is noticed once.
    last_reading: Option<ClockReading>,
    /// The request that first returned a skill that no request names, so that no skill is exported twice.
    first_request: HashMap<Arc<str>, usize>,
}

/// One request of each poll, and what its last response leaves for the next.
#[derive(Debug)]
struct SkillsRequest {
    selection: SkillSelection,
    thresholds: Thresholds,
    /// The denominator that its counters were last updated with.
    last_denominator: Option<Denominator>,
    /// The local day of its last response with skills; `None` before the first and after the clock was set.
    last_date: Option<Date>,
}

/// The state that survives a restart. The inference belongs to it, because calls answered in time must not be compared
/// with calls that were computed with another denominator.
#[derive(Debug, Default, Serialize, Deserialize)]
struct SavedState {
    /// Boxed, because a tree reserves memory for twice as many values.
    skills: BTreeMap<Arc<str>, Box<SkillState>>,
    #[serde(rename = "votes")]
    inference: DenominatorInference,
    /// When wolkvox resets the totals.
    #[serde(default)]
    resets: ResetTime,
}

impl ReportCollector for Skills {
    fn requests(&self) -> Vec<RequestKey> {
        let key =
            |request: &SkillsRequest| RequestKey { skill_id: Some(Arc::clone(&request.selection.0)), window: None };
        self.requests.iter().map(key).collect()
    }

    fn calls_per_poll(&self) -> u64 {
        self.requests.iter().map(|request| request.thresholds.calls().len() as u64).sum()
    }

    fn services_times(&self) -> Vec<u32> {
        let calls = self.requests.iter().flat_map(|request| request.thresholds.calls());
        calls.flatten().collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn poll<'a>(
        &'a mut self,
        request: usize,
        poll: &'a mut PollContext<'_>,
    ) -> BoxFuture<'a, Result<Report, PollError>> {
        Box::pin(async move {
            let SkillsRequest { selection, thresholds, .. } = &self.requests[request];
            let mut skills: Vec<ParsedSkill> = Vec::new();
            let mut target_thresholds = Vec::new();
            for (call, services_time) in thresholds.calls().into_iter().enumerate() {
                let mut query = Query::new(SkillRow::ENDPOINT).with("skill_id", selection.0.to_string());
                if let Some(seconds) = services_time {
                    query = query.with("services_time", seconds.to_string());
                }
                let mut rows = poll.fetch(&query, clean).await?;
                let duplicates = dedup_by_key_keep_last(&mut rows, |a, b| a.skill.id.cmp(&b.skill.id));
                poll.record_duplicates::<SkillRow>("skill_id", duplicates);
                if call == 0 {
                    let always_sent = thresholds.needed.iter().copied().filter(|seconds| !is_further(*seconds));
                    target_thresholds.extend(always_sent.map(|seconds| (seconds, has_threshold(&rows, seconds))));
                }
                target_thresholds.extend(services_time.map(|seconds| (seconds, has_threshold(&rows, seconds))));
                match (call, services_time) {
                    (0, _) | (_, None) => skills = rows,
                    (_, Some(seconds)) => add_level(&mut skills, rows, seconds),
                }
            }
            if skills.is_empty() {
                // No skills have no service levels, which says nothing about what wolkvox can send.
                target_thresholds.clear();
            }
            let missing: Vec<u32> =
                target_thresholds.iter().filter(|(_, is_sent)| !is_sent).map(|(seconds, _)| *seconds).collect();
            poll.record_missing_thresholds::<SkillRow>(&missing);
            let skill_id = Arc::clone(&selection.0);
            let target_thresholds = target_thresholds.into_iter().map(|(threshold_seconds, is_sent)| TargetThreshold {
                skill_id: Arc::clone(&skill_id),
                threshold_seconds,
                is_sent,
            });
            let target_thresholds = target_thresholds.collect();
            let removed = self.remove_skills_of_other_requests(request, &mut skills);
            poll.record_duplicates::<SkillRow>("skill_id", DuplicateRows { removed, different: 0 });

            let last = self.last_reading.replace(poll.clock().reading());
            let step = last.map_or(SignedDuration::ZERO, |last| poll.clock().step_since(last));
            if !step.is_zero() {
                tracing::warn!(
                    operation = %poll.operation(), seconds = step.as_secs(),
                    "the system's time was set; counters continue with the time that has passed"
                );
                self.move_times(step);
            }
            let now = poll.now();
            let is_empty = skills.is_empty();
            let known_before = self.state.resets.known(&now);
            let report = self.build_report(request, skills, &now);
            let times = |reset: DailyReset| (reset.earliest.time(), reset.latest.time());
            let known_times = self.state.resets.known(&now).map(times);
            if let Some((earliest, latest)) = known_times.filter(|_| known_times != known_before.map(times)) {
                tracing::info!(
                    operation = %poll.operation(),
                    "on several days, wolkvox reset the day totals between {earliest} and {latest}, local time"
                );
            }
            if !is_empty {
                self.requests[request].last_date = Some(now.date());
            }
            Ok(Report::Skills(SkillsReport { target_thresholds, ..report }))
        })
    }

    fn state(&self) -> Option<Box<RawValue>> {
        to_raw_value(&self.state).ok()
    }

    fn restore_state(&mut self, state: &RawValue) {
        match parse_state(state) {
            Ok(state) => {
                self.state = state;
                let denominator = self.state.inference.infer().0;
                self.requests.iter_mut().for_each(|request| request.last_denominator = Some(denominator));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot parse the counters of skills in the state file, so they start from zero");
            }
        }
    }

    fn continue_from(&mut self, earlier: &mut dyn ReportCollector) {
        let earlier: &mut dyn Any = earlier;
        if let Some(earlier) = earlier.downcast_mut::<Self>() {
            self.continue_from_skills(earlier);
        }
    }
}

impl Skills {
    /// Continues with the counters of `earlier`. What the last response of a request left stays with that request.
    fn continue_from_skills(&mut self, earlier: &mut Self) {
        self.state = std::mem::take(&mut earlier.state);
        self.last_reading = earlier.last_reading.take();
        let denominator = self.state.inference.infer().0;
        for request in &mut self.requests {
            let known = earlier.requests.iter().find(|known| known.selection == request.selection);
            request.last_date = known.and_then(|known| known.last_date);
            request.last_denominator = known.map_or(Some(denominator), |known| known.last_denominator);
        }
        // The requests have other numbers now.
        for (id, number) in earlier.first_request.drain() {
            let selection = earlier.requests.get(number).map(|request| &request.selection);
            let number = self.requests.iter().position(|request| Some(&request.selection) == selection);
            self.first_request.extend(number.map(|number| (id, number)));
        }
    }

    fn new(selections: &[SkillSelection], targets: Arc<Targets>) -> Self {
        let request = |selection: &SkillSelection| SkillsRequest {
            thresholds: Thresholds::of(&targets, selection),
            selection: selection.clone(),
            last_denominator: None,
            last_date: None,
        };
        Self {
            requests: selections.iter().map(request).collect(),
            targets,
            state: SavedState::default(),
            last_reading: None,
            first_request: HashMap::new(),
        }
    }

    /// Moves all saved times, because the system's time was set by `step`.
    fn move_times(&mut self, step: SignedDuration) {
        self.state.skills.values_mut().for_each(|state| state.move_read_at(step));
        self.state.resets.move_times(step);
        // The day has another date now. Until the next poll it is not known which.
        self.requests.iter_mut().for_each(|request| request.last_date = None);
    }

    /// Removes skills that belong to another request: to the one that names the skill, else to the first that returned
    /// it. A server that ignores `skill_id` would otherwise give several values for one series. Returns how many were
    /// removed.
    fn remove_skills_of_other_requests(&mut self, request: usize, skills: &mut Vec<ParsedSkill>) -> u64 {
        if self.requests.len() == 1 {
            return 0;
        }
        if self.first_request.len() > MAX_ROWS {
            self.first_request.clear();
        }
        let before = skills.len();
        skills.retain(|ParsedSkill { skill, .. }| {
            let named = self.requests.iter().position(|request| request.selection.0 == skill.id);
            named.unwrap_or_else(|| *self.first_request.entry(Arc::clone(&skill.id)).or_insert(request)) == request
        });
        (before - skills.len()) as u64
    }

    /// Whether a skill that has no state was absent from an earlier response of this day, so that all its calls are
    /// new. A response with the maximum number of rows may lack any skill.
    fn was_absent_today(&self, request: usize, now: &Zoned, rows: usize) -> bool {
        rows < MAX_ROWS && self.requests[request].last_date == Some(now.date())
    }

    /// Removes the service level within a time that was asked for because of the targets of other skills.
    fn remove_unneeded_levels(&self, ParsedSkill { skill, levels, further }: &mut ParsedSkill, asked_for: &[u32]) {
        let target = || self.targets.of(&skill.id)?.service_level.map(|level| level.threshold_seconds);
        let is_needed = |seconds| !asked_for.contains(&seconds) || target() == Some(seconds);
        levels.retain(|(seconds, _)| is_needed(*seconds));
        further.retain(|level| is_needed(level.threshold_seconds));
    }

    /// Updates the counters and builds the report. `parsed` has each skill once.
    fn build_report(&mut self, request: usize, mut parsed: Vec<ParsedSkill>, now: &Zoned) -> SkillsReport {
        let asked_for: Vec<u32> = self.requests[request].thresholds.calls().into_iter().flatten().collect();
        for skill in &mut parsed {
            self.remove_unneeded_levels(skill, &asked_for);
            self.observe_percentages(skill);
        }
        let (denominator, evidence) = self.state.inference.infer();
        let rebase =
            self.requests[request].last_denominator.replace(denominator).is_some_and(|before| before != denominator);

        let reset = self.learn_reset_time(&parsed, now);

        let was_absent_today = self.was_absent_today(request, now, parsed.len());
        let skills = parsed.into_iter().map(|parsed| {
            let totals = day_totals(&parsed, denominator);
            let ParsedSkill { mut skill, levels, further } = parsed;
            let further = further.into_iter().map(|level| (level.threshold_seconds, level.level));
            skill.service_levels = levels.into_iter().chain(further).filter_map(service_level).collect();
            skill.service_levels.sort_unstable_by_key(|level| level.threshold_seconds);
            let state = match self.state.skills.entry(Arc::clone(&skill.id)) {
                Entry::Vacant(entry) if was_absent_today => {
                    // Prometheus's increase() does not see the first value of a series, so the counters are 0 now and
                    // have the calls at the next poll.
                    let state = entry.insert(Box::new(SkillState::start_at_zero(now, &totals)));
                    skill.counters = state.counters();
                    state.update(now, &totals, rebase, reset.as_ref());
                    return skill;
                }
                entry => entry.or_default(),
            };
            skill.counters = state.update(now, &totals, rebase, reset.as_ref());
            skill
        });
        let skills = skills.collect();
        self.state.skills.retain(|_, state| now.timestamp().duration_since(state.read_at()) < REMOVE_SKILLS_AFTER);
        // Without this, responses with new ids at every poll would fill the memory and the state file within that time.
        if self.state.skills.len() > MAX_ROWS {
            self.state.skills.retain(|_, state| state.read_at() == now.timestamp());
        }
        let daily_reset = reset.map(|reset| reset.latest.time());
        SkillsReport { skills, target_thresholds: Vec::new(), denominator, evidence, daily_reset }
    }

    /// Compares the calls received of all skills with those of the last response, and returns the time of the daily
    /// reset if it is known.
    fn learn_reset_time(&mut self, parsed: &[ParsedSkill], now: &Zoned) -> Option<DailyReset> {
        let known = parsed.iter().filter_map(|ParsedSkill { skill, .. }| {
            let state = self.state.skills.get(&skill.id)?;
            Some((state.read_at(), state.last_inbound()?, skill.inbound?))
        });
        // Skills that were not in the last response may have been reset earlier.
        let known: Vec<(Timestamp, u64, u64)> = known.collect();
        let last = known.iter().map(|(read_at, ..)| *read_at).max()?;
        let (before, calls) = known
            .iter()
            .filter(|(read_at, ..)| *read_at == last)
            .fold((0_u64, 0_u64), |(sum, new_sum), (_, old, new)| {
                (sum.saturating_add(*old), new_sum.saturating_add(*new))
            });
        self.state.resets.observe(last, before, now, calls);
        self.state.resets.known(now)
    }

    /// Adds percentages to the inference of the denominator. The same totals again give no new evidence and are
    /// skipped.
    fn observe_percentages(&mut self, ParsedSkill { skill, levels, further }: &ParsedSkill) {
        if let (Some(inbound), Some(answered)) = (skill.inbound, skill.answered) {
            if self.state.skills.get(&skill.id).is_some_and(|state| state.has_same_inbound(inbound)) {
                return;
            }
            for level in levels.iter().filter_map(|(_, level)| *level) {
                self.state.inference.observe(level, inbound, answered);
            }
        }
        for FurtherLevel { level, inbound, answered, .. } in further {
            if let (Some(level), Some(inbound), Some(answered)) = (level, inbound, answered) {
                self.state.inference.observe(*level, *inbound, *answered);
            }
        }
    }
}

/// Converts a row; `None` if it has no `skill_id`.
fn clean(row: SkillRow, errors: &mut ParseErrors) -> Option<ParsedSkill> {
    let count = |value: Option<Count>| value.map(|Count(calls)| calls);
    let text = |value: Option<Text>| value.map(|Text(text)| Arc::<str>::from(text));
    let mut levels = Vec::new();
    for level in row.service_levels {
        levels.push((level.threshold_seconds, errors.take(level.field(), level.level)));
    }
    levels.sort_unstable_by_key(|(threshold, _)| *threshold);
    let skill = Skill {
        name: text(errors.take("skill_name", row.skill_name)),
        calls_in_queue: count(errors.take("calls_in_queue_now", row.calls_in_queue_now)),
        inbound: count(errors.take("stat_inbound", row.stat_inbound)),
        answered: count(errors.take("stat_answer", row.stat_answer)),
        abandoned: count(errors.take("stat_abandon", row.stat_abandon)),
        abandon_ratio: errors.take("by_abandon", row.by_abandon).map(|percentage| percentage.ratio),
        ..Skill::default()
    };
    let is_blank = skill == Skill::default() && levels.iter().all(|(_, level)| level.is_none());
    let id = text(errors.key("skill_id", row.skill_id, is_blank))?;
    Some(ParsedSkill { skill: Skill { id, ..skill }, levels, further: Vec::new() })
}

fn service_level((threshold_seconds, level): (u32, Option<Percentage>)) -> Option<ServiceLevel> {
    Some(ServiceLevel { threshold_seconds, ratio: level?.ratio })
}

/// Whether a response has the service level within this time, also if it is blank.
fn has_threshold(skills: &[ParsedSkill], seconds: u32) -> bool {
    skills.iter().any(|skill| skill.levels.iter().any(|(known, _)| *known == seconds))
}

/// Adds one service level of another response to the same skills. Both have each skill once, ordered by id.
fn add_level(skills: &mut [ParsedSkill], other: Vec<ParsedSkill>, threshold_seconds: u32) {
    for ParsedSkill { skill, levels, .. } in other {
        let Ok(index) = skills.binary_search_by(|known| known.skill.id.cmp(&skill.id)) else { continue };
        let Some((_, level)) = levels.into_iter().find(|(seconds, _)| *seconds == threshold_seconds) else { continue };
        let Skill { inbound, answered, .. } = skill;
        skills[index].further.push(FurtherLevel { threshold_seconds, level, inbound, answered });
    }
}

/// Calls answered within a time, computed from the percentage and the totals of one response.
fn answered_within(level: Option<Percentage>, base: Option<u64>) -> Option<u64> {
    match (base?, level) {
        // Without calls wolkvox sends no percentage, but the number is known: 0. Without it, the first calls of a day
        // would only be a baseline for the calls answered in time, while they are counted as received.
        (0, _) => Some(0),
        (calls, Some(level)) => Some((level.ratio * calls as f64).round() as u64),
        (_, None) => None,
    }
}

fn day_totals(ParsedSkill { skill, levels, further }: &ParsedSkill, denominator: Denominator) -> DayTotals {
    let base = |inbound, answered| match denominator {
        Denominator::Inbound => inbound,
        Denominator::Answered => answered,
    };
    let within = levels.iter().filter_map(|(threshold, level)| {
        Some((*threshold, answered_within(*level, base(skill.inbound, skill.answered))?))
    });
    let within_further = further.iter().filter_map(|further| {
        let base = base(further.inbound, further.answered);
        Some((further.threshold_seconds, answered_within(further.level, base)?))
    });
    DayTotals {
        inbound: skill.inbound,
        answered: skill.answered,
        abandoned: skill.abandoned,
        answered_within: within.chain(within_further).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(skill: Skill, levels: Vec<(u32, Option<Percentage>)>) -> ParsedSkill {
        ParsedSkill { skill, levels, further: Vec::new() }
    }

    #[test]
    fn the_first_calls_of_a_day_answered_in_time_are_counted() {
        let mut skills = skills();
        let mut at = |time: &str, inbound, level| {
            let skill = Skill { id: Arc::from("1"), inbound: Some(inbound), ..Skill::default() };
            let now = format!("2026-11-20T{time}-05[America/Bogota]").parse().unwrap();
            skills.build_report(0, vec![parsed(skill, vec![(20, level)])], &now).skills[0].counters.clone()
        };
        assert_eq!(at("06:59", 0, None).answered_within, [(20, 0)]);
        let percentage = Percentage { ratio: 0.75, decimals: 0 };
        let counters = at("07:04", 8, Some(percentage));
        assert_eq!((counters.inbound, counters.answered_within), (Some(8), vec![(20, 6)]));
    }

    /// The counters of skill 1 at each of these polls: (time, whether an earlier poll of the day had skills, calls).
    fn counters(state: &mut Skills, polls: &[(&str, Option<u64>)]) -> Vec<Option<u64>> {
        let poll = |(time, inbound): &(&str, Option<u64>)| {
            let now: Zoned = format!("2026-11-{time}-05[America/Bogota]").parse().unwrap();
            let skill = |id: &str, inbound| {
                let skill = Skill { id: Arc::from(id), inbound: Some(inbound), ..Skill::default() };
                parsed(skill, Vec::new())
            };
            let skills = inbound.map(|inbound| skill("1", inbound)).into_iter().chain([skill("2", 7)]).collect();
            let report = state.build_report(0, skills, &now);
            state.requests[0].last_date = Some(now.date());
            report.skills.iter().find(|skill| &*skill.id == "1").and_then(|skill| skill.counters.inbound)
        };
        polls.iter().map(poll).collect()
    }

    fn skills() -> Skills {
        Skills::new(&[SkillSelection::all()], Arc::default())
    }

    #[test]
    fn a_skill_that_appears_later_on_the_day_counts_all_its_calls_from_the_next_poll_on() {
        let polls = [("20T08:00", None), ("20T08:01", Some(5)), ("20T08:02", Some(5)), ("20T08:03", Some(9))];
        assert_eq!(counters(&mut skills(), &polls), [None, Some(0), Some(5), Some(9)]);
    }

    #[test]
    fn the_first_value_after_the_start_or_on_another_day_is_the_baseline() {
        assert_eq!(counters(&mut skills(), &[("20T08:00", Some(5)), ("20T08:01", Some(6))]), [Some(0), Some(1)]);
        let polls = [("19T23:59", None), ("20T08:01", Some(5)), ("20T08:02", Some(6))];
        assert_eq!(counters(&mut skills(), &polls), [None, Some(0), Some(1)]);
    }

    #[test]
    fn a_clock_that_is_set_counts_nothing() {
        let mut skills = skills();
        counters(&mut skills, &[("20T10:00", Some(100)), ("20T10:01", Some(104))]);
        skills.move_times(SignedDuration::from_hours(24));
        assert_eq!(counters(&mut skills, &[("21T10:02", Some(105))]), [Some(5)]);
        skills.move_times(SignedDuration::from_hours(-24));
        assert_eq!(counters(&mut skills, &[("20T10:03", Some(107))]), [Some(7)]);
    }

    /// The counter of skill 1 after each of these polls: (time, calls of skill 1, calls of skill 2).
    fn with_a_busy_skill(skills: &mut Skills, polls: &[(&str, Option<u64>, u64)]) -> Option<u64> {
        let mut counter = None;
        for (time, quiet, busy) in polls {
            let now: Zoned = format!("2026-11-{time}-05[America/Bogota]").parse().unwrap();
            let row = |(id, inbound): (&str, Option<u64>)| {
                parsed(Skill { id: Arc::from(id), inbound: Some(inbound?), ..Skill::default() }, Vec::new()).into()
            };
            let rows: Vec<ParsedSkill> = [("1", *quiet), ("2", Some(*busy))].into_iter().filter_map(row).collect();
            let report = skills.build_report(0, rows, &now);
            let quiet = report.skills.iter().find(|skill| &*skill.id == "1");
            counter = quiet.map_or(counter, |skill| skill.counters.inbound);
        }
        counter
    }

    #[test]
    fn once_the_time_of_the_reset_is_known_a_higher_total_after_the_night_is_all_new() {
        let nights = [
            ("18T23:58", Some(9), 300),
            ("19T00:02", Some(0), 1),
            ("19T23:58", Some(9), 300),
            ("20T00:02", Some(0), 1),
            // The quiet skill is not listed before its first call.
            ("20T20:00", Some(2), 250),
            ("20T23:58", None, 300),
            ("21T00:02", None, 1),
            ("21T09:00", Some(5), 40),
        ];
        let mut skills_that_learn = skills();
        // Nine calls of the second day, two of the third, five of the last.
        assert_eq!(with_a_busy_skill(&mut skills_that_learn, &nights), Some(16));
        // Without the first two nights the time is unknown, so only the difference is counted.
        assert_eq!(with_a_busy_skill(&mut skills(), &nights[4..]), Some(3));
        // The knowledge survives a restart.
        let state = skills_that_learn.state().unwrap();
        let mut restarted = skills();
        restarted.restore_state(&state);
        let next_days = [("21T20:00", Some(6), 250), ("22T09:00", Some(8), 260)];
        assert_eq!(with_a_busy_skill(&mut restarted, &next_days), Some(16 + 1 + 8));
    }

    #[test]
    fn the_number_of_skills_in_the_state_is_limited() {
        let mut skills = skills();
        for poll in ["10:00", "10:01", "10:02", "10:03"] {
            let skill = |n| {
                let id = format!("{poll} {n}").into();
                parsed(Skill { id, inbound: Some(1), ..Skill::default() }, Vec::new())
            };
            let now = format!("2026-11-20T{poll}-05[America/Bogota]").parse().unwrap();
            skills.build_report(0, (0..MAX_ROWS / 2).map(skill).collect(), &now);
        }
        assert!(skills.state.skills.len() <= MAX_ROWS, "{}", skills.state.skills.len());
    }
}
