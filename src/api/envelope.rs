//! The envelope around every answer, and the verdict on it: rows, none, or why not.
//!
//! HTTP status and the envelope's own `code` are both checked, and the status of HTTP wins where they differ. "No records"
//! is a 404 with a misleading message; 403 means four things that only its message tells apart.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::values::{Count, FieldFormat, FieldValue};
use super::wire::{Elements, List, ListOf, RowSink, WireRow, scalars_are};
use super::{ApiError, MAX_ROWS, Response, lenient};
use crate::config::Token;
use crate::model::Reason;

/// What one answer held.
#[derive(Debug)]
pub(crate) struct Rows<G> {
    /// What was made of the rows, which came in wolkvox's order.
    pub(crate) rows: G,
    /// Elements of `data`.
    pub(crate) received: usize,
    /// Those of them that were no rows.
    pub(crate) not_rows: usize,
    /// Whether wolkvox said "no records" (as opposed to an empty list).
    pub(crate) no_records: bool,
    /// Whether trailing commas had to be removed.
    pub(crate) repaired: bool,
}

/// Reads an answer of rows `R` into a sink like `empty`. Errors quote wolkvox's message, but never `token`.
pub(crate) fn read<R: WireRow, G: RowSink<R>>(
    answer: &Response,
    empty: &G,
    token: &Token,
) -> Result<Rows<G>, ApiError> {
    let document = lenient::read(&answer.body, DocumentOf { empty, rows: PhantomData });
    let rows = rows_or_error(answer.status, document, empty);
    rows.map_err(|error| ApiError { retry_after: answer.retry_after, ..error.redacted(token) })
}

fn rows_or_error<R, G: RowSink<R>>(
    status: u16,
    document: Result<lenient::Lenient<Document<G>>, serde_json::Error>,
    empty: &G,
) -> Result<Rows<G>, ApiError> {
    let http_is_fine = (200..300).contains(&status);
    let (envelope, repaired) = match document {
        Ok(lenient::Lenient { document: Document::Envelope(envelope), repaired }) => (envelope, repaired),
        Ok(lenient::Lenient { document: Document::Other, .. }) if http_is_fine => {
            return Err(bad_envelope("the answer is JSON but not wolkvox's envelope (an object with code and data)"));
        }
        Err(error) if http_is_fine => {
            // Only the place: the text of the error could quote the answer.
            let (line, column) = (error.line(), error.column());
            let message = format!("the answer is not JSON (line {line}, column {column}); is base_url really wolkvox?");
            return Err(ApiError::new(Reason::BadJson, message));
        }
        Ok(_) | Err(_) => return Err(without_envelope(status)),
    };

    let code = match envelope.code {
        // "Not found" from a gateway or another program may be JSON too, but it has no code.
        FieldValue::Absent | FieldValue::Unreadable(_) if status == 404 => return Err(without_envelope(status)),
        _ if !http_is_fine => status,
        FieldValue::Value(Count(code)) => u16::try_from(code).unwrap_or(0),
        FieldValue::Absent | FieldValue::Unreadable(_) => {
            return Err(bad_envelope("the answer's envelope has no code"));
        }
    };
    match code {
        200 => rows(envelope, repaired, empty),
        404 => Ok(Rows { rows: empty.empty(), received: 0, not_rows: 0, no_records: true, repaired }),
        401 => Err(ApiError::new(Reason::Unauthorized, "wolkvox got no token (401): does a proxy drop the header?")),
        403 => Err(forbidden(&envelope.said())),
        other => {
            Err(ApiError::new(Reason::HttpStatus, format!("wolkvox answered {other}{}", quoted(&envelope.said()))))
        }
    }
}

fn rows<R, G: RowSink<R>>(envelope: Envelope<G>, repaired: bool, empty: &G) -> Result<Rows<G>, ApiError> {
    match &envelope.data {
        List::Missing if matches!(envelope.error, FieldValue::Value(_)) => {
            return Err(bad_envelope(&format!(
                "the answer says 200, has no data and an error{}",
                quoted(&envelope.said())
            )));
        }
        List::Other => return Err(bad_envelope("the answer's data is neither a list nor a row")),
        List::Missing | List::Elements(_) => {}
    }
    let Elements { rows, received, not_rows } = envelope.data.or_empty(empty.empty());
    Ok(Rows { rows, received, not_rows, no_records: false, repaired })
}

