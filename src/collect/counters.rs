//! Counters made of day totals that start anew every day and are now and then corrected.
//!
//! Prometheus reads any fall of a counter as a restart of the process, so handing the day totals through would turn a
//! correction of one call into a burst of a whole day's calls. The rules: the first reading is a baseline and not counted;
//! a rise is counted; a fall is either the daily reset, after which the new value is counted, or a late correction, which
//! counts nothing and is itself counted.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize, Serializer};

use crate::model::SkillCounters;

/// How long after midnight reports may still show the old day (vendor's reports lag 10 to 13 minutes), with room.
const REPORT_LAG: SignedDuration = SignedDuration::from_mins(30);

/// How long after midnight a fall is still read as the reset of the old day.
const RESET_IS_DUE: SignedDuration = SignedDuration::from_hours(2);

/// At whatever hour totals are reset, after so long they were, even if they have risen above the old ones meanwhile.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Thresholds that one skill counts calls for, over all polls; wolkvox sends four. Counters are never forgotten, so
/// answers with ever new thresholds would be ever more series.
const MAX_THRESHOLDS: usize = 16;

/// What one reading says of one skill: calls of the running day.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct DayTotals {
    pub(super) inbound: Option<u64>,
    pub(super) answered: Option<u64>,
    pub(super) abandoned: Option<u64>,
    /// Calls answered within (threshold in seconds, calls): computed from a rounded percentage, so they may waver.
    pub(super) answered_within: Vec<(u32, u64)>,
}

/// The counters of one skill and what is needed to go on counting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct SkillState {
    /// When a total was last read.
    read_at: Timestamp,
    /// Whether midnight has passed and the totals are still the old day's.
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
    /// The day total at the last reading, `None` before the first.
    last: Option<u64>,
    /// Counted so far.
    total: u64,
    /// The day total before it fell to near zero in the middle of a day: should it come back, it was no reset.
    #[serde(default, rename = "vanished")]
    before_drop: Option<u64>,
}

/// Counters by threshold in seconds, ascending. A skill has a handful: a list is a tenth of a tree that has room for more.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "BTreeMap<u32, CounterState>")]
struct CounterByThreshold(Vec<(u32, CounterState)>);

/// What a fall means, decided once for all totals of a skill: they are reset together.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fall {
    /// The day began anew.
    DailyReset,
    /// The totals are gone in the middle of a day.
    Dropped,
    /// wolkvox took calls back.
    Correction,
}

impl SkillState {
    /// Takes a reading of `now`, local time of the operation. `rebase` says that what "answered within" means has changed.
    pub(super) fn read(&mut self, now: &Zoned, totals: &DayTotals, rebase: bool) -> SkillCounters {
        // A row without totals shows no day; whether midnight has been seen is for the next one to tell.
        if totals.inbound.or(totals.answered).or(totals.abandoned).is_none() {
            return self.counters();
        }
        let fall = self.judge(now, totals);
        self.read_at = now.timestamp();
        if matches!(fall, Some(Fall::DailyReset | Fall::Dropped)) {
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
                Some(value) => corrected |= counter.read(value, totals.fall_of(counter, value, fall)),
                None => counter.miss(fall),
            }
        }
        self.corrections += u64::from(corrected);

        for (threshold, value) in &totals.answered_within {
            let Some(counter) = self.answered_within.of(*threshold) else { continue };
            match totals.fall_of(counter, *value, fall) {
                Some(Fall::DailyReset | Fall::Dropped) => drop(counter.read(*value, fall)),
                _ if rebase || corrected => counter.last = Some(*value),
                // A percentage rounded the other way is no fall: what counts is the highest value so far.
                _ => drop(counter.read((*value).max(counter.last.unwrap_or(0)), None)),
            }
        }
        let is_given = |threshold| totals.answered_within.iter().any(|(given, _)| *given == threshold);
        self.answered_within.0.iter_mut().filter(|(t, _)| !is_given(*t)).for_each(|(_, counter)| counter.miss(fall));
        self.counters()
    }

    /// When a total was last read.
    pub(super) fn read_at(&self) -> Timestamp {
        self.read_at
    }

    /// Whether the last reading had as many calls received.
    pub(super) fn has_seen(&self, inbound: u64) -> bool {
        self.inbound.last == Some(inbound)
    }

    fn counters(&self) -> SkillCounters {
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

    /// Looks at the total that says most, calls received, or the next one that both readings have.
    fn judge(&mut self, now: &Zoned, totals: &DayTotals) -> Option<Fall> {
        let then = self.read_at.to_zoned(now.time_zone().clone());
        let since_midnight = now.start_of_day().map_or(SignedDuration::ZERO, |midnight| now.duration_since(&midnight));
        let is_new_day = now.date() > then.date();
        // How long nobody looked says nothing: at midnight itself the report may still be the old day's.
        let old_day_is_over = is_new_day && since_midnight > REPORT_LAG;
        self.reset_is_due = is_new_day || self.reset_is_due && since_midnight < RESET_IS_DUE;

        let pairs = [
            (self.inbound.last, totals.inbound),
            (self.answered.last, totals.answered),
            (self.abandoned.last, totals.abandoned),
        ];
        let (last, value) = pairs.into_iter().find_map(|(last, value)| last.zip(value))?;
        if now.duration_since(&then) >= A_DAY {
            return Some(Fall::DailyReset);
        }
        if value >= last {
            return None;
        }
        // Corrections take back a few calls. A fall of less than a tenth while the old day's totals may still be shown is
        // one of them; the reset would leave next to nothing.
        let small = value.saturating_mul(10) > last.saturating_mul(9);
        let near_zero = value.saturating_mul(10) <= last;
        Some(if self.reset_is_due && (old_day_is_over || !small) {
            Fall::DailyReset
        } else if near_zero {
            Fall::Dropped
        } else {
            Fall::Correction
        })
    }
}

