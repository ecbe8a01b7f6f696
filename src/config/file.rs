//! The configuration file: reads and checks its operations and reports all errors at once.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

use super::cursor::{Document, Field, Section};
use super::errors::{ConfigError, ConfigErrors, Location};
use super::operation::Operation;
use super::proxy::{self, Proxy};
use super::raw::{self, Value};
use super::types::Token;
use super::{Environment, base_url, collectors, targets, token, values};

/// What the checks need besides the file.
struct Context<'a> {
    /// Relative paths of the file start here.
    directory: &'a Path,
    /// Whether plain http to other machines is allowed.
    allow_plain_http: bool,
    /// Where `token_env` and proxies are looked up.
    environment: Environment<'a>,
    /// The errors of proxies, each once, because all operations have the same variables.
    proxy_errors: RefCell<Vec<ConfigError>>,
}

impl Context<'_> {
    fn proxy(&self, base_url: &Url) -> Option<Proxy> {
        proxy::of(base_url, self.environment).unwrap_or_else(|error| {
            let mut errors = self.proxy_errors.borrow_mut();
            if !errors.contains(&error) {
                errors.push(error);
            }
            None
        })
    }
}

/// Reads and checks a file.
pub(super) fn read(
    path: &Path,
    allow_plain_http: bool,
    environment: Environment<'_>,
) -> Result<Vec<Operation>, ConfigErrors> {
    let file = path.display().to_string();
    let file_error = |line, message: String| {
        ConfigErrors::one(Location::File { file: file.clone(), line, key: String::new() }, message)
    };
    let text =
        std::fs::read_to_string(path).map_err(|error| file_error(None, format!("cannot read the file: {error}")))?;
    let root = raw::parse(&text).map_err(|error| file_error(error.line, format!("invalid YAML: {}", error.message)))?;
    let context = Context {
        directory: path.parent().unwrap_or(Path::new("")),
        allow_plain_http,
        environment,
        proxy_errors: RefCell::default(),
    };
    let document = Document::new(&file, &text);
    let operations = operations(&document.root(&root), &context);
    let mut errors = document.into_errors();
    errors.append(&mut context.proxy_errors.take());
    match operations {
        Some(operations) if errors.is_empty() => Ok(operations),
        _ => Err(ConfigErrors::many(errors)),
    }
}

fn operations(root: &Field<'_>, context: &Context<'_>) -> Option<Vec<Operation>> {
    const EXPECTED: &str = "at least one operation with name, server and token_file";
    if matches!(root.value(), Value::Null) {
        root.error_without_line(format!("missing key operations: expected {EXPECTED}"));
        return None;
    }
    let list = root.section(&["operations"])?.required("operations", EXPECTED)?;
    let items = list.items()?;
    if items.is_empty() {
        list.error(format!("invalid empty list: expected {EXPECTED}"));
    }
    let partial: Vec<PartialOperation<'_>> = items.iter().filter_map(|item| operation(item, context)).collect();
    report_duplicates(&partial);
    // An error was reported for each operation that is missing here.
    Some(partial.into_iter().filter_map(|partial| partial.operation).collect())
}

