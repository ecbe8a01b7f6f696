//! What README.md and the documents beside it say of the program is true: flags, variables, metrics, files, commands,
//! configuration, exit codes. Each kind of claim is also tried with a false one, which must be found.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Arg, Command, CommandFactory as _, Parser as _};
use support::http;
use support::markdown::{Document, code};
use support::process::{POLL, Process, exporter, run};
use wolkvox_exporter::cli::Args;
use wolkvox_exporter::config::COLLECTORS;
use wolkvox_exporter::metrics::catalogue;
use wolkvox_exporter::model::Reason;

const LIMIT: Duration = Duration::from_secs(300);

/// Flags of other programs, which may stand only on a line that names the program.
const FOREIGN_FLAGS: [(&str, &str); 4] =
    [("--release", "cargo"), ("--rm", "docker"), ("--build", "docker compose"), ("--volumes", "docker compose")];

/// Programs in the documents' commands whose arguments are their own business.
const FOREIGN_PROGRAMS: [&str; 2] = ["export", "curl"];

/// The one variable that is no flag: the token has none.
const TOKEN_VARIABLE: &str = "WOLKVOX_TOKEN";

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = project().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn readme() -> Document {
    Document::of(&read("README.md"))
}

/// The documents, by their paths.
fn documents() -> BTreeMap<PathBuf, String> {
    let docs = fs::read_dir(project().join("docs")).expect("there are documents").flatten();
    let docs = docs.map(|entry| Path::new("docs").join(entry.file_name()));
    let docs = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let all = docs.chain(["README.md".into(), "CHANGELOG.md".into()]);
    all.map(|path| (path.clone(), read(path))).collect()
}

/// What `check` finds wrong in any document.
fn found(check: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let documents = documents();
    let found = documents
        .iter()
        .flat_map(|(path, text)| check(text).into_iter().map(move |finding| format!("{}: {finding}", path.display())));
    found.collect()
}

fn no_findings() -> Vec<String> {
    Vec::new()
}

/// The parts of `text` that consist of `allowed` characters only.
fn words<'a>(text: &'a str, allowed: impl Fn(char) -> bool + 'a) -> impl Iterator<Item = &'a str> {
    text.split(move |c: char| !allowed(c)).filter(|word| !word.is_empty())
}

/// Every argument of the program and its subcommands that may be told to users.
fn arguments() -> Vec<Arg> {
    fn collect(command: &Command, into: &mut Vec<Arg>) {
        into.extend(command.get_arguments().cloned());
        command.get_subcommands().for_each(|subcommand| collect(subcommand, into));
    }
    let mut command = Args::command();
    command.build();
    let mut all = Vec::new();
    collect(&command, &mut all);
    // It exists only to be refused.
    all.retain(|argument| argument.get_long() != Some("wolkvox.token"));
    all
}

fn variable_of(argument: &Arg) -> Option<String> {
    Some(argument.get_env()?.to_str()?.to_owned())
}

fn wrong_flags(text: &str) -> Vec<String> {
    let known: BTreeSet<_> = arguments().iter().filter_map(|argument| argument.get_long().map(str::to_owned)).collect();
    let mut findings = Vec::new();
    for line in text.lines() {
        for word in words(line, |c| c.is_ascii_alphanumeric() || "-._".contains(c)) {
            let Some(flag) = word.strip_prefix("--").map(|flag| flag.trim_end_matches('.')) else { continue };
            let is_flag = flag.starts_with(|c: char| c.is_ascii_lowercase());
            let foreign = FOREIGN_FLAGS.iter().any(|(foreign, program)| *foreign == word && line.contains(program));
            if is_flag && !foreign && !known.contains(flag) {
                findings.push(format!("there is no flag --{flag}"));
            }
        }
    }
    findings
}

fn wrong_variables(text: &str) -> Vec<String> {
    let known: BTreeSet<_> = arguments().iter().filter_map(variable_of).chain([TOKEN_VARIABLE.to_owned()]).collect();
    let written = words(text, |c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let ours = written.filter(|word| word.starts_with("WOLKVOX_") && !known.contains(*word));
    ours.map(|word| format!("there is no variable {word}")).collect()
}

/// Names of samples, and the labels that they have.
fn samples() -> BTreeMap<String, Vec<&'static str>> {
    let families = catalogue::families().into_iter().flat_map(|family| {
        let suffixes: &[&str] = if family.kind == "histogram" { &["", "_bucket", "_count", "_sum"] } else { &[""] };
        suffixes.iter().map(move |suffix| (format!("{}{suffix}", family.name), family.labels.to_vec()))
    });
    families.collect()
}

