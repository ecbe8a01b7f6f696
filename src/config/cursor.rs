//! Walking through the tree of a file, so that whatever is wrong is noted with its line and key and the walk goes on.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use super::errors::{ConfigError, Location};
use super::raw::{Key, Node, Value};
use super::suggest::{list, nearest};

/// A file while it is read, and what was found wrong with it so far.
#[derive(Debug)]
pub(super) struct Document<'a> {
    /// The path as it was given.
    pub(super) file: &'a str,
    /// Its text.
    pub(super) text: &'a str,
    findings: RefCell<Vec<(Option<u64>, ConfigError)>>,
}

/// A value and its location in the file.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    document: &'a Document<'a>,
    node: &'a Node,
    key: String,
}

/// A section whose keys are all known.
#[derive(Debug)]
pub(super) struct Section<'a> {
    at: Field<'a>,
    entries: &'a [(Key, Node)],
}

impl<'a> Document<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, findings: RefCell::default() }
    }

    /// The value at the top of the file.
    pub(super) fn top(&'a self, node: &'a Node) -> Field<'a> {
        Field { document: self, node, key: String::new() }
    }

    pub(super) fn error(&self, line: Option<u64>, key: &str, message: impl Into<String>) {
        let location = Location::File { file: self.file.to_owned(), line, key: key.to_owned() };
        self.findings.borrow_mut().push((line, ConfigError { location, message: message.into() }));
    }

    /// What was found wrong, in the order of the file.
    pub(super) fn into_findings(self) -> Vec<ConfigError> {
        let mut findings = self.findings.into_inner();
        findings.sort_by_key(|(line, _)| *line);
        findings.into_iter().map(|(_, finding)| finding).collect()
    }
}

