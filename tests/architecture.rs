//! Modules use only the modules that docs/architecture.md allows, and files do not depend on each other in a circle.
//!
//! The code is read as tokens, so comments, documentation and texts are not dependencies, and paths inside a macro are.
//! Test code may use every module, because it combines parts that the program keeps separate.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

const DOCUMENT: &str = "docs/architecture.md";

/// The modules or files that each module or file uses, or may use.
type Dependencies = BTreeMap<String, BTreeSet<String>>;

/// Names of modules from the root of the crate, or of modules and then an item.
type Names = Vec<String>;

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
fn allowed(document: &str) -> Dependencies {
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
fn module_of(file: &Path) -> Names {
    let mut parts: Names =
        file.with_extension("").components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib")) {
        parts.pop();
    }
    parts
}

/// The paths and imports of one file, without its test code.
#[derive(Default)]
struct FileUses {
    /// Paths into the crate, from its root.
    paths: BTreeSet<Names>,
    /// The names that the file imports, each with its path from the root of the crate. Child modules can use them with
    /// `super::`, and other modules if they are public. A name from another crate has an empty path.
    imports: BTreeMap<String, Names>,
    /// Modules in files of their own that are compiled for tests only.
    test_modules: Vec<Names>,
}

fn is(token: Option<&TokenTree>, text: &str) -> bool {
    match token {
        Some(TokenTree::Ident(ident)) => *ident == text,
        Some(TokenTree::Punct(punct)) => text.len() == 1 && text.starts_with(punct.as_char()),
        _ => false,
    }
}

/// Whether `tokens` begin with `::`.
fn path_continues(tokens: &[TokenTree]) -> bool {
    is(tokens.first(), ":") && is(tokens.get(1), ":")
}

/// The paths that `tokens` begin with, each with the name that an import of it has: one path, or several with a group
/// in braces.
fn paths(tokens: &[TokenTree]) -> Vec<(Names, String)> {
    match tokens.first() {
        Some(TokenTree::Ident(ident)) => {
            let name = ident.to_string();
            if path_continues(&tokens[1..]) && matches!(tokens.get(3), Some(TokenTree::Ident(_) | TokenTree::Group(_)))
            {
                let rest = paths(&tokens[3..]).into_iter();
                return rest
                    .map(|(path, alias)| {
                        // `a::{self}` imports `a`.
                        let alias = if path == ["self"] && alias == "self" { name.clone() } else { alias };
                        let path = path.into_iter().filter(|part| part != "self");
                        ([name.clone()].into_iter().chain(path).collect(), alias)
                    })
                    .collect();
            }
            let alias = if is(tokens.get(1), "as") { tokens.get(2).map(ToString::to_string) } else { None };
            vec![(vec![name.clone()], alias.unwrap_or(name))]
        }
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let tokens: Vec<_> = group.stream().into_iter().collect();
            tokens.split(|token| is(Some(token), ",")).flat_map(paths).collect()
        }
        _ => Vec::new(),
    }
}

/// How many tokens the first item of `tokens` has: up to its braces or its semicolon.
fn item_length(tokens: &[TokenTree]) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        other => is(Some(other), ";"),
    };
    tokens.iter().position(ends).map_or(tokens.len(), |end| end + 1)
}

/// How many tokens a `use` declaration has.
fn use_length(tokens: &[TokenTree]) -> usize {
    tokens.iter().position(|token| is(Some(token), ";")).map_or(tokens.len(), |end| end + 1)
}

/// Whether a token is the `[cfg(test)]` of an attribute, or that of code for tests and fuzzing.
fn is_for_tests(token: Option<&TokenTree>) -> bool {
    token.is_some_and(|token| {
        ["[cfg(test)]", "[cfg(any(test,fuzzing))]"].contains(&&*token.to_string().replace(' ', ""))
    })
}

/// The files of one crate.
struct Crate {
    /// Its name in paths of its own `main.rs`.
    name: String,
    /// The other crates of the workspace. Each is like a module at the root: it has a row in the table too.
    others: BTreeSet<String>,
    /// Each file with its module, except files that are compiled for tests only.
    files: Vec<(PathBuf, Names, FileUses)>,
    modules: BTreeSet<Names>,
}

impl Crate {
    fn parse(name: &str, mut files: BTreeMap<PathBuf, String>, others: BTreeSet<String>) -> Self {
        // Their own files are checked on their own. cargo refuses crates that depend on each other.
        files.extend(others.iter().map(|other| (Path::new(other).join("lib.rs"), String::new())));
        let modules = files.keys().map(|file| module_of(file)).collect();
        let mut this = Self { name: name.to_owned(), others, files: Vec::new(), modules };
        for (file, text) in &files {
            let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let tokens: Vec<_> = tokens.into_iter().collect();
            let module = module_of(file);
            let mut uses = FileUses::default();
            this.collect(&tokens, &module, &mut uses);
            this.files.push((file.clone(), module, uses));
        }
        let test_only: Vec<Names> = this.files.iter().flat_map(|(_, _, uses)| uses.test_modules.clone()).collect();
        this.files.retain(|(_, module, _)| !test_only.iter().any(|test| module.starts_with(test)));
        this
    }

