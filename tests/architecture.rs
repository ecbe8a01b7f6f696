//! Modules know whom docs/architecture.md lets them know, and nobody else.
//!
//! The code is read as tokens, so comments, documentation and texts are no arrows, and what is inside a macro is one.
//! Test code may know everybody: it puts parts together that the program keeps apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::slice;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

const DOCUMENT: &str = "docs/architecture.md";
/// The other crate of the workspace has a row in the table too. It cannot depend on a module of the exporter, because
/// cargo refuses packages that depend on each other.
const SIMULATOR: &str = "wolkvox_simulator";

/// Whom each module knows, or may know.
type Arrows = BTreeMap<String, BTreeSet<String>>;

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names in backticks in a cell.
fn names(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The rows of the table whose first two columns are `Module` and `May use`.
fn allowed(document: &str) -> Arrows {
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let rows = document.lines().skip_while(|line| !line.starts_with("| Module | May use |")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|')).map(cells);
    rows.flat_map(|row| names(&row[0]).into_iter().map(move |module| (module, names(&row[1])))).collect()
}

/// Every Rust file below `folder`, by its path from there, with its text.
fn files_below(folder: &Path) -> BTreeMap<PathBuf, String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("the folder is part of the project") {
            let path = entry.expect("its entries can be read").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, &mut found);
    let from_there = |path: &Path| path.strip_prefix(folder).expect("it was found below the folder").to_owned();
    found.into_iter().map(|path| (from_there(&path), read(&path))).collect()
}

/// The modules from the root of the crate to a file, the file's own included.
fn module_of(file: &Path) -> Vec<String> {
    let mut parts: Vec<String> =
        file.with_extension("").components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib")) {
        parts.pop();
    }
    parts
}

/// What one file says besides its test code.
#[derive(Default)]
struct Heard {
    /// Modules at the root of the crate that a path leads to.
    known: BTreeSet<String>,
    /// Modules in files of their own that are compiled for tests only.
    test_modules: Vec<String>,
}

fn is(token: Option<&TokenTree>, text: &str) -> bool {
    match token {
        Some(TokenTree::Ident(ident)) => *ident == text,
        Some(TokenTree::Punct(punct)) => text.len() == 1 && text.starts_with(punct.as_char()),
        _ => false,
    }
}

/// Whether `tokens` go on with `::`.
fn path_goes_on(tokens: &[TokenTree]) -> bool {
    is(tokens.first(), ":") && is(tokens.get(1), ":")
}

/// The first names that follow `::`: one, or those of a group in braces.
fn first_names(after: &[TokenTree]) -> Vec<String> {
    match after.first() {
        Some(TokenTree::Ident(ident)) => vec![ident.to_string()],
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let tokens: Vec<_> = group.stream().into_iter().collect();
            tokens.split(|token| is(Some(token), ",")).flat_map(first_names).collect()
        }
        _ => Vec::new(),
    }
}

/// How many tokens the item has that `tokens` start with: up to its braces or its semicolon.
fn item_length(tokens: &[TokenTree]) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        other => is(Some(other), ";"),
    };
    tokens.iter().position(ends).map_or(tokens.len(), |end| end + 1)
}

/// Listens to `tokens` of a module that is `depth` modules below the root.
fn listen(tokens: &[TokenTree], depth: usize, heard: &mut Heard) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Punct(_) if is(Some(token), "#") && is_for_tests(tokens.get(at + 1)) => {
                let item = &tokens[at + 2..];
                let length = item_length(item);
                if let Some(place) = item[..length].iter().position(|token| is(Some(token), "mod"))
                    && is(item.get(place + 2), ";")
                {
                    heard.test_modules.push(item[place + 1].to_string());
                }
                at += 2 + length;
                continue;
            }
            TokenTree::Ident(ident)
                if (*ident == "crate" || *ident == "wolkvox_exporter") && path_goes_on(&tokens[at + 1..]) =>
            {
                heard.known.extend(first_names(&tokens[at + 3..]));
            }
            TokenTree::Ident(ident) if *ident == SIMULATOR && path_goes_on(&tokens[at + 1..]) => {
                heard.known.insert(SIMULATOR.to_owned());
            }
            TokenTree::Ident(ident) if *ident == "super" => {
                let mut levels = 1;
                while path_goes_on(&tokens[at + 1..]) && is(tokens.get(at + 3), "super") {
                    levels += 1;
                    at += 3;
                }
                // So many levels up is the root, under another name.
                if levels == depth && path_goes_on(&tokens[at + 1..]) {
                    heard.known.extend(first_names(&tokens[at + 3..]));
                }
            }
            TokenTree::Group(group) => {
                let inner: Vec<_> = group.stream().into_iter().collect();
                listen(&inner, depth, heard);
            }
            _ => {}
        }
        at += 1;
    }
}

/// Whether a token is the `[cfg(test)]` of an attribute.
fn is_for_tests(token: Option<&TokenTree>) -> bool {
    token.is_some_and(|token| token.to_string().replace(' ', "") == "[cfg(test)]")
}

