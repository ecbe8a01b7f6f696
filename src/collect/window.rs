//! The period of local time that a query asks for.
//!
//! wolkvox uses local times without offset. When clocks go back, one hour of local time occurs twice. A window that
//! contains only one of the two passes of that hour cannot be expressed, and no figures are better than figures counted
//! twice.

use std::ops::RangeInclusive;

use jiff::civil::{DateTime, Time};
use jiff::{SignedDuration, ToSpan, Zoned};

use crate::config::WindowSpan;

/// How late an event may be reported: the vendor's reports lag 10 to 13 minutes, and a poll may be late as well.
const MAX_EVENT_DELAY: SignedDuration = SignedDuration::from_hours(2);

/// `date_ini` and `date_end`, both inclusive, in wolkvox's format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) from: String,
    pub(super) to: String,
}

/// The bounds of `span` at `now`; `None` if local time cannot express them.
pub(super) fn bounds(span: WindowSpan, now: &Zoned) -> Option<Bounds> {
    let bounds = match span {
        WindowSpan::Today => today(now),
        WindowSpan::Rolling(length) => rolling(SignedDuration::try_from(length).ok()?, now),
    };
    if bounds.is_none() {
        tracing::debug!(?span, %now, "no query: clocks went back, and local time cannot express this window for a while");
    }
    bounds.map(|(from, to)| Bounds { from: wolkvox_format(from), to: wolkvox_format(to) })
}

/// From the start of the day to the latest local time so far. After clocks went back, that is later than now.
fn today(now: &Zoned) -> Option<(DateTime, DateTime)> {
    let from = now.start_of_day().ok()?.datetime();
    let latest = Fold::latest_before(now)
        .map(|fold| fold.last_of_first_pass())
        .filter(|last| last.date() == now.date())
        .map_or(now.datetime(), |last| last.max(now.datetime()));
    Some((from, latest))
}

/// The running day and, in its first hours, the end of the day before, because events from before midnight may be
/// reported after it. Returned as bounds and as local times.
pub(super) fn today_and_late_events(now: &Zoned) -> (Bounds, RangeInclusive<DateTime>) {
    let (midnight, to) = today(now).unwrap_or((now.date().to_datetime(Time::midnight()), now.datetime()));
    let from = now.checked_sub(MAX_EVENT_DELAY).map_or(midnight, |earliest| {
        // If clocks went back since then, the earliest local time may be in the second pass.
        let fold = Fold::latest_before(now).filter(|fold| fold.at >= earliest);
        let local = fold.map_or(earliest.datetime(), |fold| fold.at.datetime().min(earliest.datetime()));
        local.min(midnight)
    });
    // wolkvox has no fractions of seconds, so the query includes the whole first second.
    let from = from.with().subsec_nanosecond(0).build().unwrap_or(from);
    (Bounds { from: wolkvox_format(from), to: wolkvox_format(to) }, from..=to)
}

