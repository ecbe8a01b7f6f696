//! The quota of the day. Every call is counted before it is made, so that after a crash the count may be too high but
//! never too low.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Calls that one license includes per local day (vendor's limit).
const CALLS_PER_LICENSE: u64 = 1000;

/// Calls per day that the licenses include; `None` if they are not configured.
pub(super) fn daily_quota(licenses: Option<u32>) -> Option<u64> {
    licenses.map(|licenses| u64::from(licenses) * CALLS_PER_LICENSE)
}

/// The calls of one local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct QuotaUsage {
    /// The local day that is counted.
    pub(super) date: Date,
    /// Calls made on it.
    pub(super) used: u64,
}

/// The quota of the day is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QuotaExhausted;

impl QuotaUsage {
    /// No calls on `date` yet.
    pub(super) fn new(date: Date) -> Self {
        Self { date, used: 0 }
    }

    /// Starts a new day if `today` is later. If the clock is set back over midnight, the newer day stays, so that there
    /// is no second quota. A date after tomorrow comes from a wrong clock, and waiting for it could take for ever, so
    /// its calls are counted for today.
    pub(super) fn roll_over(&mut self, today: Date) {
        if today > self.date {
            *self = Self::new(today);
        } else if today.tomorrow().is_ok_and(|tomorrow| self.date > tomorrow) {
            self.date = today;
        }
    }

    /// Counts one call of `today`, unless the quota is used up.
    pub(super) fn try_consume(&mut self, today: Date, limit: Option<u64>) -> Result<(), QuotaExhausted> {
        self.roll_over(today);
        if limit.is_some_and(|limit| self.used >= limit) {
            return Err(QuotaExhausted);
        }
        self.used += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_last_call_of_the_quota_is_allowed_and_no_more() {
        let mut usage = QuotaUsage::new(date(2026, 11, 2));
        assert_eq!(usage.try_consume(date(2026, 11, 2), Some(1)), Ok(()));
        assert_eq!(usage.try_consume(date(2026, 11, 2), Some(1)), Err(QuotaExhausted));
        assert_eq!(usage.used, 1);
    }

    #[test]
    fn a_new_day_has_a_new_quota() {
        let mut usage = QuotaUsage { date: date(2026, 11, 2), used: 1 };
        assert_eq!(usage.try_consume(date(2026, 11, 3), Some(1)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_over_midnight_gives_no_second_quota() {
        let mut usage = QuotaUsage { date: date(2026, 11, 3), used: 1 };
        assert_eq!(usage.try_consume(date(2026, 11, 2), Some(1)), Err(QuotaExhausted));
        assert_eq!(usage.try_consume(date(2026, 11, 3), Some(1)), Err(QuotaExhausted));
    }

    #[test]
    fn a_date_from_a_wrong_clock_does_not_stop_polling_until_then() {
        let mut usage = QuotaUsage { date: date(2099, 1, 1), used: 1 };
        assert_eq!(usage.try_consume(date(2026, 11, 2), Some(1)), Err(QuotaExhausted));
        assert_eq!(usage.try_consume(date(2026, 11, 3), Some(1)), Ok(()));
    }

    #[test]
    fn without_licenses_calls_are_counted_and_never_refused() {
        let mut usage = QuotaUsage::new(date(2026, 11, 2));
        for _ in 0..5000 {
            assert_eq!(usage.try_consume(date(2026, 11, 2), None), Ok(()));
        }
        assert_eq!(usage.used, 5000);
    }
}
