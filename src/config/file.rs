//! The configuration file: its operations, checked, with every finding that one reading can make.

use std::path::Path;
use std::sync::Arc;

use reqwest::Url;

use super::checked::{Operation, Token};
use super::cursor::{Document, Field, Section};
use super::errors::{ConfigErrors, Location};
use super::raw::{self, Value};
use super::{Environment, base_url, collectors, targets, token, values};

/// What the checks need to know besides the file.
pub(super) struct Surroundings<'a> {
    /// Where relative paths of the file start.
    pub(super) directory: &'a Path,
    /// Whether plain http may leave the machine.
    pub(super) allow_plain_http: bool,
    /// Where `token_env` is looked up.
    pub(super) environment: Environment<'a>,
}

/// Reads and checks a file.
pub(super) fn read(
    path: &Path,
    allow_plain_http: bool,
    environment: Environment<'_>,
) -> Result<Vec<Operation>, ConfigErrors> {
    let file = path.display().to_string();
    let refused = |line, message: String| {
        ConfigErrors::one(Location::File { file: file.clone(), line, key: String::new() }, message)
    };
    let text = std::fs::read_to_string(path).map_err(|error| refused(None, format!("cannot be read: {error}")))?;
    let root = raw::read(&text).map_err(|error| refused(error.line, format!("is no valid YAML: {}", error.message)))?;
    let surroundings =
        Surroundings { directory: path.parent().unwrap_or(Path::new("")), allow_plain_http, environment };
    let document = Document::new(&file, &text);
    let read = operations(&document.top(&root), &surroundings);
    let findings = document.into_findings();
    match read {
        Some(operations) if findings.is_empty() => Ok(operations),
        _ => Err(ConfigErrors::many(findings)),
    }
}

fn operations(top: &Field<'_>, surroundings: &Surroundings<'_>) -> Option<Vec<Operation>> {
    const NONE: &str = "no operation is configured: name at least one, with its server and where its token is";
    if matches!(top.value(), Value::Null) {
        top.error_without_line(NONE);
        return None;
    }
    let at = top.section(&["operations"])?.required("operations", "the list of what to poll")?;
    let items = at.items()?;
    if items.is_empty() {
        at.error(NONE);
    }
    let drafts: Vec<Draft<'_>> = items.iter().filter_map(|item| operation(item, surroundings)).collect();
    refuse_repetitions(&drafts);
    // What is missing here has left a finding.
    Some(drafts.into_iter().filter_map(|draft| draft.operation).collect())
}

/// What could be read of an operation; its name and token are compared with those of the others.
struct Draft<'a> {
    name: Option<(Arc<str>, Field<'a>)>,
    token: Option<(Token, Field<'a>)>,
    operation: Option<Operation>,
}

fn operation<'a>(at: &Field<'a>, surroundings: &Surroundings<'_>) -> Option<Draft<'a>> {
    const KEYS: [&str; 9] =
        ["name", "server", "token_file", "token_env", "base_url", "timezone", "licenses", "collectors", "targets"];
    let section = at.section(&KEYS)?;
    let name_at = section.required("name", "what to call the operation, it becomes the label operation");
    let name = name_at.and_then(|at| at.text_that(values::name).map(|name| (name, at)));
    let base_url = address(&section, surroundings);
    let token = token(&section, surroundings);
    let timezone = section.optional("timezone", |at| at.text_that(values::timezone));
    let licenses = section.optional("licenses", |at| at.whole(values::LICENSES));
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
            Some(on),
            Some(targets),
        ) => Some(Operation {
            name,
            base_url,
            token,
            timezone: timezone.unwrap_or_else(values::default_timezone),
            licenses,
            collectors: on.unwrap_or_else(collectors::defaults),
            targets: Arc::new(targets.unwrap_or_default()),
        }),
        _ => None,
    };
    Some(Draft { name, token, operation })
}

/// The server's address: from `base_url`, else from `server`; both are checked if both are there.
fn address(section: &Section<'_>, surroundings: &Surroundings<'_>) -> Option<Url> {
    let parse = |text: &str| base_url::parse(text, surroundings.allow_plain_http);
    let given = section.optional("base_url", |at| at.text_that(parse))?;
    if given.is_some() {
        section.optional("server", |at| at.text_that(base_url::of_server))?;
        return given;
    }
    section.required("server", "the digits in the name of the server, such as \"0010\"")?.text_that(base_url::of_server)
}

fn token<'a>(section: &Section<'a>, surroundings: &Surroundings<'_>) -> Option<(Token, Field<'a>)> {
    match (section.get("token_file"), section.get("token_env")) {
        (Some(at), None) => {
            let read = |path: &str| token::from_file(Path::new(path), surroundings.directory);
            at.text_that(read).map(|token| (token, at))
        }
        (None, Some(at)) => {
            let read = |name: &str| token::from_variable(name, surroundings.environment);
            at.text_that(read).map(|token| (token, at))
        }
        (None, None) => {
            section
                .at()
                .error("the token is missing: give token_file, its file, or token_env, its environment variable");
            None
        }
        (Some(_), Some(at)) => {
            at.error("token_file is given too: one of the two is right");
            None
        }
    }
}

/// Two operations of one name would share series; two of one token at one server would break the rule that a token is
/// used for one call at a time.
fn refuse_repetitions(drafts: &[Draft<'_>]) {
    for (index, draft) in drafts.iter().enumerate() {
        let earlier = &drafts[..index];
        if let Some((name, at)) = &draft.name
            && let Some(first) = earlier.iter().filter_map(|e| e.name.as_ref()).find(|(first, _)| first == name)
        {
            at.error(format!("{name:?} is the name of line {} already: names must differ", first.1.line()));
        }
        let same = |first: &Operation, own: &Operation| {
            first.base_url == own.base_url && first.token.expose() == own.token.expose()
        };
        if let (Some(own), Some((_, at))) = (&draft.operation, &draft.token)
            && let Some(first) = earlier.iter().find(|e| e.operation.as_ref().is_some_and(|first| same(first, own)))
            && let Some((_, first)) = &first.token
        {
            at.error(format!(
                "the token is the one of {} already: it selects the operation, so each has a token of its own",
                first.key()
            ));
        }
    }
}
