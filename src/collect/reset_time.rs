//! Learns at which time of the day wolkvox resets the day totals, because the vendor does not document it.
//!
//! If the calls received of all skills together fall to nearly nothing from one response to the next, there was a reset
//! in between. One such fall can also be a faulty response, so the time is known only when two days agree. Then a skill
//! that was read before the reset and is read again after it has new totals, even if they are higher than the old ones.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp, ToSpan as _, Zoned};
use serde::{Deserialize, Serialize};

/// How long after a reset a report may still have the totals of the old day: the vendor's reports lag 10 to 13 minutes.
pub(super) const REPORT_LAG: SignedDuration = SignedDuration::from_mins(30);

/// Observations that are kept, one for each day.
const KEPT: usize = 7;

/// Two observations agree if both lie within this part of the day.
const MAX_SPREAD: SignedDuration = SignedDuration::from_hours(1);

/// Between two responses that are further apart, the time of a reset is too uncertain.
const MAX_GAP: SignedDuration = SignedDuration::from_mins(30);

/// A fall of fewer calls is not taken for a reset.
const MIN_CALLS: u64 = 20;

/// The observed resets, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct ResetTime(Vec<Observation>);

/// A reset after one response and before the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Observation {
    after: Timestamp,
    before: Timestamp,
}

/// The local times of the day between which every agreeing reset was, as the date and time of the newest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DailyReset {
    /// The last response before a reset was never earlier than this.
    pub(super) earliest: DateTime,
    /// The first response after a reset was never later than this.
    pub(super) latest: DateTime,
    /// The newest of these observations.
    newest: Observation,
}

impl ResetTime {
    /// Notes a reset if `calls` of a response at `now` are nearly nothing compared with `before` of the same skills in
    /// the response at `after`.
    pub(super) fn observe(&mut self, after: Timestamp, before: u64, now: &Zoned, calls: u64) {
        let gap = now.timestamp().duration_since(after);
        let has_fallen = before >= MIN_CALLS && calls.saturating_mul(10) <= before;
        if !has_fallen || !gap.is_positive() || gap > MAX_GAP {
            return;
        }
        // Several requests of one poll see the same reset. Each day has one.
        let is_same =
            |known: &Observation| now.timestamp().duration_since(known.before) < SignedDuration::from_hours(12);
        if self.0.last().is_some_and(is_same) {
            return;
        }
        self.0.push(Observation { after, before: now.timestamp() });
        if self.0.len() > KEPT {
            self.0.remove(0);
        }
    }

    /// Moves all times, because the system's time was set.
    pub(super) fn move_times(&mut self, step: SignedDuration) {
        for Observation { after, before } in &mut self.0 {
            *after = after.saturating_add(step).unwrap_or(*after);
            *before = before.saturating_add(step).unwrap_or(*before);
        }
    }

    /// The time of the reset in the time zone of `now`, once at least two days agree.
    pub(super) fn known(&self, now: &Zoned) -> Option<DailyReset> {
        let local = |at: Timestamp| at.to_zoned(now.time_zone().clone()).datetime();
        self.0.iter().rev().find_map(|newest| {
            let start = DailyReset { earliest: local(newest.after), latest: local(newest.before), newest: *newest };
            let others = self.0.iter().filter(|other| *other != newest);
            let agreeing = others.filter_map(|other| {
                let days = whole_days(local(other.after).duration_until(start.earliest));
                let shifted = |at| local(at).checked_add(days.days()).ok();
                Some((shifted(other.after)?, shifted(other.before)?))
            });
            let (known, days) = agreeing.fold((start, 1), |(known, days), (after, before)| {
                let wider =
                    DailyReset { earliest: known.earliest.min(after), latest: known.latest.max(before), ..known };
                if wider.earliest.duration_until(wider.latest) <= MAX_SPREAD {
                    (wider, days + 1)
                } else {
                    (known, days)
                }
            });
            (days >= 2).then_some(known)
        })
    }
}