/// 403 in the vendor's words.
fn forbidden(said: &str) -> ApiError {
    let words = said.to_lowercase();
    let (reason, what) = if words.contains("token limit exceeded") {
        (Reason::Quota, "wolkvox says that today's quota of calls is used up")
    } else if words.contains("simultaneous") {
        (Reason::Concurrency, "wolkvox says that this token is in use elsewhere: give the exporter a token of its own")
    } else if words.contains("token") {
        (Reason::Unauthorized, "wolkvox refuses the token: check it, its permissions and the server")
    } else {
        (Reason::Maintenance, "wolkvox refuses calls for the time being (403)")
    };
    ApiError::new(reason, format!("{what}{}", quoted(said)))
}

/// A status that something other than wolkvox's API may have sent.
fn without_envelope(status: u16) -> ApiError {
    match status {
        401 => ApiError::new(Reason::Unauthorized, "the server answered 401, and not as wolkvox does"),
        _ => ApiError::new(Reason::HttpStatus, format!("the server answered {status}, and not as wolkvox does")),
    }
}

fn bad_envelope(message: &str) -> ApiError {
    ApiError::new(Reason::BadEnvelope, message)
}

/// The vendor's words for a log line: short, on one line. What is cut is cut between words: a token that wolkvox repeats
/// must be there as a whole, or nobody can take it out.
fn quoted(said: &str) -> String {
    const ENOUGH: usize = 120;
    let said: String = said.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let said = match said.char_indices().nth(ENOUGH) {
        Some((end, _)) => said[..end].rsplit_once(char::is_whitespace).map_or("", |(words, _)| words),
        None => &said,
    };
    if said.trim().is_empty() { String::new() } else { format!(": \"{}\"", said.trim()) }
}

#[derive(Debug)]
enum Document<G> {
    Envelope(Envelope<G>),
    Other,
}

#[derive(Debug)]
struct Envelope<G> {
    code: FieldValue<Count>,
    error: FieldValue<Words>,
    msg: FieldValue<Words>,
    data: List<G>,
}

/// What wolkvox says in words; however long, the meaning of a 403 is in them.
#[derive(Debug)]
struct Words(String);

impl FieldFormat for Words {
    fn from_text(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }

    fn from_whole(number: u64) -> Option<Self> {
        Some(Self(number.to_string()))
    }
}

impl<G> Envelope<G> {
    /// The vendor's words: `msg`, or `error` where that is blank.
    fn said(&self) -> String {
        let words = [&self.msg, &self.error].into_iter().find_map(|reading| match reading {
            FieldValue::Value(Words(words)) => Some(words.clone()),
            FieldValue::Absent | FieldValue::Unreadable(_) => None,
        });
        words.unwrap_or_default()
    }
}

/// Reads a document whose rows are `R`.
struct DocumentOf<'a, R, G> {
    empty: &'a G,
    rows: PhantomData<R>,
}

impl<R, G> Clone for DocumentOf<'_, R, G> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, G> Copy for DocumentOf<'_, R, G> {}

impl<'de, R: WireRow, G: RowSink<R>> DeserializeSeed<'de> for DocumentOf<'_, R, G> {
    type Value = Document<G>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: WireRow, G: RowSink<R>> Visitor<'de> for DocumentOf<'_, R, G> {
    type Value = Document<G>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut envelope = Envelope {
            code: FieldValue::Absent,
            error: FieldValue::Absent,
            msg: FieldValue::Absent,
            data: List::Missing,
        };
        while let Some(name) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            match &*name {
                "code" => envelope.code = map.next_value()?,
                "error" => envelope.error = map.next_value()?,
                "msg" => envelope.msg = map.next_value()?,
                "data" => {
                    envelope.data = map.next_value_seed(ListOf::<R, G>::at_most(MAX_ROWS, self.empty.empty()))?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Document::Envelope(envelope))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Document::Other)
    }

    scalars_are!(Document::Other);

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Document::Other)
    }
}

#[cfg(test)]
mod tests;
