//! The collector `skills`: queue, day totals and service level of each skill, in real time.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::civil::Date;
use jiff::{SignedDuration, Zoned};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::counters::{DayTotals, SkillState};
use super::denominator::DenominatorInference;
use super::parse_errors::ParseErrors;
use super::parsed_rows::{append, dedup_by_key_keep_last};
use super::{PollContext, PollError, ReportCollector, parse_state};
use crate::api::values::{Count, Percentage, Text};
use crate::api::wire::SkillRow;
use crate::api::{MAX_ROWS, Query, WireRow as _};
use crate::clock::ClockReading;
use crate::config::Operation;
use crate::config::collectors::SkillsSettings;
use crate::model::{Denominator, Report, ServiceLevel, Skill, SkillsReport};

/// The counters of a skill are removed when it has not been in a response for this time. If it returns, they start from
/// zero.
const REMOVE_SKILLS_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A skill whose service levels still have the precision that wolkvox sent.
#[derive(PartialEq)]
struct ParsedSkill {
    skill: Skill,
    /// By threshold in seconds, ascending; `None` where wolkvox sent no percentage.
    levels: Vec<(u32, Option<Percentage>)>,
}

pub(super) fn build(operation: &Operation) -> Option<Box<dyn ReportCollector>> {
    let settings = operation.collectors.skills.clone()?;
    Some(Box::new(Skills {
        settings,
        state: SavedState::default(),
        last_denominator: None,
        last_date: None,
        last_reading: None,
    }))
}

#[derive(Debug)]
struct Skills {
    settings: SkillsSettings,
    state: SavedState,
    /// The denominator of the last poll.
    last_denominator: Option<Denominator>,
    /// The local day of the last poll with skills; `None` before the first and after the clock was set.
    last_date: Option<Date>,
    /// The clock at the last poll, with or without skills, so that each step of the clock is noticed once.
    last_reading: Option<ClockReading>,
}

/// The state that survives a restart. The inference belongs to it, because calls answered in time must not be compared
/// with calls that were computed with another denominator.
#[derive(Debug, Default, Serialize, Deserialize)]
struct SavedState {
    /// Boxed, because a tree reserves memory for twice as many values.
    skills: BTreeMap<Arc<str>, Box<SkillState>>,
    #[serde(rename = "votes")]
    inference: DenominatorInference,
}

impl ReportCollector for Skills {
    fn calls_per_poll(&self) -> u64 {
        self.settings.skill_ids.len() as u64
    }

    fn poll<'a>(&'a mut self, poll: &'a mut PollContext<'_>) -> BoxFuture<'a, Result<Report, PollError>> {
        Box::pin(async move {
            let mut skills = Vec::new();
            for selection in &self.settings.skill_ids {
                let query = Query::new(SkillRow::ENDPOINT).with("skill_id", selection.0.to_string());
                append(&mut skills, poll.fetch(&query, clean).await?);
            }
            let duplicates = dedup_by_key_keep_last(&mut skills, |a, b| a.skill.id.cmp(&b.skill.id));
            poll.record_duplicates::<SkillRow>("skill_id", duplicates);
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
            let report = self.build_report(skills, &now);
            if !is_empty {
                self.last_date = Some(now.date());
            }
            Ok(Report::Skills(report))
        })
    }

    fn state(&self) -> Option<Box<RawValue>> {
        to_raw_value(&self.state).ok()
    }

    fn restore_state(&mut self, state: &RawValue) {
        match parse_state(state) {
            Ok(state) => {
                self.state = state;
                self.last_denominator = Some(self.state.inference.infer().0);
            }
            Err(error) => {
                tracing::warn!(%error, "cannot parse the counters of skills in the state file, so they start from zero");
            }
        }
    }
}

impl Skills {
    /// Moves all saved times, because the system's time was set by `step`.
    fn move_times(&mut self, step: SignedDuration) {
        self.state.skills.values_mut().for_each(|state| state.move_read_at(step));
        // The day has another date now. Until the next poll it is not known which.
        self.last_date = None;
    }

    /// Whether a skill that has no state was absent from an earlier response of this day, so that all its calls are
    /// new. A response with the maximum number of rows may lack any skill.
    fn was_absent_today(&self, now: &Zoned, rows: usize) -> bool {
        rows < MAX_ROWS && self.last_date == Some(now.date())
    }

