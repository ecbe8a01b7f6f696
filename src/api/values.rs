//! The formats of values in wolkvox's responses. Values in other formats are not read.
//!
//! Most values are strings, some are bare numbers. [`FieldValue`] distinguishes a value that wolkvox did not send (no
//! sample, no error) from a value that cannot be parsed (no sample, one error). A missing value never becomes 0.

use std::fmt;
use std::marker::PhantomData;

use jiff::civil::{Date, DateTime};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The value of one field.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum FieldValue<T> {
    /// Blank, a dash, `null` or missing.
    #[default]
    Absent,
    /// In one of the formats of `T`.
    Value(T),
    /// Anything else.
    Unreadable(Shape),
}

/// The form of a value without its content: each digit is 9, each letter is a. Safe to log, because it contains no name
/// and no number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape(Box<str>);

/// A kind of value with its formats: texts and bare numbers.
pub trait FieldFormat: Sized {
    /// Parses a text that is not blank and has no white space around it.
    fn from_text(text: &str) -> Option<Self>;

    /// Parses a bare JSON number that is not negative, written without an exponent. Most kinds have no such format.
    fn from_number(_number: &str) -> Option<Self> {
        None
    }
}

/// A number of things: `"428"`, `428`, `"1,204"`. PHP may write a whole number with a fraction of zero: `428.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(pub u64);

/// A percentage: `"85.71 %"`, `"35 %"`, `"100.00%"`, `"9,336.00 %"`, `"85.71"`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentage {
    /// As a ratio, 0–1. wolkvox may send more than 100 %.
    pub ratio: f64,
    /// Digits after the point, that is, the precision of the rounding.
    pub decimals: u8,
}

/// A duration as `"HH:MM:SS"` with any number of hours, and perhaps a fraction of a second; in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClockDuration(pub f64);

/// Seconds: `"12"`, `"12.5"`, `12.5`, `"27,554.56"` or `"00:00:12"`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seconds(pub f64);

/// A local day as `"20230123"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub Date);

/// A local time: `"2023-01-23 10:15:30"` as in the vendor's documentation of responses, or `"20230123101530"` as in
/// queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalDateTime(pub DateTime);

/// A length of time as `"HH:MM:SS"`, or as a plain number whose unit is configured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimeSpent {
    /// In seconds.
    Seconds(f64),
    /// In the configured unit.
    Plain(f64),
}

/// An identifier or a name: any text of up to 256 characters; also a bare number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub Box<str>);

/// Larger counts would lose precision in Prometheus's floats: 2^53.
const MAX_COUNT: u64 = 1 << 53;

/// A number of this many digits always fits into a `u64`.
const MAX_DIGITS: usize = 18;

/// More digits after the point than any program writes.
const MAX_DECIMALS: usize = 32;

/// A percentage with more decimals was not rounded for people. It counts as rounded to this many.
const MAX_ROUNDED_DECIMALS: u8 = 6;

/// Longer texts are not accepted as names, because they would be in every series of a skill and in the state file.
const MAX_TEXT: usize = 256;

impl FieldFormat for Count {
    fn from_text(text: &str) -> Option<Self> {
        let whole_part = match text.split_once('.') {
            Some((whole_part, fraction)) if is_fraction(fraction) && fraction.bytes().all(|b| b == b'0') => whole_part,
            Some(_) => return None,
            None => text,
        };
        whole(whole_part, Commas::Thousands).filter(|count| *count <= MAX_COUNT).map(Self)
    }

    fn from_number(number: &str) -> Option<Self> {
        Self::from_text(number)
    }
}