/// Whom each module at the root of the crate knows, by its files.
fn known(files: &BTreeMap<PathBuf, String>) -> Arrows {
    let roots: BTreeSet<String> = files.keys().filter_map(|file| module_of(file).into_iter().next()).collect();
    let heard: Vec<(Vec<String>, Heard)> = files
        .iter()
        .map(|(file, text)| {
            let module = module_of(file);
            let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let tokens: Vec<_> = tokens.into_iter().collect();
            let mut heard = Heard::default();
            listen(&tokens, module.len(), &mut heard);
            (module, heard)
        })
        .collect();
    let test_only: Vec<Vec<String>> = heard
        .iter()
        .flat_map(|(module, heard)| heard.test_modules.iter().map(|name| [module, slice::from_ref(name)].concat()))
        .collect();
    let mut arrows = Arrows::new();
    for (module, heard) in &heard {
        // The root itself only lists the modules.
        let Some(root) = module.first() else { continue };
        let known = arrows.entry(root.clone()).or_default();
        if !test_only.iter().any(|test| module.starts_with(test)) {
            known.extend(heard.known.iter().filter(|name| *name != root && roots.contains(*name)).cloned());
        }
    }
    arrows
}

/// Arrows of `first` that `second` lacks, as sentences.
fn missing(first: &Arrows, second: &Arrows) -> Vec<String> {
    let of = |module: &str| second.get(module).cloned().unwrap_or_default();
    let lacking = |(module, names): (&String, &BTreeSet<String>)| {
        names.difference(&of(module)).map(|name| format!("{module} knows {name}")).collect::<Vec<_>>()
    };
    first.iter().flat_map(lacking).collect()
}

fn of_the_program() -> Arrows {
    let mut files = files_below(&project().join("src"));
    files.insert(Path::new(SIMULATOR).join("lib.rs"), String::new());
    known(&files)
}

fn of_the_document() -> Arrows {
    allowed(&read(&project().join(DOCUMENT)))
}

/// A program of one file.
fn of(file: &str, text: &str) -> Arrows {
    let others = ["src/api/mod.rs", "src/http/mod.rs", "src/model/mod.rs"].map(|file| (file, ""));
    let files = others.into_iter().chain([(file, text)]);
    known(&files.map(|(file, text)| (PathBuf::from(file.trim_start_matches("src/")), text.to_owned())).collect())
}

fn knows(arrows: &Arrows, module: &str, names: &[&str]) -> bool {
    arrows[module] == names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn no_module_knows_more_than_the_document_allows() {
    let found = missing(&of_the_program(), &of_the_document());
    assert!(found.is_empty(), "the table in {DOCUMENT} does not allow: {}", found.join(", "));
}

#[test]
fn the_document_allows_nothing_that_the_code_does_not_need() {
    let found = missing(&of_the_document(), &of_the_program());
    assert!(found.is_empty(), "the code has no such arrow (any more), take it out of {DOCUMENT}: {}", found.join(", "));
}

#[test]
fn every_module_at_the_root_has_a_row() {
    let (code, document) = (of_the_program(), of_the_document());
    assert_eq!(code.keys().collect::<Vec<_>>(), document.keys().collect::<Vec<_>>(), "{DOCUMENT}");
}

#[test]
fn an_arrow_that_the_table_does_not_allow_is_found() {
    let table = allowed("| Module | May use | For |\n|---|---|---|\n| `collect` | `api`, `model` | polling |\n\nEnd.");
    let code = of("src/collect/context.rs", "use crate::model::SnapshotStore;\nuse crate::http::router;");
    assert_eq!(missing(&code, &table), ["collect knows http"]);
}

#[test]
fn an_arrow_is_found_however_it_is_written() {
    for text in [
        "use crate::http::router;",
        "use crate::{model::SnapshotStore, http::{self, router}};",
        "fn serve() { crate::http::router(); }",
        "fn serve() { println!(\"{}\", crate::http::NAME); }",
        "use super::super::http::router;",
        "pub use crate :: http;",
    ] {
        assert!(of("src/collect/context.rs", text)["collect"].contains("http"), "{text}");
    }
}

#[test]
fn what_is_no_code_of_the_program_is_no_arrow() {
    for text in [
        "//! See [`crate::http`].\n/// As [`crate::http::router`] does.\nconst NAME: &str = \"crate::http\"; // crate::http",
        "#[cfg(test)]\nmod tests {\n    use crate::http::router;\n}",
        "#[cfg(test)]\npub(super) fn fixture() { crate::http::router(); }",
        "use super::http;",
        "use crate::collect::http;",
    ] {
        assert!(knows(&of("src/collect/context.rs", text), "collect", &[]), "{text}");
    }
}

#[test]
fn a_file_that_is_compiled_for_tests_only_has_no_arrows() {
    let files = [
        ("collect/mod.rs", "#[cfg(test)]\nmod tests;\nmod context;"),
        ("collect/tests.rs", "use crate::http::router;"),
        ("collect/context.rs", "use crate::model::SnapshotStore;"),
        ("http/mod.rs", ""),
        ("model/mod.rs", ""),
    ];
    let arrows = known(&files.map(|(file, text)| (PathBuf::from(file), text.to_owned())).into());
    assert!(knows(&arrows, "collect", &["model"]), "{arrows:?}");
}
