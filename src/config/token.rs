//! Reads a token from a file or from the environment, never from an argument and never from the configuration itself.
//!
//! The exporter reads a token file again when it changes (`api`), by the same rules.
//!
//! No message quotes the value of a key, because a token that was pasted into the wrong key must not appear in a log.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::errors::InvalidValue;
use super::types::Token;

/// The longest file, in bytes. A token has some dozens of characters, so a longer file is another file.
const LONGEST_FILE: u64 = 4096;

/// Reads a token from a file; a relative path starts from `directory`.
pub(super) fn from_file(path: &Path, directory: &Path) -> Result<Token, InvalidValue> {
    let bytes = bytes_of(&directory.join(path)).map_err(|error| {
        let start = start_of_relative_path(path, directory);
        InvalidValue::without_value(format!("cannot read the token file: {error}{start}"))
    })?;
    token_of(bytes)
}

/// Reads the token from its file again.
pub(crate) fn read_again(path: &Path) -> Result<Token, InvalidValue> {
    let bytes =
        bytes_of(path).map_err(|error| InvalidValue::without_value(format!("cannot read the token file: {error}")))?;
    token_of(bytes)
}

fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST_FILE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn token_of(bytes: Vec<u8>) -> Result<Token, InvalidValue> {
    const SOURCE: &str = "the token file";
    if bytes.len() as u64 > LONGEST_FILE {
        return Err(invalid(SOURCE, &format!("is longer than {LONGEST_FILE} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| invalid(SOURCE, "is not a text file"))?;
    check(&text, SOURCE)
}

/// Reads a token from an environment variable.
pub(super) fn from_variable(name: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Token, InvalidValue> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(InvalidValue::without_value(
            "invalid name of an environment variable: expected letters, digits and _, such as VENTAS_TOKEN",
        ));
    }
    let text = environment(name).ok_or_else(|| {
        InvalidValue::without_value("missing token: the environment variable that this key names is not set")
    })?;
    check(&text, "the environment variable that this key names")
}

/// Checks a token; `source` says in messages where it comes from.
pub(super) fn check(text: &str, source: &str) -> Result<Token, InvalidValue> {
    let token = text.trim();
    if token.is_empty() {
        Err(invalid(source, "is empty"))
    } else if token.contains(char::is_whitespace) {
        Err(invalid(source, "contains white space between other characters"))
    } else if !token.chars().all(|c| c.is_ascii_graphic()) {
        Err(invalid(source, "contains other characters"))
    } else {
        Ok(Token::new(token.to_owned()))
    }
}

fn invalid(source: &str, problem: &str) -> InvalidValue {
    InvalidValue::without_value(format!(
        "invalid token: expected one token of ASCII letters, digits and punctuation, but {source} {problem}"
    ))
}

fn start_of_relative_path(path: &Path, directory: &Path) -> String {
    if path.is_absolute() || directory.as_os_str().is_empty() {
        String::new()
    } else {
        format!("; a relative path starts from {}, the folder of the configuration file", directory.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "hush-hush";

    #[test]
    fn white_space_around_a_token_is_removed() {
        let token = check("  hush-hush\r\n", "it").unwrap();
        assert_eq!(token.expose(), SECRET);
    }

    #[test]
    fn no_message_contains_the_token() {
        for text in ["hush-hush x", "hush-hush\u{e9}", "hush\u{7}hush"] {
            let message = check(text, "it").unwrap_err().to_string();
            assert!(!message.contains("hush"), "{message}");
        }
    }

    #[test]
    fn a_token_in_place_of_its_file_or_variable_is_not_quoted() {
        let from_file = from_file(Path::new(SECRET), Path::new("elsewhere")).unwrap_err().to_string();
        let from_variable = from_variable(SECRET, &|_| None).unwrap_err().to_string();
        assert!(!from_file.contains(SECRET) && !from_variable.contains(SECRET), "{from_file}, {from_variable}");
    }

    #[test]
    fn a_file_longer_than_a_token_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "x".repeat(5000)).unwrap();
        assert!(from_file(file.path(), Path::new("")).unwrap_err().to_string().contains("longer"));
    }
}