impl FieldFormat for Percentage {
    fn from_text(text: &str) -> Option<Self> {
        let number = text.strip_suffix('%').unwrap_or(text).trim_end();
        let (whole_part, fraction) = match number.split_once('.') {
            Some((whole_part, fraction)) => (whole_part, Some(fraction)),
            None => (number, None),
        };
        // A single comma is a decimal comma in half of Latin America. It separates thousands only if a point follows.
        let commas = if fraction.is_some() { Commas::Thousands } else { Commas::ThousandsIfSeveral };
        let whole_part = whole(whole_part, commas)?;
        let Some(fraction) = fraction else { return Self::rounded(whole_part, "") };
        if !is_fraction(fraction) {
            return None;
        }
        let is_long = fraction.len() > usize::from(MAX_ROUNDED_DECIMALS);
        if is_long { Self::unrounded(whole_part, fraction) } else { Self::rounded(whole_part, fraction) }
    }
}

impl Percentage {
    /// With a few decimals. One division of two exact numbers is correctly rounded: 85.71 % becomes exactly the float
    /// 0.8571.
    fn rounded(whole_part: u64, fraction: &str) -> Option<Self> {
        let decimals = u8::try_from(fraction.len()).ok()?;
        let scale = 10_u64.pow(u32::from(decimals));
        let fraction = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
        let hundredths = whole_part.checked_mul(scale)?.checked_add(fraction).filter(|n| *n <= MAX_COUNT)?;
        Some(Self { ratio: hundredths as f64 / (scale * 100) as f64, decimals })
    }

    /// With all digits of a float, as a program writes a quotient that it does not round.
    fn unrounded(whole_part: u64, fraction: &str) -> Option<Self> {
        // The parser of the standard library rounds correctly; a division would round a second time.
        let ratio = format!("{whole_part}.{fraction}e-2").parse().ok()?;
        Some(Self { ratio, decimals: MAX_ROUNDED_DECIMALS })
    }
}

impl FieldFormat for ClockDuration {
    fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let hours = whole(hours, Commas::Thousands).filter(|hours| *hours <= 1_000_000)?;
        let (seconds, fraction) = match seconds.split_once('.') {
            Some((seconds, fraction)) if is_fraction(fraction) => (seconds, format!("0.{fraction}").parse().ok()?),
            Some(_) => return None,
            None => (seconds, 0.0),
        };
        Some(Self((hours * 3600 + sixtieth(minutes)? * 60 + sixtieth(seconds)?) as f64 + fraction))
    }
}

impl FieldFormat for Seconds {
    fn from_text(text: &str) -> Option<Self> {
        if text.contains(':') {
            return ClockDuration::from_text(text).map(|ClockDuration(seconds)| Self(seconds));
        }
        decimal(text).map(Self)
    }

    fn from_number(number: &str) -> Option<Self> {
        Self::from_text(number)
    }
}

impl FieldFormat for Day {
    fn from_text(text: &str) -> Option<Self> {
        let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
        if digits { Date::strptime("%Y%m%d", text).ok().map(Self) } else { None }
    }
}

impl FieldFormat for LocalDateTime {
    fn from_text(text: &str) -> Option<Self> {
        // jiff would also accept a sign and years before the common era, which wolkvox never sends.
        let format = match text.len() {
            _ if !text.starts_with(|c: char| c.is_ascii_digit()) => return None,
            14 => "%Y%m%d%H%M%S",
            19 => "%Y-%m-%d %H:%M:%S",
            _ => return None,
        };
        DateTime::strptime(format, text).ok().map(Self)
    }
}

impl FieldFormat for TimeSpent {
    fn from_text(text: &str) -> Option<Self> {
        match ClockDuration::from_text(text) {
            Some(ClockDuration(seconds)) => Some(Self::Seconds(seconds)),
            None => decimal(text).map(Self::Plain),
        }
    }

    fn from_number(number: &str) -> Option<Self> {
        Self::from_text(number)
    }
}

impl FieldFormat for Text {
    fn from_text(text: &str) -> Option<Self> {
        text.chars().nth(MAX_TEXT).is_none().then(|| Self(text.into()))
    }

    fn from_number(number: &str) -> Option<Self> {
        // A number with an exponent can have some hundreds of digits.
        Self::from_text(number).filter(|_| number.bytes().all(|b| b.is_ascii_digit()))
    }
}

