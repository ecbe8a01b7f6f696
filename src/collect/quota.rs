//! The quota of the day. Every call is counted before it is made, so that after a crash the count may be too high but
//! never too low.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Calls that one license includes per local day (vendor's limit).
const CALLS_PER_LICENSE: u64 = 1000;

/// Calls per day that the licenses include; `None` if they are not configured.
pub(super) fn daily_quota(licenses: Option<u32>) -> Option<u64> {
    licenses.map(|licenses| u64::from(licenses) * CALLS_PER_LICENSE)
}

/// Other days whose calls are kept.
const MAX_OTHER_DAYS: usize = 8;

/// The calls of one local day, and of a few others: a clock that was wrong for some time returns to an earlier day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct QuotaUsage {
    /// The local day that is counted.
    pub(super) date: Date,
    /// Calls made on it.
    pub(super) used: u64,
    /// Calls made on other days.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    other_days: BTreeMap<Date, u64>,
}

/// The quota of the day is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QuotaExhausted;

impl QuotaUsage {
    /// This number of calls on `date`.
    pub(super) fn new(date: Date, used: u64) -> Self {
        Self { date, used, other_days: BTreeMap::new() }
    }

    /// Starts a new day if `today` is later, unless the clock was set (`was_set`): then the calls were made on the same
    /// day, whatever its date is. If the clock is set back over midnight, the newer day stays, so that there is no
    /// second quota. A date after tomorrow comes from a wrong clock, and waiting for it could take for ever, so its
    /// calls are counted for today.
    pub(super) fn roll_over(&mut self, today: Date, was_set: bool) {
        let is_wrong = today.tomorrow().is_ok_and(|tomorrow| self.date > tomorrow);
        if is_wrong || today > self.date && was_set {
            self.used = self.used.saturating_add(self.other_days.remove(&today).unwrap_or(0));
        } else if today > self.date {
            self.other_days.insert(self.date, self.used);
            self.used = self.other_days.remove(&today).unwrap_or(0);
            while self.other_days.len() > MAX_OTHER_DAYS {
                self.other_days.pop_first();
            }
        } else {
            return;
        }
        self.date = today;
    }

    /// Counts one call of `today`, unless the quota is used up.
    pub(super) fn try_consume(&mut self, today: Date, was_set: bool, limit: Option<u64>) -> Result<(), QuotaExhausted> {
        self.roll_over(today, was_set);
        if limit.is_some_and(|limit| self.used >= limit) {
            return Err(QuotaExhausted);
        }
        self.used = self.used.saturating_add(1);
        Ok(())
    }

    /// Adds calls of the counted day that were not counted when they were made.
    pub(super) fn assume(&mut self, calls: u64) {
        self.used = self.used.saturating_add(calls);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_last_call_of_the_quota_is_allowed_and_no_more() {
        let mut usage = QuotaUsage::new(date(2026, 11, 2), 0);
        assert_eq!(usage.try_consume(date(2026, 11, 2), false, Some(1)), Ok(()));
        assert_eq!(usage.try_consume(date(2026, 11, 2), false, Some(1)), Err(QuotaExhausted));
        assert_eq!(usage.used, 1);
    }

    #[test]
    fn a_new_day_has_a_new_quota() {
        let mut usage = QuotaUsage::new(date(2026, 11, 2), 1);
        assert_eq!(usage.try_consume(date(2026, 11, 3), false, Some(1)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_over_midnight_gives_no_second_quota() {
        let mut usage = QuotaUsage::new(date(2026, 11, 3), 1);
        assert_eq!(usage.try_consume(date(2026, 11, 2), false, Some(1)), Err(QuotaExhausted));
        assert_eq!(usage.try_consume(date(2026, 11, 3), false, Some(1)), Err(QuotaExhausted));
    }

    #[test]
    fn a_date_from_a_wrong_clock_does_not_stop_polling_until_then() {
        let mut usage = QuotaUsage::new(date(2099, 1, 1), 1);
        assert_eq!(usage.try_consume(date(2026, 11, 2), false, Some(1)), Err(QuotaExhausted));
        assert_eq!(usage.try_consume(date(2026, 11, 3), false, Some(1)), Ok(()));
    }

    #[test]
    fn without_licenses_calls_are_counted_and_never_refused() {
        let mut usage = QuotaUsage::new(date(2026, 11, 2), 0);
        for _ in 0..5000 {
            assert_eq!(usage.try_consume(date(2026, 11, 2), false, None), Ok(()));
        }
        assert_eq!(usage.used, 5000);
    }

    /// The calls at the end, after calls with (local day, whether the clock was set, calls).
    fn used(mut usage: QuotaUsage, calls: &[(Date, bool, u64)]) -> u64 {
        for (today, was_set, calls) in calls {
            usage.roll_over(*today, *was_set);
            (0..*calls).for_each(|_| assert_eq!(usage.try_consume(*today, false, None), Ok(())));
        }
        usage.used
    }

    #[test]
    fn a_clock_that_is_set_forgets_no_calls() {
        let (today, ahead, past) = (date(2026, 11, 2), date(2027, 1, 1), date(2016, 1, 1));
        let start = QuotaUsage::new(today, 39);
        // Set ahead and back while the exporter runs, and once more with a restart in between.
        assert_eq!(used(start.clone(), &[(ahead, true, 5), (today, true, 1)]), 45);
        assert_eq!(used(start.clone(), &[(ahead, false, 5), (today, true, 1)]), 45);
        // A machine that starts in 2016 and learns the time later.
        assert_eq!(used(start.clone(), &[(past, false, 12), (today, true, 1)]), 52);
        // Days that pass are days.
        assert_eq!(used(start, &[(date(2026, 11, 3), false, 7), (date(2026, 11, 5), false, 2)]), 2);
    }

    #[test]
    fn the_number_of_days_that_are_kept_is_limited() {
        let mut usage = QuotaUsage::new(date(2026, 11, 1), 1);
        for day in 2..=30 {
            usage.roll_over(date(2026, 11, day), false);
        }
        assert_eq!(usage.other_days.len(), MAX_OTHER_DAYS);
    }
}
