//! A time zone in which it is about noon now. There, the simulated contact centre has had a busy morning whenever the
//! tests run. Just after midnight it would have no calls yet.

use jiff::tz::TimeZone;
use wolkvox_exporter::clock::Clock;

/// The variable that sets the time zone of an operation without a file.
pub(crate) const VARIABLE: &str = "WOLKVOX_TIMEZONE";

/// The zone's name.
pub(crate) fn zone() -> String {
    let utc = Clock::system().wall().to_zoned(TimeZone::UTC).hour();
    // The signs in these names are those of POSIX: three hours behind Greenwich is `Etc/GMT+3`.
    format!("Etc/GMT{:+}", utc - 12)
}

#[test]
fn it_is_about_noon_there() {
    let there = Clock::system().wall().in_tz(&zone()).expect("the zone exists");
    assert!((11..=13).contains(&there.hour()), "{there}");
}
