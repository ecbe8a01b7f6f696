//! What a body is that is not JSON, in words for the log. Only the title of a page is quoted.

use super::redact::quote;

/// The first bytes of gzip.
const GZIP: &[u8] = b"\x1f\x8b";

/// Describes a body that is not JSON; `None` if it is of no known kind.
pub(super) fn describe(body: &[u8]) -> Option<String> {
    if body.trim_ascii().is_empty() {
        return Some("the response is empty".to_owned());
    }
    if body.starts_with(GZIP) {
        return Some(
            "the response is compressed with gzip, but has no header content-encoding; \
             a proxy may have removed it"
                .to_owned(),
        );
    }
    if has_php_message(body) {
        return Some("the response starts with a warning or an error of PHP in front of the JSON".to_owned());
    }
    if let Some(title) = html_title(body) {
        return Some(format!("the response is an HTML page{}", quote(&title)));
    }
    if body.trim_ascii_start().starts_with(b"<") {
        return Some("the response is HTML or XML".to_owned());
    }
    let error = str::from_utf8(body).err()?;
    Some(format!("the response is not UTF-8 (at byte {})", error.valid_up_to() + 1))
}

/// The title of an HTML page. `None` if the body is not HTML, or has no title.
pub(super) fn html_title(body: &[u8]) -> Option<String> {
    if !body.trim_ascii_start().starts_with(b"<") {
        return None;
    }
    let page = String::from_utf8_lossy(body);
    let start = find(&page, "<title")?;
    let (_, rest) = page[start..].split_once('>')?;
    let title = &rest[..find(rest, "</title").unwrap_or(rest.len())];
    let words: Vec<&str> = title.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Whether the body starts with a message that PHP prints, as text or as HTML: `Warning: … on line 3`.
fn has_php_message(body: &[u8]) -> bool {
    const NAMES: [&str; 6] =
        ["warning:", "notice:", "deprecated:", "fatal error:", "parse error:", "strict standards:"];
    let start = String::from_utf8_lossy(&body[..body.len().min(512)]).to_ascii_lowercase();
    // The HTML form is `<br />\n<b>Warning</b>:  …`.
    let mut text = start.replace("<br />", "").replace("<b>", "").replace("</b>", "");
    text.truncate(text.trim_end().len());
    let text = text.trim_start().trim_start_matches("php ");
    NAMES.iter().any(|name| text.starts_with(name))
}

/// The position of `word`, in upper or lower case.
fn find(text: &str, word: &str) -> Option<usize> {
    text.to_ascii_lowercase().find(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_body_has_its_own_words() {
        for (body, expected) in [
            (&b""[..], "the response is empty"),
            (b" \n\t", "the response is empty"),
            (b"\x1f\x8b\x08\0\0", "the response is compressed with gzip"),
            (
                b"<br />\n<b>Warning</b>:  Undefined index in <b>x.php</b>\n{\"code\": 200}",
                "a warning or an error of PHP",
            ),
            (b"PHP Notice:  x in y on line 3\n{}", "a warning or an error of PHP"),
            (b"Fatal error: x", "a warning or an error of PHP"),
            (
                b"<!doctype html><HTML><TITLE lang=es>\n Mantenimiento\t hoy </TITLE>",
                "an HTML page: \"Mantenimiento hoy\"",
            ),
            (b"<html><title>open", "an HTML page: \"open\""),
            (b"<html><title> </title>", "the response is HTML or XML"),
            (b"<?xml version=\"1.0\"?><a/>", "the response is HTML or XML"),
            (b"{\"a\": \"\xf1\"", "not UTF-8 (at byte 8)"),
        ] {
            let described = describe(body).unwrap_or_default();
            assert!(described.contains(expected), "{}: {described}", String::from_utf8_lossy(body));
        }
        for body in ["{", "hello", "[1, 2", "Advertencia: x"] {
            assert_eq!(describe(body.as_bytes()), None, "{body}");
        }
    }
}
