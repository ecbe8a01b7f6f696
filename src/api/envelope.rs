//! The envelope of every response, and the decision whether it has rows, no rows, or an error.
//!
//! Both the HTTP status and the envelope's `code` are checked; where they differ, a failed HTTP status counts. "No
//! records" is a 404 with a misleading message. 403 has four meanings, which differ only in the message.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::values::{Count, FieldFormat, FieldValue};
use super::wire::{Elements, List, ListOf, RowSink, WireRow, scalars_are};
use super::{ApiError, MAX_ROWS, Response, lenient};
use crate::config::Token;
use crate::model::Reason;

/// The rows of one response.
#[derive(Debug)]
pub(crate) struct ParsedResponse<G> {
    /// The sink that received the rows, in wolkvox's order.
    pub(crate) rows: G,
    /// Elements of `data`.
    pub(crate) received: usize,
    /// Elements of `data` that were not rows.
    pub(crate) not_rows: usize,
    /// Whether wolkvox answered "no records" (not with an empty list).
    pub(crate) no_records: bool,
    /// Whether trailing commas had to be removed.
    pub(crate) repaired: bool,
}

/// Reads a response of rows `R` into a sink like `empty`. Errors quote wolkvox's message, but never `token`.
pub(crate) fn read<R: WireRow, G: RowSink<R>>(
    response: &Response,
    empty: &G,
    token: &Token,
) -> Result<ParsedResponse<G>, ApiError> {
    let document = lenient::read(&response.body, DocumentOf { empty, rows: PhantomData });
    let rows = rows_or_error(response.status, document, empty);
    rows.map_err(|error| ApiError { retry_after: response.retry_after, ..error.redacted(token) })
}

fn rows_or_error<R, G: RowSink<R>>(
    status: u16,
    document: Result<lenient::Lenient<Document<G>>, serde_json::Error>,
    empty: &G,
) -> Result<ParsedResponse<G>, ApiError> {
    let http_ok = (200..300).contains(&status);
    let (envelope, repaired) = match document {
        Ok(lenient::Lenient { document: Document::Envelope(envelope), repaired }) => (envelope, repaired),
        Ok(lenient::Lenient { document: Document::Other, .. }) if http_ok => {
            return Err(bad_envelope(
                "the response is JSON, but not wolkvox's envelope (an object with code and data)",
            ));
        }
        Err(error) if http_ok => {
            // Only the position, because the text of the error could quote the response.
            let (line, column) = (error.line(), error.column());
            let message = format!(
                "the response is not JSON (line {line}, column {column}); check that base_url is a server of wolkvox"
            );
            return Err(ApiError::new(Reason::BadJson, message));
        }
        Ok(_) | Err(_) => return Err(without_envelope(status)),
    };

    let code = match envelope.code {
        // A 404 of a gateway or another program may be JSON too, but it has no code.
        FieldValue::Absent | FieldValue::Unreadable(_) if status == 404 => return Err(without_envelope(status)),
        _ if !http_ok => status,
        FieldValue::Value(Count(code)) => u16::try_from(code).unwrap_or(0),
        FieldValue::Absent | FieldValue::Unreadable(_) => {
            return Err(bad_envelope("the envelope of the response has no code"));
        }
    };
    match code {
        200 => rows(envelope, repaired, empty),
        404 => Ok(ParsedResponse { rows: empty.empty(), received: 0, not_rows: 0, no_records: true, repaired }),
        401 => Err(ApiError::new(
            Reason::Unauthorized,
            "wolkvox received no token (401); check whether a proxy removes the header",
        )),
        403 => Err(forbidden(&envelope.message())),
        other => {
            Err(ApiError::new(Reason::HttpStatus, format!("wolkvox answered {other}{}", quote(&envelope.message()))))
        }
    }
}

fn rows<R, G: RowSink<R>>(envelope: Envelope<G>, repaired: bool, empty: &G) -> Result<ParsedResponse<G>, ApiError> {
    match &envelope.data {
        List::Missing if matches!(envelope.error, FieldValue::Value(_)) => {
            return Err(bad_envelope(&format!(
                "the response has code 200, but no data and an error{}",
                quote(&envelope.message())
            )));
        }
        List::Other => return Err(bad_envelope("data in the response is neither a list nor a row")),
        List::Missing | List::Elements(_) => {}
    }
    let Elements { rows, received, not_rows } = envelope.data.or_empty(empty.empty());
    Ok(ParsedResponse { rows, received, not_rows, no_records: false, repaired })
}

/// The meaning of a 403, from its message.
fn forbidden(message: &str) -> ApiError {
    let lowercase = message.to_lowercase();
    let (reason, text) = if lowercase.contains("token limit exceeded") {
        (Reason::Quota, "wolkvox reports that today's quota of calls is used up")
    } else if lowercase.contains("simultaneous") {
        (Reason::Concurrency, "wolkvox reports that another program uses this token; give the exporter its own token")
    } else if lowercase.contains("token") {
        (Reason::Unauthorized, "wolkvox refuses the token; check it, its permissions and the server")
    } else {
        (
            Reason::Maintenance,
            "wolkvox refuses calls for a while (403), as during maintenance; the exporter tries again",
        )
    };
    ApiError::new(reason, format!("{text}{}", quote(message)))
}

/// A status that something other than wolkvox's API may have sent.
fn without_envelope(status: u16) -> ApiError {
    match status {
        401 => ApiError::new(
            Reason::Unauthorized,
            "the server answered 401, but not in wolkvox's format; check base_url and the proxy",
        ),
        _ => ApiError::new(
            Reason::HttpStatus,
            format!("the server answered {status}, but not in wolkvox's format; check base_url and the proxy"),
        ),
    }
}

fn bad_envelope(message: &str) -> ApiError {
    ApiError::new(Reason::BadEnvelope, message)
}

/// Quotes a message of wolkvox, shortened and on one line. It is cut between words, because a token in the message can
/// be redacted only if it is complete.
fn quote(message: &str) -> String {
    const MAX_CHARS: usize = 120;
    let message: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let message = match message.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => message[..end].rsplit_once(char::is_whitespace).map_or("", |(start, _)| start),
        None => &message,
    };
    if message.trim().is_empty() { String::new() } else { format!(": \"{}\"", message.trim()) }
}

#[derive(Debug)]
enum Document<G> {
    Envelope(Envelope<G>),
    Other,
}

#[derive(Debug)]
struct Envelope<G> {
    code: FieldValue<Count>,
    error: FieldValue<Message>,
    msg: FieldValue<Message>,
    data: List<G>,
}

/// A message of any length.
#[derive(Debug)]
struct Message(String);

impl FieldFormat for Message {
    fn from_text(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }

    fn from_whole(number: u64) -> Option<Self> {
        Some(Self(number.to_string()))
    }
}

impl<G> Envelope<G> {
    /// The message of wolkvox: `msg`, or `error` if that is blank.
    fn message(&self) -> String {
        let message = [&self.msg, &self.error].into_iter().find_map(|value| match value {
            FieldValue::Value(Message(message)) => Some(message.clone()),
            FieldValue::Absent | FieldValue::Unreadable(_) => None,
        });
        message.unwrap_or_default()
    }
}

/// Reads a document with rows `R`.
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
