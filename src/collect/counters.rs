//! Counters made of day totals, which are reset every day and are sometimes corrected.
//!
//! Prometheus takes every decrease of a counter for a restart of the process. If the day totals were exported as
//! counters, a correction of one call would look like a burst of all calls of the day. The rules: the first value is
//! the baseline and is not counted. An increase is counted. A decrease is either the daily reset, after which the new
//! value is counted, or a late correction, which adds no calls; corrections have a counter of their own.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize, Serializer};

use super::reset_time::{DailyReset, REPORT_LAG};
use crate::model::SkillCounters;

/// How long after midnight a decrease is still taken for the daily reset.
const RESET_PERIOD: SignedDuration = SignedDuration::from_hours(2);

/// After this time there was a reset at some hour, even if the new totals are higher than the old ones.
const MAX_TIME_BETWEEN_RESETS: SignedDuration = SignedDuration::from_hours(24);

/// Thresholds per skill for which calls are counted; wolkvox sends four. Counters are never removed, so without a
/// limit, responses with new thresholds would create more and more series.
const MAX_THRESHOLDS: usize = 16;

/// The calls of one skill on the running day, from one row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct DayTotals {
    pub(super) inbound: Option<u64>,
    pub(super) answered: Option<u64>,
    pub(super) abandoned: Option<u64>,
    /// Calls answered within (threshold in seconds, calls). They are computed from a rounded percentage, so they may go
    /// up and down by a call.
    pub(super) answered_within: Vec<(u32, u64)>,
}

/// The counters of one skill, and the state that is needed to continue them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct SkillState {
    /// When a row with totals was last read.
    read_at: Timestamp,
    /// Whether midnight has passed and the totals are still those of the old day.
    reset_is_due: bool,
    inbound: CounterState,
    answered: CounterState,
    abandoned: CounterState,
    answered_within: CounterByThreshold,
    corrections: u64,
}

/// One counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct CounterState {
    /// The last day total, `None` before the first.
    last: Option<u64>,
    /// Calls counted so far.
    total: u64,
    /// The day total before it dropped to nearly zero in the middle of a day. If it returns, that was not a reset.
    #[serde(default, rename = "vanished")]
    before_drop: Option<u64>,
}

/// Counters by threshold in seconds, ascending. A skill has few thresholds, for which a list needs a tenth of the
/// memory of a tree.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "BTreeMap<u32, CounterState>")]
struct CounterByThreshold(Vec<(u32, CounterState)>);

/// The cause of a decrease. It is the same for all totals of a skill, because they are reset together.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Decrease {
    /// A new day began.
    DailyReset,
    /// The totals dropped to nearly zero in the middle of a day.
    Dropped,
    /// wolkvox removed calls afterwards.
    Correction,
}

impl SkillState {
    /// Updates the counters with the totals at `now`, local time of the operation. With `rebase`, "answered within" has
    /// another meaning than before, so its values become a new baseline. `reset` is the time of the daily reset, if it
    /// is known.
    pub(super) fn update(
        &mut self,
        now: &Zoned,
        totals: &DayTotals,
        rebase: bool,
        reset: Option<&DailyReset>,
    ) -> SkillCounters {
        // A row without totals can be of the old day or of the new one, so it changes nothing.
        if totals.inbound.or(totals.answered).or(totals.abandoned).is_none() {
            return self.counters();
        }
        let decrease = self.find_decrease(now, totals, reset);
        self.read_at = now.timestamp();
        if matches!(decrease, Some(Decrease::DailyReset | Decrease::Dropped)) {
            self.reset_is_due = false;
        }

        let mut corrected = false;
        let counters = [
            (&mut self.inbound, totals.inbound),
            (&mut self.answered, totals.answered),
            (&mut self.abandoned, totals.abandoned),
        ];
        for (counter, value) in counters {
            match value {
                Some(value) => corrected |= counter.update(value, totals.decrease_of(counter, value, decrease)),
                None => counter.miss(decrease),
            }
        }
        self.corrections = self.corrections.saturating_add(corrected.into());

        for (threshold, value) in &totals.answered_within {
            let Some(counter) = self.answered_within.get_or_create(*threshold) else { continue };
            match totals.decrease_of(counter, *value, decrease) {
                Some(Decrease::DailyReset | Decrease::Dropped) => drop(counter.update(*value, decrease)),
                _ if rebase || corrected => counter.last = Some(*value),
                // A percentage rounded the other way is not a decrease, so the highest value so far is used.
                _ => drop(counter.update((*value).max(counter.last.unwrap_or(0)), None)),
            }
        }
        let is_given = |threshold| totals.answered_within.iter().any(|(given, _)| *given == threshold);
        self.answered_within
            .0
            .iter_mut()
            .filter(|(t, _)| !is_given(*t))
            .for_each(|(_, counter)| counter.miss(decrease));
        self.counters()
    }