/// What a comma may mean inside a whole number.
#[derive(Clone, Copy, PartialEq)]
enum Commas {
    /// No commas are allowed.
    None,
    /// Commas separate groups of three digits.
    Thousands,
    /// Commas separate groups of three digits, but a single comma is refused, because it could be a decimal comma.
    ThousandsIfSeveral,
}

fn whole(text: &str, commas: Commas) -> Option<u64> {
    // Nearly every number: 60,000 rows have a million of them.
    if (1..=MAX_DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    let mut groups = text.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let allowed = match commas {
        Commas::None => rest.is_empty(),
        Commas::Thousands => true,
        Commas::ThousandsIfSeveral => rest.len() != 1,
    };
    let grouped = rest.is_empty() || (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3);
    let digits: String = std::iter::once(first).chain(rest).collect();
    let plain = !digits.is_empty() && digits.len() <= MAX_DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
    if allowed && grouped && plain { digits.parse().ok() } else { None }
}

/// Parses a number with an optional fraction, and perhaps commas between groups of three digits. Other forms that
/// `parse` accepts are refused.
fn decimal(text: &str) -> Option<f64> {
    let (whole_part, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let whole_part = whole(whole_part, Commas::Thousands)?;
    if !is_fraction(fraction) {
        None
    } else if text.contains(',') {
        format!("{whole_part}.{fraction}").parse().ok()
    } else {
        text.parse().ok()
    }
}

/// Whether the text may stand after the point of a number.
fn is_fraction(text: &str) -> bool {
    (1..=MAX_DECIMALS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn sixtieth(text: &str) -> Option<u64> {
    if text.len() == 2 { whole(text, Commas::None).filter(|n| *n < 60) } else { None }
}

impl<T: FieldFormat> FieldValue<T> {
    /// Parses a text, which may be blank.
    pub fn of_text(text: &str) -> Self {
        let trimmed = text.trim();
        if trimmed.chars().all(is_dash) {
            return Self::Absent;
        }
        T::from_text(trimmed).map_or_else(|| Self::Unreadable(Shape::of(trimmed)), Self::Value)
    }

    /// Parses a bare number in its decimal form.
    fn of_number(number: &str) -> Self {
        T::from_number(number).map_or_else(|| Self::Unreadable(Shape::of(number)), Self::Value)
    }
}

/// A run of dashes is a blank. Servers use the ASCII dash; the others come from spreadsheets.
fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

impl<T> FieldValue<T> {
    /// The value, if it could be parsed.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Unreadable(_) => None,
        }
    }

    /// Whether wolkvox sent no value.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl Shape {
    /// Enough to distinguish forms in a log line.
    const MAX_CHARS: usize = 24;

    fn of(text: &str) -> Self {
        let shape: String = text
            .chars()
            .take(Self::MAX_CHARS)
            .map(|c| match c {
                c if c.is_numeric() => '9',
                c if c.is_alphabetic() => 'a',
                c if c.is_control() => '?',
                c => c,
            })
            .collect();
        Self(shape.into())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de, T: FieldFormat> Deserialize<'de> for FieldValue<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldValueVisitor(PhantomData))
    }
}

struct FieldValueVisitor<T>(PhantomData<T>);

impl<'de, T: FieldFormat> Visitor<'de> for FieldValueVisitor<T> {
    type Value = FieldValue<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(FieldValue::of_text(text))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(FieldValue::of_number(&number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(FieldValue::of_number(&number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        // Rust writes a float without an exponent and without a fraction of zero.
        Ok(FieldValue::of_number(&number.to_string()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(FieldValue::Unreadable(Shape("(true or false)".into())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(FieldValue::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(FieldValue::Unreadable(Shape("(list)".into())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(FieldValue::Unreadable(Shape("(object)".into())))
    }
}

#[cfg(test)]
mod tests;
