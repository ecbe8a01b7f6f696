//! `hash-password`: prints the bcrypt hash of a password for `basic_auth_users`.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::{ExposeSecret as _, SecretSlice};

use super::CliError;

/// bcrypt uses only the first 72 bytes of a password, so a longer one would be weaker than it looks.
const LONGEST_PASSWORD: usize = 72;

/// The most bytes that are read. It is more than a password may have, so that a longer one is noticed.
const LONGEST_LINE: u64 = 4096;

/// Reads one line and hashes it.
pub(super) fn run(cost: u32) -> Result<String, CliError> {
    let password = read_password().map_err(|error| CliError::Run(format!("cannot read the password: {error}")))?;
    let hash = hash(password.expose_secret(), cost).map_err(CliError::Run)?;
    Ok(format!("{hash}\n"))
}

fn hash(password: &[u8], cost: u32) -> Result<String, String> {
    if password.is_empty() {
        return Err("invalid password: expected one line on standard input, but it is empty".to_owned());
    }
    if password.len() > LONGEST_PASSWORD {
        return Err(format!(
            "invalid password: expected at most {LONGEST_PASSWORD} bytes, because bcrypt ignores the rest"
        ));
    }
    if password.contains(&0) {
        return Err("invalid password: expected a text, but it contains a NUL byte".to_owned());
    }
    bcrypt::hash(password, cost).map_err(|error| format!("cannot hash the password: {error}"))
}

/// The first line of standard input. A terminal does not show it.
fn read_password() -> io::Result<SecretSlice<u8>> {
    let stdin = io::stdin();
    let _hidden = if stdin.is_terminal() { Some(HiddenInput::start()?) } else { None };
    let mut line = Vec::new();
    stdin.lock().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    }
    Ok(SecretSlice::from(line))
}

/// A terminal that does not show what is typed, until this is dropped.
struct HiddenInput(Termios);

impl HiddenInput {
    fn start() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &hidden)?;
        eprint!("Password: ");
        Ok(Self(before))
    }
}

impl Drop for HiddenInput {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
        eprintln!();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_belongs_to_its_password() {
        let hash = hash(b"secreto", 4).unwrap();
        assert!(hash.starts_with("$2") && hash.len() == 60, "{hash}");
        assert!(bcrypt::verify("secreto", &hash).unwrap() && !bcrypt::verify("otro", &hash).unwrap());
    }

    #[test]
    fn passwords_that_bcrypt_would_change_are_refused_and_not_quoted() {
        for (password, problem) in
            [(String::new(), "empty"), ("x".repeat(73), "at most 72 bytes"), ("hush\0".to_owned(), "NUL")]
        {
            let message = hash(password.as_bytes(), 4).unwrap_err();
            assert!(message.contains(problem) && !message.contains("hush"), "{message}");
        }
        assert!(hash("x".repeat(72).as_bytes(), 4).is_ok());
    }
}