    /// Starts a skill that wolkvox did not list before on this day: all its calls are new.
    pub(super) fn start_at_zero(now: &Zoned, totals: &DayTotals) -> Self {
        let zero = || CounterState { last: Some(0), ..CounterState::default() };
        let of = |total: Option<u64>| total.map_or_else(CounterState::default, |_| zero());
        Self {
            read_at: now.timestamp(),
            inbound: of(totals.inbound),
            answered: of(totals.answered),
            abandoned: of(totals.abandoned),
            answered_within: CounterByThreshold(
                totals.answered_within.iter().take(MAX_THRESHOLDS).map(|(threshold, _)| (*threshold, zero())).collect(),
            ),
            ..Self::default()
        }
    }

    /// Moves the time of the last row, because the system's time was set. The time that has passed since then is the
    /// same as before.
    pub(super) fn move_read_at(&mut self, step: SignedDuration) {
        self.read_at = self.read_at.saturating_add(step).unwrap_or(self.read_at);
    }

    /// When a row with totals was last read.
    pub(super) fn read_at(&self) -> Timestamp {
        self.read_at
    }

    /// The last total of calls received.
    pub(super) fn last_inbound(&self) -> Option<u64> {
        self.inbound.last
    }

    /// Whether the last total of calls received was the same.
    pub(super) fn has_same_inbound(&self, inbound: u64) -> bool {
        self.inbound.last == Some(inbound)
    }

    /// The counters as they are.
    pub(super) fn counters(&self) -> SkillCounters {
        let total = |counter: &CounterState| counter.last.map(|_| counter.total);
        SkillCounters {
            inbound: total(&self.inbound),
            answered: total(&self.answered),
            abandoned: total(&self.abandoned),
            answered_within: self
                .answered_within
                .0
                .iter()
                .filter_map(|(threshold, counter)| total(counter).map(|calls| (*threshold, calls)))
                .collect(),
            corrections: self.corrections,
        }
    }

    /// Compares the first total that is known both before and now: calls received, else answered, else abandoned.
    fn find_decrease(&mut self, now: &Zoned, totals: &DayTotals, reset: Option<&DailyReset>) -> Option<Decrease> {
        let then = self.read_at.to_zoned(now.time_zone().clone());
        let since_midnight = now.start_of_day().map_or(SignedDuration::ZERO, |midnight| now.duration_since(&midnight));
        let is_new_day = now.date() > then.date();
        // Only the time since midnight counts, not the time since the last poll: just after midnight, the report may
        // still be of the old day.
        let old_day_is_over = is_new_day && since_midnight > REPORT_LAG;
        self.reset_is_due = is_new_day || self.reset_is_due && since_midnight < RESET_PERIOD;

        let pairs = [
            (self.inbound.last, totals.inbound),
            (self.answered.last, totals.answered),
            (self.abandoned.last, totals.abandoned),
        ];
        let (last, value) = pairs.into_iter().find_map(|(last, value)| last.zip(value))?;
        if now.duration_since(&then) >= MAX_TIME_BETWEEN_RESETS || reset.is_some_and(|it| it.was_between(&then, now)) {
            return Some(Decrease::DailyReset);
        }
        if value >= last {
            return None;
        }
        // A correction removes only a few calls. While the report may still be of the old day, a decrease of less than
        // a tenth is a correction, because a reset would leave nearly nothing.
        let small = value.saturating_mul(10) > last.saturating_mul(9);
        let near_zero = value.saturating_mul(10) <= last;
        Some(if self.reset_is_due && (old_day_is_over || !small) {
            Decrease::DailyReset
        } else if near_zero {
            Decrease::Dropped
        } else {
            Decrease::Correction
        })
    }
}