    /// Adds the paths and imports in `tokens` of `module`.
    fn collect(&self, tokens: &[TokenTree], module: &[String], uses: &mut FileUses) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let rest = &tokens[at..];
            match token {
                TokenTree::Punct(_) if is(Some(token), "#") && is_for_tests(rest.get(1)) => {
                    let item = &rest[2..];
                    let length = item_length(item);
                    if let Some(place) = item[..length].iter().position(|token| is(Some(token), "mod"))
                        && is(item.get(place + 2), ";")
                    {
                        let name = item[place + 1].to_string();
                        uses.test_modules.push(module.iter().cloned().chain([name]).collect());
                    }
                    at += 2 + length;
                    continue;
                }
                // `use<…>` in a type is not a declaration.
                TokenTree::Ident(ident) if *ident == "use" && !is(rest.get(1), "<") => {
                    let length = use_length(rest);
                    for (path, alias) in paths(&rest[1..length]) {
                        let path = self.absolute(&path, module).unwrap_or_default();
                        if !path.is_empty() {
                            uses.paths.insert(path.clone());
                        }
                        uses.imports.insert(alias, path);
                    }
                    at += length;
                    continue;
                }
                TokenTree::Ident(_) if path_continues(&rest[1..]) => {
                    for (path, _) in paths(rest) {
                        uses.paths.extend(self.absolute(&path, module));
                    }
                    // The rest of the path is not the beginning of another one.
                    while path_continues(&tokens[at + 1..]) && matches!(tokens.get(at + 3), Some(TokenTree::Ident(_))) {
                        at += 3;
                    }
                }
                TokenTree::Ident(ident) if *ident == "mod" && matches!(rest.get(2), Some(TokenTree::Group(_))) => {
                    let inner: Names = module.iter().cloned().chain([rest[1].to_string()]).collect();
                    if let TokenTree::Group(group) = &rest[2] {
                        self.collect(&group.stream().into_iter().collect::<Vec<_>>(), &inner, uses);
                    }
                    at += 3;
                    continue;
                }
                TokenTree::Group(group) => {
                    self.collect(&group.stream().into_iter().collect::<Vec<_>>(), module, uses);
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// A path of `module` from the root of the crate; `None` if it leads to another crate or begins with an item.
    fn absolute(&self, path: &[String], module: &[String]) -> Option<Names> {
        let (first, rest) = path.split_first()?;
        let mut base = match first.as_str() {
            "crate" => Vec::new(),
            name if name == self.name => Vec::new(),
            name if self.others.contains(name) => return Some(path.to_vec()),
            "self" => module.to_vec(),
            "super" => module[..module.len().saturating_sub(1)].to_vec(),
            child => {
                let child: Names = module.iter().cloned().chain([child.to_owned()]).collect();
                return self.modules.contains(&child).then(|| child.into_iter().chain(rest.iter().cloned()).collect());
            }
        };
        let ups = rest.iter().take_while(|name| *name == "super").count();
        base.truncate(base.len().saturating_sub(ups));
        Some(base.into_iter().chain(rest[ups..].iter().cloned()).collect())
    }

    /// The modules at the root of the crate that each of them uses.
    fn root_dependencies(&self) -> Dependencies {
        let roots: BTreeSet<String> = self.modules.iter().filter_map(|module| module.first().cloned()).collect();
        let mut dependencies = Dependencies::new();
        for (_, module, uses) in &self.files {
            // The root itself only lists the modules.
            let Some(root) = module.first() else { continue };
            let used = uses.paths.iter().filter_map(|path| path.first());
            let used = used.filter(|name| *name != root && roots.contains(*name)).cloned();
            dependencies.entry(root.clone()).or_default().extend(used);
        }
        dependencies
    }

    /// The files that each file uses.
    ///
    /// A name that a module only imports counts as a use of the file that defines it. Items that are defined in a
    /// parent module do not count for the modules below it, because a parent and its children are one unit: the parent
    /// lists and combines its children, which share what it defines.
    fn file_dependencies(&self) -> Dependencies {
        let mut dependencies = Dependencies::new();
        for (file, module, uses) in &self.files {
            let used = uses.paths.iter().filter_map(|path| self.file_of(path, 0));
            let used = used.filter(|(other, parent)| other != file && !module.starts_with(parent));
            let used = used.map(|(other, _)| other.display().to_string()).collect();
            dependencies.insert(file.display().to_string(), used);
        }
        dependencies
    }

    /// The file, and its module, that defines the item at the end of a path.
    fn file_of(&self, path: &[String], depth: usize) -> Option<(PathBuf, Names)> {
        assert!(depth < 20, "imports that lead to each other: {path:?}");
        let length = (0..=path.len()).rev().find(|length| self.modules.contains(&path[..*length]))?;
        let (module, item) = path.split_at(length);
        let (file, _, uses) = self.files.iter().find(|(_, other, _)| other == module)?;
        match item.first().and_then(|item| uses.imports.get(item)) {
            Some(import) if import.is_empty() => None,
            Some(import) => self.file_of(&[import, &item[1..]].concat(), depth + 1),
            None => Some((file.clone(), module.to_vec())),
        }
    }
}

/// The dependencies between files that are part of a circle, as sentences.
fn circles(dependencies: &Dependencies) -> Vec<String> {
    let reachable = |start: &String| {
        let mut reached = BTreeSet::new();
        let mut open = vec![start];
        while let Some(file) = open.pop() {
            open.extend(dependencies.get(file).into_iter().flatten().filter(|next| reached.insert((*next).clone())));
        }
        reached
    };
    let reachable: BTreeMap<_, _> = dependencies.keys().map(|file| (file, reachable(file))).collect();
    let in_circle = |file: &String, used: &String| reachable.get(used).is_some_and(|files| files.contains(file));
    let all = dependencies.iter().flat_map(|(file, used)| used.iter().map(move |used| (file, used)));
    all.filter(|(file, used)| in_circle(file, used)).map(|(file, used)| format!("{file} uses {used}")).collect()
}

/// Dependencies of `first` that `second` lacks, as sentences.
fn missing(first: &Dependencies, second: &Dependencies) -> Vec<String> {
    let of = |module: &str| second.get(module).cloned().unwrap_or_default();
    let lacking = |(module, names): (&String, &BTreeSet<String>)| {
        names.difference(&of(module)).map(|name| format!("{module} uses {name}")).collect::<Vec<_>>()
    };
    first.iter().flat_map(lacking).collect()
}

fn exporter() -> Crate {
    let others = other_crates().into_iter().map(|other| other.name).collect();
    Crate::parse("wolkvox_exporter", files_below(&project().join("src")), others)
}

/// The other crates of the workspace.
fn other_crates() -> Vec<Crate> {
    let Ok(folders) = fs::read_dir(project().join("crates")) else { return Vec::new() };
    let folders = folders.map(|entry| entry.expect("its entries can be read").path());
    let name = |folder: &Path| folder.file_name().expect("a folder has a name").to_string_lossy().into_owned();
    let parse = |folder: PathBuf| Crate::parse(&name(&folder), files_below(&folder.join("src")), BTreeSet::new());
    folders.map(parse).collect()
}

fn documented() -> Dependencies {
    allowed(&read(&project().join(DOCUMENT)))
}

/// A crate of these files.
fn crate_of(files: &[(&str, &str)]) -> Crate {
    let files = files.iter().map(|(file, text)| (PathBuf::from(file), (*text).to_owned()));
    Crate::parse("wolkvox_exporter", files.collect(), BTreeSet::from(["wolkvox_simulator".to_owned()]))
}

/// The root modules that a file uses.
fn used_by(file: &str, text: &str) -> BTreeSet<String> {
    let files = [("api/mod.rs", ""), ("http/mod.rs", ""), ("model/mod.rs", ""), (file, text)];
    let mut dependencies = crate_of(&files).root_dependencies();
    dependencies.remove("collect").expect("the file is part of collect")
}

#[test]
fn no_module_uses_more_than_the_document_allows() {
    let found = missing(&exporter().root_dependencies(), &documented());
    assert!(found.is_empty(), "the table in {DOCUMENT} does not allow: {}", found.join(", "));
}

#[test]
fn the_document_allows_only_dependencies_that_the_code_has() {
    let found = missing(&documented(), &exporter().root_dependencies());
    assert!(found.is_empty(), "the code has no such dependency, remove it from {DOCUMENT}: {}", found.join(", "));
}

#[test]
fn every_module_at_the_root_has_a_row() {
    let (code, document) = (exporter().root_dependencies(), documented());
    assert_eq!(code.keys().collect::<Vec<_>>(), document.keys().collect::<Vec<_>>(), "{DOCUMENT}");
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let of_crate = |krate: &Crate| {
        let found = circles(&krate.file_dependencies()).into_iter();
        found.map(|dependency| format!("{}: {dependency}", krate.name)).collect::<Vec<_>>()
    };
    let found: Vec<_> = [exporter()].iter().chain(&other_crates()).flat_map(of_crate).collect();
    assert!(found.is_empty(), "these dependencies are parts of a circle:\n{}", found.join("\n"));
}

#[test]
fn a_dependency_that_the_table_does_not_allow_is_found() {
    let table = allowed("| Module | May use | For |\n|---|---|---|\n| `collect` | `api`, `model` | polling |\n\nEnd.");
    let text = "use crate::model::SnapshotStore;\nuse crate::http::router;";
    let code = [("collect".to_owned(), used_by("collect/context.rs", text))].into();
    assert_eq!(missing(&code, &table), ["collect uses http"]);
}

#[test]
fn every_form_of_a_path_is_a_dependency() {
    for text in [
        "use crate::http::router;",
        "use crate::{model::SnapshotStore, http::{self, router}};",
        "fn serve() { crate::http::router(); }",
        "fn serve() { println!(\"{}\", crate::http::NAME); }",
        "use super::super::http::router;",
        "pub use crate :: http;",
    ] {
        assert!(used_by("collect/context.rs", text).contains("http"), "{text}");
    }
}

#[test]
fn another_crate_of_the_workspace_is_a_dependency() {
    let expected = BTreeSet::from(["wolkvox_simulator".to_owned()]);
    for text in ["use wolkvox_simulator::{Settings, world};", "fn f() { wolkvox_simulator::serve(std::fs::read()) }"] {
        assert_eq!(used_by("collect/context.rs", text), expected, "{text}");
    }
}

#[test]
fn comments_texts_and_test_code_are_not_dependencies() {
    for text in [
        "#[cfg(any(test, fuzzing))]\npub mod fuzzing {\n    use crate::http::router;\n}",
        "//! See [`crate::http`].\n/// As [`crate::http::router`] does.\nconst NAME: &str = \"crate::http\"; // crate::http",
        "#[cfg(test)]\nmod tests {\n    use crate::http::router;\n}",
        "#[cfg(test)]\npub(super) fn fixture() { crate::http::router(); }",
        "use super::http;",
        "use crate::collect::http;",
    ] {
        assert_eq!(used_by("collect/context.rs", text), BTreeSet::new(), "{text}");
    }
}

#[test]
fn a_file_that_is_compiled_for_tests_only_has_no_dependencies() {
    let dependencies = crate_of(&[
        ("collect/mod.rs", "#[cfg(test)]\nmod tests;\nmod context;"),
        ("collect/tests.rs", "use crate::http::router;"),
        ("collect/context.rs", "use crate::model::SnapshotStore;"),
        ("http/mod.rs", ""),
        ("model/mod.rs", ""),
    ]);
    assert_eq!(dependencies.root_dependencies()["collect"], BTreeSet::from(["model".to_owned()]));
}

/// The circles of a module with the files `a`, `b` and `c`.
fn circles_of(parent: &str, a: &str, b: &str, c: &str) -> Vec<String> {
    let files = [("lib.rs", "mod m;"), ("m/mod.rs", parent), ("m/a.rs", a), ("m/b.rs", b), ("m/c.rs", c)];
    circles(&crate_of(&files).file_dependencies())
}

#[test]
fn a_circle_between_files_is_found() {
    let circle = ["m/a.rs uses m/b.rs", "m/b.rs uses m/c.rs", "m/c.rs uses m/a.rs"];
    for [parent, a, b, c] in [
        ["", "use super::b::B;", "use super::c;", "use crate::m::a::{self, A};"],
        ["", "fn f() { super::b::f(); }", "type C = crate::m::c::C;", "use super::{a::A as Other};"],
        // The names that the parent imports lead to the files that define them.
        [
            "pub use b::B; use c::C; pub(crate) use self::a::A as First;",
            "use super::B;",
            "use super::C;",
            "use super::First;",
        ],
        ["use super::m::b; pub use a::*; pub use c::{C};", "use super::b::B;", "use crate::m::C;", "use super::a;"],
    ] {
        assert_eq!(circles_of(parent, a, b, c), circle, "{parent} | {a} | {b} | {c}");
    }
}

#[test]
fn a_circle_through_a_parent_module_is_found() {
    let files = [
        ("lib.rs", "mod types;\nmod parent;"),
        ("types.rs", "use crate::parent::Settings;"),
        ("parent/mod.rs", "mod child;\nstruct Settings(child::Child);"),
        ("parent/child.rs", "use crate::types::Window;"),
    ];
    let found = circles(&crate_of(&files).file_dependencies());
    let circle = ["parent/child.rs uses types.rs", "parent/mod.rs uses parent/child.rs", "types.rs uses parent/mod.rs"];
    assert_eq!(found, circle);
}

#[test]
fn dependencies_in_one_direction_and_items_of_the_parent_are_no_circle() {
    let parent = "pub use a::A; use std::fmt; struct Shared; fn f() { a::f(); b::f(); }";
    assert_eq!(circles_of(parent, "use super::{Shared, b::B, fmt};", "use super::{Shared, c};", ""), [""; 0]);
}