impl DailyReset {
    /// Whether a skill that was read at `then` and again at `now` was certainly reset in between.
    pub(super) fn was_between(&self, then: &Zoned, now: &Zoned) -> bool {
        let Observation { after, before } = self.newest;
        if then.timestamp() <= after && now.timestamp() >= before {
            return true;
        }
        let days = whole_days(self.earliest.duration_until(then.datetime()));
        // The reset of the day of `then`, and those of the days around it.
        [days - 1, days, days + 1].into_iter().any(|days| {
            let of_day = |at: DateTime| at.checked_add(days.days()).ok();
            let (Some(earliest), Some(latest)) = (of_day(self.earliest), of_day(self.latest)) else { return false };
            // A report may lag behind.
            let certain = latest.checked_add(REPORT_LAG).unwrap_or(DateTime::MAX);
            then.datetime() <= earliest && now.datetime() >= certain
        })
    }
}

/// The number of days to which a duration is closest.
fn whole_days(duration: SignedDuration) -> i64 {
    (duration.as_secs_f64() / 86_400.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(moment: &str) -> Zoned {
        format!("2026-11-{moment}-05[America/Bogota]").parse().unwrap()
    }

    /// Falls from 300 calls to none between these moments.
    fn observed(falls: &[(&str, &str)]) -> ResetTime {
        let mut reset = ResetTime::default();
        for (after, now) in falls {
            reset.observe(at(after).timestamp(), 300, &at(now), 0);
        }
        reset
    }

    fn known(reset: &ResetTime) -> Option<(String, String)> {
        let known = reset.known(&at("25T12:00"))?;
        Some((known.earliest.time().to_string(), known.latest.time().to_string()))
    }

    #[test]
    fn two_days_that_agree_are_enough_and_one_is_not() {
        assert_eq!(known(&observed(&[("19T23:59", "20T00:01")])), None);
        let reset = observed(&[("19T23:59", "20T00:01"), ("20T23:58", "21T00:00")]);
        assert_eq!(known(&reset), Some(("23:58:00".to_owned(), "00:01:00".to_owned())));
        let at_five = observed(&[("20T05:00", "20T05:05"), ("22T05:01", "22T05:06")]);
        assert_eq!(known(&at_five), Some(("05:00:00".to_owned(), "05:06:00".to_owned())));
    }

    #[test]
    fn a_faulty_response_in_the_middle_of_a_day_changes_nothing() {
        let mut reset = observed(&[("19T23:59", "20T00:01"), ("20T23:59", "21T00:01"), ("21T14:00", "21T14:01")]);
        assert_eq!(known(&reset), Some(("23:59:00".to_owned(), "00:01:00".to_owned())));
        // Few calls, a small fall, and a long time between two responses say nothing.
        reset = ResetTime::default();
        for (after, before, now, calls) in
            [("20T12:00", 19, "20T12:01", 0), ("20T12:00", 300, "20T12:01", 31), ("20T12:00", 300, "20T12:31", 0)]
        {
            reset.observe(at(after).timestamp(), before, &at(now), calls);
        }
        assert_eq!(reset, ResetTime::default());
    }

    #[test]
    fn another_time_is_learned_after_two_days() {
        let falls =
            [("19T23:59", "20T00:01"), ("20T23:59", "21T00:01"), ("22T04:59", "22T05:01"), ("23T04:59", "23T05:01")];
        assert_eq!(known(&observed(&falls[..3])), Some(("23:59:00".to_owned(), "00:01:00".to_owned())));
        assert_eq!(known(&observed(&falls)), Some(("04:59:00".to_owned(), "05:01:00".to_owned())));
    }

    #[test]
    fn only_what_was_read_before_and_after_the_reset_was_reset_for_certain() {
        let reset = observed(&[("19T23:59", "20T00:01"), ("20T23:58", "21T00:00")]).known(&at("25T12:00")).unwrap();
        for (then, now, expected) in [
            ("21T18:00", "22T08:00", true),
            ("21T23:58", "22T00:32", true),
            // Perhaps still the totals of the old day.
            ("21T23:58", "22T00:20", false),
            // Perhaps already those of the new day.
            ("21T23:59", "22T00:32", false),
            ("22T00:05", "22T23:50", false),
            // The reset of this night was seen.
            ("20T22:00", "21T00:00", true),
        ] {
            assert_eq!(reset.was_between(&at(then), &at(now)), expected, "{then} {now}");
        }
    }
}