impl CounterByThreshold {
    /// The counter of a threshold. Creates it if it is new; `None` if there are too many.
    fn get_or_create(&mut self, threshold: u32) -> Option<&mut CounterState> {
        let index = match self.0.binary_search_by_key(&threshold, |(known, _)| *known) {
            Ok(index) => index,
            Err(_) if self.0.len() >= MAX_THRESHOLDS => return None,
            Err(index) => {
                // Exactly one more, because there can be 60,000 of these lists.
                self.0.reserve_exact(1);
                self.0.insert(index, (threshold, CounterState::default()));
                index
            }
        };
        self.0.get_mut(index).map(|(_, counter)| counter)
    }
}

impl From<BTreeMap<u32, CounterState>> for CounterByThreshold {
    fn from(counters: BTreeMap<u32, CounterState>) -> Self {
        Self(counters.into_iter().collect())
    }
}

/// In the state file it is an object with the thresholds as keys.
impl Serialize for CounterByThreshold {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(threshold, counter)| (threshold, counter)))
    }
}

impl DayTotals {
    /// The cause of a decrease for one total. A total that has not decreased and is larger than the calls received
    /// since then was not reset with the others. Then wolkvox reset only some totals, and a whole day would be counted
    /// again.
    fn decrease_of(&self, counter: &CounterState, value: u64, decrease: Option<Decrease>) -> Option<Decrease> {
        let was_not_reset =
            counter.last.is_some_and(|last| value >= last) && self.inbound.is_some_and(|inbound| value > inbound);
        decrease.filter(|_| !was_not_reset)
    }
}

impl CounterState {
    /// Adds calls. An absurdly high percentage must not make the counter overflow and start again.
    fn add(&mut self, calls: u64) {
        self.total = self.total.saturating_add(calls);
    }

    /// Updates the counter with a row without this total (a percentage of no calls is blank). If the others were reset,
    /// it was reset too, and the next value contains only calls since then.
    fn miss(&mut self, decrease: Option<Decrease>) {
        if self.last.is_some() && matches!(decrease, Some(Decrease::DailyReset | Decrease::Dropped)) {
            self.update(0, decrease);
        }
    }

