//! The forms in which wolkvox writes a value. Which one a field uses follows from its place in the reports, so that it
//! stays the same from answer to answer and every form is seen somewhere.

use jiff::SignedDuration;
use serde_json::Value;

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldPosition<'a> {
    /// The report's name.
    pub(super) report: &'a str,
    /// What identifies the row.
    pub(super) row: &'a str,
    /// The field's name.
    pub(super) field: &'a str,
}

/// A value, or `None` where the field is left out.
pub(super) type FieldValue = Option<Value>;

impl FieldPosition<'_> {
    /// A count: `"428"`, above 999 at times `"1,204"`.
    pub(super) fn count(&self, count: u64) -> FieldValue {
        let plain = count.to_string();
        text(if self.choose(2) == 1 { grouped(&plain) } else { plain })
    }

    /// A percentage, `"85.71 %"`, `"85.71%"`, `"85.71"` or, of whole numbers, `"100 %"`; a blank if `whole` is 0.
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

    /// A length of time in seconds: `"12"`, `"12.5"` or `"00:00:12"`; a blank if there is none.
    pub(super) fn seconds(&self, seconds: Option<f64>) -> FieldValue {
        let Some(seconds) = seconds else { return self.blank() };
        let whole = seconds.round() as u64;
        text(match self.choose(3) {
            0 => whole.to_string(),
            1 => format!("{seconds:.1}"),
            _ => in_clock_form(whole),
        })
    }

    /// A length of time, at most places `"00:06:01"`, at some minutes, `"6.02"`.
    pub(super) fn clock_or_minutes(&self, time: SignedDuration) -> FieldValue {
        match self.choose(5) {
            0 => text(format!("{:.2}", time.as_secs_f64() / 60.0)),
            _ => clock(time),
        }
    }

    /// Whether this is one of those places of which there is one in `places`.
    pub(super) fn is_chosen_of(&self, places: u64) -> bool {
        self.choose(places) == 0
    }

    /// What stands where nothing is known.
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

    /// One of `forms`, always the same here (FNV-1a over the place).
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

/// A share (1 is the whole) as a percentage without decimals, `"35 %"`; never a blank.
pub(super) fn whole_percentage(share: f64) -> FieldValue {
    text(format!("{:.0} %", 100.0 * share))
}

/// A length of time, `"00:06:01"`; hours have no end.
pub(super) fn clock(time: SignedDuration) -> FieldValue {
    text(in_clock_form(time.as_secs_f64().round() as u64))
}

/// A length of time in the minutes that are full, `"01:24:00"`.
pub(super) fn clock_of_minutes(time: SignedDuration) -> FieldValue {
    text(in_clock_form(time.as_secs().unsigned_abs() / 60 * 60))
}

fn in_clock_form(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Puts a comma between groups of three digits.
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

    /// What `form` gives at many places.
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
        assert_eq!(seen(|place| place.count(1_234_567)), set([r#""1234567""#, r#""1,234,567""#]));
        assert_eq!(seen(|place| place.count(428)), set([r#""428""#]));
    }

    #[test]
    fn percentages_come_in_every_form() {
        assert_eq!(seen(|place| place.percentage(6, 7)), set([r#""85.71 %""#, r#""85.71%""#, r#""85.71""#]));
        assert_eq!(seen(|place| place.percentage(0, 7)), set([r#""0 %""#, r#""0.00%""#, r#""0.00""#]));
        assert_eq!(seen(|place| place.percentage(7, 7)), set([r#""100 %""#, r#""100.00%""#, r#""100.00""#]));
    }

    #[test]
    fn seconds_come_in_every_form() {
        assert_eq!(seen(|place| place.seconds(Some(12.49))), set([r#""12""#, r#""12.5""#, r#""00:00:12""#]));
    }

    #[test]
    fn times_are_on_the_clock_with_hours_without_end() {
        let form = |seconds| clock(SignedDuration::from_secs(seconds)).unwrap();
        assert_eq!([0, 361, 360_909].map(form), ["00:00:00", "00:06:01", "100:15:09"]);
        assert_eq!(clock_of_minutes(SignedDuration::from_secs(5099)).unwrap(), "01:24:00");
    }

    #[test]
    fn some_times_are_minutes() {
        let forms = seen(|place| place.clock_or_minutes(SignedDuration::from_secs(361)));
        assert_eq!(forms, set([r#""00:06:01""#, r#""6.02""#]));
    }

    #[test]
    fn whole_percentages_are_never_blank() {
        assert_eq!([0.0, 0.354, 1.0].map(|share| whole_percentage(share).unwrap()), ["0 %", "35 %", "100 %"]);
    }

    #[test]
    fn nothing_comes_in_every_form() {
        let blanks = set([r#""""#, r#"" ""#, r#""-""#, r#""--""#, "null", "missing"]);
        assert_eq!(seen(|place| place.seconds(None)), blanks);
        assert_eq!(seen(|place| place.percentage(0, 0)), blanks);
    }

    #[test]
    fn a_place_keeps_its_form() {
        let place = FieldPosition { report: "skills", row: "4173", field: "stat_inbound" };
        assert_eq!(place.count(1204), place.count(1204));
    }
}
