//! The day's quota: every call is booked before it is made, so that a crash can only book too many, never too few.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Calls that a licence pays for, per local day (vendor's limit).
const CALLS_PER_LICENSE: u64 = 1000;

/// Calls a day that licences pay for; unknown where they are.
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

/// The day's quota is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QuotaExhausted;

impl QuotaUsage {
    /// Nothing used on `date` yet.
    pub(super) fn new(date: Date) -> Self {
        Self { date, used: 0 }
    }

    /// Starts a new day if there is one. A clock that steps back over midnight does not bring yesterday's quota back. A
    /// day further ahead was booked by a clock that was wrong: to wait for it could be for ever, so what was used counts
    /// for today.
    pub(super) fn roll_over(&mut self, today: Date) {
        if today > self.date {
            *self = Self::new(today);
        } else if today.tomorrow().is_ok_and(|tomorrow| self.date > tomorrow) {
            self.date = today;
        }
    }

    /// Books one call of `today`.
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
    fn the_last_call_of_the_quota_is_made_and_none_after_it() {
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
    fn a_clock_that_steps_back_over_midnight_gets_no_second_quota() {
        let mut usage = QuotaUsage { date: date(2026, 11, 3), used: 1 };
        assert_eq!(usage.try_consume(date(2026, 11, 2), Some(1)), Err(QuotaExhausted));
        assert_eq!(usage.try_consume(date(2026, 11, 3), Some(1)), Err(QuotaExhausted));
    }

    #[test]
    fn a_day_booked_by_a_clock_that_was_wrong_does_not_stop_polling_until_then() {
        let mut usage = QuotaUsage { date: date(2099, 1, 1), used: 1 };
        assert_eq!(usage.try_consume(date(2026, 11, 2), Some(1)), Err(QuotaExhausted));
        assert_eq!(usage.try_consume(date(2026, 11, 3), Some(1)), Ok(()));
    }

    #[test]
    fn without_known_licences_calls_are_counted_and_never_refused() {
        let mut usage = QuotaUsage::new(date(2026, 11, 2));
        for _ in 0..5000 {
            assert_eq!(usage.try_consume(date(2026, 11, 2), None), Ok(()));
        }
        assert_eq!(usage.used, 5000);
    }
}
