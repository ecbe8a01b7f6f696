//! A cursor over the tree of a file. It reports each error with its line and key and continues, so that one run reports
//! all errors.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::ops::RangeInclusive;

use super::errors::{ConfigError, InvalidValue, Location};
use super::raw::{Key, Node, Value};
use super::suggest::{alternatives, enumeration, nearest};

/// A file that is being read, and the errors found so far.
#[derive(Debug)]
pub(super) struct Document<'a> {
    /// The path as the user gave it.
    file: &'a str,
    text: &'a str,
    errors: RefCell<Vec<(Option<u64>, ConfigError)>>,
}

/// A value and its location in the file.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    document: &'a Document<'a>,
    node: &'a Node,
    key: String,
}

/// A section; the errors of its unknown and duplicate keys are reported.
#[derive(Debug)]
pub(super) struct Section<'a> {
    field: Field<'a>,
    entries: &'a [(Key, Node)],
}

impl<'a> Document<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, errors: RefCell::default() }
    }

    /// The value at the top level of the file.
    pub(super) fn root(&'a self, node: &'a Node) -> Field<'a> {
        Field { document: self, node, key: String::new() }
    }

    fn error(&self, line: Option<u64>, key: &str, message: impl fmt::Display) {
        self.errors.borrow_mut().push((line, self.finding(line, key, message)));
    }

    fn finding(&self, line: Option<u64>, key: &str, message: impl fmt::Display) -> ConfigError {
        let location = Location::File { file: self.file.to_owned(), line, key: key.to_owned() };
        ConfigError { location, message: message.to_string() }
    }

    /// The errors, in the order of the file.
    pub(super) fn into_errors(self) -> Vec<ConfigError> {
        let mut errors = self.errors.into_inner();
        errors.sort_by_key(|(line, _)| *line);
        errors.into_iter().map(|(_, error)| error).collect()
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

    /// Reports an error of this value.
    pub(super) fn error(&self, message: impl fmt::Display) {
        self.document.error(Some(self.node.line), &self.key, message);
    }

    /// Reports an error that belongs to no line.
    pub(super) fn error_without_line(&self, message: impl fmt::Display) {
        self.document.error(None, &self.key, message);
    }

    /// A message about this value that is no error, with its location.
    pub(super) fn finding(&self, message: impl fmt::Display) -> ConfigError {
        self.document.finding(Some(self.node.line), &self.key, message)
    }

    /// The value of a check, or `None` after its error is reported.
    pub(super) fn ok_or_report<T>(&self, result: Result<T, InvalidValue>) -> Option<T> {
        result.map_err(|error| self.error(error)).ok()
    }

    /// A text. A value that YAML reads as a number or boolean is refused, because YAML may have changed it.
    fn text(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) => Some(text),
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {
                let (source, kind) = (self.source_text(), self.kind());
                self.error(format!(
                    "invalid value {source}: expected a text, but YAML reads it as a {kind}; write it in quotes: \"{source}\""
                ));
                None
            }
            _ => self.type_error("a text"),
        }
    }

    /// A text that `parse` accepts.
    pub(super) fn parse_text<T>(&self, parse: impl FnOnce(&str) -> Result<T, InvalidValue>) -> Option<T> {
        let text = self.text()?;
        self.ok_or_report(parse(text))
    }

    /// A duration, or another text that can start with digits. For a plain number the message names the missing unit.
    pub(super) fn parse_with_unit<T>(&self, parse: impl FnOnce(&str) -> Result<T, InvalidValue>) -> Option<T> {
        match &self.node.value {
            Value::Integer(_) | Value::Float(_) => {
                let source = self.source_text();
                let expected = format!("a unit, {source}s for seconds or {source}m for minutes");
                self.error(InvalidValue::new("duration", source, expected));
                None
            }
            _ => self.parse_text(parse),
        }
    }

    /// An integer within `range`.
    pub(super) fn integer(&self, range: RangeInclusive<u32>) -> Option<u32> {
        let Value::Integer(number) = &self.node.value else {
            return self.type_error("a whole number");
        };
        let number = u32::try_from(*number).ok().filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = range.into_inner();
            let expected = format!("a whole number from {least} to {most}");
            self.error(InvalidValue::new("number", self.source_text(), expected));
        }
        number
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Option<bool> {
        match &self.node.value {
            Value::Bool(value) => Some(*value),
            _ => self.type_error("true or false"),
        }
    }

    /// A number.
    pub(super) fn number(&self) -> Option<f64> {
        match &self.node.value {
            Value::Integer(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            _ => self.type_error("a number"),
        }
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Option<Vec<Field<'a>>> {
        let Value::List(items) = &self.node.value else {
            return self.type_error("a list");
        };
        let field = |(index, node)| Field { document: self.document, node, key: format!("{}[{index}]", self.key) };
        Some(items.iter().enumerate().map(field).collect())
    }

    /// The parsed items of a list; `None` if the list is empty, an item is invalid, or two items are the `same`.
    pub(super) fn parse_items<T>(
        &self,
        expected: &str,
        same: impl Fn(&T, &T) -> bool,
        parse: impl Fn(&Field<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.items()?;
        if items.is_empty() {
            self.error(format!("invalid empty list: expected {expected}"));
            return None;
        }
        let mut parsed: Vec<(T, &Field<'a>)> = Vec::new();
        for item in &items {
            let Some(value) = parse(item) else { continue };
            if let Some((_, first)) = parsed.iter().find(|(earlier, _)| same(earlier, &value)) {
                item.error(format!("duplicate entry {}: it is the same as {}", item.source_text(), first.key));
            } else {
                parsed.push((value, item));
            }
        }
        (parsed.len() == items.len()).then(|| parsed.into_iter().map(|(value, _)| value).collect())
    }

    /// A section. Reports every key that is not among `known`, and every key that is there twice.
    pub(super) fn section(&self, known: &[&'static str]) -> Option<Section<'a>> {
        let Value::Section(entries) = &self.node.value else {
            return self.type_error(&format!("a section with the keys {}", enumeration(known)));
        };
        for (key, _) in entries.iter().filter(|(key, _)| !known.contains(&key.name.as_str())) {
            let hint = match nearest(&key.name, known.iter().copied()) {
                _ if key.name == "token" && known.contains(&"token_file") => {
                    "expected token_file or token_env, because the file must not contain the token".to_owned()
                }
                Some(name) => format!("did you mean {name}?"),
                None => format!("expected {}", alternatives(known)),
            };
            self.key_error(key, format!("unknown key {:?}: {hint}", key.name));
        }
        self.report_duplicate_keys(entries);
        Some(Section { field: self.clone(), entries })
    }

    /// The entries of a section whose keys are chosen by the user. Reports every key that is there twice. `expected`
    /// describes the section in the error about another type.
    pub(super) fn entries(&self, expected: &str) -> Option<Vec<(&'a str, Field<'a>)>> {
        let Value::Section(entries) = &self.node.value else {
            return self.type_error(expected);
        };
        self.report_duplicate_keys(entries);
        let field = |(key, node): &'a (Key, Node)| {
            (key.name.as_str(), Field { document: self.document, node, key: self.join(&key.name) })
        };
        Some(entries.iter().map(field).collect())
    }

    fn report_duplicate_keys(&self, entries: &[(Key, Node)]) {
        let mut first_lines = HashMap::new();
        for (key, _) in entries {
            let first = *first_lines.entry(key.name.as_str()).or_insert(key);
            if !std::ptr::eq(first, key) {
                self.key_error(key, format!("duplicate key {:?}: it is already on line {}", key.name, first.line));
            }
        }
    }

    fn key_error(&self, key: &Key, message: String) {
        self.document.error(Some(key.line), &self.join(&key.name), message);
    }

    /// The value as the file writes it.
    fn source_text(&self) -> &'a str {
        self.document.text.get(self.node.source.clone()).unwrap_or_default().trim()
    }

    fn kind(&self) -> &'static str {
        match &self.node.value {
            Value::Null => "nothing",
            Value::Bool(_) => "boolean",
            Value::Integer(_) | Value::Float(_) => "number",
            Value::Text(_) => "text",
            Value::List(_) => "list",
            Value::Section(_) => "section",
        }
    }

    /// Reports a wrong type. The value is not quoted, because it could be anything, also a secret.
    pub(super) fn type_error<T>(&self, expected: &str) -> Option<T> {
        let article = if matches!(self.node.value, Value::Null) { "" } else { "a " };
        self.error(format!("invalid type: expected {expected}, found {article}{}", self.kind()));
        None
    }

    fn join(&self, name: &str) -> String {
        if self.key.is_empty() { name.to_owned() } else { format!("{}.{name}", self.key) }
    }
}

impl<'a> Section<'a> {
    /// The section as a value, for errors of the section as a whole.
    pub(super) fn field(&self) -> &Field<'a> {
        &self.field
    }

    /// The value of a key, `null` included.
    pub(super) fn entry(&self, name: &str) -> Option<Field<'a>> {
        let (_, node) = self.entries.iter().find(|(key, _)| key.name == name)?;
        Some(Field { document: self.field.document, node, key: self.field.join(name) })
    }

    /// The value of a key; `null` is the same as leaving the key out.
    pub(super) fn get(&self, name: &str) -> Option<Field<'a>> {
        self.entry(name).filter(|field| !matches!(field.value(), Value::Null))
    }

    /// The value of a required key; `expected` describes the value in the error.
    pub(super) fn required(&self, name: &str, expected: &str) -> Option<Field<'a>> {
        let field = self.get(name);
        if field.is_none() {
            self.field.error(format!("missing key {name}: expected {expected}"));
        }
        field
    }

    /// Reads an optional key. The inner `None` is a key that is left out, the outer `None` an invalid value.
    #[expect(clippy::option_option, reason = "a key that is left out and an invalid value are two different results")]
    pub(super) fn optional<T>(&self, name: &str, read: impl FnOnce(&Field<'a>) -> Option<T>) -> Option<Option<T>> {
        match self.get(name) {
            Some(field) => read(&field).map(Some),
            None => Some(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::config::raw;

    #[test]
    fn every_key_of_a_long_section_is_compared_with_all_others() {
        let mut text = String::new();
        for index in 0..20_000 {
            let _ = writeln!(text, "key{index}: 1");
        }
        text.push_str("key7: 2\n");
        let node = raw::parse(&text).unwrap();
        let document = Document::new("a.yml", &text);
        document.root(&node).section(&["key1"]).unwrap();
        let errors = document.into_errors();
        assert!(errors.iter().any(|error| error.message == "duplicate key \"key7\": it is already on line 8"));
    }
}
