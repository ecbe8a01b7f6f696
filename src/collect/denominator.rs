//! Infers the denominator of the service level: calls received or calls answered.
//!
//! The vendor's glossary says received, but the endpoint is not documented. The data show it: percentage × calls must
//! be close to a whole number, and where the two counts differ, usually only one of them fits.

use serde::{Deserialize, Serialize};

use crate::api::values::Percentage;
use crate::model::{Denominator, Evidence};

/// Percentages needed before the data count more than the glossary, because the wrong count fits by chance now and
/// then.
const MIN_OBSERVATIONS: u32 = 8;

/// The share of them that must fit the same count.
const MIN_AGREEMENT: f64 = 0.9;

/// Percentages are used only if their rounding error is less than this part of a call, because others fit any count.
const MAX_ROUNDING_ERROR: f64 = 0.1;

/// All numbers are halved when their sum reaches this, so that a change by wolkvox is detected in the end.
const MAX_OBSERVATIONS: u32 = 4096;

/// How many percentages fit which count.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct DenominatorInference {
    /// Only the calls received fit.
    inbound: u32,
    /// Only the calls answered fit.
    answered: u32,
    /// Neither count fits.
    neither: u32,
}

impl DenominatorInference {
    /// Adds one percentage and the two counts that may be its denominator.
    pub(super) fn observe(&mut self, level: Percentage, inbound: u64, answered: u64) {
        if inbound == answered || level.ratio <= 0.0 || level.ratio >= 1.0 {
            return;
        }
        let half_a_digit = 0.5 * 10_f64.powi(-i32::from(level.decimals)) / 100.0;
        let rounding_error = half_a_digit * inbound.max(answered) as f64;
        if rounding_error >= MAX_ROUNDING_ERROR {
            return;
        }
        let fits = |count: u64| {
            let calls = level.ratio * count as f64;
            (calls - calls.round()).abs() <= half_a_digit * count as f64 + 1e-9
        };
        match (fits(inbound), fits(answered)) {
            (true, true) => {}
            (true, false) => self.inbound = self.inbound.saturating_add(1),
            (false, true) => self.answered = self.answered.saturating_add(1),
            (false, false) => self.neither = self.neither.saturating_add(1),
        }
        if self.observations() >= MAX_OBSERVATIONS {
            *self = Self { inbound: self.inbound / 2, answered: self.answered / 2, neither: self.neither / 2 };
        }
    }

    /// All percentages so far. A damaged state file can have any numbers.
    fn observations(&self) -> u32 {
        self.inbound.saturating_add(self.answered).saturating_add(self.neither)
    }

    /// The denominator that follows from the percentages so far.
    pub(super) fn infer(&self) -> (Denominator, Evidence) {
        let observations = self.observations();
        if observations < MIN_OBSERVATIONS {
            return (Denominator::Inbound, Evidence::Assumed);
        }
        let required = f64::from(observations) * MIN_AGREEMENT;
        if f64::from(self.inbound) >= required {
            (Denominator::Inbound, Evidence::Inferred)
        } else if f64::from(self.answered) >= required {
            (Denominator::Answered, Evidence::Inferred)
        } else {
            (Denominator::Inbound, Evidence::Contradictory)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The inference after many pairs of counts, with percentages of two decimals that are shares of `of`.
    fn observed(of: impl Fn(u64, u64) -> f64) -> DenominatorInference {
        let mut inference = DenominatorInference::default();
        for step in 1..60_u64 {
            let (inbound, answered) = (100 + step * 7, 95 + step * 6);
            let within = (answered * 4 / 5) as f64;
            let percent = (within / of(inbound, answered) * 10_000.0).round() / 10_000.0;
            inference.observe(Percentage { ratio: percent, decimals: 2 }, inbound, answered);
        }
        inference
    }

    #[test]
    fn the_numbers_of_a_damaged_state_file_do_not_overflow() {
        let most = u32::MAX;
        let mut damaged = DenominatorInference { inbound: most, answered: most, neither: most };
        assert_eq!(damaged.infer(), (Denominator::Inbound, Evidence::Inferred));
        damaged.observe(Percentage { ratio: 0.5, decimals: 2 }, 101, 100);
        assert!(damaged.inbound < most && damaged.neither < most);
    }

    #[test]
    fn without_data_the_glossary_is_used() {
        assert_eq!(DenominatorInference::default().infer(), (Denominator::Inbound, Evidence::Assumed));
    }

    #[test]
    fn shares_of_calls_received_are_recognized() {
        assert_eq!(observed(|inbound, _| inbound as f64).infer(), (Denominator::Inbound, Evidence::Inferred));
    }

    #[test]
    fn shares_of_calls_answered_are_recognized() {
        assert_eq!(observed(|_, answered| answered as f64).infer(), (Denominator::Answered, Evidence::Inferred));
    }

    #[test]
    fn shares_of_another_count_are_contradictory() {
        let other = observed(|inbound, answered| (inbound as f64 * answered as f64).sqrt() * 1.013);
        assert_eq!(other.infer(), (Denominator::Inbound, Evidence::Contradictory));
    }

    #[test]
    fn whole_percentages_of_many_calls_are_ignored() {
        let mut inference = DenominatorInference::default();
        for inbound in 500..600 {
            inference.observe(Percentage { ratio: 0.86, decimals: 0 }, inbound, inbound - 20);
        }
        assert_eq!(inference, DenominatorInference::default());
    }
}
