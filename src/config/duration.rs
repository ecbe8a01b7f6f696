//! Durations as Prometheus writes them: `30s`, `5m`, `1h30m`.

use std::time::Duration;

/// Milliseconds per unit, longest first, which is also the order in which they are written. Years are left out, because
/// no setting is that long.
const UNITS: [(&str, u64); 6] =
    [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// A text that is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid duration {0:?}: expected a Prometheus duration such as 30s, 5m or 1h30m")]
pub struct InvalidDuration(String);

/// Parses a duration in the form of Prometheus.
pub fn parse(text: &str) -> Result<Duration, InvalidDuration> {
    let invalid = || InvalidDuration(text.to_owned());
    let (mut rest, mut next_unit, mut milliseconds) = (text, 0, 0_u64);
    if rest.is_empty() {
        return Err(invalid());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let index = UNITS.iter().position(|(name, _)| *name == unit).filter(|index| *index >= next_unit);
        let index = index.ok_or_else(invalid)?;
        let number: u64 = number.parse().map_err(|_| invalid())?;
        let part = number.checked_mul(UNITS[index].1).ok_or_else(invalid)?;
        milliseconds = milliseconds.checked_add(part).ok_or_else(invalid)?;
        (rest, next_unit) = (tail, index + 1);
    }
    Ok(Duration::from_millis(milliseconds))
}

/// A duration as the configuration writes it; fractions of a millisecond are cut.
pub fn text(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if rest == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    for (unit, length) in UNITS {
        // Weeks only if no days remain: 31 days are 31d, not 4w3d.
        if rest >= length && (unit != "w" || rest.is_multiple_of(length)) {
            text.push_str(&(rest / length).to_string());
            text.push_str(unit);
            rest %= length;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_parsed_as_in_prometheus() {
        for (text, seconds) in [
            ("30s", 30),
            ("1m", 60),
            ("5m", 300),
            ("1h", 3600),
            ("1h30m", 5400),
            ("1d", 86_400),
            ("90s", 90),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("1500ms"), Ok(Duration::from_millis(1500)));
    }

    #[test]
    fn durations_that_prometheus_refuses_are_refused() {
        for text in ["", "5", "m", "5 m", "-5m", "1.5h", "30m1h", "1m1m", "5M", "5min", "99999999999999999999w", "5m "]
        {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_formatted_duration_parses_to_itself() {
        for duration in ["30s", "5m", "1h30m", "1d", "2w", "31d", "1d1ms"] {
            assert_eq!(text(parse(duration).unwrap()), duration);
        }
    }
}
