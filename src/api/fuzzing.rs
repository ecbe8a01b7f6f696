//! What must hold for every response of wolkvox. See `crate::fuzzing`.

use std::fmt::Debug;
use std::marker::PhantomData;

use jiff::civil::DateTime;
use serde::de::Deserialize as _;
use serde_json::Value;

use super::values::{
    ClockDuration, Count, Day, FieldFormat, FieldValue, LocalDateTime, Percentage, Seconds, Text, TimeSpent,
};
use super::wire::{AgentRow, DnisRow, IvrRow, SkillRow, TransferRow};
use super::{ApiError, MAX_ROWS, ParsedResponse, Response, WireRow, lenient, read};
use crate::config::Token;
use crate::model::Reason;

/// Statuses of a response, by the digit that may follow its body in the input.
const STATUSES: [u16; 10] = [200, 404, 403, 401, 500, 204, 302, 429, 503, 100];

/// Numbers up to this are exact in a float.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// A token that inputs may contain and messages must not.
pub(crate) const TOKEN: &str = "sesame-0815";

/// The longest message of an error, in characters. It has one quotation of at most 120 characters.
const LONGEST_MESSAGE: usize = 600;

/// Reads the input as JSON. A strict document must be read as `serde_json` reads it. A repaired one must need no second
/// repair, and must not be much larger than the input. The position of an error must exist.
///
/// # Panics
/// When this does not hold.
pub fn lenient_json(input: &[u8]) {
    let body = input.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(input);
    let strict = strictly(body);
    match (lenient::read(input, PhantomData::<Value>), strict) {
        (Ok(read), Some(strict)) => {
            assert!(!read.repaired, "a strict document was repaired");
            assert_eq!(read.document, strict);
        }
        (Ok(read), None) => {
            assert!(read.repaired, "serde_json refuses the document, but it was not repaired");
            let text = read.document.to_string();
            // A byte that is not UTF-8 becomes three, and a character is written with at most six.
            assert!(text.len() <= 8 + 6 * input.len(), "{} bytes became {}", input.len(), text.len());
            let again = lenient::read(text.as_bytes(), PhantomData::<Value>).expect("a repaired document is JSON");
            assert!(!again.repaired, "the repaired document needs a second repair");
        }
        (Err(error), None) => {
            let lines = body.split(|byte| *byte == b'\n').count();
            assert!((0..=lines).contains(&error.line()), "line {} of {lines}", error.line());
        }
        (Err(error), Some(_)) => panic!("a strict document was refused: {error}"),
    }
}

#[expect(clippy::disallowed_methods, reason = "to compare the lenient reader with the strict one")]
fn strictly(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body).ok()
}

