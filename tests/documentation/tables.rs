//! Checks of the reference tables: each returns the rows that differ from the program, and the rows that are missing.

use std::collections::BTreeSet;

use clap::Arg;
use wolkvox_exporter::model::Reason;

use crate::commands::shell_words;
use crate::pages::{ANY_COLLECTOR, arguments, variable_of, words};
use crate::support::markdown::{Rows, code};
use crate::support::process::{exporter, run};

/// Finds what is wrong in the rows of a reference table.
pub(crate) type RowsCheck = fn(&Rows) -> Vec<String>;

/// Rows `| flag | variable | default | …` that differ from the program, and flags without a row.
pub(crate) fn wrong_flag_rows(rows: &Rows) -> Vec<String> {
    let arguments = arguments();
    let cell = |row: &[String], at: usize| code(&row[at]).pop().unwrap_or_else(|| row[at].clone());
    let expected = |argument: &Arg| {
        let default: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        let default = (!default.is_empty()).then(|| default.join(","));
        [variable_of(argument), default].map(|value| value.unwrap_or_else(|| "none".to_owned()))
    };
    let mut findings = Vec::new();
    for row in rows {
        let flag = cell(row, 0);
        let named = arguments.iter().filter(|argument| argument.get_long() == flag.strip_prefix("--"));
        let named: Vec<_> = named.map(expected).collect();
        if !named.contains(&[cell(row, 1), cell(row, 2)]) {
            findings.push(format!("{flag} has {named:?}"));
        }
    }
    let explained: BTreeSet<_> = rows.iter().map(|row| cell(row, 0)).collect();
    let shown = arguments.iter().filter(|argument| !argument.is_hide_set());
    let flags = shown.filter_map(Arg::get_long).filter(|flag| !["help", "version"].contains(flag));
    // One row explains the flags of all collectors.
    let flags = flags.filter(|flag| !flag.starts_with("collector.") || *flag == ANY_COLLECTOR);
    let missing: BTreeSet<_> = flags.map(|flag| format!("--{flag}")).collect();
    findings.extend(missing.difference(&explained).map(|flag| format!("{flag} has no row")));
    findings
}

/// Durations such as `1h30m` in a text.
fn durations(text: &str) -> Vec<&str> {
    let words = words(text, |c| c.is_ascii_alphanumeric());
    let is_duration = |word: &&str| {
        let of_time = word.chars().all(|c| c.is_ascii_digit() || "dhms".contains(c));
        of_time && word.starts_with(|c: char| c.is_ascii_digit()) && word.ends_with(|c: char| c.is_ascii_lowercase())
    };
    words.filter(is_duration).collect()
}

/// Rows `| scenario | …  | how long |` that differ from `--help`.
pub(crate) fn wrong_scenario_rows(rows: &Rows) -> Vec<String> {
    let arguments = arguments();
    let scenario = arguments.iter().find(|argument| argument.get_long() == Some("scenario")).expect("demo has it");
    let known = scenario.get_possible_values();
    let names: Vec<_> = known.iter().map(clap::builder::PossibleValue::get_name).collect();
    let explained: Vec<_> = rows.iter().flat_map(|row| code(&row[0])).collect();
    if explained != names {
        return vec![format!("the scenarios are {names:?}")];
    }
    let wrong = rows.iter().zip(&known).filter_map(|(row, value)| {
        let help = value.get_help().map(ToString::to_string).unwrap_or_default();
        let lasts = durations(&help).join(" ");
        (lasts != durations(&row[2]).join(" ")).then(|| format!("{} lasts {lasts}", value.get_name()))
    });
    wrong.collect()
}

/// Rows `| reason | …` of reasons that do not exist, and reasons without a row.
pub(crate) fn wrong_reason_rows(rows: &Rows) -> Vec<String> {
    let explained: BTreeSet<String> = rows.iter().flat_map(|row| code(&row[0])).collect();
    let known: BTreeSet<String> = Reason::ALL.iter().map(|reason| reason.as_str().to_owned()).collect();
    let missing = known.difference(&explained).map(|reason| format!("{reason} has no row"));
    missing.chain(explained.difference(&known).map(|reason| format!("there is no reason {reason}"))).collect()
}

/// Rows `| code | meaning | command |` whose command ends with another code.
pub(crate) fn wrong_exit_code_rows(rows: &Rows) -> Vec<String> {
    let wrong = rows.iter().filter_map(|row| {
        let command = code(&row[2]).pop().unwrap_or_default();
        let ended = run(exporter().args(&shell_words(&command)[1..]), "").status.code();
        (ended.map(|code| code.to_string()).as_ref() != Some(&row[0]))
            .then(|| format!("`{command}` ends with {ended:?}"))
    });
    wrong.collect()
}