impl CounterByThreshold {
    /// The one of a threshold, a new one if need be and if there are not too many.
    fn of(&mut self, threshold: u32) -> Option<&mut CounterState> {
        let place = match self.0.binary_search_by_key(&threshold, |(known, _)| *known) {
            Ok(place) => place,
            Err(_) if self.0.len() >= MAX_THRESHOLDS => return None,
            Err(place) => {
                // No more room than there are counters: there are 60,000 such lists.
                self.0.reserve_exact(1);
                self.0.insert(place, (threshold, CounterState::default()));
                place
            }
        };
        self.0.get_mut(place).map(|(_, counter)| counter)
    }
}

impl From<BTreeMap<u32, CounterState>> for CounterByThreshold {
    fn from(counters: BTreeMap<u32, CounterState>) -> Self {
        Self(counters.into_iter().collect())
    }
}

/// In the state file they are an object, the thresholds its keys.
impl Serialize for CounterByThreshold {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(threshold, counter)| (threshold, counter)))
    }
}

impl DayTotals {
    /// What `fall` means for one total. One that has not fallen and is larger than the calls received since was not
    /// reset with the others: wolkvox showed one total without the rest, and a whole day would be counted again.
    fn fall_of(&self, counter: &CounterState, value: u64, fall: Option<Fall>) -> Option<Fall> {
        let stays =
            counter.last.is_some_and(|last| value >= last) && self.inbound.is_some_and(|inbound| value > inbound);
        fall.filter(|_| !stays)
    }
}

impl CounterState {
    /// Counts. A percentage may be larger than any sense allows; a counter must not start over for it.
    fn add(&mut self, calls: u64) {
        self.total = self.total.saturating_add(calls);
    }

    /// Takes a reading that lacks this total (a percentage of no calls is blank): it was reset with the others, and what
    /// it shows next are calls since then.
    fn miss(&mut self, fall: Option<Fall>) {
        if self.last.is_some() && matches!(fall, Some(Fall::DailyReset | Fall::Dropped)) {
            self.read(0, fall);
        }
    }

