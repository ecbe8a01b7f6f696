//! As much of `PromQL` as it takes to see which series an expression reads, and which labels it knows them by.
//!
//! Not a parser: promtool says whether an expression is one. The parsers of the registry bring a clock library that
//! this project does not allow.

use std::collections::{BTreeMap, BTreeSet};

/// The labels of each series that may be read.
pub(crate) type Known = BTreeMap<String, BTreeSet<String>>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    /// One character of anything else. Numbers and ranges are dropped.
    Mark(char),
}

/// Words that are followed by a list of labels.
const LISTS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];
/// Other words of the language that name no series.
const WORDS: [&str; 6] = ["and", "or", "unless", "offset", "bool", "inf"];

/// What an expression reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    /// What is wrong with it.
    pub(crate) findings: Vec<String>,
    /// The labels of its result: those of its first operand, and what `group_left` adds.
    pub(crate) labels: BTreeSet<String>,
    /// Functions and aggregations, each with the series inside its brackets.
    pub(crate) calls: Vec<(String, Vec<String>)>,
}

fn tokens(expression: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            'a'..='z' | 'A'..='Z' | '_' | ':' => {
                let length =
                    rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..length].to_owned()));
                length
            }
            '"' => {
                let length = 2 + rest[1..].find('"').expect("a text ends");
                tokens.push(Token::Text(rest[1..length - 1].to_owned()));
                length
            }
            '[' => 1 + rest.find(']').expect("a range ends"),
            // A number, or how far back: 0.15, 1w.
            '0'..='9' => rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).unwrap_or(rest.len()),
            other => {
                if !other.is_whitespace() {
                    tokens.push(Token::Mark(other));
                }
                other.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    tokens
}

/// The labels of a list in brackets that begins at `at`, and where it ends.
fn list(tokens: &[Token], at: usize) -> (Vec<String>, usize) {
    let end = at + tokens[at..].iter().position(|token| *token == Token::Mark(')')).expect("a list ends");
    let names = tokens[at..end]
        .iter()
        .filter_map(|token| if let Token::Word(name) = token { Some(name.clone()) } else { None });
    (names.collect(), end + 1)
}

/// A bracket that is open: whose it is, which series were read in it, and the labels of a `by` before it.
struct Bracket {
    call: Option<String>,
    series: Vec<String>,
    by: Vec<String>,
}

/// Reads `expression`, in which `known` are the series there are.
pub(crate) fn read(expression: &str, known: &Known) -> Reading {
    let tokens = tokens(expression);
    let mut reading = Reading::default();
    let mut brackets = vec![Bracket { call: None, series: Vec::new(), by: Vec::new() }];
    let mut joined: Vec<String> = Vec::new();
    let mut first: Option<BTreeSet<String>> = None;
    // What stands between a function's name and its bracket.
    let (mut call, mut by) = (None, Vec::new());
    let mut at = 0;
    while at < tokens.len() {
        let next = tokens.get(at + 1);
        match &tokens[at] {
            Token::Word(word) if LISTS.contains(&word.as_str()) => {
                let (labels, end) = list(&tokens, at + 1);
                if word == "by" {
                    // The series that topk picks keep all their labels.
                    if first.is_none() && call.as_deref() != Some("topk") {
                        first = Some(labels.iter().cloned().collect());
                    }
                    by = labels;
                } else {
                    if word == "group_left" {
                        reading.labels.extend(labels.iter().cloned());
                    }
                    joined.extend(labels);
                }
                at = end;
                continue;
            }
            Token::Word(word) if WORDS.contains(&word.as_str()) => {}
            Token::Word(word)
                if next == Some(&Token::Mark('('))
                    || matches!(next, Some(Token::Word(list)) if list == "by" || list == "without") =>
            {
                call = Some(word.clone());
            }
            Token::Word(name) => {
                let labels = known.get(name);
                if labels.is_none() {
                    reading.findings.push(format!("no series is called {name}"));
                }
                for bracket in &mut brackets {
                    bracket.series.push(name.clone());
                }
                first.get_or_insert_with(|| labels.cloned().unwrap_or_default());
                if next == Some(&Token::Mark('{')) {
                    let length =
                        tokens[at..].iter().position(|token| *token == Token::Mark('}')).expect("matchers end");
                    for token in &tokens[at + 1..at + length] {
                        if let Token::Word(label) = token
                            && !labels.is_some_and(|labels| labels.contains(label))
                        {
                            reading.findings.push(format!("{name} has no label {label}"));
                        }
                    }
                    at += length;
                }
            }
            Token::Mark('(') => {
                brackets.push(Bracket { call: call.take(), series: Vec::new(), by: std::mem::take(&mut by) });
            }
            Token::Mark(')') => {
                let Bracket { call, series, by } = brackets.pop().expect("a bracket that closes was open");
                for label in by {
                    if !series.iter().any(|name| known.get(name).is_some_and(|labels| labels.contains(&label))) {
                        reading.findings.push(format!("by ({label}): none of {series:?} has it"));
                    }
                }
                if let Some(call) = call {
                    reading.calls.push((call, series));
                }
            }
            Token::Mark(_) | Token::Text(_) => {}
        }
        at += 1;
    }
    let series = &brackets[0].series;
    for label in joined {
        if !series.iter().any(|name| known.get(name).is_some_and(|labels| labels.contains(&label))) {
            reading.findings.push(format!("on ({label}): none of {series:?} has it"));
        }
    }
    reading.labels.extend(first.unwrap_or_default());
    reading
}
