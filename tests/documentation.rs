//! README.md, CHANGELOG.md and the documents in docs/ describe the program as it is: flags, variables, metrics, files,
//! commands, configuration, exit codes.
//!
//! A check takes a document, or the rows of a reference table, and returns what is wrong. Every check is also tried with
//! a false claim, because a check that finds nothing would pass for ever.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory as _, Parser as _};
use support::http;
use support::markdown::{Document, Rows, code};
use support::process::{POLL, Process, exporter, run};
use wolkvox_exporter::cli::Args;
use wolkvox_exporter::config::COLLECTORS;
use wolkvox_exporter::metrics::catalogue;
use wolkvox_exporter::model::Reason;

const LIMIT: Duration = Duration::from_secs(60);

/// Flags of cargo and Docker.
const FOREIGN_FLAGS: [&str; 5] = ["release", "no-default-features", "rm", "build", "volumes"];

/// Programs in commands whose arguments are not checked.
const FOREIGN_PROGRAMS: [&str; 3] = ["export", "curl", "git"];

/// The only variable without a flag.
const TOKEN_VARIABLE: &str = "WOLKVOX_TOKEN";

/// Names that look like metrics.
const PACKAGES: [&str; 2] = ["wolkvox_exporter", "wolkvox_simulator"];

struct Page {
    /// The path from the project's folder.
    path: PathBuf,
    text: String,
    document: Document,
}

impl Page {
    fn new(path: impl Into<PathBuf>, text: &str) -> Self {
        Self { path: path.into(), text: text.to_owned(), document: Document::of(text) }
    }

    fn read(path: impl AsRef<Path>) -> Self {
        Self::new(path.as_ref(), &read(path.as_ref()))
    }
}

/// Finds what is wrong in a document.
type PageCheck = fn(&Page) -> Vec<String>;

/// Finds what is wrong in the rows of a reference table.
type RowsCheck = fn(&Rows) -> Vec<String>;

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = project().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All Markdown files of the project's folder and of docs/.
fn pages() -> Vec<Page> {
    let below = |folder: &'static str| {
        let entries = fs::read_dir(project().join(folder)).expect("the folder exists").flatten();
        entries.map(move |entry| Path::new(folder).join(entry.file_name()))
    };
    let all = below("").chain(below("docs"));
    all.filter(|path| path.extension().is_some_and(|extension| extension == "md")).map(Page::read).collect()
}

/// The rows of the reference tables with this first title, in whichever document they are.
fn reference(title: &str) -> Rows {
    let rows: Rows = pages().iter().flat_map(|page| page.document.rows(title)).collect();
    assert!(!rows.is_empty(), "no document has a table {title}");
    rows
}

/// The parts of `text` that consist of `allowed` characters only.
fn words<'a>(text: &'a str, allowed: impl Fn(char) -> bool + 'a) -> impl Iterator<Item = &'a str> {
    text.split(move |c: char| !allowed(c)).filter(|word| !word.is_empty())
}

/// Every argument of the program and its subcommands, except the one that exists only to be refused.
fn arguments() -> Vec<Arg> {
    fn collect(command: &Command, into: &mut Vec<Arg>) {
        into.extend(command.get_arguments().cloned());
        command.get_subcommands().for_each(|subcommand| collect(subcommand, into));
    }
    let mut command = Args::command();
    command.build();
    let mut all = Vec::new();
    collect(&command, &mut all);
    all.retain(|argument| argument.get_long().is_some_and(|flag| flag != "wolkvox.token"));
    all
}

fn flags(arguments: &[Arg]) -> BTreeSet<&str> {
    arguments.iter().filter_map(Arg::get_long).collect()
}

fn variable_of(argument: &Arg) -> Option<String> {
    Some(argument.get_env()?.to_str()?.to_owned())
}

fn unknown_flags(page: &Page) -> Vec<String> {
    let arguments = arguments();
    let known = flags(&arguments);
    let written = words(&page.text, |c| c.is_ascii_alphanumeric() || "-._".contains(c));
    let written = written.filter_map(|word| Some(word.strip_prefix("--")?.trim_end_matches('.')));
    let written = written.filter(|flag| flag.starts_with(|c: char| c.is_ascii_lowercase()));
    let unknown = written.filter(|flag| !known.contains(flag) && !FOREIGN_FLAGS.contains(flag));
    unknown.map(|flag| format!("there is no flag --{flag}")).collect()
}