    /// Takes a reading; says whether it was a correction.
    fn read(&mut self, value: u64, fall: Option<Fall>) -> bool {
        let Some(last) = self.last.replace(value) else { return false };
        match fall {
            Some(Fall::DailyReset) => {
                self.add(value);
                self.before_drop = None;
                false
            }
            Some(Fall::Dropped) => {
                self.add(value);
                self.before_drop = Some(last);
                false
            }
            Some(Fall::Correction) | None if value < last => true,
            Some(Fall::Correction) | None => {
                let more = match self.before_drop {
                    // Back above what had been dropped, in one step: all but the difference was counted before.
                    Some(before_drop) if value >= before_drop && value - last >= before_drop / 2 => {
                        self.before_drop = None;
                        (value - before_drop).saturating_sub(last)
                    }
                    _ => value - last,
                };
                self.add(more);
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

    /// Reads (time, calls received) one after the other; the counter and the corrections at the end.
    fn after(readings: &[(&str, u64)]) -> (u64, u64) {
        let mut memory = SkillState::default();
        let mut counters = SkillCounters::default();
        for (moment, calls) in readings {
            counters = memory.read(&at(moment), &inbound(*calls), false);
        }
        (counters.inbound.unwrap(), counters.corrections)
    }

    #[test]
    fn the_first_reading_is_the_baseline() {
        assert_eq!(after(&[("02T10:00", 428)]), (0, 0));
    }

    #[test]
    fn a_rise_is_counted() {
        assert_eq!(after(&[("02T10:00", 428), ("02T10:01", 431), ("02T10:02", 431)]), (3, 0));
    }

    #[test]
    fn the_daily_reset_counts_the_new_days_calls() {
        assert_eq!(after(&[("02T23:59", 1200), ("03T00:01", 4), ("03T00:02", 6)]), (6, 0));
        assert_eq!(after(&[("02T23:55", 100), ("03T00:01", 60)]), (60, 0));
    }

    #[test]
    fn a_reset_that_comes_late_because_the_report_lags_is_still_one() {
        assert_eq!(after(&[("02T23:59", 300), ("03T00:02", 301), ("03T00:12", 40), ("03T00:13", 42)]), (43, 0));
    }

    #[test]
    fn a_reset_while_nobody_looked_counts_the_new_days_calls() {
        assert_eq!(after(&[("02T15:00", 100), ("03T15:00", 95)]), (95, 0));
    }

    #[test]
    fn after_a_weekend_all_calls_of_the_day_are_new_even_if_they_are_more_than_last_time() {
        assert_eq!(after(&[("06T09:00", 50), ("09T15:00", 300), ("09T15:01", 301)]), (301, 0));
    }

    #[test]
    fn a_late_correction_counts_nothing_but_itself() {
        assert_eq!(after(&[("02T10:00", 1000), ("02T10:01", 1010), ("02T10:02", 1007), ("02T10:03", 1009)]), (12, 1));
    }

    #[test]
    fn a_late_correction_just_after_midnight_is_no_reset() {
        assert_eq!(after(&[("02T23:59", 1200), ("03T00:01", 1199), ("03T00:12", 5)]), (5, 1));
    }

    #[test]
    fn a_late_correction_just_after_midnight_is_no_reset_even_if_nobody_looked_for_a_while() {
        assert_eq!(after(&[("02T23:20", 1200), ("03T00:02", 1199), ("03T00:15", 3)]), (3, 1));
    }

    #[test]
    fn a_reset_at_another_hour_is_seen_by_the_fall_to_near_zero() {
        assert_eq!(after(&[("02T19:00", 900), ("02T19:01", 3), ("02T19:02", 8)]), (8, 0));
    }

    #[test]
    fn totals_that_vanish_and_come_back_are_not_counted_twice() {
        assert_eq!(after(&[("02T10:00", 1000), ("02T10:01", 0), ("02T10:02", 1004), ("02T10:03", 1005)]), (5, 0));
    }

    #[test]
    fn one_total_that_vanishes_alone_does_not_count_the_others_again() {
        let mut memory = SkillState::default();
        let day = |inbound, answered, within| DayTotals {
            inbound: Some(inbound),
            answered: Some(answered),
            answered_within: vec![(20, within)],
            ..DayTotals::default()
        };
        memory.read(&at("02T10:00"), &day(1000, 950, 800), false);
        memory.read(&at("02T10:01"), &day(0, 951, 801), false);
        let counters = memory.read(&at("02T10:02"), &day(1003, 952, 802), false);
        assert_eq!((counters.inbound, counters.answered), (Some(3), Some(2)));
        assert_eq!((counters.answered_within, counters.corrections), (vec![(20, 2)], 0));
    }

    #[test]
    fn a_skill_without_calls_counts_nothing_over_midnight() {
        assert_eq!(after(&[("02T23:59", 0), ("03T00:01", 0), ("03T08:00", 2)]), (2, 0));
    }

    #[test]
    fn a_reading_without_a_value_changes_nothing() {
        let mut memory = SkillState::default();
        memory.read(&at("02T10:00"), &inbound(10), false);
        let counters = memory.read(&at("02T10:01"), &DayTotals::default(), false);
        assert_eq!((counters.inbound, counters.answered), (Some(0), None));
        assert_eq!(memory.read(&at("02T10:02"), &inbound(12), false).inbound, Some(2));
    }

    #[test]
    fn a_day_that_begins_without_totals_is_a_new_day_when_they_come() {
        let mut memory = SkillState::default();
        memory.read(&at("02T23:50"), &inbound(20), false);
        memory.read(&at("03T07:55"), &DayTotals::default(), false);
        let counters = memory.read(&at("03T08:00"), &inbound(5), false);
        assert_eq!((counters.inbound, counters.corrections), (Some(5), 0));
    }

    #[test]
    fn all_totals_of_a_skill_are_reset_together() {
        let mut memory = SkillState::default();
        let day = |inbound, abandoned| DayTotals {
            inbound: Some(inbound),
            abandoned: Some(abandoned),
            ..DayTotals::default()
        };
        memory.read(&at("02T23:59"), &day(500, 20), false);
        // 19 alone would look like a correction of 20.
        let counters = memory.read(&at("03T09:00"), &day(100, 19), false);
        assert_eq!((counters.inbound, counters.abandoned, counters.corrections), (Some(100), Some(19), 0));
    }

    fn within(inbound: u64, calls: u64) -> DayTotals {
        DayTotals { inbound: Some(inbound), answered_within: vec![(20, calls)], ..DayTotals::default() }
    }

    #[test]
    fn rounding_of_percentages_neither_counts_twice_nor_as_a_correction() {
        let mut memory = SkillState::default();
        let mut counters = SkillCounters::default();
        for calls in [800, 801, 800, 801, 800, 802] {
            counters = memory.read(&at("02T10:00"), &within(1000, calls), false);
        }
        assert_eq!((counters.answered_within, counters.corrections), (vec![(20, 2)], 0));
    }

    #[test]
    fn ever_new_thresholds_are_not_ever_more_counters() {
        let mut memory = SkillState::default();
        let read = |memory: &mut SkillState, threshold, calls| {
            let answered_within = vec![(threshold, calls)];
            memory.read(&at("02T10:00"), &DayTotals { answered_within, ..inbound(1000) }, false).answered_within
        };
        for threshold in 1..100 {
            read(&mut memory, threshold, 1);
        }
        let counted = read(&mut memory, 1, 3);
        assert_eq!((counted.len(), counted[0]), (MAX_THRESHOLDS, (1, 2)));
    }

    #[test]
    fn a_correction_moves_the_calls_answered_in_time_along() {
        let mut memory = SkillState::default();
        memory.read(&at("02T10:00"), &within(1000, 800), false);
        memory.read(&at("02T10:01"), &within(990, 790), false);
        let counters = memory.read(&at("02T10:02"), &within(995, 794), false);
        assert_eq!((counters.answered_within, counters.corrections), (vec![(20, 4)], 1));
    }

    #[test]
    fn a_reset_while_there_is_no_percentage_yet_counts_the_new_days_calls_answered_in_time() {
        let mut memory = SkillState::default();
        memory.read(&at("02T23:50"), &within(1200, 960), false);
        memory.read(&at("03T00:05"), &inbound(0), false);
        let counters = memory.read(&at("03T08:00"), &within(10, 9), false);
        assert_eq!((counters.inbound, counters.answered_within), (Some(10), vec![(20, 9)]));
    }

    #[test]
    fn a_total_that_is_missing_at_the_reset_is_reset_with_the_others() {
        let mut memory = SkillState::default();
        let day = |inbound, answered| DayTotals { inbound: Some(inbound), answered, ..DayTotals::default() };
        memory.read(&at("02T23:50"), &day(1200, Some(1000)), false);
        memory.read(&at("03T00:05"), &day(0, None), false);
        let counters = memory.read(&at("03T08:00"), &day(10, Some(9)), false);
        assert_eq!((counters.answered, counters.corrections), (Some(9), 0));
    }

    #[test]
    fn another_meaning_of_answered_in_time_is_a_new_baseline() {
        let mut memory = SkillState::default();
        memory.read(&at("02T10:00"), &within(1000, 800), false);
        let counters = memory.read(&at("02T10:01"), &within(1001, 900), true);
        assert_eq!(counters.answered_within, vec![(20, 0)]);
    }

    #[test]
    fn a_counter_that_is_full_stays_full() {
        let mut memory = SkillState::default();
        for (day, calls) in [("02T10:00", 1), ("02T10:01", u64::MAX), ("03T10:00", 1), ("03T10:01", u64::MAX)] {
            memory.read(&at(day), &within(calls, calls), false);
        }
        let counters = memory.read(&at("03T10:02"), &within(u64::MAX, u64::MAX), false);
        assert_eq!((counters.inbound, counters.answered_within), (Some(u64::MAX), vec![(20, u64::MAX)]));
    }

    #[test]
    fn a_skill_goes_on_counting_from_what_it_remembered() {
        let mut memory = SkillState::default();
        memory.read(&at("02T10:00"), &within(1000, 800), false);
        memory.read(&at("02T10:01"), &within(1010, 808), false);
        let restored = serde_json::from_value::<SkillState>(serde_json::to_value(&memory).unwrap()).unwrap();
        assert_eq!(restored, memory);
        let counters = memory.read(&at("02T10:05"), &within(1012, 810), false);
        assert_eq!((counters.inbound, counters.answered_within), (Some(12), vec![(20, 10)]));
    }
}