fn wolkvox_format(moment: DateTime) -> String {
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

/// A change of clocks at which they went back.
struct Fold {
    /// The start of the second pass of the repeated hour.
    at: Zoned,
    /// How far they went back.
    by: SignedDuration,
}

impl Fold {
    /// The last clock change before `now`, if clocks went back then.
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
    fn today_is_from_midnight_to_now() {
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
    fn a_day_without_midnight_begins_at_its_first_local_time() {
        assert_eq!(today_at("2026-09-06T09:00:00-03[America/Santiago]"), pair("20260906010000", "20260906090000"));
    }

    #[test]
    fn a_rolling_window_over_the_gap_has_its_real_length() {
        assert_eq!(
            rolling_at("2026-09-06T01:10:00-03[America/Santiago]", 30),
            Some(pair("20260905234000", "20260906011000"))
        );
    }

    // Santiago falls back at midnight: the last hour of 2026-04-04 occurs twice, first at -03 and then at -04.
    #[test]
    fn today_keeps_the_first_pass_of_the_repeated_hour() {
        assert_eq!(today_at("2026-04-04T23:15:00-03[America/Santiago]"), pair("20260404000000", "20260404231500"));
        assert_eq!(today_at("2026-04-04T23:15:00-04[America/Santiago]"), pair("20260404000000", "20260404235959"));
    }

    #[test]
    fn the_day_after_the_fold_is_an_ordinary_day() {
        assert_eq!(today_at("2026-04-05T08:00:00-04[America/Santiago]"), pair("20260405000000", "20260405080000"));
    }

    #[test]
    fn a_rolling_window_in_the_first_pass_is_an_ordinary_window() {
        assert_eq!(
            rolling_at("2026-04-04T23:40:00-03[America/Santiago]", 30),
            Some(pair("20260404231000", "20260404234000"))
        );
    }

    #[test]
    fn a_rolling_window_that_overlaps_the_second_pass_cannot_be_expressed() {
        assert_eq!(rolling_at("2026-04-04T23:00:00-04[America/Santiago]", 30), None);
        assert_eq!(rolling_at("2026-04-04T23:40:00-04[America/Santiago]", 30), None);
        assert_eq!(rolling_at("2026-04-05T00:20:00-04[America/Santiago]", 30), None);
    }

    #[test]
    fn a_rolling_window_after_the_repeated_hour_or_around_all_of_it_can_be_expressed() {
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
    fn in_the_first_hours_of_a_day_the_window_includes_the_day_before() {
        let late = |moment| today_and_late_events(&at(moment)).0;
        let expect = |from: &str, to: &str| Bounds { from: from.to_owned(), to: to.to_owned() };
        assert_eq!(late("2026-11-20T00:10:00-05[America/Bogota]"), expect("20261119221000", "20261120001000"));
        assert_eq!(late("2026-11-20T02:30:00-05[America/Bogota]"), expect("20261120000000", "20261120023000"));
        assert_eq!(late("2026-04-04T23:15:00-04[America/Santiago]"), expect("20260404000000", "20260404235959"));
    }

    #[test]
    fn the_first_second_of_a_window_is_in_it() {
        let (asked, window) = today_and_late_events(&at("2026-11-20T00:10:00.5-05[America/Bogota]"));
        assert_eq!(asked.from, wolkvox_format(*window.start()));
        assert!(window.contains(&"2026-11-19T22:10:00".parse().unwrap()));
    }

    #[test]
    fn late_events_of_a_repeated_hour_are_those_of_both_passes() {
        let late = |moment: &str| today_and_late_events(&at(moment)).0.from;
        let moments = ["00:10:00", "00:59:00", "01:00:00", "01:30:00"];
        assert_eq!(
            moments.map(|time| late(&format!("2026-04-05T{time}-04[America/Santiago]"))),
            ["20260404230000", "20260404230000", "20260404230000", "20260404233000"]
        );
    }

    // At 00:30, two hours before is 23:30 of the first pass; at 01:00, it is 23:00 of the second pass.
    #[test]
    fn the_start_of_the_window_never_moves_back() {
        let mut now = at("2026-04-04T20:00:00-03[America/Santiago]");
        let mut last = *today_and_late_events(&now).1.start();
        while now < at("2026-04-05T06:00:00-04[America/Santiago]") {
            now = now.checked_add(SignedDuration::from_mins(1)).unwrap();
            let from = *today_and_late_events(&now).1.start();
            assert!(from >= last, "{now}: {from}, a minute before {last}");
            last = from;
        }
    }

    // Mexico City ended daylight saving in 2022; its earlier years have both transitions.
    #[test]
    fn a_fold_in_the_middle_of_the_night_is_found_too() {
        assert_eq!(today_at("2022-10-30T01:10:00-06[America/Mexico_City]"), pair("20221030000000", "20221030015959"));
        assert_eq!(today_at("2022-10-30T08:00:00-06[America/Mexico_City]"), pair("20221030000000", "20221030080000"));
    }
}
