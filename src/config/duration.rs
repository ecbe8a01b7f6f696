//! Durations as Prometheus writes them: `30s`, `5m`, `1h30m`.

use std::time::Duration;

/// Milliseconds per unit, longest first, which is also the order in which they are written. Years are left out: nothing
/// here lasts as long.
const UNITS: [(&str, u64); 6] =
    [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

const FORM: &str = "a duration is written as in Prometheus, for example 30s, 5m or 1h30m";

/// Reads a duration; an error says what would be right.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no duration: {FORM}");
    let (mut rest, mut next_unit, mut milliseconds) = (text, 0, 0_u64);
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let index = UNITS.iter().position(|(name, _)| *name == unit).filter(|index| *index >= next_unit);
        let index = index.ok_or_else(wrong)?;
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let part = number.checked_mul(UNITS[index].1).ok_or_else(wrong)?;
        milliseconds = milliseconds.checked_add(part).ok_or_else(wrong)?;
        (rest, next_unit) = (tail, index + 1);
    }
    Ok(Duration::from_millis(milliseconds))
}

/// A duration as it is written in the configuration; fractions of a millisecond are cut.
pub fn text(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if rest == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    for (unit, length) in UNITS {
        // Weeks only when nothing is left over: 31 days are 31d, not 4w3d.
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
    fn durations_are_read_as_prometheus_reads_them() {
        for (written, seconds) in [
            ("30s", 30),
            ("1m", 60),
            ("5m", 300),
            ("1h", 3600),
            ("1h30m", 5400),
            ("1d", 86_400),
            ("90s", 90),
            ("0s", 0),
        ] {
            assert_eq!(parse(written), Ok(Duration::from_secs(seconds)), "{written}");
        }
        assert_eq!(parse("1500ms"), Ok(Duration::from_millis(1500)));
    }

    #[test]
    fn what_prometheus_refuses_is_refused() {
        for written in
            ["", "5", "m", "5 m", "-5m", "1.5h", "30m1h", "1m1m", "5M", "5min", "99999999999999999999w", "5m "]
        {
            assert!(parse(written).is_err(), "{written:?}");
        }
    }

    #[test]
    fn a_duration_is_written_as_it_is_read() {
        for written in ["30s", "5m", "1h30m", "1d", "2w", "31d", "1d1ms"] {
            assert_eq!(text(parse(written).unwrap()), written);
        }
    }
}
