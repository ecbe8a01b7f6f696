//! Where a token comes from: a file or the environment, never an argument and never the configuration itself.
//!
//! No message repeats what was written: a token pasted into the wrong place must not end up in a log.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::checked::Token;

/// A token has some dozens of characters; what is longer is another file.
const LONGEST: u64 = 4096;

/// Reads a token from a file; a relative path starts from `directory`.
pub(super) fn from_file(written: &Path, directory: &Path) -> Result<Token, String> {
    let mut bytes = Vec::new();
    File::open(directory.join(written))
        .and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("the token's file cannot be read: {error}{}", start_of(written, directory)))?;
    if bytes.len() as u64 > LONGEST {
        return Err(
            "the token's file is longer than a token can be: it must hold the token and nothing else".to_owned()
        );
    }
    let text = String::from_utf8(bytes).map_err(|_| "the token's file holds bytes that are no text".to_owned())?;
    check(&text, "the token's file")
}

/// Reads a token from an environment variable.
pub(super) fn from_variable(name: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Token, String> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err("this is no name of an environment variable: digits, letters and _ are right".to_owned());
    }
    let text = environment(name).ok_or("the environment variable named here is not set")?;
    check(&text, "the environment variable named here")
}

/// A token as it stands in `source`.
pub(super) fn check(text: &str, source: &str) -> Result<Token, String> {
    let token = text.trim();
    if token.is_empty() {
        Err(format!("{source} is empty: it must hold the token"))
    } else if token.contains(char::is_whitespace) {
        Err(format!("{source} holds white space between other characters: it must hold one token and nothing else"))
    } else if !token.chars().all(|c| c.is_ascii_graphic()) {
        Err(format!("{source} holds characters that no token has: digits, letters and signs of ASCII are right"))
    } else {
        Ok(Token::new(token.to_owned()))
    }
}

fn start_of(written: &Path, directory: &Path) -> String {
    if written.is_absolute() || directory.as_os_str().is_empty() {
        String::new()
    } else {
        format!("; a relative path starts from {}, where the configuration is", directory.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "hush-hush";

    #[test]
    fn white_space_around_a_token_is_no_part_of_it() {
        let token = check("  hush-hush\r\n", "it").unwrap();
        assert_eq!(token.expose(), SECRET);
    }

    #[test]
    fn no_message_repeats_the_token() {
        for text in ["hush-hush x", "hush-hush\u{e9}", "hush\u{7}hush"] {
            let message = check(text, "it").unwrap_err();
            assert!(!message.contains("hush"), "{message}");
        }
    }

    #[test]
    fn a_token_in_the_place_of_its_file_or_variable_is_not_repeated() {
        let from_file = from_file(Path::new(SECRET), Path::new("elsewhere")).unwrap_err();
        let from_variable = from_variable(SECRET, &|_| None).unwrap_err();
        assert!(!from_file.contains(SECRET) && !from_variable.contains(SECRET), "{from_file}, {from_variable}");
    }

    #[test]
    fn a_long_file_is_no_token() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "x".repeat(5000)).unwrap();
        assert!(from_file(file.path(), Path::new("")).unwrap_err().contains("longer"));
    }
}
