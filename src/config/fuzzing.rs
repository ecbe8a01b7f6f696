//! What must hold for every configuration file. See `crate::fuzzing`.

use std::collections::BTreeSet;
use std::fs;

use jiff::Timestamp;

use super::web::{self, WebConfig, WebConfigReading};
use super::{Config, ConfigError, ConfigErrors, Location, Operation, file};
use crate::collect::Plan;

/// The content of every token file and variable.
const TOKEN: &str = "sesame-0815";

/// Reads the input as a configuration file. If it is accepted, the names of the operations must be unique, each
/// operation must have a plan and opening hours that can be computed. If it is refused, each error must be one line that
/// names a line of the file. The token must not be in what is displayed. An input that contains the token is skipped.
///
/// # Panics
/// When this does not hold.
pub fn configuration(input: &[u8]) {
    if contains_token(input) {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("wolkvox.yml");
    let write = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).expect("it can be written");
    write("wolkvox.yml", input);
    write("a.token", TOKEN.as_bytes());
    let environment = |name: &str| (!name.to_ascii_uppercase().ends_with("PROXY")).then(|| format!("{TOKEN}-{name}"));
    match file::read(&path, false, &environment) {
        Ok(operations) => accepted(operations),
        Err(errors) => refused(&errors, input),
    }
}

/// Reads the input as a web configuration. If it is accepted, it must protect what it protects itself. If it is refused,
/// and in its warnings, the lines must exist. The content of the files that it names must not be in what is displayed.
/// An input that contains this content is skipped.
///
/// # Panics
/// When this does not hold.
pub fn web_configuration(input: &[u8]) {
    if contains_token(input) {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("web.yml");
    fs::write(&path, input).expect("it can be written");
    fs::write(folder.path().join("a.pem"), TOKEN).expect("it can be written");
    let WebConfigReading { config, warnings, fingerprint } = web::read(&path);
    assert!(fingerprint.is_current(), "the files have not changed");
    for warning in &warnings {
        assert_is_a_line_of(warning, input);
    }
    match config {
        Ok(config) => {
            assert_without_token(&format!("{config:?}"));
            assert_eq!(config.protection_missing_in(&config), None);
            let is_plain = config.tls.is_none() && config.users.is_empty() && config.rate_limit.is_none();
            assert_eq!(WebConfig::default().protection_missing_in(&config), None);
            assert_eq!(config.protection_missing_in(&WebConfig::default()).is_none(), is_plain);
        }
        Err(errors) => refused(&errors, input),
    }
}

/// Whether the input itself is the source of the token. libFuzzer learns the token from comparisons. An error may
/// quote an unknown key, so such an input says nothing about the files.
fn contains_token(input: &[u8]) -> bool {
    input.windows(TOKEN.len()).any(|bytes| bytes == TOKEN.as_bytes())
}

fn accepted(operations: Vec<Operation>) {
    let config = Config { operations, state_file: None, file: None };
    assert_without_token(&format!("{config:?}"));
    assert_without_token(&config.to_yaml());
    let names: BTreeSet<&str> = config.operations.iter().map(|operation| &*operation.name).collect();
    assert!(names.len() == config.operations.len() && !names.contains(""), "{names:?}");
    assert!(!names.is_empty(), "a configuration without operations was accepted");
    for operation in &config.operations {
        let Plan { lines, quota, .. } = Plan::of(operation);
        assert!(!lines.is_empty(), "no collector polls");
        for line in &lines {
            assert!(line.calls_per_poll > 0 && line.calls_per_day >= line.calls_per_poll, "{line:?}");
            assert!(!line.interval.is_zero(), "{line:?}");
            let cadence = operation.collectors.cadence(line.collector).expect("it polls");
            assert!(cadence.max_age >= cadence.interval, "{line:?}");
        }
        assert_eq!(quota, operation.licenses.map(|licenses| u64::from(licenses) * 1000));
        if let Err(error) = Plan::of(operation).check() {
            assert_is_one_line(&error.to_string());
        }
        let now = Timestamp::UNIX_EPOCH.to_zoned(operation.timezone.clone());
        for target in operation.targets.iter() {
            if let Some(change) = target.open.as_ref().and_then(|hours| hours.next_change(&now)) {
                assert!(change > now, "{now}: {target:?}");
                assert_ne!(target.is_open(&change), target.is_open(&now), "{change}: {target:?}");
            }
        }
    }
}

fn refused(errors: &ConfigErrors, input: &[u8]) {
    assert!(!errors.as_slice().is_empty(), "refused without an error");
    let mut last = 0;
    for error in errors.as_slice() {
        assert_is_a_line_of(error, input);
        if let Location::File { line: Some(line), .. } = error.location {
            assert!(line >= last, "not in the order of the file: {errors}");
            last = line;
        }
    }
}

fn assert_is_a_line_of(error: &ConfigError, input: &[u8]) {
    let message = error.to_string();
    assert_is_one_line(&message);
    assert_without_token(&message);
    // YAML also ends a line with a carriage return alone. An error at the end of the file is on the line after the last.
    let text = String::from_utf8_lossy(input).replace("\r\n", "\n");
    let lines = 1 + text.chars().filter(|c| matches!(c, '\n' | '\r')).count();
    if let Location::File { line: Some(line), .. } = error.location {
        assert!((1..=lines as u64).contains(&line), "line {line} of {lines}: {message}");
    }
}

fn assert_is_one_line(message: &str) {
    assert!(!message.is_empty() && !message.chars().any(char::is_control), "{message:?}");
}

fn assert_without_token(text: &str) {
    assert!(!text.contains(TOKEN), "{text}");
}
