//! A part of a poll that the benches measure alone. Only the feature `measuring` compiles it.

use jiff::{ToSpan as _, Zoned};

use super::counters::{DayTotals, SkillState};

/// Calls that each skill receives between two polls.
const CALLS: u64 = 3;

/// The counters of some skills with the thresholds that wolkvox sends.
#[derive(Clone, Debug)]
pub struct Counters {
    now: Zoned,
    inbound: u64,
    skills: Vec<SkillState>,
}

impl Counters {
    /// Counters that have read the totals of one poll, at `now`.
    pub fn new(skills: usize, now: Zoned) -> Self {
        let mut counters = Self { now, inbound: 100, skills: vec![SkillState::default(); skills] };
        counters.poll();
        counters
    }

    /// Reads the totals of the next poll, a minute later. Returns the calls received of all skills.
    pub fn poll(&mut self) -> u64 {
        self.now = self.now.saturating_add(1.minute());
        self.inbound += CALLS;
        let (now, inbound) = (&self.now, self.inbound);
        let totals = DayTotals {
            inbound: Some(inbound),
            answered: Some(inbound * 9 / 10),
            abandoned: Some(inbound / 10),
            answered_within: [(10, 70), (20, 80), (30, 85)].map(|(s, share)| (s, inbound * share / 100)).into(),
        };
        let counted = self.skills.iter_mut().map(|skill| skill.update(now, &totals, false, None));
        counted.filter_map(|counters| counters.inbound).sum()
    }
}
