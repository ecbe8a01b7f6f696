//! JSON as wolkvox writes it: strict first, and only if that fails once more without trailing commas.
//!
//! The vendor's own example of one report has a comma after its last row. Nothing else is repaired: a document that is
//! broken in another way is better refused than half understood.

use serde::de::DeserializeSeed;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A document, and whether trailing commas had to be removed from it.
#[derive(Debug)]
pub(super) struct Lenient<T> {
    pub(super) document: T,
    pub(super) repaired: bool,
}

/// Reads a document as `seed` says, which may be twice: nothing of the first reading must be in the second.
pub(super) fn read<T, S>(body: &[u8], seed: S) -> Result<Lenient<T>, serde_json::Error>
where
    S: for<'de> DeserializeSeed<'de, Value = T> + Copy,
{
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let refused = match strictly(body, seed) {
        Ok(document) => return Ok(Lenient { document, repaired: false }),
        Err(refused) => refused,
    };
    let Some(repaired) = without_trailing_commas(body) else { return Err(refused) };
    // The first error is the one to report: it speaks of the document as it came.
    strictly(&repaired, seed).map(|document| Lenient { document, repaired: true }).map_err(|_| refused)
}

#[expect(clippy::disallowed_methods, reason = "this is the place that the ban points to")]
fn strictly<'de, S: DeserializeSeed<'de>>(body: &'de [u8], seed: S) -> Result<S::Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let document = seed.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(document)
}

/// The same text without commas that follow a value and precede a closing bracket; `None` when it has none.
fn without_trailing_commas(body: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(body.len());
    let mut in_string = false;
    let mut escaped = false;
    // Where the last significant byte went, if it was a comma after a value.
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
                if let Some(place) = comma {
                    kept.remove(place);
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
    fn the_error_speaks_of_the_document_as_it_came() {
        let refused = read(b"[1,]\n\nx", PhantomData::<Value>).unwrap_err();
        assert_eq!((refused.line(), refused.column()), (1, 4));
    }
}
