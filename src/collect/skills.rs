//! The collector `skills`: queue, day totals and service level per skill, in real time.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Zoned};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::cleaned::{join, keep_last};
use super::counters::{DayTotals, SkillMemory};
use super::denominator::DenominatorVotes;
use super::faults::Faults;
use super::{Collector, Enabled, Session, Stop, recalled};
use crate::api::values::{Count, Percentage, Text};
use crate::api::wire::SkillRow;
use crate::api::{MAX_ROWS, Query, WireRow as _};
use crate::config::{Operation, SkillsSettings};
use crate::model::{CollectorName, Denominator, Report, ServiceLevel, Skill, SkillsReport};

/// A skill that wolkvox no longer mentions is forgotten after this time; its counters would start anew.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A skill, its service levels still with the digits that they came with.
struct Seen {
    skill: Skill,
    /// By threshold in seconds, ascending; `None` where wolkvox gave no percentage.
    levels: Vec<(u32, Option<Percentage>)>,
}

pub(super) fn enable(operation: &Operation) -> Option<Enabled> {
    let settings = operation.collectors.skills.clone()?;
    Some(Enabled {
        name: CollectorName("skills"),
        cadence: settings.cadence,
        calls_per_poll: settings.skill_ids.len() as u64,
        collector: Box::new(Skills { settings, remembered: Remembered::default(), divides_by: None }),
    })
}

struct Skills {
    settings: SkillsSettings,
    remembered: Remembered,
    /// What percentages were taken as a share of at the last poll.
    divides_by: Option<Denominator>,
}

/// What survives a restart. The votes belong to it: calls answered in time that were counted with one denominator must
/// not be compared with those of another.
#[derive(Default, Serialize, Deserialize)]
struct Remembered {
    /// Apart from the tree, which would keep room for twice as many.
    skills: BTreeMap<Arc<str>, Box<SkillMemory>>,
    votes: DenominatorVotes,
}

impl Collector for Skills {
    fn poll<'a>(&'a mut self, session: &'a mut Session<'_>) -> BoxFuture<'a, Result<Report, Stop>> {
        Box::pin(async move {
            let mut seen = Vec::new();
            for selection in &self.settings.skill_ids {
                let query = Query::new(SkillRow::ENDPOINT).with("skill_id", selection.0.to_string());
                join(&mut seen, session.fetch(&query, clean).await?);
            }
            let duplicates = keep_last(&mut seen, |a, b| a.skill.id.cmp(&b.skill.id));
            session.record_duplicates::<SkillRow>(duplicates);
            Ok(Report::Skills(self.make_sense(seen, &session.now())))
        })
    }

    fn memory(&self) -> Option<Box<RawValue>> {
        to_raw_value(&self.remembered).ok()
    }

    fn restore(&mut self, memory: &RawValue) {
        match recalled(memory) {
            Ok(remembered) => {
                self.remembered = remembered;
                self.divides_by = Some(self.remembered.votes.verdict().0);
            }
            Err(error) => tracing::warn!(%error, "the state file's counters of skills cannot be read; they start anew"),
        }
    }
}

impl Skills {
    /// Makes a report of skills that are each there once.
    fn make_sense(&mut self, seen: Vec<Seen>, now: &Zoned) -> SkillsReport {
        for Seen { skill, levels } in &seen {
            self.listen(skill, levels);
        }
        let (denominator, evidence) = self.remembered.votes.verdict();
        let rebase = self.divides_by.replace(denominator).is_some_and(|before| before != denominator);

        let skills = seen.into_iter().map(|Seen { mut skill, levels }| {
            let totals = day_totals(&skill, &levels, denominator);
            skill.service_levels = levels.into_iter().filter_map(service_level).collect();
            skill.counters =
                self.remembered.skills.entry(Arc::clone(&skill.id)).or_default().read(now, &totals, rebase);
            skill
        });
        let skills = skills.collect();
        self.remembered.skills.retain(|_, memory| now.timestamp().duration_since(memory.read_at()) < FORGOTTEN_AFTER);
        // Ids that are new at every poll would fill memory and state file within the week.
        if self.remembered.skills.len() > MAX_ROWS {
            self.remembered.skills.retain(|_, memory| memory.read_at() == now.timestamp());
        }
        SkillsReport { skills, denominator, evidence }
    }

    /// Lets percentages vote on what they are a share of, but only when they are new: repeating them proves nothing.
    fn listen(&mut self, skill: &Skill, levels: &[(u32, Option<Percentage>)]) {
        let (Some(inbound), Some(answered)) = (skill.inbound, skill.answered) else { return };
        if self.remembered.skills.get(&skill.id).is_some_and(|memory| memory.has_seen(inbound)) {
            return;
        }
        for level in levels.iter().filter_map(|(_, level)| *level) {
            self.remembered.votes.hear(level, inbound, answered);
        }
    }
}

/// One row in clean values; `None` where it has no identification.
fn clean(row: SkillRow, faults: &mut Faults) -> Option<Seen> {
    let count = |value: Option<Count>| value.map(|Count(calls)| calls);
    let text = |value: Option<Text>| value.map(|Text(text)| Arc::<str>::from(text));
    let mut levels = Vec::new();
    for level in row.service_levels {
        levels.push((level.threshold_seconds, faults.take(level.field(), level.level)));
    }
    levels.sort_unstable_by_key(|(threshold, _)| *threshold);
    let skill = Skill {
        name: text(faults.take("skill_name", row.skill_name)),
        calls_in_queue: count(faults.take("calls_in_queue_now", row.calls_in_queue_now)),
        inbound: count(faults.take("stat_inbound", row.stat_inbound)),
        answered: count(faults.take("stat_answer", row.stat_answer)),
        abandoned: count(faults.take("stat_abandon", row.stat_abandon)),
        abandon_ratio: faults.take("by_abandon", row.by_abandon).map(|percentage| percentage.ratio),
        ..Skill::default()
    };
    let is_blank = skill == Skill::default() && levels.iter().all(|(_, level)| level.is_none());
    let id = text(faults.key("skill_id", row.skill_id, is_blank))?;
    Some(Seen { skill: Skill { id, ..skill }, levels })
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
        let mut skills = Skills { settings, remembered: Remembered::default(), divides_by: None };
        let mut at = |time: &str, inbound, level| {
            let skill = Skill { id: Arc::from("1"), inbound: Some(inbound), ..Skill::default() };
            let now = format!("2026-11-20T{time}-05[America/Bogota]").parse().unwrap();
            skills.make_sense(vec![Seen { skill, levels: vec![(20, level)] }], &now).skills[0].counters.clone()
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
        let mut skills = Skills { settings, remembered: Remembered::default(), divides_by: None };
        for poll in ["10:00", "10:01", "10:02", "10:03"] {
            let seen = |n| {
                let id = format!("{poll} {n}").into();
                Seen { skill: Skill { id, inbound: Some(1), ..Skill::default() }, levels: Vec::new() }
            };
            let now = format!("2026-11-20T{poll}-05[America/Bogota]").parse().unwrap();
            skills.make_sense((0..MAX_ROWS / 2).map(seen).collect(), &now);
        }
        assert!(skills.remembered.skills.len() <= MAX_ROWS, "{}", skills.remembered.skills.len());
    }
}
