//! JSON as wolkvox writes it: parsed strictly first, and only if that fails a second time after repairs.
//!
//! The vendor's example of one report has a comma after its last row. Names of skills are free text, so they may contain
//! what JSON does not allow in a text: a byte that is not UTF-8, a raw tab, half of a surrogate pair. A number may be
//! one that JSON does not have. Each repair changes one value or nothing; a document with other errors is refused,
//! because it could be understood wrongly.

use serde::de::DeserializeSeed;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A document, and whether it had to be repaired.
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
    let Some(repaired) = repair(body) else { return Err(error) };
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

/// The text with repairs; `None` if there is nothing to repair.
fn repair(body: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(body);
    let mut kept = String::with_capacity(text.len());
    let mut found = matches!(text, std::borrow::Cow::Owned(_));
    // The index of the last character that is not white space, if it is a comma after a value.
    let mut comma: Option<usize> = None;
    let mut previous = '[';
    let mut rest = &*text;
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_whitespace() {
            kept.push(c);
            rest = &rest[1..];
            continue;
        }
        if matches!(c, ']' | '}')
            && let Some(index) = comma
        {
            kept.remove(index);
            found = true;
        }
        comma = (c == ',' && !matches!(previous, '[' | '{' | ',' | ':')).then_some(kept.len());
        previous = c;
        let end = token_end(rest, c);
        let (token, after) = rest.split_at(end);
        rest = after;
        match repaired_token(token) {
            Some(repaired) => {
                kept.push_str(&repaired);
                found = true;
            }
            None => kept.push_str(token),
        }
    }
    found.then(|| kept.into_bytes())
}

/// The end of the token that starts with `first`: a text with its quotation marks, a word or number, or one character.
fn token_end(text: &str, first: char) -> usize {
    if first == '"' {
        let mut escaped = false;
        let end = text.bytes().enumerate().skip(1).find(|(_, byte)| {
            let is_end = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            is_end
        });
        return end.map_or(text.len(), |(end, _)| end + 1);
    }
    if first.is_ascii_alphanumeric() || matches!(first, '-' | '+') {
        return text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '+' | '.')).unwrap_or(text.len());
    }
    first.len_utf8()
}

/// The token as JSON allows it; `None` if it needs no repair that is known.
fn repaired_token(token: &str) -> Option<String> {
    match token {
        // As texts they are values that cannot be read, and are counted as such.
        "NaN" | "Infinity" | "-Infinity" | "INF" | "-INF" => Some(format!("\"{token}\"")),
        _ if token.starts_with('"') => repaired_text(token),
        _ if token.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
            let is_too_large = token.parse().is_ok_and(f64::is_infinite);
            is_too_large.then(|| format!("\"{token}\""))
        }
        _ => None,
    }
}

/// A text without raw control characters and halves of surrogate pairs.
fn repaired_text(token: &str) -> Option<String> {
    let mut repaired = String::with_capacity(token.len());
    let mut found = false;
    let mut rest = token;
    while let Some(c) = rest.chars().next() {
        let unit = surrogate(rest);
        let (kept, length) = match (c, unit) {
            (_, Some(0xD800..0xDC00)) if matches!(surrogate(&rest[6..]), Some(0xDC00..0xE000)) => (&rest[..12], 12),
            (_, Some(_)) => ("\\ufffd", 6),
            ('\\', None) => {
                // The escaped character belongs to the escape.
                let length = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                (&rest[..length], length)
            }
            ('\0'..' ', None) => (" ", 1),
            _ => (&rest[..c.len_utf8()], c.len_utf8()),
        };
        found |= kept != &rest[..length];
        repaired.push_str(kept);
        rest = &rest[length..];
    }
    found.then_some(repaired)
}

/// The surrogate that the escape at the start of the text stands for.
fn surrogate(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let unit = u16::from_str_radix(digits, 16).ok()?;
    (0xD800..0xE000).contains(&unit).then_some(unit)
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
    fn a_text_with_a_character_that_json_does_not_allow_is_repaired() {
        for (document, expected) in [
            (&b"[\"Ventas \xd1u\", 1]"[..], json!(["Ventas \u{fffd}u", 1])),
            (b"[\"a\tb\nc\x01\"]", json!(["a b c "])),
            (
                br#"["a\ud83d", "\ude00b", "\ud83d\ude00", "\\ud83d"]"#,
                json!(["a\u{fffd}", "\u{fffd}b", "😀", "\\ud83d"]),
            ),
            (br#"["\ud83d\ud83d\ude00"]"#, json!(["\u{fffd}😀"])),
            (b"{\"a\tb\": \"c\", \"d\": [1,]}", json!({"a b": "c", "d": [1]})),
        ] {
            let lenient = read(document, PhantomData::<Value>).unwrap();
            assert_eq!((lenient.document, lenient.repaired), (expected, true));
        }
    }

    #[test]
    fn a_number_that_json_does_not_have_becomes_a_text() {
        let document = r#"{"a": NaN, "b": [-Infinity, 1e999, -1E400, 7], "c": "NaN, 1e999"}"#;
        let expected = json!({"a": "NaN", "b": ["-Infinity", "1e999", "-1E400", 7], "c": "NaN, 1e999"});
        assert_eq!(value(document), Some((expected, true)));
    }

    #[test]
    fn nothing_else_is_repaired() {
        for broken in [
            "[,]",
            "[1,,]",
            "{,}",
            "{\"a\":,}",
            "[1 2,]",
            "['a',]",
            "[1,",
            "",
            "{\"a\": [1,], \"b\": }",
            "[NaNa]",
            "[nan]",
            "[\"a\tb]",
            "[\"\\ud83d\\x\"]",
            "[01]",
            "[1e999",
        ] {
            assert_eq!(value(broken), None, "{broken}");
        }
    }

    #[test]
    fn the_error_has_the_position_in_the_original_document() {
        let error = read(b"[1,]\n\nx", PhantomData::<Value>).unwrap_err();
        assert_eq!((error.line(), error.column()), (1, 4));
    }
}
