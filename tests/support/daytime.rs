//! A zone of whole hours in which it is about noon: a simulated contact centre has a busy morning behind it there,
//! whenever the tests run. Just after midnight it would have no calls to show yet.

use jiff::tz::TimeZone;
use wolkvox_exporter::clock::Clock;

/// The variable that sets the time zone of an operation without a file.
pub(crate) const VARIABLE: &str = "WOLKVOX_TIMEZONE";

/// The zone's name.
pub(crate) fn zone() -> String {
    let utc = Clock::system().wall().to_zoned(TimeZone::UTC).hour();
    // In these names the sign says where Greenwich is: three hours behind it is `Etc/GMT+3`.
    format!("Etc/GMT{:+}", utc - 12)
}

#[test]
fn it_is_about_noon_there() {
    let there = Clock::system().wall().in_tz(&zone()).expect("the zone exists");
    assert!((11..=13).contains(&there.hour()), "{there}");
}
