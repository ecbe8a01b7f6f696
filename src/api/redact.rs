//! Keeps tokens out of messages: wolkvox repeats them in some of its own.

use std::cmp::Reverse;

use crate::config::Token;

/// Written in place of a token.
const REDACTED: &str = "[token]";

/// `text` without any of the tokens. wolkvox may also write them in capitals, so the case is ignored.
pub(super) fn redact(tokens: &[Token], text: &str) -> String {
    let mut secrets: Vec<String> = tokens.iter().map(|token| token.expose().to_ascii_lowercase()).collect();
    secrets.retain(|secret| !secret.is_empty());
    // A token that begins with another one comes first, because the rest of it would remain otherwise.
    secrets.sort_unstable_by_key(|secret| Reverse(secret.len()));
    let lowercase = text.to_ascii_lowercase();
    let (mut redacted, mut from) = (String::with_capacity(text.len()), 0);
    while let Some((start, secret)) = first_of(&secrets, &lowercase[from..]) {
        redacted.push_str(&text[from..from + start]);
        redacted.push_str(REDACTED);
        from += start + secret.len();
    }
    redacted.push_str(&text[from..]);
    redacted
}

/// The first secret in `text` with its position; the longest of those that start there.
fn first_of<'a>(secrets: &'a [String], text: &str) -> Option<(usize, &'a str)> {
    let found = secrets.iter().filter_map(|secret| Some((text.find(secret)?, secret.as_str())));
    // The first of equal ones is taken, and longer secrets come first.
    found.min_by_key(|(start, _)| *start)
}

/// Quotes a message of wolkvox or the title of a page, shortened and on one line. It is cut between words, because a
/// token in the message can be redacted only if it is complete.
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
        redact(&[Token::new(secret.to_owned())], text)
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

    #[test]
    fn several_tokens_are_replaced_and_no_part_of_a_longer_one_remains() {
        let tokens = ["sesame", "sesame-2", "token"].map(|secret| Token::new(secret.to_owned()));
        let redacted = redact(&tokens, "Ñ sesame, SESAME-2 token sesame-3");
        assert_eq!(redacted, "Ñ [token], [token] [token] [token]-3");
    }
}
