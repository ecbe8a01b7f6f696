//! The documents, and the arguments and metrics of the program to compare them with.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Arg, Command, CommandFactory as _};
use wolkvox_exporter::cli::Args;
use wolkvox_exporter::metrics::catalogue;

use crate::support::markdown::{Document, Rows};

/// How the documents write the flags of all collectors, without the dashes.
pub(crate) const ANY_COLLECTOR: &str = "collector.NAME";

pub(crate) struct Page {
    /// The path from the project's folder.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) document: Document,
}

impl Page {
    pub(crate) fn new(path: impl Into<PathBuf>, text: &str) -> Self {
        Self { path: path.into(), text: text.to_owned(), document: Document::of(text) }
    }

    pub(crate) fn read(path: impl AsRef<Path>) -> Self {
        Self::new(path.as_ref(), &read(path.as_ref()))
    }
}

pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = project().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All Markdown files of the project's folder, of docs/ and of deploy/kubernetes/.
pub(crate) fn pages() -> Vec<Page> {
    let below = |folder: &'static str| {
        let entries = fs::read_dir(project().join(folder)).expect("the folder exists").flatten();
        entries.map(move |entry| Path::new(folder).join(entry.file_name()))
    };
    let all = below("").chain(below("docs")).chain(below("deploy/kubernetes"));
    all.filter(|path| path.extension().is_some_and(|extension| extension == "md")).map(Page::read).collect()
}

/// The rows of the reference tables with this first title, in whichever document they are.
pub(crate) fn reference(title: &str) -> Rows {
    let rows: Rows = pages().iter().flat_map(|page| page.document.rows(title)).collect();
    assert!(!rows.is_empty(), "no document has a table {title}");
    rows
}

/// The parts of `text` that consist of `allowed` characters only.
pub(crate) fn words<'a>(text: &'a str, allowed: impl Fn(char) -> bool + 'a) -> impl Iterator<Item = &'a str> {
    text.split(move |c: char| !allowed(c)).filter(|word| !word.is_empty())
}

/// Every argument of the program and its subcommands, except the one that exists only to be refused, and
/// [`ANY_COLLECTOR`].
pub(crate) fn arguments() -> Vec<Arg> {
    fn collect(command: &Command, into: &mut Vec<Arg>) {
        into.extend(command.get_arguments().cloned());
        command.get_subcommands().for_each(|subcommand| collect(subcommand, into));
    }
    let mut command = Args::command();
    command.build();
    let mut all = Vec::new();
    collect(&command, &mut all);
    all.retain(|argument| argument.get_long().is_some_and(|flag| flag != "wolkvox.token"));
    all.push(Arg::new(ANY_COLLECTOR).long(ANY_COLLECTOR).env("WOLKVOX_EXPORTER_COLLECTOR_NAME"));
    all
}

pub(crate) fn variable_of(argument: &Arg) -> Option<String> {
    Some(argument.get_env()?.to_str()?.to_owned())
}

/// Names of samples with their labels.
pub(crate) fn samples() -> BTreeMap<String, Vec<&'static str>> {
    let families = catalogue::families().into_iter().flat_map(|family| {
        let suffixes: &[&str] = if family.kind == "histogram" { &["", "_bucket", "_count", "_sum"] } else { &[""] };
        suffixes.iter().map(move |suffix| (format!("{}{suffix}", family.name), family.labels.to_vec()))
    });
    families.collect()
}
