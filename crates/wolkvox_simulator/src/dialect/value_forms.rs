//! The text forms in which wolkvox writes values. The form of a field is chosen by a hash of its position, so that a
//! field keeps its form in every response, and every form appears somewhere.

use jiff::SignedDuration;
use serde_json::Value;

/// The position of a field.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldPosition<'a> {
    /// The report's name.
    pub(super) report: &'a str,
    /// The identification of the row.
    pub(super) row: &'a str,
    /// The field's name.
    pub(super) field: &'a str,
}

/// A value, or `None` if the field is left out.
pub(super) type FieldValue = Option<Value>;

impl FieldPosition<'_> {
    /// A count: `"428"`; above 999 at some positions `"1,204"`.
    pub(super) fn count(&self, count: u64) -> FieldValue {
        let plain = count.to_string();
        text(if self.choose(2) == 1 { grouped(&plain) } else { plain })
    }

    /// A percentage: `"85.71 %"`, `"85.71%"` or `"85.71"`, and `"100 %"` for whole numbers. Blank if `whole` is 0.
    pub(super) fn percentage(&self, part: u64, whole: u64) -> FieldValue {
        if whole == 0 {
            return self.blank();
        }
        let exact = 100.0 * part as f64 / whole as f64;
        let (decimals, short) = (format!("{exact:.2}"), format!("{exact:.0}"));
        let short = if decimals == format!("{short}.00") { short } else { decimals.clone() };
        text(match self.choose(4) {
            0 | 1 => format!("{short} %"),
            2 => format!("{decimals}%"),
            _ => decimals,
        })
    }

    /// A duration in seconds: `"12"`, `"12.5"` or `"00:00:12"`. Blank for `None`.
    pub(super) fn seconds(&self, seconds: Option<f64>) -> FieldValue {
        let Some(seconds) = seconds else { return self.blank() };
        let whole = seconds.round() as u64;
        text(match self.choose(3) {
            0 => whole.to_string(),
            1 => format!("{seconds:.1}"),
            _ => in_clock_form(whole),
        })
    }

    /// A duration: `"00:06:01"` at most positions, `"6.02"` (minutes) at the others.
    pub(super) fn clock_or_minutes(&self, time: SignedDuration) -> FieldValue {
        match self.choose(5) {
            0 => text(format!("{:.2}", time.as_secs_f64() / 60.0)),
            _ => clock(time),
        }
    }

    /// Whether this position is chosen, with a chance of one in `positions`.
    pub(super) fn is_chosen_of(&self, positions: u64) -> bool {
        self.choose(positions) == 0
    }

    /// The forms of an unknown value.
    fn blank(&self) -> FieldValue {
        match self.choose(6) {
            0 => text(String::new()),
            1 => text(" ".to_owned()),
            2 => text("-".to_owned()),
            3 => text("--".to_owned()),
            4 => Some(Value::Null),
            _ => None,
        }
    }

    /// A number below `forms`, always the same for this position (FNV-1a hash).
    fn choose(&self, forms: u64) -> u64 {
        let hash = [self.report, self.row, self.field]
            .into_iter()
            .flat_map(|part| part.bytes().chain([0]))
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        (hash >> 32) % forms
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every form is a cell")]
fn text(form: String) -> FieldValue {
    Some(Value::String(form))
}

/// A share from 0 to 1 as a percentage without decimals, `"35 %"`. Never blank.
pub(super) fn whole_percentage(share: f64) -> FieldValue {
    text(format!("{:.0} %", 100.0 * share))
}

/// A duration, `"00:06:01"`. Hours may have more than two digits.
pub(super) fn clock(time: SignedDuration) -> FieldValue {
    text(in_clock_form(time.as_secs_f64().round() as u64))
}

/// A duration rounded down to whole minutes, `"01:24:00"`.
pub(super) fn clock_of_minutes(time: SignedDuration) -> FieldValue {
    text(in_clock_form(time.as_secs().unsigned_abs() / 60 * 60))
}

fn in_clock_form(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Inserts a comma between groups of three digits.
fn grouped(digits: &str) -> String {
    let first = digits.len() % 3;
    let mut grouped = digits[..first].to_owned();
    for (index, digit) in digits[first..].chars().enumerate() {
        if index % 3 == 0 && !grouped.is_empty() {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The results of `form` at many positions.
    fn seen(form: impl Fn(FieldPosition) -> FieldValue) -> BTreeSet<String> {
        (0..200)
            .map(|row| form(FieldPosition { report: "skills", row: &row.to_string(), field: "asa" }))
            .map(|cell| cell.map_or("missing".to_owned(), |value| value.to_string()))
            .collect()
    }

    fn set<const N: usize>(forms: [&str; N]) -> BTreeSet<String> {
        forms.map(str::to_owned).into()
    }

    #[test]
    fn counts_are_plain_or_grouped() {
        assert_eq!(seen(|position| position.count(1_234_567)), set([r#""1234567""#, r#""1,234,567""#]));
        assert_eq!(seen(|position| position.count(428)), set([r#""428""#]));
    }

    #[test]
    fn percentages_come_in_every_form() {
        assert_eq!(seen(|position| position.percentage(6, 7)), set([r#""85.71 %""#, r#""85.71%""#, r#""85.71""#]));
        assert_eq!(seen(|position| position.percentage(0, 7)), set([r#""0 %""#, r#""0.00%""#, r#""0.00""#]));
        assert_eq!(seen(|position| position.percentage(7, 7)), set([r#""100 %""#, r#""100.00%""#, r#""100.00""#]));
    }

    #[test]
    fn seconds_come_in_every_form() {
        assert_eq!(seen(|position| position.seconds(Some(12.49))), set([r#""12""#, r#""12.5""#, r#""00:00:12""#]));
    }

    #[test]
    fn durations_may_have_more_than_two_digits_of_hours() {
        let form = |seconds| clock(SignedDuration::from_secs(seconds)).unwrap();
        assert_eq!([0, 361, 360_909].map(form), ["00:00:00", "00:06:01", "100:15:09"]);
        assert_eq!(clock_of_minutes(SignedDuration::from_secs(5099)).unwrap(), "01:24:00");
    }

    #[test]
    fn some_durations_are_in_minutes() {
        let forms = seen(|position| position.clock_or_minutes(SignedDuration::from_secs(361)));
        assert_eq!(forms, set([r#""00:06:01""#, r#""6.02""#]));
    }

    #[test]
    fn whole_percentages_are_never_blank() {
        assert_eq!([0.0, 0.354, 1.0].map(|share| whole_percentage(share).unwrap()), ["0 %", "35 %", "100 %"]);
    }

    #[test]
    fn blanks_come_in_every_form() {
        let blanks = set([r#""""#, r#"" ""#, r#""-""#, r#""--""#, "null", "missing"]);
        assert_eq!(seen(|position| position.seconds(None)), blanks);
        assert_eq!(seen(|position| position.percentage(0, 0)), blanks);
    }

    #[test]
    fn a_position_keeps_its_form() {
        let position = FieldPosition { report: "skills", row: "4173", field: "stat_inbound" };
        assert_eq!(position.count(1204), position.count(1204));
    }
}