fn unknown_variables(page: &Page) -> Vec<String> {
    let known: BTreeSet<_> = arguments().iter().filter_map(variable_of).chain([TOKEN_VARIABLE.to_owned()]).collect();
    let written = words(&page.text, |c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let unknown = written.filter(|word| word.starts_with("WOLKVOX_") && !known.contains(*word));
    unknown.map(|word| format!("there is no variable {word}")).collect()
}

/// Names of samples with their labels.
fn samples() -> BTreeMap<String, Vec<&'static str>> {
    let families = catalogue::families().into_iter().flat_map(|family| {
        let suffixes: &[&str] = if family.kind == "histogram" { &["", "_bucket", "_count", "_sum"] } else { &[""] };
        suffixes.iter().map(move |suffix| (format!("{}{suffix}", family.name), family.labels.to_vec()))
    });
    families.collect()
}

fn unknown_metrics(page: &Page) -> Vec<String> {
    let samples = samples();
    let recorded = read("alerts/wolkvox-recording.rules.yml");
    let written = words(&page.text, |c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    let unknown = written.map(|word| word.trim_matches(':')).filter_map(|word| {
        if word.contains(":wolkvox_") {
            let is_recorded = recorded.lines().any(|line| line.trim().strip_prefix("- record: ") == Some(word));
            return (!is_recorded).then(|| format!("no rule records {word}"));
        }
        let metric = ["wolkvox_", "process_"].iter().any(|prefix| word.starts_with(prefix));
        // `process_*` in a document leaves the beginning of a name.
        let known = samples.keys().any(|name| name == word || word.ends_with('_') && name.starts_with(word));
        (metric && !known && !PACKAGES.contains(&word)).then(|| format!("there is no metric {word}"))
    });
    unknown.collect()
}

fn unknown_labels(page: &Page) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, labels) in &samples() {
        for selector in page.text.split(&format!("{name}{{")).skip(1).filter_map(|rest| rest.split('}').next()) {
            let written = selector.split(',').filter_map(|matcher| matcher.split(['=', '!']).next());
            let written = written.filter(|label| label.starts_with(|c: char| c.is_ascii_lowercase()));
            let unknown = written.filter(|label| !labels.contains(label));
            findings.extend(unknown.map(|label| format!("{name} has no label {label}")));
        }
    }
    findings
}

/// Whether a file or folder exists. `<report>` stands for any collector.
fn exists(path: &str) -> bool {
    if path.contains("<report>") {
        return COLLECTORS.iter().any(|entry| exists(&path.replace("<report>", &entry.name.to_string())));
    }
    project().join(path).exists()
}

fn missing_files(page: &Page) -> Vec<String> {
    let is_path = |span: &&String| {
        let first = span.split('/').next().unwrap_or_default();
        let named = ["Makefile", "Dockerfile", "Cargo.toml", "CHANGELOG.md", "README.md", "LICENSE"];
        let below = span.contains('/') && !first.is_empty() && first != "target" && project().join(first).is_dir();
        named.contains(&span.as_str()) || below && !span.contains(' ')
    };
    let spans = page.document.spans.iter().filter(is_path).filter(|span| !exists(span));
    spans.map(|span| format!("there is no file {span}")).collect()
}

fn broken_links(page: &Page) -> Vec<String> {
    let folder = page.path.parent().unwrap_or(Path::new(""));
    let leads_somewhere = |link: &str| {
        let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
        let has = |document: &Document| anchor.is_none_or(|anchor| document.anchors.iter().any(|one| one == anchor));
        let target = folder.join(path);
        if path.is_empty() {
            has(&page.document)
        } else if target.extension().is_some_and(|extension| extension == "md") {
            project().join(&target).is_file() && has(&Page::read(target).document)
        } else {
            project().join(target).exists()
        }
    };
    let links = page.document.links.iter().filter(|link| !link.contains("://") && !leads_somewhere(link));
    links.map(|link| format!("there is nothing at {link}")).collect()
}