impl<'a> Field<'a> {
    /// The path of the key.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn line(&self) -> u64 {
        self.node.line
    }

    pub(super) fn value(&self) -> &'a Value {
        &self.node.value
    }

    /// Notes that this value is wrong.
    pub(super) fn error(&self, message: impl Into<String>) {
        self.document.error(Some(self.node.line), &self.key, message);
    }

    /// Notes that something is wrong that stands on no line.
    pub(super) fn error_without_line(&self, message: impl Into<String>) {
        self.document.error(None, &self.key, message);
    }

    /// Notes the error of a check, if there is one.
    pub(super) fn checked<T>(&self, result: Result<T, String>) -> Option<T> {
        result.map_err(|message| self.error(message)).ok()
    }

    /// A text; what YAML takes for a number or a truth value is refused, because it may no longer be what was written.
    pub(super) fn text(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) => Some(text),
            Value::Bool(_) | Value::Whole(_) | Value::Real(_) => {
                let written = self.written();
                self.error(format!("YAML reads {written} as a {}: quote it, \"{written}\"", self.kind()));
                None
            }
            _ => self.unexpected("a text"),
        }
    }

    /// A text that passes `check`.
    pub(super) fn text_that<T>(&self, check: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text = self.text()?;
        self.checked(check(text))
    }

    /// A duration, or something else that consists of digits and letters: a bare number lacks its unit.
    pub(super) fn text_with_unit<T>(&self, check: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        match &self.node.value {
            Value::Whole(_) | Value::Real(_) => {
                let written = self.written();
                self.error(format!("{written} has no unit: write {written}s for seconds or {written}m for minutes"));
                None
            }
            _ => self.text_that(check),
        }
    }

    /// A whole number within `range`.
    pub(super) fn whole(&self, range: RangeInclusive<u32>) -> Option<u32> {
        let Value::Whole(number) = &self.node.value else {
            return self.unexpected("a whole number");
        };
        let number = u32::try_from(*number).ok().filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = range.into_inner();
            self.error(format!("{} is out of range: a whole number from {least} to {most} is right", self.written()));
        }
        number
    }

    /// `true` or `false`.
    pub(super) fn yes_or_no(&self) -> Option<bool> {
        match &self.node.value {
            Value::Bool(yes) => Some(*yes),
            _ => self.unexpected("true or false"),
        }
    }

    /// A number.
    pub(super) fn number(&self) -> Option<f64> {
        match &self.node.value {
            Value::Whole(number) => Some(*number as f64),
            Value::Real(number) => Some(*number),
            _ => self.unexpected("a number"),
        }
    }

    /// The items of a list that is not empty.
    pub(super) fn items(&self) -> Option<Vec<Field<'a>>> {
        let Value::List(items) = &self.node.value else {
            return self.unexpected("a list");
        };
        let at = |(index, node)| Field { document: self.document, node, key: format!("{}[{index}]", self.key) };
        Some(items.iter().enumerate().map(at).collect())
    }

    /// The items that pass `check`, in order; `None` if one does not pass, is the `same` as another, or none is there.
    pub(super) fn items_that<T>(
        &self,
        if_empty: &str,
        same: impl Fn(&T, &T) -> bool,
        check: impl Fn(&Field<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.items()?;
        if items.is_empty() {
            self.error(format!("the list is empty: {if_empty}"));
            return None;
        }
        let mut passed: Vec<(T, &Field<'a>)> = Vec::new();
        for item in &items {
            let Some(value) = check(item) else { continue };
            if let Some((_, first)) = passed.iter().find(|(earlier, _)| same(earlier, &value)) {
                item.error(format!("{} repeats {}: write it once", item.written(), first.key));
            } else {
                passed.push((value, item));
            }
        }
        (passed.len() == items.len()).then(|| passed.into_iter().map(|(value, _)| value).collect())
    }

    /// A section; every key that is not among `known` is refused.
    pub(super) fn section(&self, known: &[&'static str]) -> Option<Section<'a>> {
        let Value::Section(entries) = &self.node.value else {
            return self.unexpected(&format!("a section with the keys {}", list(known)));
        };
        for (key, _) in entries.iter().filter(|(key, _)| !known.contains(&key.name.as_str())) {
            let hint = match nearest(&key.name, known.iter().copied()) {
                _ if key.name == "token" => "a token is never written here; use token_file or token_env".to_owned(),
                Some(name) => format!("did you mean {name}?"),
                None => format!("known here: {}", list(known)),
            };
            let path = self.join(&key.name);
            self.document.error(Some(key.line), &path, format!("there is no key {:?}: {hint}", key.name));
        }
        for (index, (key, _)) in entries.iter().enumerate() {
            if let Some((first, _)) = entries[..index].iter().find(|(first, _)| first.name == key.name) {
                let message = format!("line {} has the key {:?} already: write it once", first.line, key.name);
                self.document.error(Some(key.line), &self.join(&key.name), message);
            }
        }
        Some(Section { at: self.clone(), entries })
    }

    /// The value as it stands in the file.
    fn written(&self) -> &'a str {
        self.document.text.get(self.node.source.clone()).unwrap_or_default().trim()
    }

    fn kind(&self) -> &'static str {
        match &self.node.value {
            Value::Null => "nothing",
            Value::Bool(_) => "truth value",
            Value::Whole(_) | Value::Real(_) => "number",
            Value::Text(_) => "text",
            Value::List(_) => "list",
            Value::Section(_) => "section",
        }
    }

    /// Notes the wrong type; the value is not quoted, since nothing is known of it.
    pub(super) fn unexpected<T>(&self, expected: &str) -> Option<T> {
        let (article, kind) = match &self.node.value {
            Value::Null => ("", "nothing"),
            _ => ("a ", self.kind()),
        };
        self.error(format!("{expected} is expected here, not {article}{kind}"));
        None
    }

    fn join(&self, name: &str) -> String {
        if self.key.is_empty() { name.to_owned() } else { format!("{}.{name}", self.key) }
    }
}

impl<'a> Section<'a> {
    /// Where the section itself stands.
    pub(super) fn at(&self) -> &Field<'a> {
        &self.at
    }

    /// The value of a key, `null` included.
    pub(super) fn entry(&self, name: &str) -> Option<Field<'a>> {
        let (_, node) = self.entries.iter().find(|(key, _)| key.name == name)?;
        Some(Field { document: self.at.document, node, key: self.at.join(name) })
    }

    /// The value of a key; `null` is the same as leaving the key out.
    pub(super) fn get(&self, name: &str) -> Option<Field<'a>> {
        self.entry(name).filter(|at| !matches!(at.value(), Value::Null))
    }

    /// The value of a key that must be there; `what` says what it is for.
    pub(super) fn required(&self, name: &str, what: &str) -> Option<Field<'a>> {
        let at = self.get(name);
        if at.is_none() {
            self.at.error(format!("the key {name} is missing: {what}"));
        }
        at
    }

    /// Reads an optional key; the inner `None` is a key left out, the outer one a value that is wrong.
    #[expect(clippy::option_option, reason = "a key left out and a value refused are two different things")]
    pub(super) fn optional<T>(&self, name: &str, read: impl FnOnce(&Field<'a>) -> Option<T>) -> Option<Option<T>> {
        match self.get(name) {
            Some(at) => read(&at).map(Some),
            None => Some(None),
        }
    }
}
