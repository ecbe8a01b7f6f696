//! Keeps the token out of messages: wolkvox repeats it in some of its own.

use crate::config::Token;

/// Written in place of the token.
const REDACTED: &str = "[token]";

/// `text` without the token. wolkvox may also write it in capitals, so the case is ignored.
pub(super) fn redact(token: &Token, mut text: String) -> String {
    let secret = token.expose();
    let mut from = 0;
    while !secret.is_empty()
        && let Some(index) = text[from..].to_ascii_lowercase().find(&secret.to_ascii_lowercase())
    {
        text.replace_range(from + index..from + index + secret.len(), REDACTED);
        from += index + REDACTED.len();
    }
    text
}

/// Quotes a message of wolkvox or the title of a page, shortened and on one line. It is cut between words, because a token in the message can
/// be redacted only if it is complete.
pub(super) fn quote(message: &str) -> String {
    const MAX_CHARS: usize = 120;
    let message: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let message = match message.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => message[..end].rsplit_once(char::is_whitespace).map_or("", |(start, _)| start),
        None => &message,
    };
    if message.trim().is_empty() { String::new() } else { format!(": \"{}\"", message.trim()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(secret: &str, text: &str) -> String {
        redact(&Token::new(secret.to_owned()), text.to_owned())
    }

    #[test]
    fn a_token_is_replaced_everywhere_and_in_any_case() {
        assert_eq!(without("sesame-1", "¿SESAME-1? sesame-1sesame-1, sesame"), "¿[token]? [token][token], sesame");
    }

    #[test]
    fn a_token_that_is_part_of_its_replacement_is_replaced_once() {
        assert_eq!(without("token", "VALIDATE TOKEN"), "VALIDATE [token]");
        assert_eq!(without("", "VALIDATE TOKEN"), "VALIDATE TOKEN");
    }
}