/// The words of a command. Quotes are the only shell syntax that the documents use.
fn shell_words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ' ') => words.push(String::new()),
            (None, '#') if words.last().is_some_and(String::is_empty) => break,
            (_, c) => words.last_mut().expect("it starts with one").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The commands of a document: the lines of its `sh` blocks, and spans that start one of our programs. Assignments of
/// variables before a command are left out.
fn commands(page: &Page) -> Vec<Vec<String>> {
    let lines = page.document.blocks_of("sh").collect::<String>().replace("\\\n", " ");
    let is_assignment = |word: &String| word.split_once('=').is_some_and(|(name, _)| name == name.to_uppercase());
    let words = |line: &str| shell_words(line).into_iter().skip_while(is_assignment).collect::<Vec<_>>();
    let spans = page.document.spans.iter().map(|span| words(span));
    let spans = spans.filter(|words| words.len() > 1 && ["wolkvox_exporter", "cargo", "make"].contains(&&*words[0]));
    lines.lines().map(words).filter(|words| !words.is_empty()).chain(spans).collect()
}

/// What is wrong with a command, or `None`.
fn wrong_command(command: &[String]) -> Option<String> {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let after = |mark: &str| words.iter().skip_while(|word| **word != mark).skip(1).copied().collect::<Vec<_>>();
    let arguments = match words[..] {
        ["make", ref targets @ ..] => {
            let makefile = read("Makefile");
            let is_target = |name: &str| makefile.lines().any(|line| line.starts_with(&format!("{name}:")));
            return targets.iter().find(|name| !is_target(name)).map(|name| format!("there is no `make {name}`"));
        }
        ["docker", "compose", _, ref names @ ..] => {
            let compose = read("compose.yaml");
            let is_service = |name: &str| compose.lines().any(|line| line == format!("  {name}:"));
            let mut names = names.iter().filter(|word| !word.starts_with('-'));
            return names.find(|name| !is_service(name)).map(|name| format!("compose.yaml has no {name}"));
        }
        ["cargo", "run", ..] => after("--"),
        ["docker", "run", ..] => after("wolkvox_exporter"),
        ["cargo", ..] | ["docker", "build", ..] => return None,
        [program, ..] if FOREIGN_PROGRAMS.contains(&program) => return None,
        [program, ref arguments @ ..] if program.split('/').next_back() == Some("wolkvox_exporter") => {
            arguments.to_vec()
        }
        _ => return Some(format!("this test does not know the program of `{}`", words.join(" "))),
    };
    let error = Args::try_parse_from(["wolkvox_exporter"].into_iter().chain(arguments)).err()?;
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    (!asked).then(|| format!("`{}` is refused", words.join(" ")))
}

fn wrong_commands(page: &Page) -> Vec<String> {
    commands(page).iter().filter_map(|command| wrong_command(command)).collect()
}