fn wrong_metrics(text: &str) -> Vec<String> {
    let samples = samples();
    let mut findings = Vec::new();
    let recorded = read("alerts/wolkvox-recording.rules.yml");
    for word in words(text, |c| c.is_ascii_alphanumeric() || c == '_' || c == ':').map(|word| word.trim_matches(':')) {
        if word.contains(":wolkvox_") {
            if !recorded.lines().any(|line| line.trim().strip_prefix("- record: ") == Some(word)) {
                findings.push(format!("no rule records {word}"));
            }
            continue;
        }
        let metric = word.starts_with("wolkvox_") || word.starts_with("process_") && word.len() > "process_".len();
        if metric && word != "wolkvox_exporter" && !samples.contains_key(word) {
            findings.push(format!("there is no metric {word}"));
        }
    }
    for (name, labels) in &samples {
        for selector in text.split(&format!("{name}{{")).skip(1).filter_map(|rest| rest.split('}').next()) {
            let written = selector.split(',').filter_map(|matcher| matcher.split(['=', '!']).next());
            let written =
                written.filter(|label| !label.is_empty() && label.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
            findings.extend(
                written.filter(|label| !labels.contains(label)).map(|label| format!("{name} has no label {label}")),
            );
        }
    }
    findings
}

/// Whether a path of a document is there. `<report>` stands for any collector.
fn exists(path: &str) -> bool {
    if path.contains("<report>") {
        return COLLECTORS.iter().any(|entry| exists(&path.replace("<report>", entry.name.0)));
    }
    project().join(path).exists()
}

/// `folder` is where the document's links start.
fn wrong_paths(folder: &Path, text: &str) -> Vec<String> {
    let document = Document::of(text);
    let own = |span: &&String| {
        let first = span.split('/').next().unwrap_or_default();
        let named =
            ["Makefile", "Dockerfile", "Cargo.toml", "CHANGELOG.md", "README.md", "LICENSE"].contains(&span.as_str());
        let below = span.contains('/') && !first.is_empty() && first != "target" && project().join(first).is_dir();
        named || below && !span.contains(' ')
    };
    let spans =
        document.spans.iter().filter(own).filter(|span| !exists(span)).map(|span| format!("there is no file {span}"));
    let headings: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .map(|line| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-"))
        .collect();
    let links =
        document.links.iter().filter(|link| !link.contains("://")).filter(|link| match link.strip_prefix('#') {
            Some(anchor) => !headings.contains(anchor),
            None => !exists(&folder.join(link).to_string_lossy()),
        });
    spans.chain(links.map(|link| format!("there is nothing at {link}"))).collect()
}

/// The words of a command as a shell takes them apart; quotes are enough for what documents hold.
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

/// Commands of a document: the lines of its `sh` blocks, and code in its text that starts a program of ours.
fn commands(text: &str) -> Vec<Vec<String>> {
    let document = Document::of(text);
    let blocks: String = document.blocks_of("sh").collect();
    let lines = blocks.replace("\\\n", " ");
    let spans = document
        .spans
        .iter()
        .map(String::as_str)
        .filter(|span| ["wolkvox_exporter ", "cargo ", "make "].iter().any(|program| span.starts_with(program)));
    let all = lines.lines().chain(spans).map(shell_words).filter(|words| !words.is_empty());
    all.collect()
}

fn wrong_command(words: &[String]) -> Option<String> {
    let said = words.join(" ");
    let after = |mark: &str| words.iter().position(|word| word == mark).map(|at| words[at + 1..].to_vec());
    let ours = match words[0].as_str() {
        "make" => {
            let makefile = read("Makefile");
            let is_target = |name: &&String| makefile.lines().any(|line| line.starts_with(&format!("{name}:")));
            return words[1..].iter().find(|name| !is_target(name)).map(|name| format!("there is no `make {name}`"));
        }
        "cargo" if words.get(1).is_some_and(|word| word == "run") => after("--").unwrap_or_default(),
        "cargo" if words.get(1).is_some_and(|word| ["build", "test"].contains(&word.as_str())) => return None,
        "docker" if words.get(1).is_some_and(|word| word == "build") => return None,
        "docker" if words.get(1).is_some_and(|word| word == "compose") => {
            let compose = read("compose.yaml");
            let is_service = |name: &&String| compose.lines().any(|line| line == format!("  {name}:"));
            let mut names = words[3..].iter().filter(|word| !word.starts_with('-'));
            return names.find(|name| !is_service(name)).map(|name| format!("compose.yaml has no {name}"));
        }
        "docker" if words.get(1).is_some_and(|word| word == "run") => after("wolkvox_exporter")?,
        program if program == "wolkvox_exporter" || program.ends_with("/wolkvox_exporter") => words[1..].to_vec(),
        program if FOREIGN_PROGRAMS.contains(&program) => return None,
        _ => return Some(format!("nobody checks `{said}`")),
    };
    let error = Args::try_parse_from(["wolkvox_exporter".to_owned()].into_iter().chain(ours)).err()?;
    let asked = matches!(error.kind(), clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion);
    (!asked).then(|| format!("`{said}` is refused: {error}"))
}

fn wrong_commands(text: &str) -> Vec<String> {
    commands(text).iter().filter_map(|words| wrong_command(words)).collect()
}

/// Rows `| flag | variable | default | …` that differ from the program.
fn wrong_defaults(rows: &[Vec<String>]) -> Vec<String> {
    let arguments = arguments();
    let mut findings = Vec::new();
    for row in rows {
        let cell = |at: usize| code(&row[at]).pop();
        let flag = cell(0).unwrap_or_default();
        let Some(argument) = arguments.iter().find(|argument| argument.get_long() == flag.strip_prefix("--")) else {
            findings.push(format!("there is no flag {flag}"));
            continue;
        };
        let default: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        let default = (!default.is_empty()).then(|| default.join(","));
        if cell(1) != variable_of(argument) {
            findings.push(format!("{flag} has the variable {:?}", variable_of(argument)));
        }
        if cell(2) != default || cell(2).is_none() && row[2] != "none" {
            findings.push(format!("{flag} has the default {default:?}"));
        }
    }
    findings
}

/// Rows `| scenario | …  | how long |` that differ from `--help`, which says the length after a semicolon.
fn wrong_scenarios(rows: &[Vec<String>]) -> Vec<String> {
    let arguments = arguments();
    let scenario = arguments.iter().find(|argument| argument.get_long() == Some("scenario")).expect("demo has it");
    let known = scenario.get_possible_values();
    let names: Vec<_> = known.iter().map(clap::builder::PossibleValue::get_name).collect();
    let explained: Vec<_> = rows.iter().flat_map(|row| code(&row[0])).collect();
    if explained != names {
        return vec![format!("the scenarios are {names:?}")];
    }
    let help = |at: usize| known[at].get_help().map(ToString::to_string).unwrap_or_default();
    let lasts = (0..rows.len()).filter_map(|at| Some((at, help(at).split_once("; ")?.1.to_owned())));
    let wrong = lasts.filter(|(at, length)| rows[*at][2] != *length);
    wrong.map(|(at, length)| format!("{} lasts {length}", names[at])).collect()
}

/// The reasons that are told apart but not explained, or explained but not known.
fn wrong_reasons(rows: &[Vec<String>]) -> Vec<String> {
    let explained: Vec<String> = rows.iter().flat_map(|row| code(&row[0])).collect();
    let known = Reason::ALL.map(Reason::as_str);
    let missing = known.iter().filter(|reason| !explained.iter().any(|name| name == *reason));
    let missing = missing.map(|reason| format!("{reason} is not explained"));
    let unknown = explained.iter().filter(|name| !known.contains(&name.as_str()));
    missing.chain(unknown.map(|name| format!("there is no reason {name}"))).collect()
}

/// Rows `| code | means | command |` whose command ends with another code.
fn wrong_exit_codes(rows: &[Vec<String>]) -> Vec<String> {
    let mut findings = Vec::new();
    for row in rows {
        let command = code(&row[2]).pop().unwrap_or_default();
        let ended = run(exporter().args(&shell_words(&command)[1..]), "").status.code();
        if ended.map(|code| code.to_string()).as_ref() != Some(&row[0]) {
            findings.push(format!("`{command}` ends with {ended:?}, not {}", row[0]));
        }
    }
    findings
}

/// Whether `example` is a part of the file at `path`, which another test holds true.
fn is_part_of(example: &str, path: &str) -> bool {
    !example.trim().is_empty() && read(path).contains(example)
}

#[test]
fn every_flag_exists() {
    assert_eq!(found(wrong_flags), no_findings());
}

#[test]
fn a_flag_that_does_not_exist_is_found() {
    assert_eq!(wrong_flags("Start it with `--web.listen-adress`."), ["there is no flag --web.listen-adress"]);
    assert_eq!(wrong_flags("wolkvox_exporter --release"), ["there is no flag --release"]);
    assert_eq!(wrong_flags("never --wolkvox.token"), ["there is no flag --wolkvox.token"]);
    assert_eq!(wrong_flags("a table's line |---|---| and -- a dash"), no_findings());
}

#[test]
fn every_environment_variable_exists() {
    assert_eq!(found(wrong_variables), no_findings());
}

#[test]
fn a_variable_that_does_not_exist_is_found() {
    assert_eq!(wrong_variables("WOLKVOX_TOKEN=t WOLKVOX_SERVR=1"), ["there is no variable WOLKVOX_SERVR"]);
}

#[test]
fn every_metric_exists_and_has_the_labels_it_is_written_with() {
    assert_eq!(found(wrong_metrics), no_findings());
}

#[test]
fn a_metric_or_a_label_that_does_not_exist_is_found() {
    assert_eq!(wrong_metrics("`wolkvox_skill_queue` waits"), ["there is no metric wolkvox_skill_queue"]);
    assert_eq!(wrong_metrics("process_open_files"), ["there is no metric process_open_files"]);
    assert_eq!(wrong_metrics("`a:wolkvox_b:c`: it"), ["no rule records a:wolkvox_b:c"]);
    assert_eq!(wrong_metrics(r#"wolkvox_up{operation=~"a|b",skill_id="1"} 1"#), ["wolkvox_up has no label skill_id"]);
}

#[test]
fn every_file_and_heading_exists() {
    let documents = documents();
    let folder = |path: &Path| path.parent().map(Path::to_owned).unwrap_or_default();
    let findings: Vec<_> = documents.iter().flat_map(|(path, text)| wrong_paths(&folder(path), text)).collect();
    assert_eq!(findings, no_findings());
}

#[test]
fn a_file_or_a_heading_that_does_not_exist_is_found() {
    let planted = "`src/nothing.rs`, `src/collect/<report>.rs`, `docs/<report>.md`, [a](LICENCE), [b](#gone), [c](#here)\n## Here";
    let expected = ["no file src/nothing.rs", "no file docs/<report>.md", "nothing at LICENCE", "nothing at #gone"];
    assert_eq!(wrong_paths(Path::new(""), planted), expected.map(|what| format!("there is {what}")));
}

#[test]
fn every_command_is_one_that_the_program_takes() {
    let all: usize = documents().values().map(|text| commands(text).len()).sum();
    assert!(all > 15, "the commands were not found");
    assert_eq!(found(wrong_commands), no_findings());
}

#[test]
fn a_command_that_nobody_takes_is_found() {
    for (planted, finding) in [
        ("`wolkvox_exporter checkconfig`", "is refused"),
        ("```sh\nWOLKVOX_SERVER=1 wolkvox_exporter\n```", "nobody checks"),
        ("```sh\ndocker run --rm \\\n  wolkvox_exporter dmo\n```", "is refused"),
        ("```sh\ncargo run --release -- demo --scenario calm\n```", "is refused"),
        ("`make tset`", "there is no `make tset`"),
        ("```sh\ndocker compose logs -f snik\n```", "compose.yaml has no snik"),
        ("```sh\nrm -rf .\n```", "nobody checks"),
    ] {
        let findings = wrong_commands(planted);
        assert!(findings.len() == 1 && findings[0].contains(finding), "{planted}: {findings:?}");
    }
}

#[test]
fn the_table_of_flags_has_their_variables_and_defaults() {
    let readme = readme();
    let rows = readme.table("Flag");
    assert!(rows.len() > 8, "{rows:?}");
    assert_eq!(wrong_defaults(rows), no_findings());
}

#[test]
fn a_flag_with_another_variable_or_default_is_found() {
    let planted = ["`--web.max-requests`", "`WOLKVOX_MAX_REQUESTS`", "`80`"].map(str::to_owned).to_vec();
    assert_eq!(wrong_defaults(&[planted]).len(), 2);
}

#[test]
fn every_scenario_has_its_line() {
    assert_eq!(wrong_scenarios(readme().table("Scenario")), no_findings());
}

#[test]
fn a_scenario_that_is_made_up_or_lasts_longer_is_found() {
    let rows = readme().table("Scenario").to_vec();
    let planted = |row: usize, cell: usize, text: &str| {
        let mut rows = rows.clone();
        text.clone_into(&mut rows[row][cell]);
        wrong_scenarios(&rows)
    };
    assert_eq!(planted(1, 0, "`calm`").len(), 1);
    assert_eq!(planted(1, 2, "3h"), ["rush lasts 2h"]);
}

#[test]
fn every_reason_of_a_failure_has_its_line() {
    assert_eq!(wrong_reasons(readme().table("Reason")), no_findings());
}

#[test]
fn a_reason_that_is_forgotten_or_made_up_is_found() {
    let mut rows = readme().table("Reason").to_vec();
    rows[0][0] = "`network`".to_owned();
    assert_eq!(wrong_reasons(&rows), ["connect is not explained", "there is no reason network"]);
}

#[test]
fn exit_codes_are_as_the_examples_say() {
    let readme = readme();
    let rows = readme.table("Exit code");
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<BTreeSet<_>>(), BTreeSet::from(["0", "1", "2"]));
    assert_eq!(wrong_exit_codes(rows), no_findings());
}

#[test]
fn a_command_that_ends_with_another_code_is_found() {
    let planted = ["1", "", "`wolkvox_exporter --version`"].map(str::to_owned).to_vec();
    assert_eq!(wrong_exit_codes(&[planted]), ["`wolkvox_exporter --version` ends with Some(0), not 1"]);
}

#[test]
fn the_examples_in_yaml_are_parts_of_the_files_that_are_tested() {
    let readme = readme();
    let examples: Vec<_> = readme.blocks_of("yaml").collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        let parts = ["examples/wolkvox.yml", "examples/prometheus.yml"];
        assert!(parts.iter().any(|path| is_part_of(example, path)), "in none of {parts:?}:\n{example}");
    }
}

#[test]
fn an_example_in_yaml_that_is_nowhere_tested_is_found() {
    assert!(!is_part_of("operations:\n  - name: elsewhere\n", "examples/wolkvox.yml"));
}

/// Serves what the first command promises, and every page of the table is there.
#[tokio::test]
async fn the_demo_serves_every_page_of_the_table() {
    let mut demo = exporter();
    demo.args(["demo", "--web.listen-address", "127.0.0.1:0", "--simulate.listen-address", "127.0.0.1:0"]);
    let mut demo = Process::spawn("the demo", &mut demo);
    let page = |line: &str| Some(line.trim().strip_suffix("/metrics   the metrics, for Prometheus")?.to_owned());
    let address = demo.wait_for_line(LIMIT, page).await.unwrap();
    let readme = readme();
    let paths: Vec<_> = readme.table("Path").iter().flat_map(|row| code(&row[0])).collect();
    assert!(paths.len() >= 4, "{paths:?}");
    for path in paths {
        http::wait_until_ok(&format!("{address}{path}"), LIMIT).await.unwrap();
    }
    assert_eq!(http::get(&format!("{address}/config/nothing")).await.status, 404);
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
    assert!(
        tokio::time::timeout(LIMIT, complete).await.is_ok(),
        "the demo does not show what README.md shows: {shown:?}"
    );
    assert!(demo.terminate(LIMIT).await.unwrap().success());
}
