//! The file as a tree of YAML values, each with its line.
//!
//! This module parses YAML. It does not define keys or check values. The result is a tree and not one struct for each
//! section, because a derived struct stops at the first unknown key or wrong type; with the tree, all errors of a file
//! can be reported at once, each with its line and key.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{NonFiniteFloatPolicy, Spanned};

/// One YAML value and its position.
#[derive(Debug)]
pub(super) struct Node {
    /// The value.
    pub(super) value: Value,
    /// The line on which the value starts, from 1.
    pub(super) line: u64,
    /// The position of its text in the file, in bytes.
    pub(super) source: Range<usize>,
}

/// The kinds of YAML values.
#[derive(Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Section(Vec<(Key, Node)>),
}

/// A key of a section and its line.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) line: u64,
}

/// A YAML syntax error.
#[derive(Debug)]
pub(super) struct SyntaxError {
    /// The line, if it is known.
    pub(super) line: Option<u64>,
    /// The message of the parser, without a piece of the text, which could contain a secret.
    pub(super) message: String,
}

/// How many values aliases may repeat in one file. 90 operations that share 200 values need fewer. Without a limit, a few
/// lines of aliases of aliases would need much memory.
const MAX_REPEATED_VALUES: usize = 20_000;

/// Parses one document.
pub(super) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        // The cursor reports duplicate keys, because it can add the path of the key.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        with_snippet: false,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_REPEATED_VALUES },
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let at = error.location().filter(|at| at.line() > 0);
        let message = error.without_snippet().to_string();
        let suffix = at.map(|at| format!(" at line {}, column {}", at.line(), at.column()));
        let message = suffix.and_then(|suffix| message.strip_suffix(&suffix)).unwrap_or(&message).to_owned();
        SyntaxError { line: at.map(|at| at.line()), message }
    })
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value, referenced, defined } = Spanned::<Value>::deserialize(deserializer)?;
        let span = defined.span();
        let start = span.byte_offset().and_then(|start| usize::try_from(start).ok());
        let length = span.byte_len().and_then(|length| usize::try_from(length).ok());
        let source = start.zip(length).map_or(0..0, |(start, length)| start..start + length);
        Ok(Self { value, line: referenced.line(), source })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Value, E> {
        Ok(i128::try_from(value).map_or(Value::Float(value as f64), Value::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            entries.push((Key { name: key.value, line: key.referenced.line() }, map.next_value()?));
        }
        Ok(Value::Section(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(node: &Node) -> &[(Key, Node)] {
        match &node.value {
            Value::Section(entries) => entries,
            other => panic!("a section was expected, not {other:?}"),
        }
    }

    #[test]
    fn every_value_has_its_line_and_its_text() {
        let text = "a: 1\nb:\n  - é\n  - {c: 0010}\n";
        let root = parse(text).unwrap();
        let entries = section(&root);
        assert_eq!((entries[1].0.name.as_str(), entries[1].0.line), ("b", 2));
        let Value::List(items) = &entries[1].1.value else { panic!("a list was expected") };
        let (_, number) = &section(&items[1])[0];
        assert_eq!(number.line, 4);
        assert_eq!(&text[number.source.clone()], "0010");
    }

    #[test]
    fn dates_and_yaml_1_1_booleans_are_texts() {
        let root = parse("[2026-12-08, no, on, 10:30, 5m]").unwrap();
        let Value::List(items) = &root.value else { panic!("a list was expected") };
        assert!(items.iter().all(|item| matches!(item.value, Value::Text(_))), "{items:?}");
    }

    #[test]
    fn aliases_may_repeat_values_but_not_without_a_limit() {
        let shared = format!("a: &a [{}]\n", "x, ".repeat(200));
        assert!(parse(&format!("{shared}b: [{}]", "*a, ".repeat(90))).is_ok());
        let ten = |name: &str, value: &str| format!("{name}: &{name} [{}]\n", format!("{value}, ").repeat(10));
        let levels = [ten("a", "x"), ten("b", "*a"), ten("c", "*b"), ten("d", "*c"), ten("e", "*d")];
        let error = parse(&levels.concat()).unwrap_err();
        assert!(error.message.contains("alias") && error.line == Some(5), "{error:?}");
    }

    #[test]
    fn a_value_behind_an_alias_has_the_line_of_the_alias() {
        let root = parse("a: &x 0010\nb: *x\n").unwrap();
        let (_, alias) = &section(&root)[1];
        assert_eq!(alias.line, 2);
        assert_eq!(alias.source, 6..10);
    }

    #[test]
    fn merged_sections_are_one_section() {
        let root = parse("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n").unwrap();
        let names: Vec<_> = section(&section(&root)[1].1).iter().map(|(key, _)| key.name.as_str()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
    }

    #[test]
    fn a_syntax_error_has_a_line_but_no_piece_of_the_text() {
        let error = parse("a: 1\nb: \"hush-hush\nc: 2\n").unwrap_err();
        assert!(error.line.is_some(), "{error:?}");
        assert!(!error.message.contains("hush"), "{error:?}");
    }

    #[test]
    fn a_duplicate_key_is_there_twice() {
        assert_eq!(section(&parse("a: 1\nb: 1\na: 2\n").unwrap()).len(), 3);
    }

    #[test]
    fn an_empty_file_is_null() {
        assert!(matches!(parse("# nothing\n").unwrap().value, Value::Null));
    }
}
