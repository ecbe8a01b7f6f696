//! The commands of a document, and whether the program they start accepts them.

use clap::Parser as _;
use clap::error::ErrorKind;
use wolkvox_exporter::cli::Args;

use crate::pages::{Page, project, read};

/// Programs in commands whose arguments are not checked, except that files in deploy/ must exist.
const FOREIGN_PROGRAMS: [&str; 10] =
    ["curl", "echo", "export", "git", "install", "journalctl", "kill", "kubectl", "systemctl", "systemd-analyze"];

/// The words of a command. Quotes are the only shell syntax that the documents use.
pub(crate) fn shell_words(line: &str) -> Vec<String> {
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
pub(crate) fn commands(page: &Page) -> Vec<Vec<String>> {
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
        ["make", ref arguments @ ..] => {
            let makefile = read("Makefile");
            let is_known = |argument: &str| match argument.split_once('=') {
                Some((variable, _)) => makefile.contains(&format!("$({variable})")),
                None => makefile.lines().any(|line| line.starts_with(&format!("{argument}:"))),
            };
            return arguments.iter().find(|name| !is_known(name)).map(|name| format!("there is no `make {name}`"));
        }
        ["docker", "compose", _, ref names @ ..] => {
            let compose = read("compose.yaml");
            let is_service = |name: &str| compose.lines().any(|line| line == format!("  {name}:"));
            let mut names = names.iter().filter(|word| !word.starts_with('-'));
            return names.find(|name| !is_service(name)).map(|name| format!("compose.yaml has no {name}"));
        }
        ["cargo", "run", ..] => after("--"),
        ["docker", "run", ..] => after("wolkvox_exporter"),
        ["cargo", ..] | ["docker", "build" | "push", ..] => return None,
        [program, ref arguments @ ..] if FOREIGN_PROGRAMS.contains(&program) => {
            let mut files = arguments.iter().filter(|word| word.starts_with("deploy/"));
            return files.find(|file| !project().join(file).exists()).map(|file| format!("there is no {file}"));
        }
        [program, ref arguments @ ..] if program.split('/').next_back() == Some("wolkvox_exporter") => {
            arguments.to_vec()
        }
        _ => return Some(format!("this test does not know the program of `{}`", words.join(" "))),
    };
    let error = Args::try_parse_from(["wolkvox_exporter"].into_iter().chain(arguments)).err()?;
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    (!asked).then(|| format!("`{}` is refused", words.join(" ")))
}

pub(crate) fn wrong_commands(page: &Page) -> Vec<String> {
    commands(page).iter().filter_map(|command| wrong_command(command)).collect()
}