/// The valid parts of an operation. Its name and token are compared with the other operations even if another part is
/// invalid.
struct PartialOperation<'a> {
    name: Option<(Arc<str>, Field<'a>)>,
    token: Option<(Token, Field<'a>)>,
    operation: Option<Operation>,
}

fn operation<'a>(field: &Field<'a>, context: &Context<'_>) -> Option<PartialOperation<'a>> {
    const KEYS: [&str; 9] =
        ["name", "server", "token_file", "token_env", "base_url", "timezone", "licenses", "collectors", "targets"];
    let section = field.section(&KEYS)?;
    let name_field = section.required("name", "a short name such as ventas-co, which becomes the label operation");
    let name = name_field.and_then(|field| field.parse_text(values::name).map(|name| (name, field)));
    let base_url = base_url(&section, context);
    let proxy = base_url.as_ref().and_then(|url| context.proxy(url));
    let token = token(&section, context);
    let token_file = token_file(&section, context);
    let token_variable = section.get("token_env").and_then(|field| match field.value() {
        Value::Text(name) => Some(Arc::from(name.as_str())),
        _ => None,
    });
    let timezone = section.optional("timezone", |field| field.parse_text(values::timezone));
    let licenses = section.optional("licenses", |field| field.integer(values::LICENSES));
    let collectors = section.optional("collectors", collectors::read);
    let targets = section.optional("targets", targets::read);
    let checked = (name.clone(), base_url, token.clone(), timezone, licenses, collectors, targets);
    let operation = match checked {
        (
            Some((name, _)),
            Some(base_url),
            Some((token, _)),
            Some(timezone),
            Some(licenses),
            Some(enabled),
            Some(targets),
        ) => Some(Operation {
            name,
            base_url,
            proxy,
            token,
            token_file,
            token_variable,
            timezone: timezone.unwrap_or_else(values::default_timezone),
            licenses,
            collectors: enabled.unwrap_or_else(collectors::defaults),
            targets: Arc::new(targets.unwrap_or_default()),
        }),
        _ => None,
    };
    Some(PartialOperation { name, token, operation })
}

/// The address of the server: from `base_url`, else from `server`. If both are set, both are checked.
fn base_url(section: &Section<'_>, context: &Context<'_>) -> Option<Url> {
    let parse = |text: &str| base_url::parse(text, context.allow_plain_http);
    let base_url = section.optional("base_url", |field| field.parse_text(parse))?;
    if base_url.is_some() {
        section.optional("server", |field| field.parse_text(base_url::of_server))?;
        return base_url;
    }
    let server = section.required("server", "the digits in the name of the server, such as \"0010\"")?;
    server.parse_text(base_url::of_server)
}

fn token<'a>(section: &Section<'a>, context: &Context<'_>) -> Option<(Token, Field<'a>)> {
    match (section.get("token_file"), section.get("token_env")) {
        (Some(field), None) => {
            let read = |path: &str| token::from_file(Path::new(path), context.directory);
            field.parse_text(read).map(|token| (token, field))
        }
        (None, Some(field)) => {
            let read = |name: &str| token::from_variable(name, context.environment);
            field.parse_text(read).map(|token| (token, field))
        }
        (None, None) => {
            section.field().error(
                "missing key token_file or token_env: expected the path of a file that contains the token, \
                 or the name of an environment variable",
            );
            None
        }
        (Some(_), Some(field)) => {
            field.error("invalid combination: use either token_file or token_env, not both");
            None
        }
    }
}

/// The path of the token file. Its errors are reported with those of the token.
fn token_file(section: &Section<'_>, context: &Context<'_>) -> Option<PathBuf> {
    match section.get("token_file")?.value() {
        Value::Text(path) => Some(context.directory.join(path)),
        _ => None,
    }
}

/// Reports two operations with the same name, because they would share series, and two operations with the same token
/// at the same server, because a token must be used for one call at a time.
fn report_duplicates(operations: &[PartialOperation<'_>]) {
    for (index, partial) in operations.iter().enumerate() {
        let earlier = &operations[..index];
        if let Some((name, field)) = &partial.name
            && let Some(first) = earlier.iter().filter_map(|e| e.name.as_ref()).find(|(first, _)| first == name)
        {
            field.error(format!(
                "duplicate name {name:?}: the operation on line {} has the same name; each operation needs its own name",
                first.1.line()
            ));
        }
        let same_token = |first: &Operation, second: &Operation| {
            first.base_url == second.base_url && first.token.expose() == second.token.expose()
        };
        if let (Some(operation), Some((_, field))) = (&partial.operation, &partial.token)
            && let Some(first) =
                earlier.iter().find(|e| e.operation.as_ref().is_some_and(|first| same_token(first, operation)))
            && let Some((_, first)) = &first.token
        {
            field.error(format!(
                "duplicate token: {} has the same token; a token selects its operation, so each operation needs its own",
                first.key()
            ));
        }
    }
}
