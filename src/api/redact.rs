//! Keeps tokens out of messages: wolkvox repeats them in some of its own.

use std::cmp::Reverse;

use crate::config::Token;

/// Written in place of a token.
const REDACTED: &str = "[token]";

/// Written in place of a word that could be a part of a secret.
const LEFT_OUT: &str = "[…]";

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
/// token in the message can be redacted only if it is complete. For the same reason, words that could be a part of a
/// token, or a token in another encoding, are left out.
pub(super) fn quote(message: &str) -> String {
    const MAX_CHARS: usize = 120;
    let message: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let message = match message.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => message[..end].rsplit_once(char::is_whitespace).map_or("", |(start, _)| start),
        None => &message,
    };
    let words: Vec<&str> = message.split(' ').map(|word| if is_ordinary(word) { word } else { LEFT_OUT }).collect();
    let message = words.join(" ");
    if message.trim().is_empty() { String::new() } else { format!(": \"{}\"", message.trim()) }
}

/// Whether a word between spaces is one of a language, a number, a time or a date, and not a part of a secret: its parts
/// are letters of one case, or few digits.
fn is_ordinary(word: &str) -> bool {
    const MAX_LETTERS: usize = 20;
    const MAX_DIGITS: usize = 8;
    let is_case_of_words = |part: &str| {
        let rest = || part.chars().skip(1);
        rest().all(|c| !c.is_uppercase()) || part.chars().all(|c| !c.is_lowercase())
    };
    if word.contains('%') || word.contains(char::is_alphabetic) && word.contains(char::is_numeric) {
        return false;
    }
    let mut letters = word.split(|c: char| !c.is_alphabetic());
    letters.all(is_case_of_words)
        && word.chars().filter(|c| c.is_numeric()).count() <= MAX_DIGITS
        && word.chars().filter(|c| c.is_alphabetic()).count() <= MAX_LETTERS
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

    #[test]
    fn the_messages_of_wolkvox_and_of_servers_are_quoted_as_they_are() {
        for message in [
            "EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)",
            "Validate dates entered",
            "THE API YOU WANT TO CONSULT DOES NOT EXIST",
            "502 Bad Gateway",
            "Mantenimiento programado: 2026-11-29, 22:00-23:30",
            "Señal y Daños \"Hogar\"",
        ] {
            assert_eq!(quote(message), format!(": \"{message}\""));
        }
    }

    #[test]
    fn a_mutilated_or_encoded_token_is_left_out() {
        // 7b6964-Secret-2022: cut short, with a tab inside, percent-encoded, in base64, and in hexadecimal.
        for echo in ["7b6964-Sec", "7b69\t64-Secret-2022", "%37%62%36%39", "N2I2OTY0LVNlY3JldC0yMDIy", "376236393634"] {
            let quoted = quote(&format!("invalid value {echo}"));
            assert!(quoted.starts_with(": \"invalid value […]"), "{quoted}");
            for part in ["7b", "64", "Secret", "N2I", "%37", "3762"] {
                assert!(!quoted.contains(part), "{part}: {quoted}");
            }
        }
    }
}