/// Rows `| flag | variable | default | …` that differ from the program, and flags without a row.
fn wrong_flag_rows(rows: &Rows) -> Vec<String> {
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
fn wrong_scenario_rows(rows: &Rows) -> Vec<String> {
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
fn wrong_reason_rows(rows: &Rows) -> Vec<String> {
    let explained: BTreeSet<String> = rows.iter().flat_map(|row| code(&row[0])).collect();
    let known: BTreeSet<String> = Reason::ALL.iter().map(|reason| reason.as_str().to_owned()).collect();
    let missing = known.difference(&explained).map(|reason| format!("{reason} has no row"));
    missing.chain(explained.difference(&known).map(|reason| format!("there is no reason {reason}"))).collect()
}

/// Rows `| code | meaning | command |` whose command ends with another code.
fn wrong_exit_code_rows(rows: &Rows) -> Vec<String> {
    let wrong = rows.iter().filter_map(|row| {
        let command = code(&row[2]).pop().unwrap_or_default();
        let ended = run(exporter().args(&shell_words(&command)[1..]), "").status.code();
        (ended.map(|code| code.to_string()).as_ref() != Some(&row[0]))
            .then(|| format!("`{command}` ends with {ended:?}"))
    });
    wrong.collect()
}

/// Blocks of YAML that are in none of the files that tests/examples.rs tries.
fn untested_yaml(page: &Page) -> Vec<String> {
    let tested = ["minimal.yml", "wolkvox.yml", "prometheus.yml"].map(|name| read(Path::new("examples").join(name)));
    let blocks = page.document.blocks_of("yaml");
    let untested = blocks.filter(|block| block.trim().is_empty() || !tested.iter().any(|file| file.contains(block)));
    untested.map(|block| format!("no example contains {block}")).collect()
}

fn assert_right(check: PageCheck) {
    let findings: BTreeMap<_, _> = pages().iter().map(|page| (page.path.clone(), check(page))).collect();
    assert!(findings.values().all(Vec::is_empty), "{findings:#?}");
}

fn assert_rows_are_right(title: &str, check: RowsCheck) {
    let findings = check(&reference(title));
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn every_flag_exists() {
    assert_right(unknown_flags);
}

#[test]
fn every_environment_variable_exists() {
    assert_right(unknown_variables);
}

#[test]
fn every_metric_exists() {
    assert_right(unknown_metrics);
}

#[test]
fn every_label_of_a_metric_exists() {
    assert_right(unknown_labels);
}

#[test]
fn every_file_exists() {
    assert_right(missing_files);
}

#[test]
fn every_link_leads_somewhere() {
    assert_right(broken_links);
}

#[test]
fn every_command_is_accepted() {
    let all: usize = pages().iter().map(|page| commands(page).len()).sum();
    assert!(all > 20, "only {all} commands were found");
    assert_right(wrong_commands);
}

#[test]
fn the_examples_of_the_configuration_are_tested() {
    for path in ["README.md", "docs/configuration.md"] {
        let page = Page::read(path);
        assert_eq!(page.document.blocks_of("yaml").count(), 2, "{path}");
        assert_eq!(untested_yaml(&page), [""; 0], "{path}");
    }
}

#[test]
fn a_false_claim_is_found() {
    let cases: [(PageCheck, &str, &str); 20] = [
        (unknown_flags, "Start it with `--web.listen-adress`.", "there is no flag --web.listen-adress"),
        (unknown_flags, "never --wolkvox.token", "there is no flag --wolkvox.token"),
        (unknown_variables, "WOLKVOX_TOKEN=t WOLKVOX_SERVR=1", "there is no variable WOLKVOX_SERVR"),
        (unknown_metrics, "`wolkvox_skill_queue` waits", "there is no metric wolkvox_skill_queue"),
        (unknown_metrics, "process_open_files", "there is no metric process_open_files"),
        (unknown_metrics, "`wolkvox_skills_*`", "there is no metric wolkvox_skills_"),
        (unknown_metrics, "`a:wolkvox_b:c`: it", "no rule records a:wolkvox_b:c"),
        (unknown_labels, r#"wolkvox_up{operation=~"a|b",skill_id="1"} 1"#, "wolkvox_up has no label skill_id"),
        (missing_files, "`src/nothing.rs`", "there is no file src/nothing.rs"),
        (missing_files, "`docs/<report>.md`", "there is no file docs/<report>.md"),
        (broken_links, "[a](LICENCE)", "there is nothing at LICENCE"),
        (broken_links, "[a](#gone)\n## Here", "there is nothing at #gone"),
        (broken_links, "[a](docs/metrics.md#gone)", "there is nothing at docs/metrics.md#gone"),
        (wrong_commands, "`wolkvox_exporter checkconfig`", "`wolkvox_exporter checkconfig` is refused"),
        (wrong_commands, "```sh\nA=1 wolkvox_exporter \\\n  dmo\n```", "`wolkvox_exporter dmo` is refused"),
        (wrong_commands, "```sh\ncargo run -- demo --speed\n```", "`cargo run -- demo --speed` is refused"),
        (wrong_commands, "`make tset`", "there is no `make tset`"),
        (wrong_commands, "```sh\ndocker compose logs snik\n```", "compose.yaml has no snik"),
        (wrong_commands, "```sh\nrm -rf .\n```", "this test does not know the program of `rm -rf .`"),
        (untested_yaml, "```yaml\noperations: [1]\n```", "no example contains operations: [1]\n"),
    ];
    for (check, text, finding) in cases {
        assert_eq!(check(&Page::new("README.md", text)), [finding], "{text}");
    }
}

#[test]
fn the_tables_of_flags_are_complete_and_right() {
    assert_rows_are_right("Flag", wrong_flag_rows);
}

#[test]
fn the_table_of_scenarios_is_complete_and_right() {
    assert_rows_are_right("Scenario", wrong_scenario_rows);
}

#[test]
fn the_table_of_reasons_is_complete() {
    assert_rows_are_right("Reason", wrong_reason_rows);
}

#[test]
fn the_exit_codes_are_those_of_the_examples() {
    let rows = reference("Exit code");
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<BTreeSet<_>>(), BTreeSet::from(["0", "1", "2"]));
    assert_rows_are_right("Exit code", wrong_exit_code_rows);
}

#[test]
fn a_false_row_is_found() {
    /// Which row and cell of which table become which text, and how the findings begin.
    type Case = (RowsCheck, &'static str, usize, usize, &'static str, &'static [&'static str]);
    let cases: [Case; 6] = [
        (wrong_flag_rows, "Flag", 2, 1, "`WOLKVOX_LISTEN`", &["--web.listen-address has "]),
        (wrong_flag_rows, "Flag", 2, 2, "`:80`", &["--web.listen-address has "]),
        (wrong_flag_rows, "Flag", 0, 0, "`--file`", &["--file has []", "--config.file has no row"]),
        (wrong_scenario_rows, "Scenario", 1, 2, "3h", &["rush lasts 2h"]),
        (wrong_reason_rows, "Reason", 0, 0, "`network`", &["connect has no row", "there is no reason network"]),
        (wrong_exit_code_rows, "Exit code", 0, 0, "1", &["`wolkvox_exporter metrics` ends with Some(0)"]),
    ];
    for (check, title, row, cell, text, expected) in cases {
        let mut rows = reference(title);
        text.clone_into(&mut rows[row][cell]);
        let findings = check(&rows);
        let found = findings.len() == expected.len() && findings.iter().zip(expected).all(|(a, b)| a.starts_with(b));
        assert!(found, "{title}, {text}: {findings:?}");
    }
}

/// The demo serves every path of the reference, and the series that the README shows.
#[tokio::test]
async fn the_demo_serves_the_documented_pages_and_series() {
    let mut demo = exporter();
    demo.args(["demo", "--web.listen-address", "127.0.0.1:0", "--simulate.listen-address", "127.0.0.1:0"]);
    let mut demo = Process::spawn("the demo", &mut demo);
    let address = |line: &str| {
        let (address, _) = line.trim().split_once("/metrics")?;
        address.starts_with("http://").then(|| address.to_owned())
    };
    let address = demo.wait_for_line(LIMIT, address).await.unwrap();
    let paths: Vec<_> = reference("Path").iter().flat_map(|row| code(&row[0])).collect();
    assert!(paths.len() >= 4, "{paths:?}");
    for path in paths {
        http::wait_until_ok(&format!("{address}{path}"), LIMIT).await.unwrap();
    }
    assert_eq!(http::get(&format!("{address}/config/nothing")).await.status, 404);
    let readme = Page::read("README.md").document;
    let shown = readme.blocks_of("text").next().unwrap().lines().filter_map(|line| line.rsplit_once(' '));
    let shown: Vec<_> = shown.map(|(series, _)| format!("{series} ")).collect();
    let complete = async {
        // The page follows the first poll, which makes the exporter ready, a moment later.
        loop {
            let metrics = http::get(&format!("{address}/metrics")).await;
            match shown.iter().find(|series| !metrics.text().contains(series.as_str())) {
                None => return,
                Some(_) => tokio::time::sleep(POLL).await,
            }
        }
    };
    let complete = tokio::time::timeout(LIMIT, complete).await;
    assert!(complete.is_ok(), "the demo does not show the series of README.md: {shown:?}");
    assert!(demo.terminate(LIMIT).await.unwrap().success());
}
