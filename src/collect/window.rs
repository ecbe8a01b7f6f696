//! The stretch of local time that a report is asked for.
//!
//! wolkvox knows local times without offset. When clocks go back, an hour of them comes twice, and a window that holds one
//! of the two passes cannot be asked for: better no answer than one that counts twice.

use std::ops::RangeInclusive;

use jiff::civil::{DateTime, Time};
use jiff::{SignedDuration, ToSpan, Zoned};

use crate::config::WindowSpan;

/// How late an event may be reported: the vendor's reports lag 10 to 13 minutes, and a poll may come late as well.
const LATEST: SignedDuration = SignedDuration::from_hours(2);

/// `date_ini` and `date_end`, both included, as wolkvox writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) from: String,
    pub(super) to: String,
}

/// The bounds of `span` at `now`; `None` while local time cannot express them.
pub(super) fn bounds(span: WindowSpan, now: &Zoned) -> Option<Bounds> {
    let bounds = match span {
        WindowSpan::Today => today(now),
        WindowSpan::Rolling(length) => rolling(SignedDuration::try_from(length).ok()?, now),
    };
    if bounds.is_none() {
        tracing::debug!(?span, %now, "clocks went back, this window has no figures for a while");
    }
    bounds.map(|(from, to)| Bounds { from: written(from), to: written(to) })
}

/// From the first moment of the day to the latest local time it has shown: after clocks went back that is later than now.
fn today(now: &Zoned) -> Option<(DateTime, DateTime)> {
    let from = now.start_of_day().ok()?.datetime();
    let latest = Fold::latest_before(now)
        .map(|fold| fold.last_of_first_pass())
        .filter(|last| last.date() == now.date())
        .map_or(now.datetime(), |last| last.max(now.datetime()));
    Some((from, latest))
}

/// The running day, and in its first hours the end of the one before: what happened before midnight may be reported
/// after it. Also as local time.
pub(super) fn today_and_late(now: &Zoned) -> (Bounds, RangeInclusive<DateTime>) {
    let (midnight, to) = today(now).unwrap_or((now.date().to_datetime(Time::midnight()), now.datetime()));
    let from = now.checked_sub(LATEST).map_or(midnight, |late| {
        // Where clocks went back meanwhile, the second pass may hold the earliest local time.
        let fold = Fold::latest_before(now).filter(|fold| fold.at >= late);
        let late = fold.map_or(late.datetime(), |fold| fold.at.datetime().min(late.datetime()));
        late.min(midnight)
    });
    // wolkvox knows no fractions of seconds: all of the first second was asked for.
    let from = from.with().subsec_nanosecond(0).build().unwrap_or(from);
    (Bounds { from: written(from), to: written(to) }, from..=to)
}

fn written(moment: DateTime) -> String {
    moment.strftime("%Y%m%d%H%M%S").to_string()
}

fn rolling(length: SignedDuration, now: &Zoned) -> Option<(DateTime, DateTime)> {
    let start = now.checked_sub(length).ok()?;
    if let Some(fold) = Fold::latest_before(now) {
        let after_both_passes = fold.end_of_second_pass() <= start;
        let around_both_passes = start <= fold.start_of_first_pass() && fold.end_of_second_pass() <= *now;
        if !after_both_passes && !around_both_passes {
            return None;
        }
    }
    Some((start.datetime(), now.datetime()))
}

/// The moment at which clocks went back.
struct Fold {
    /// The first moment of the second pass.
    at: Zoned,
    /// How far they went back.
    by: SignedDuration,
}

impl Fold {
    /// The last time that clocks went back before `now`, if that is recent enough to matter.
    fn latest_before(now: &Zoned) -> Option<Self> {
        let zone = now.time_zone();
        let transition = zone.preceding(now.timestamp().checked_add(1.nanosecond()).ok()?).next()?;
        let at = transition.timestamp();
        let before = zone.to_offset(at.checked_sub(1.nanosecond()).ok()?);
        let by = SignedDuration::from_secs(i64::from(before.seconds() - transition.offset().seconds()));
        by.is_positive().then(|| Self { at: at.to_zoned(zone.clone()), by })
    }

    /// The last second of local time before clocks went back.
    fn last_of_first_pass(&self) -> DateTime {
        self.at.datetime().saturating_add(self.by).saturating_sub(1.second())
    }

    fn start_of_first_pass(&self) -> Zoned {
        self.at.saturating_sub(self.by)
    }

