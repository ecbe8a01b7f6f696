//! JSON as wolkvox writes it: parsed strictly first, and only if that fails a second time without trailing commas.
//!
//! The vendor's example of one report has a comma after its last row. Nothing else is repaired, because a document with
//! other errors could be understood wrongly.

use serde::de::DeserializeSeed;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A document, and whether trailing commas had to be removed from it.
#[derive(Debug)]
pub(super) struct Lenient<T> {
    pub(super) document: T,
    pub(super) repaired: bool,
}

/// Parses a document with `seed`, possibly twice, so `seed` must not keep anything of the first attempt.
pub(super) fn read<T, S>(body: &[u8], seed: S) -> Result<Lenient<T>, serde_json::Error>
where
    S: for<'de> DeserializeSeed<'de, Value = T> + Copy,
{
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let error = match parse_strictly(body, seed) {
        Ok(document) => return Ok(Lenient { document, repaired: false }),
        Err(error) => error,
    };
    let Some(repaired) = without_trailing_commas(body) else { return Err(error) };
    // The first error is reported, because its position is in the document that wolkvox sent.
    parse_strictly(&repaired, seed).map(|document| Lenient { document, repaired: true }).map_err(|_| error)
}

#[expect(clippy::disallowed_methods, reason = "the ban refers to this place")]
fn parse_strictly<'de, S: DeserializeSeed<'de>>(body: &'de [u8], seed: S) -> Result<S::Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let document = seed.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(document)
}

/// The text without commas between a value and a closing bracket; `None` if there are no such commas.
fn without_trailing_commas(body: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(body.len());
    let mut in_string = false;
    let mut escaped = false;
    // The index of the last byte that is not white space, if it is a comma after a value.
    let mut comma: Option<usize> = None;
    let mut previous = b'[';
    let mut found = false;
    for &byte in body {
        if in_string {
            kept.push(byte);
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        if byte.is_ascii_whitespace() {
            kept.push(byte);
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b']' | b'}' => {
                if let Some(index) = comma {
                    kept.remove(index);
                    found = true;
                }
            }
            _ => {}
        }
        comma = (byte == b',' && !matches!(previous, b'[' | b'{' | b',' | b':')).then_some(kept.len());
        previous = byte;
        kept.push(byte);
    }
    found.then_some(kept)
}

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;

    use super::*;
    use serde_json::{Value, json};

    fn value(text: &str) -> Option<(Value, bool)> {
        read(text.as_bytes(), PhantomData::<Value>).ok().map(|read| (read.document, read.repaired))
    }

    #[test]
    fn a_strict_document_is_not_repaired() {
        assert_eq!(value(r#"{"a": [1, 2]}"#), Some((json!({"a": [1, 2]}), false)));
    }

    #[test]
    fn a_byte_order_mark_is_stripped() {
        assert_eq!(value("\u{feff}[1]"), Some((json!([1]), false)));
    }

    #[test]
    fn trailing_commas_of_lists_and_objects_are_removed() {
        assert_eq!(
            value("{\"a\": [1, 2 ,\n ], \"b\": {\"c\": 3,},}"),
            Some((json!({"a": [1, 2], "b": {"c": 3}}), true))
        );
    }

    #[test]
    fn commas_inside_strings_stay() {
        assert_eq!(value(r#"{"a": "x,]\",}", "b": [",",],}"#), Some((json!({"a": "x,]\",}", "b": [","]}), true)));
    }

    #[test]
    fn nothing_else_is_repaired() {
        for broken in ["[,]", "[1,,]", "{,}", "{\"a\":,}", "[1 2,]", "['a',]", "[1,", "", "{\"a\": [1,], \"b\": }"] {
            assert_eq!(value(broken), None, "{broken}");
        }
    }

    #[test]
    fn the_error_has_the_position_in_the_original_document() {
        let error = read(b"[1,]\n\nx", PhantomData::<Value>).unwrap_err();
        assert_eq!((error.line(), error.column()), (1, 4));
    }
}
