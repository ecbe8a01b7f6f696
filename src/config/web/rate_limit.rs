//! The section `rate_limit`.

use std::time::Duration;

use crate::config::cursor::Field;
use crate::config::duration;
use crate::config::errors::InvalidValue;
use crate::config::raw::Value;

/// A limit of requests as a bucket of tokens: it is full at the start, each request takes one, and one is added in each
/// interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The time in which one request is allowed on average.
    pub interval: Duration,
    /// How many requests may arrive at once.
    pub burst: u32,
}

/// The inner `None` is a limit that is switched off.
#[expect(clippy::option_option, reason = "a limit that is off and an invalid value are two different results")]
pub(super) fn read(field: &Field<'_>) -> Option<Option<RateLimit>> {
    let section = field.section(&["interval", "burst"])?;
    let interval = section.optional("interval", |field| match field.value() {
        Value::Integer(0) => Some(Duration::ZERO),
        _ => field.parse_with_unit(interval),
    });
    let burst = section.optional("burst", |field| field.integer(0..=u32::MAX >> 1));
    let interval = interval?.unwrap_or_default();
    let burst = burst?.unwrap_or_default();
    if interval.is_zero() {
        return Some(None);
    }
    if burst == 0 {
        section.field().error("missing key burst: expected at least 1, because otherwise every request is refused");
        return None;
    }
    Some(Some(RateLimit { interval, burst }))
}

/// Prometheus's tools read this duration as Go does, without days and weeks.
fn interval(text: &str) -> Result<Duration, InvalidValue> {
    match duration::parse(text) {
        Ok(interval) if !text.contains(['d', 'w']) => Ok(interval),
        _ => Err(InvalidValue::new(
            "interval",
            text,
            "a duration in hours, minutes, seconds or milliseconds, such as 1s",
        )),
    }
}