/// Reads the input as a value of each kind, as a text and as a JSON value. A value must be finite, not negative and
/// within its limits, and what is written of it must be read as the same value. The form of another text must not
/// contain its letters and digits.
///
/// # Panics
/// When this does not hold.
pub fn values(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    each::<Count>(&text, |Count(count)| {
        assert!(*count as f64 <= MAX_EXACT);
        count.to_string()
    });
    each::<Percentage>(&text, |Percentage { ratio, decimals }| {
        assert!(ratio.is_finite() && *ratio >= 0.0 && *decimals <= 6);
        let written = format!("{:.*} %", usize::from(*decimals), ratio * 100.0);
        if let FieldValue::Value(again) = FieldValue::<Percentage>::of_text(&written) {
            // Half of the last decimal, and the rounding of floats.
            let difference = 0.005 / 10_f64.powi(i32::from(*decimals)) + ratio * 1e-12;
            assert!((again.ratio - ratio).abs() <= difference, "{ratio} was written as {written}");
            assert_eq!(again.decimals, *decimals);
        } else {
            assert!(ratio * 100.0 * 10_f64.powi(i32::from(*decimals)) >= MAX_EXACT * 0.999, "{written}");
        }
        text.clone().into_owned()
    });
    each::<ClockDuration>(&text, |ClockDuration(seconds)| {
        // A million hours, and the rest of the last one.
        assert!((0.0..=3_600_003_600.0).contains(seconds), "{seconds}");
        let whole = seconds.trunc();
        let fraction = &format!("{:?}", seconds - whole)[1..];
        let fraction = if fraction.contains('e') { "" } else { fraction };
        let whole = whole as u64;
        let clock = format!("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
        // 59.9… s can be rounded up to a whole million hours.
        if whole / 3600 > 1_000_000 || fraction.is_empty() { text.clone().into_owned() } else { clock + fraction }
    });
    each::<Seconds>(&text, |Seconds(seconds)| {
        assert!(seconds.is_finite() && *seconds >= 0.0);
        if *seconds <= MAX_EXACT { seconds.to_string() } else { text.clone().into_owned() }
    });
    each::<TimeSpent>(&text, |spent| match spent {
        TimeSpent::Plain(number) | TimeSpent::Seconds(number) => {
            assert!(number.is_finite() && *number >= 0.0);
            text.clone().into_owned()
        }
    });
    each::<Day>(&text, |Day(day)| day.strftime("%Y%m%d").to_string());
    each::<LocalDateTime>(&text, |LocalDateTime(at)| {
        let [documented, of_query] =
            ["%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S"].map(|format| at.strftime(format).to_string());
        assert_eq!(FieldValue::of_text(&of_query), FieldValue::Value(LocalDateTime(*at)));
        assert!(*at >= DateTime::ZERO);
        documented
    });
    each::<Text>(&text, |Text(text)| {
        assert!((1..=256).contains(&text.chars().count()) && text.trim() == &**text);
        text.clone().into()
    });
}

/// Reads a text, and a JSON value. `written` returns a text for a value, which must be read as the same value.
fn each<T: FieldFormat + PartialEq + Debug>(text: &str, written: impl Fn(&T) -> String) {
    if let Some(value) = checked(&FieldValue::<T>::of_text(text)) {
        let written = written(value);
        assert_eq!(checked(&FieldValue::<T>::of_text(&written)), Some(value), "{text:?} was written as {written:?}");
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    if let Ok(value) = FieldValue::<T>::deserialize(&mut deserializer)
        && let Some(value) = checked(&value)
    {
        // It may not be the value of the whole text.
        let _ = written(value);
    }
}

/// The value, after the form of a text without a value was checked.
fn checked<T>(value: &FieldValue<T>) -> Option<&T> {
    match value {
        FieldValue::Value(value) => Some(value),
        FieldValue::Absent => None,
        FieldValue::Unreadable(shape) => {
            let shape = shape.to_string();
            // Three words describe values that are no texts.
            let is_word = ["(true or false)", "(list)", "(object)"].contains(&&*shape);
            let is_form = |c: char| matches!(c, '9' | 'a') || !c.is_alphanumeric() && !c.is_control();
            assert!(is_word || shape.chars().count() <= 24 && shape.chars().all(is_form), "{shape:?}");
            None
        }
    }
}

/// Reads the input as a response with rows of each report. A digit after the body selects its status. The rows must be
/// counted, and an error must have the class of its status and a message of one line without the token.
///
/// # Panics
/// When this does not hold.
pub fn envelope(input: &[u8]) {
    let (status, body) = match input.split_last() {
        Some((digit, body)) if digit.is_ascii_digit() => (STATUSES[usize::from(digit - b'0')], body),
        _ => (200, input),
    };
    let response = Response { status, retry_after: None, body: body.to_vec() };
    of_report::<SkillRow>(&response);
    of_report::<DnisRow>(&response);
    of_report::<AgentRow>(&response);
    of_report::<TransferRow>(&response);
    of_report::<IvrRow>(&response);
}

fn of_report<R: WireRow>(response: &Response) {
    let status = response.status;
    match read::<R, Vec<R>>(response, &Vec::new(), &[Token::new(TOKEN.to_owned())]) {
        Ok(ParsedResponse { rows, received, not_rows, no_records, repaired }) => {
            assert!((200..300).contains(&status) || status == 404, "rows were read with the status {status}");
            assert_eq!(rows.len() + not_rows, received);
            assert!(received <= MAX_ROWS);
            assert_eq!(no_records, received == 0);
            assert!(received == 0 || received > not_rows, "no element is a row");
            assert!(!repaired || strictly(&response.body).is_none(), "a strict document was repaired");
        }
        Err(ApiError { reason, message, retry_after, .. }) => {
            assert_eq!(retry_after, None);
            assert!(!message.to_ascii_lowercase().contains(TOKEN), "{message}");
            assert!(!message.chars().any(char::is_control), "{message:?}");
            assert!((1..=LONGEST_MESSAGE).contains(&message.chars().count()), "{message}");
            let expected: &[Reason] = match status {
                401 => &[Reason::Unauthorized],
                403 => {
                    &[Reason::Unauthorized, Reason::Quota, Reason::Concurrency, Reason::Maintenance, Reason::HttpStatus]
                }
                200..300 => &[
                    Reason::Unauthorized,
                    Reason::Quota,
                    Reason::Concurrency,
                    Reason::Maintenance,
                    Reason::HttpStatus,
                    Reason::BadJson,
                    Reason::BadEnvelope,
                ],
                _ => &[Reason::HttpStatus],
            };
            assert!(expected.contains(&reason), "{status}: {reason:?}: {message}");
        }
    }
}
