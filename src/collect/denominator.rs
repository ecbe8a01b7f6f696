//! What wolkvox divides by for the service level: calls received or calls answered?
//!
//! Its glossary says received; the endpoint itself does not say. The data do: percentage × calls has to be near a whole
//! number, and where the two counts differ, usually only one of them passes.

use serde::{Deserialize, Serialize};

use crate::api::values::Percentage;
use crate::model::{Denominator, Evidence};

/// Percentages that must speak before the data overrule the glossary. Chance fits the wrong count now and then.
const ENOUGH: u32 = 8;

/// The share of them that must agree.
const AGREEMENT: f64 = 0.9;

/// Only counts for which rounding hides less than this part of a call can tell anything.
const TELLING: f64 = 0.1;

/// Halved when the votes reach it, so that a change on wolkvox's side is noticed in the end.
const MEMORY: u32 = 4096;

/// Votes of percentages for what they are a share of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct DenominatorInference {
    inbound: u32,
    answered: u32,
    neither: u32,
}

impl DenominatorInference {
    /// Hears one percentage and the two counts that it may be a share of.
    pub(super) fn observe(&mut self, level: Percentage, inbound: u64, answered: u64) {
        if inbound == answered || level.ratio <= 0.0 || level.ratio >= 1.0 {
            return;
        }
        let half_a_digit = 0.5 * 10_f64.powi(-i32::from(level.decimals)) / 100.0;
        let hidden = half_a_digit * inbound.max(answered) as f64;
        if hidden >= TELLING {
            return;
        }
        let fits = |count: u64| {
            let calls = level.ratio * count as f64;
            (calls - calls.round()).abs() <= half_a_digit * count as f64 + 1e-9
        };
        match (fits(inbound), fits(answered)) {
            (true, true) => {}
            (true, false) => self.inbound += 1,
            (false, true) => self.answered += 1,
            (false, false) => self.neither += 1,
        }
        if self.inbound + self.answered + self.neither >= MEMORY {
            *self = Self { inbound: self.inbound / 2, answered: self.answered / 2, neither: self.neither / 2 };
        }
    }

    /// What follows from the votes so far.
    pub(super) fn infer(&self) -> (Denominator, Evidence) {
        let votes = self.inbound + self.answered + self.neither;
        if votes < ENOUGH {
            return (Denominator::Inbound, Evidence::Assumed);
        }
        let most = f64::from(votes) * AGREEMENT;
        if f64::from(self.inbound) >= most {
            (Denominator::Inbound, Evidence::Inferred)
        } else if f64::from(self.answered) >= most {
            (Denominator::Answered, Evidence::Inferred)
        } else {
            (Denominator::Inbound, Evidence::Contradictory)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Percentages with two decimals of `within` out of what `of` picks, for many pairs of counts.
    fn votes(of: impl Fn(u64, u64) -> f64) -> DenominatorInference {
        let mut votes = DenominatorInference::default();
        for step in 1..60_u64 {
            let (inbound, answered) = (100 + step * 7, 95 + step * 6);
            let within = (answered * 4 / 5) as f64;
            let percent = (within / of(inbound, answered) * 10_000.0).round() / 10_000.0;
            votes.observe(Percentage { ratio: percent, decimals: 2 }, inbound, answered);
        }
        votes
    }

    #[test]
    fn without_data_the_glossary_is_believed() {
        assert_eq!(DenominatorInference::default().infer(), (Denominator::Inbound, Evidence::Assumed));
    }

    #[test]
    fn shares_of_calls_received_are_recognised() {
        assert_eq!(votes(|inbound, _| inbound as f64).infer(), (Denominator::Inbound, Evidence::Inferred));
    }

    #[test]
    fn shares_of_calls_answered_are_recognised() {
        assert_eq!(votes(|_, answered| answered as f64).infer(), (Denominator::Answered, Evidence::Inferred));
    }

    #[test]
    fn shares_of_something_else_are_doubtful() {
        let other = votes(|inbound, answered| (inbound as f64 * answered as f64).sqrt() * 1.013);
        assert_eq!(other.infer(), (Denominator::Inbound, Evidence::Contradictory));
    }

    #[test]
    fn whole_percentages_of_many_calls_say_nothing() {
        let mut votes = DenominatorInference::default();
        for inbound in 500..600 {
            votes.observe(Percentage { ratio: 0.86, decimals: 0 }, inbound, inbound - 20);
        }
        assert_eq!(votes, DenominatorInference::default());
    }
}
