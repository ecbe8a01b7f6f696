//! The envelope of every response, and the decision whether it has rows, no rows, or an error.
//!
//! Both the HTTP status and the envelope's `code` are checked; where they differ, a failed HTTP status counts. "No
//! records" is a 404 with a misleading message. 403 has four meanings, which differ only in the message. An error text
//! beside the code 200 has one of the same meanings.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::redact::quote;
use super::values::{Count, FieldFormat, FieldValue};
use super::wire::{Elements, FieldName, List, ListOf, RowSink, WireRow, scalars_are};
use super::{ApiError, MAX_ROWS, Response, lenient, other_body};
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
    /// Whether wolkvox answered "no records", or with an empty list.
    pub(crate) no_records: bool,
    /// Whether the JSON had to be repaired.
    pub(crate) repaired: bool,
}

/// Reads a response of rows `R` into a sink like `empty`. Errors quote wolkvox's message, but never one of `tokens`.
pub(crate) fn read<R: WireRow, G: RowSink<R>>(
    response: &Response,
    empty: &G,
    tokens: &[Token],
) -> Result<ParsedResponse<G>, ApiError> {
    let document = lenient::read(&response.body, DocumentOf { empty, rows: PhantomData });
    let rows = rows_or_error(response, document, empty);
    rows.map_err(|error| ApiError { retry_after: response.retry_after, ..error.redacted(tokens) })
}

fn rows_or_error<R, G: RowSink<R>>(
    response: &Response,
    document: Result<lenient::Lenient<Document<G>>, serde_json::Error>,
    empty: &G,
) -> Result<ParsedResponse<G>, ApiError> {
    let status = response.status;
    let http_ok = (200..300).contains(&status);
    let (envelope, repaired) = match document {
        Ok(lenient::Lenient { document: Document::Envelope(envelope), repaired }) => (envelope, repaired),
        Ok(lenient::Lenient { document: Document::Other, .. }) if http_ok => {
            return Err(bad_envelope(
                "the response is JSON, but not wolkvox's envelope (an object with code and data)",
            ));
        }
        Err(error) if http_ok => {
            let message = other_body::describe(&response.body).unwrap_or_else(|| {
                // Only the position, because the text of the error could quote the response.
                format!("the response is not JSON (line {}, column {})", error.line(), error.column())
            });
            let message = format!("{message}; check that base_url is a server of wolkvox");
            return Err(ApiError::new(Reason::BadJson, message));
        }
        Ok(_) | Err(_) => return Err(without_envelope(response)),
    };

    let code = match envelope.code {
        // A 404 of a gateway or another program may be JSON too, but its code is missing or not an HTTP status.
        FieldValue::Value(Count(100..600)) if !http_ok => status,
        _ if status == 404 => return Err(without_envelope(response)),
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
    let has_error = matches!(envelope.error, FieldValue::Value(_));
    let message = envelope.message();
    if matches!(envelope.data, List::Other) && !has_error {
        return Err(bad_envelope("data in the response is neither a list nor a row of this report"));
    }
    let Elements { rows, received, not_rows } = envelope.data.or_empty(empty.empty());
    if has_error && received == not_rows {
        let (reason, text) = refusal(&message)
            .unwrap_or((Reason::BadEnvelope, "the response has code 200, but an error in place of data"));
        return Err(ApiError::new(reason, format!("{text}{}", quote(&message))));
    }
    if received > 0 && received == not_rows {
        return Err(bad_envelope("no element of data in the response is a row of this report"));
    }
    Ok(ParsedResponse { rows, received, not_rows, no_records: received == 0, repaired })
}

/// The meaning of a 403, from its message.
fn forbidden(message: &str) -> ApiError {
    let (reason, text) = refusal(message).unwrap_or((
        Reason::Maintenance,
        "wolkvox refuses calls for a while (403), as during maintenance; the exporter tries again",
    ));
    ApiError::new(reason, format!("{text}{}", quote(message)))
}

/// What wolkvox refuses, by the words of its message; `None` for other messages.
fn refusal(message: &str) -> Option<(Reason, &'static str)> {
    let lowercase = message.to_lowercase();
    if lowercase.contains("token limit exceeded") {
        Some((Reason::Quota, "wolkvox reports that today's quota of calls is used up"))
    } else if lowercase.contains("simultaneous") {
        Some((
            Reason::Concurrency,
            "wolkvox reports that another program uses this token; give the exporter its own token",
        ))
    } else if lowercase.contains("token") {
        Some((Reason::Unauthorized, "wolkvox refuses the token; check it, its permissions and the server"))
    } else {
        None
    }
}

/// A status that something other than wolkvox's API may have sent.
fn without_envelope(response: &Response) -> ApiError {
    let Response { status, body, .. } = response;
    let reason = if *status == 401 { Reason::Unauthorized } else { Reason::HttpStatus };
    let what = match other_body::html_title(body) {
        Some(title) => format!(" with an HTML page{}", quote(&title)),
        None => ", but not in wolkvox's format".to_owned(),
    };
    let message = format!("the server answered {status}{what}; check base_url and the proxy");
    ApiError::new(reason, message)
}

fn bad_envelope(message: &str) -> ApiError {
    ApiError::new(Reason::BadEnvelope, message)
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

/// A message, or the start of one that is longer than [`LONGEST_MESSAGE`].
#[derive(Debug)]
struct Message(String);

/// The bytes of a message that are kept. wolkvox's messages are one sentence, and a response may be one message of 256 MB.
const LONGEST_MESSAGE: usize = 4096;

fn start_of(text: &str) -> String {
    let mut end = text.len().min(LONGEST_MESSAGE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

impl FieldFormat for Message {
    /// Some servers write the word for no message as a text.
    fn from_text(text: &str) -> Option<Self> {
        (!text.eq_ignore_ascii_case("null")).then(|| Self(start_of(text)))
    }

    fn from_number(number: &str) -> Option<Self> {
        Some(Self(start_of(number)))
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
        while let Some(FieldName(name)) = map.next_key()? {
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
