//! The collector `skills`: queue, day totals and service level per skill, in real time.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Zoned};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::counters::{DayTotals, SkillState};
use super::denominator::DenominatorInference;
use super::parse_errors::ParseErrors;
use super::parsed_rows::{dedup_by_key_keep_last, join};
use super::{PollContext, PollError, ReportCollector, parse_state};
use crate::api::values::{Count, Percentage, Text};
use crate::api::wire::SkillRow;
use crate::api::{MAX_ROWS, Query, WireRow as _};
use crate::config::{Operation, SkillsSettings};
use crate::model::{Denominator, Report, ServiceLevel, Skill, SkillsReport};

/// A skill that wolkvox no longer mentions is forgotten after this time; its counters would start anew.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A skill, its service levels still with the digits that they came with.
struct ParsedSkill {
    skill: Skill,
    /// By threshold in seconds, ascending; `None` where wolkvox gave no percentage.
    levels: Vec<(u32, Option<Percentage>)>,
}

pub(super) fn build(operation: &Operation) -> Option<Box<dyn ReportCollector>> {
    let settings = operation.collectors.skills.clone()?;
    Some(Box::new(Skills { settings, state: SavedState::default(), divides_by: None }))
}

#[derive(Debug)]
struct Skills {
    settings: SkillsSettings,
    state: SavedState,
    /// What percentages were taken as a share of at the last poll.
    divides_by: Option<Denominator>,
}

/// What survives a restart. The votes belong to it: calls answered in time that were counted with one denominator must
/// not be compared with those of another.
#[derive(Debug, Default, Serialize, Deserialize)]
struct SavedState {
    /// Apart from the tree, which would keep room for twice as many.
    skills: BTreeMap<Arc<str>, Box<SkillState>>,
    votes: DenominatorInference,
}

impl ReportCollector for Skills {
    fn calls_per_poll(&self) -> u64 {
        self.settings.skill_ids.len() as u64
    }

    fn poll<'a>(&'a mut self, poll: &'a mut PollContext<'_>) -> BoxFuture<'a, Result<Report, PollError>> {
        Box::pin(async move {
            let mut seen = Vec::new();
            for selection in &self.settings.skill_ids {
                let query = Query::new(SkillRow::ENDPOINT).with("skill_id", selection.0.to_string());
                join(&mut seen, poll.fetch(&query, clean).await?);
            }
            let duplicates = dedup_by_key_keep_last(&mut seen, |a, b| a.skill.id.cmp(&b.skill.id));
            poll.record_duplicates::<SkillRow>(duplicates);
            Ok(Report::Skills(self.build_report(seen, &poll.now())))
        })
    }

    fn state(&self) -> Option<Box<RawValue>> {
        to_raw_value(&self.state).ok()
    }

    fn restore_state(&mut self, state: &RawValue) {
        match parse_state(state) {
            Ok(state) => {
                self.state = state;
                self.divides_by = Some(self.state.votes.infer().0);
            }
            Err(error) => tracing::warn!(%error, "the state file's counters of skills cannot be read; they start anew"),
        }
    }
}

impl Skills {
    /// Makes a report of skills that are each there once.
    fn build_report(&mut self, seen: Vec<ParsedSkill>, now: &Zoned) -> SkillsReport {
        for ParsedSkill { skill, levels } in &seen {
            self.observe_percentages(skill, levels);
        }
        let (denominator, evidence) = self.state.votes.infer();
        let rebase = self.divides_by.replace(denominator).is_some_and(|before| before != denominator);

        let skills = seen.into_iter().map(|ParsedSkill { mut skill, levels }| {
            let totals = day_totals(&skill, &levels, denominator);
            skill.service_levels = levels.into_iter().filter_map(service_level).collect();
            skill.counters = self.state.skills.entry(Arc::clone(&skill.id)).or_default().read(now, &totals, rebase);
            skill
        });
        let skills = skills.collect();
        self.state.skills.retain(|_, memory| now.timestamp().duration_since(memory.read_at()) < FORGOTTEN_AFTER);
        // Ids that are new at every poll would fill memory and state file within the week.
        if self.state.skills.len() > MAX_ROWS {
            self.state.skills.retain(|_, memory| memory.read_at() == now.timestamp());
        }
        SkillsReport { skills, denominator, evidence }
    }

    /// Lets percentages vote on what they are a share of, but only when they are new: repeating them proves nothing.
    fn observe_percentages(&mut self, skill: &Skill, levels: &[(u32, Option<Percentage>)]) {
        let (Some(inbound), Some(answered)) = (skill.inbound, skill.answered) else { return };
        if self.state.skills.get(&skill.id).is_some_and(|memory| memory.has_seen(inbound)) {
            return;
        }
        for level in levels.iter().filter_map(|(_, level)| *level) {
            self.state.votes.observe(level, inbound, answered);
        }
    }
}

/// One row in clean values; `None` where it has no identification.
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
    let divided = match denominator {
        Denominator::Inbound => skill.inbound,
        Denominator::Answered => skill.answered,
    };
    let within = |(threshold, level): &(u32, Option<Percentage>)| {
        let calls = match (divided?, level) {
            // Of no calls no percentage is given, but it is known: without the 0 the first calls of a day would be a
            // baseline for what was answered in time, and counted for what was received.
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
    fn the_first_calls_of_a_day_that_were_answered_in_time_are_counted() {
        let cadence = Cadence::every(std::time::Duration::from_secs(60));
        let settings = SkillsSettings { cadence, skill_ids: Vec::new() };
        let mut skills = Skills { settings, state: SavedState::default(), divides_by: None };
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

    #[test]
    fn skills_that_are_new_at_every_poll_are_not_all_remembered() {
        let cadence = Cadence::every(std::time::Duration::from_secs(60));
        let settings = SkillsSettings { cadence, skill_ids: Vec::new() };
        let mut skills = Skills { settings, state: SavedState::default(), divides_by: None };
        for poll in ["10:00", "10:01", "10:02", "10:03"] {
            let seen = |n| {
                let id = format!("{poll} {n}").into();
                ParsedSkill { skill: Skill { id, inbound: Some(1), ..Skill::default() }, levels: Vec::new() }
            };
            let now = format!("2026-11-20T{poll}-05[America/Bogota]").parse().unwrap();
            skills.build_report((0..MAX_ROWS / 2).map(seen).collect(), &now);
        }
        assert!(skills.state.skills.len() <= MAX_ROWS, "{}", skills.state.skills.len());
    }
}