    /// Updates the counter; returns whether the value was a correction.
    fn update(&mut self, value: u64, decrease: Option<Decrease>) -> bool {
        let Some(last) = self.last.replace(value) else { return false };
        match decrease {
            Some(Decrease::DailyReset) => {
                self.add(value);
                self.before_drop = None;
                false
            }
            Some(Decrease::Dropped) => {
                self.add(value);
                self.before_drop = Some(last);
                false
            }
            Some(Decrease::Correction) | None if value < last => true,
            Some(Decrease::Correction) | None => {
                let new_calls = match self.before_drop {
                    // The total returned in one step to the value before the drop: only the difference is new.
                    Some(before_drop) if value >= before_drop && value - last >= before_drop / 2 => {
                        self.before_drop = None;
                        (value - before_drop).saturating_sub(last)
                    }
                    _ => value - last,
                };
                self.add(new_calls);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(moment: &str) -> Zoned {
        format!("2026-11-{moment}-05[America/Bogota]").parse().unwrap()
    }

    fn inbound(calls: u64) -> DayTotals {
        DayTotals { inbound: Some(calls), ..DayTotals::default() }
    }

    /// Updates with (time, calls received) one after the other; returns the counter and the corrections at the end.
    fn after(values: &[(&str, u64)]) -> (u64, u64) {
        let mut state = SkillState::default();
        let mut counters = SkillCounters::default();
        for (moment, calls) in values {
            counters = state.update(&at(moment), &inbound(*calls), false, None);
        }
        (counters.inbound.unwrap(), counters.corrections)
    }

    #[test]
    fn the_first_value_is_the_baseline() {
        assert_eq!(after(&[("02T10:00", 428)]), (0, 0));
    }

    #[test]
    fn an_increase_is_counted() {
        assert_eq!(after(&[("02T10:00", 428), ("02T10:01", 431), ("02T10:02", 431)]), (3, 0));
    }

    #[test]
    fn the_daily_reset_counts_the_new_days_calls() {
        assert_eq!(after(&[("02T23:59", 1200), ("03T00:01", 4), ("03T00:02", 6)]), (6, 0));
        assert_eq!(after(&[("02T23:55", 100), ("03T00:01", 60)]), (60, 0));
    }

    #[test]
    fn a_reset_that_is_late_because_the_report_lags_is_a_reset() {
        assert_eq!(after(&[("02T23:59", 300), ("03T00:02", 301), ("03T00:12", 40), ("03T00:13", 42)]), (43, 0));
    }

    #[test]
    fn a_reset_during_a_long_pause_counts_the_new_days_calls() {
        assert_eq!(after(&[("02T15:00", 100), ("03T15:00", 95)]), (95, 0));
    }

    #[test]
    fn after_a_weekend_all_calls_of_the_day_are_new_even_if_there_are_more() {
        assert_eq!(after(&[("06T09:00", 50), ("09T15:00", 300), ("09T15:01", 301)]), (301, 0));
    }

    #[test]
    fn a_late_correction_adds_no_calls() {
        assert_eq!(after(&[("02T10:00", 1000), ("02T10:01", 1010), ("02T10:02", 1007), ("02T10:03", 1009)]), (12, 1));
    }

    #[test]
    fn a_late_correction_just_after_midnight_is_not_a_reset() {
        assert_eq!(after(&[("02T23:59", 1200), ("03T00:01", 1199), ("03T00:12", 5)]), (5, 1));
    }

    #[test]
    fn a_late_correction_just_after_midnight_is_not_a_reset_even_after_a_pause() {
        assert_eq!(after(&[("02T23:20", 1200), ("03T00:02", 1199), ("03T00:15", 3)]), (3, 1));
    }

    #[test]
    fn a_drop_to_nearly_zero_at_another_hour_is_a_reset() {
        assert_eq!(after(&[("02T19:00", 900), ("02T19:01", 3), ("02T19:02", 8)]), (8, 0));
    }

    #[test]
    fn totals_that_drop_and_return_are_not_counted_twice() {
        assert_eq!(after(&[("02T10:00", 1000), ("02T10:01", 0), ("02T10:02", 1004), ("02T10:03", 1005)]), (5, 0));
    }

    #[test]
    fn one_total_that_drops_alone_does_not_count_the_others_again() {
        let mut state = SkillState::default();
        let day = |inbound, answered, within| DayTotals {
            inbound: Some(inbound),
            answered: Some(answered),
            answered_within: vec![(20, within)],
            ..DayTotals::default()
        };
        state.update(&at("02T10:00"), &day(1000, 950, 800), false, None);
        state.update(&at("02T10:01"), &day(0, 951, 801), false, None);
        let counters = state.update(&at("02T10:02"), &day(1003, 952, 802), false, None);
        assert_eq!((counters.inbound, counters.answered), (Some(3), Some(2)));
        assert_eq!((counters.answered_within, counters.corrections), (vec![(20, 2)], 0));
    }

    #[test]
    fn a_skill_without_calls_counts_nothing_over_midnight() {
        assert_eq!(after(&[("02T23:59", 0), ("03T00:01", 0), ("03T08:00", 2)]), (2, 0));
    }

    #[test]
    fn a_row_without_totals_changes_nothing() {
        let mut state = SkillState::default();
        state.update(&at("02T10:00"), &inbound(10), false, None);
        let counters = state.update(&at("02T10:01"), &DayTotals::default(), false, None);
        assert_eq!((counters.inbound, counters.answered), (Some(0), None));
        assert_eq!(state.update(&at("02T10:02"), &inbound(12), false, None).inbound, Some(2));
    }

    #[test]
    fn a_day_that_begins_without_totals_is_detected_with_the_first_totals() {
        let mut state = SkillState::default();
        state.update(&at("02T23:50"), &inbound(20), false, None);
        state.update(&at("03T07:55"), &DayTotals::default(), false, None);
        let counters = state.update(&at("03T08:00"), &inbound(5), false, None);
        assert_eq!((counters.inbound, counters.corrections), (Some(5), 0));
    }

    #[test]
    fn all_totals_of_a_skill_are_reset_together() {
        let mut state = SkillState::default();
        let day = |inbound, abandoned| DayTotals {
            inbound: Some(inbound),
            abandoned: Some(abandoned),
            ..DayTotals::default()
        };
        state.update(&at("02T23:59"), &day(500, 20), false, None);
        // 19 alone would look like a correction of 20.
        let counters = state.update(&at("03T09:00"), &day(100, 19), false, None);
        assert_eq!((counters.inbound, counters.abandoned, counters.corrections), (Some(100), Some(19), 0));
    }

    fn within(inbound: u64, calls: u64) -> DayTotals {
        DayTotals { inbound: Some(inbound), answered_within: vec![(20, calls)], ..DayTotals::default() }
    }

    #[test]
    fn rounding_of_percentages_counts_nothing_twice_and_is_not_a_correction() {
        let mut state = SkillState::default();
        let mut counters = SkillCounters::default();
        for calls in [800, 801, 800, 801, 800, 802] {
            counters = state.update(&at("02T10:00"), &within(1000, calls), false, None);
        }
        assert_eq!((counters.answered_within, counters.corrections), (vec![(20, 2)], 0));
    }

    #[test]
    fn the_number_of_thresholds_with_counters_is_limited() {
        let mut state = SkillState::default();
        let update = |state: &mut SkillState, threshold, calls| {
            let answered_within = vec![(threshold, calls)];
            state.update(&at("02T10:00"), &DayTotals { answered_within, ..inbound(1000) }, false, None).answered_within
        };
        for threshold in 1..100 {
            update(&mut state, threshold, 1);
        }
        let counted = update(&mut state, 1, 3);
        assert_eq!((counted.len(), counted[0]), (MAX_THRESHOLDS, (1, 2)));
    }

    #[test]
    fn after_a_correction_calls_answered_in_time_have_a_new_baseline() {
        let mut state = SkillState::default();
        state.update(&at("02T10:00"), &within(1000, 800), false, None);
        state.update(&at("02T10:01"), &within(990, 790), false, None);
        let counters = state.update(&at("02T10:02"), &within(995, 794), false, None);
        assert_eq!((counters.answered_within, counters.corrections), (vec![(20, 4)], 1));
    }

    #[test]
    fn a_reset_while_there_is_no_percentage_yet_counts_the_new_days_calls_answered_in_time() {
        let mut state = SkillState::default();
        state.update(&at("02T23:50"), &within(1200, 960), false, None);
        state.update(&at("03T00:05"), &inbound(0), false, None);
        let counters = state.update(&at("03T08:00"), &within(10, 9), false, None);
        assert_eq!((counters.inbound, counters.answered_within), (Some(10), vec![(20, 9)]));
    }

    #[test]
    fn a_total_that_is_missing_at_the_reset_is_reset_with_the_others() {
        let mut state = SkillState::default();
        let day = |inbound, answered| DayTotals { inbound: Some(inbound), answered, ..DayTotals::default() };
        state.update(&at("02T23:50"), &day(1200, Some(1000)), false, None);
        state.update(&at("03T00:05"), &day(0, None), false, None);
        let counters = state.update(&at("03T08:00"), &day(10, Some(9)), false, None);
        assert_eq!((counters.answered, counters.corrections), (Some(9), 0));
    }

    #[test]
    fn a_changed_denominator_makes_a_new_baseline() {
        let mut state = SkillState::default();
        state.update(&at("02T10:00"), &within(1000, 800), false, None);
        let counters = state.update(&at("02T10:01"), &within(1001, 900), true, None);
        assert_eq!(counters.answered_within, vec![(20, 0)]);
    }

    #[test]
    fn a_counter_at_the_maximum_stays_there() {
        let mut state = SkillState::default();
        for (day, calls) in [("02T10:00", 1), ("02T10:01", u64::MAX), ("03T10:00", 1), ("03T10:01", u64::MAX)] {
            state.update(&at(day), &within(calls, calls), false, None);
        }
        let counters = state.update(&at("03T10:02"), &within(u64::MAX, u64::MAX), false, None);
        assert_eq!((counters.inbound, counters.answered_within), (Some(u64::MAX), vec![(20, u64::MAX)]));
    }

    #[test]
    fn a_skill_continues_counting_after_its_state_was_saved_and_restored() {
        let mut state = SkillState::default();
        state.update(&at("02T10:00"), &within(1000, 800), false, None);
        state.update(&at("02T10:01"), &within(1010, 808), false, None);
        let restored = serde_json::from_value::<SkillState>(serde_json::to_value(&state).unwrap()).unwrap();
        assert_eq!(restored, state);
        let counters = state.update(&at("02T10:05"), &within(1012, 810), false, None);
        assert_eq!((counters.inbound, counters.answered_within), (Some(12), vec![(20, 10)]));
    }
}