    fn end_of_second_pass(&self) -> Zoned {
        self.at.saturating_add(self.by)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(moment: &str) -> Zoned {
        moment.parse().unwrap()
    }

    fn today_at(moment: &str) -> (String, String) {
        let Bounds { from, to } = bounds(WindowSpan::Today, &at(moment)).unwrap();
        (from, to)
    }

    fn rolling_at(moment: &str, minutes: u64) -> Option<(String, String)> {
        bounds(WindowSpan::Rolling(Duration::from_secs(minutes * 60)), &at(moment)).map(|b| (b.from, b.to))
    }

    fn pair(from: &str, to: &str) -> (String, String) {
        (from.to_owned(), to.to_owned())
    }

    #[test]
    fn today_runs_from_midnight_to_now() {
        assert_eq!(today_at("2026-11-20T10:30:05-05[America/Bogota]"), pair("20261120000000", "20261120103005"));
    }

    #[test]
    fn a_rolling_window_may_begin_yesterday() {
        assert_eq!(
            rolling_at("2026-11-20T00:10:00-05[America/Bogota]", 30),
            Some(pair("20261119234000", "20261120001000"))
        );
    }

    // Santiago springs forward at midnight: 2026-09-06 begins at 01:00.
    #[test]
    fn a_day_whose_midnight_does_not_exist_begins_at_its_first_moment() {
        assert_eq!(today_at("2026-09-06T09:00:00-03[America/Santiago]"), pair("20260906010000", "20260906090000"));
    }

    #[test]
    fn a_rolling_window_over_the_gap_has_its_real_length() {
        assert_eq!(
            rolling_at("2026-09-06T01:10:00-03[America/Santiago]", 30),
            Some(pair("20260905234000", "20260906011000"))
        );
    }

    // Santiago falls back at midnight: the last hour of 2026-04-04 comes twice, -03 and then -04.
    #[test]
    fn today_keeps_the_first_pass_of_the_repeated_hour() {
        assert_eq!(today_at("2026-04-04T23:15:00-03[America/Santiago]"), pair("20260404000000", "20260404231500"));
        assert_eq!(today_at("2026-04-04T23:15:00-04[America/Santiago]"), pair("20260404000000", "20260404235959"));
    }

    #[test]
    fn the_day_after_the_fold_is_an_ordinary_one() {
        assert_eq!(today_at("2026-04-05T08:00:00-04[America/Santiago]"), pair("20260405000000", "20260405080000"));
    }

    #[test]
    fn a_rolling_window_in_the_first_pass_is_an_ordinary_one() {
        assert_eq!(
            rolling_at("2026-04-04T23:40:00-03[America/Santiago]", 30),
            Some(pair("20260404231000", "20260404234000"))
        );
    }

    #[test]
    fn a_rolling_window_that_touches_the_second_pass_cannot_be_asked_for() {
        assert_eq!(rolling_at("2026-04-04T23:00:00-04[America/Santiago]", 30), None);
        assert_eq!(rolling_at("2026-04-04T23:40:00-04[America/Santiago]", 30), None);
        assert_eq!(rolling_at("2026-04-05T00:20:00-04[America/Santiago]", 30), None);
    }

    #[test]
    fn a_rolling_window_after_the_repeated_hour_or_around_all_of_it_can_be_asked_for() {
        assert_eq!(
            rolling_at("2026-04-05T00:30:00-04[America/Santiago]", 30),
            Some(pair("20260405000000", "20260405003000"))
        );
        assert_eq!(
            rolling_at("2026-04-05T01:00:00-04[America/Santiago]", 240),
            Some(pair("20260404220000", "20260405010000"))
        );
    }

    #[test]
    fn the_first_hours_of_a_day_look_back_into_the_one_before() {
        let late = |moment| today_and_late(&at(moment)).0;
        let expect = |from: &str, to: &str| Bounds { from: from.to_owned(), to: to.to_owned() };
        assert_eq!(late("2026-11-20T00:10:00-05[America/Bogota]"), expect("20261119221000", "20261120001000"));
        assert_eq!(late("2026-11-20T02:30:00-05[America/Bogota]"), expect("20261120000000", "20261120023000"));
        assert_eq!(late("2026-04-04T23:15:00-04[America/Santiago]"), expect("20260404000000", "20260404235959"));
    }

    #[test]
    fn the_first_second_of_a_window_is_in_it() {
        let (asked, window) = today_and_late(&at("2026-11-20T00:10:00.5-05[America/Bogota]"));
        assert_eq!(asked.from, written(*window.start()));
        assert!(window.contains(&"2026-11-19T22:10:00".parse().unwrap()));
    }

    #[test]
    fn the_late_of_a_repeated_hour_are_those_of_both_passes() {
        let late = |moment: &str| today_and_late(&at(moment)).0.from;
        let moments = ["00:10:00", "00:59:00", "01:00:00", "01:30:00"];
        assert_eq!(
            moments.map(|time| late(&format!("2026-04-05T{time}-04[America/Santiago]"))),
            ["20260404230000", "20260404230000", "20260404230000", "20260404233000"]
        );
    }

    // Two hours before midnight and a half it is half past eleven for the first time; at one, eleven for the second time.
    #[test]
    fn the_look_back_never_moves_back() {
        let mut now = at("2026-04-04T20:00:00-03[America/Santiago]");
        let mut last = *today_and_late(&now).1.start();
        while now < at("2026-04-05T06:00:00-04[America/Santiago]") {
            now = now.checked_add(SignedDuration::from_mins(1)).unwrap();
            let from = *today_and_late(&now).1.start();
            assert!(from >= last, "{now}: {from}, and before it was {last}");
            last = from;
        }
    }

    // Mexico City gave up daylight saving in 2022; its history still has both transitions.
    #[test]
    fn a_fold_in_the_middle_of_the_night_is_seen_too() {
        assert_eq!(today_at("2022-10-30T01:10:00-06[America/Mexico_City]"), pair("20221030000000", "20221030015959"));
        assert_eq!(today_at("2022-10-30T08:00:00-06[America/Mexico_City]"), pair("20221030000000", "20221030080000"));
    }
}