    /// Updates the counters and builds the report. `parsed` has each skill once.
    fn build_report(&mut self, parsed: Vec<ParsedSkill>, now: &Zoned) -> SkillsReport {
        for ParsedSkill { skill, levels } in &parsed {
            self.observe_percentages(skill, levels);
        }
        let (denominator, evidence) = self.state.inference.infer();
        let rebase = self.last_denominator.replace(denominator).is_some_and(|before| before != denominator);

        let was_absent_today = self.was_absent_today(now, parsed.len());
        let skills = parsed.into_iter().map(|ParsedSkill { mut skill, levels }| {
            let totals = day_totals(&skill, &levels, denominator);
            skill.service_levels = levels.into_iter().filter_map(service_level).collect();
            let state = match self.state.skills.entry(Arc::clone(&skill.id)) {
                Entry::Vacant(entry) if was_absent_today => {
                    // Prometheus's increase() does not see the first value of a series, so the counters are 0 now and
                    // have the calls at the next poll.
                    let state = entry.insert(Box::new(SkillState::start_at_zero(now, &totals)));
                    skill.counters = state.counters();
                    state.update(now, &totals, rebase);
                    return skill;
                }
                entry => entry.or_default(),
            };
            skill.counters = state.update(now, &totals, rebase);
            skill
        });
        let skills = skills.collect();
        self.state.skills.retain(|_, state| now.timestamp().duration_since(state.read_at()) < REMOVE_SKILLS_AFTER);
        // Without this, responses with new ids at every poll would fill the memory and the state file within that time.
        if self.state.skills.len() > MAX_ROWS {
            self.state.skills.retain(|_, state| state.read_at() == now.timestamp());
        }
        SkillsReport { skills, denominator, evidence }
    }

    /// Adds percentages to the inference of the denominator. The same totals again give no new evidence and are
    /// skipped.
    fn observe_percentages(&mut self, skill: &Skill, levels: &[(u32, Option<Percentage>)]) {
        let (Some(inbound), Some(answered)) = (skill.inbound, skill.answered) else { return };
        if self.state.skills.get(&skill.id).is_some_and(|state| state.has_same_inbound(inbound)) {
            return;
        }
        for level in levels.iter().filter_map(|(_, level)| *level) {
            self.state.inference.observe(level, inbound, answered);
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
    Some(ParsedSkill { skill: Skill { id, ..skill }, levels })
}

fn service_level((threshold_seconds, level): (u32, Option<Percentage>)) -> Option<ServiceLevel> {
    Some(ServiceLevel { threshold_seconds, ratio: level?.ratio })
}

fn day_totals(skill: &Skill, levels: &[(u32, Option<Percentage>)], denominator: Denominator) -> DayTotals {
    let base = match denominator {
        Denominator::Inbound => skill.inbound,
        Denominator::Answered => skill.answered,
    };
    let within = |(threshold, level): &(u32, Option<Percentage>)| {
        let calls = match (base?, level) {
            // Without calls wolkvox sends no percentage, but the number is known: 0. Without it, the first calls of a
            // day would only be a baseline for the calls answered in time, while they are counted as received.
            (0, _) => 0,
            (calls, Some(level)) => (level.ratio * calls as f64).round() as u64,
            (_, None) => return None,
        };
        Some((*threshold, calls))
    };
    DayTotals {
        inbound: skill.inbound,
        answered: skill.answered,
        abandoned: skill.abandoned,
        answered_within: levels.iter().filter_map(within).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Cadence;

    #[test]
    fn the_first_calls_of_a_day_answered_in_time_are_counted() {
        let cadence = Cadence::every(std::time::Duration::from_secs(60));
        let settings = SkillsSettings { cadence, skill_ids: Vec::new() };
        let mut skills = Skills {
            settings,
            state: SavedState::default(),
            last_denominator: None,
            last_date: None,
            last_reading: None,
        };
        let mut at = |time: &str, inbound, level| {
            let skill = Skill { id: Arc::from("1"), inbound: Some(inbound), ..Skill::default() };
            let now = format!("2026-11-20T{time}-05[America/Bogota]").parse().unwrap();
            skills.build_report(vec![ParsedSkill { skill, levels: vec![(20, level)] }], &now).skills[0].counters.clone()
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
                ParsedSkill { skill, levels: Vec::new() }
            };
            let skills = inbound.map(|inbound| skill("1", inbound)).into_iter().chain([skill("2", 7)]).collect();
            let report = state.build_report(skills, &now);
            state.last_date = Some(now.date());
            report.skills.iter().find(|skill| &*skill.id == "1").and_then(|skill| skill.counters.inbound)
        };
        polls.iter().map(poll).collect()
    }

    fn skills() -> Skills {
        let cadence = Cadence::every(std::time::Duration::from_secs(60));
        let settings = SkillsSettings { cadence, skill_ids: Vec::new() };
        Skills { settings, state: SavedState::default(), last_denominator: None, last_date: None, last_reading: None }
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

    #[test]
    fn the_number_of_skills_in_the_state_is_limited() {
        let cadence = Cadence::every(std::time::Duration::from_secs(60));
        let settings = SkillsSettings { cadence, skill_ids: Vec::new() };
        let mut skills = Skills {
            settings,
            state: SavedState::default(),
            last_denominator: None,
            last_date: None,
            last_reading: None,
        };
        for poll in ["10:00", "10:01", "10:02", "10:03"] {
            let skill = |n| {
                let id = format!("{poll} {n}").into();
                ParsedSkill { skill: Skill { id, inbound: Some(1), ..Skill::default() }, levels: Vec::new() }
            };
            let now = format!("2026-11-20T{poll}-05[America/Bogota]").parse().unwrap();
            skills.build_report((0..MAX_ROWS / 2).map(skill).collect(), &now);
        }
        assert!(skills.state.skills.len() <= MAX_ROWS, "{}", skills.state.skills.len());
    }
}
