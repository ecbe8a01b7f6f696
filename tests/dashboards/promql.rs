//! Which series an expression asks for. No parser of the language: Prometheus itself says in another test whether it can be
//! parsed; here it is enough to see names, matchers, windows and the function around them.

/// A selector of an expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selector {
    /// The metric.
    pub(crate) name: String,
    /// Its matchers, `(label, rest)`: `("job", "=~\"$job\"")`.
    pub(crate) matchers: Vec<(String, String)>,
    /// What stands in its brackets.
    pub(crate) window: Option<String>,
    /// The function or aggregation that it is the direct argument of.
    pub(crate) inside: Option<String>,
}

/// What an expression is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Its selectors, in order.
    pub(crate) selectors: Vec<Selector>,
    /// Labels that it groups or matches by.
    pub(crate) labels: Vec<String>,
    /// Functions and aggregations that it calls.
    pub(crate) functions: Vec<String>,
    /// Labels that it makes up, with `label_replace` or `count_values`.
    pub(crate) made: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
    Window(String),
}

fn tokens(expression: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_ascii_alphanumeric() || "_:.$".contains(c);
        let length = match first {
            '"' => {
                let mut escaped = false;
                let end = rest.char_indices().skip(1).find(|(_, c)| {
                    let ends = *c == '"' && !escaped;
                    escaped = *c == '\\' && !escaped;
                    ends
                });
                let end = end.map_or(rest.len(), |(end, _)| end + 1);
                tokens.push(Token::Text(rest[..end].to_owned()));
                end
            }
            '[' => {
                let end = rest.find(']').map_or(rest.len(), |end| end + 1);
                tokens.push(Token::Window(rest[1..end].trim_end_matches(']').to_owned()));
                end
            }
            c if is_word(c) => {
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..end].to_owned()));
                end
            }
            sign => {
                tokens.push(Token::Sign(sign));
                sign.len_utf8()
            }
        };
        rest = rest[length..].trim_start();
    }
    tokens
}

/// Words of the language that are neither a metric nor a function.
const WORDS: [&str; 5] = ["and", "or", "unless", "bool", "offset"];
/// Words that a list of labels follows.
const BEFORE_LABELS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];

/// Takes `expression` apart.
pub(crate) fn asked(expression: &str) -> Asked {
    let tokens = tokens(expression);
    let mut asked = Asked::default();
    // What each open bracket belongs to.
    let mut open: Vec<Option<String>> = Vec::new();
    // `sum by (a) (b)`: the aggregation that waits for its argument.
    let mut waiting: Option<String> = None;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = tokens.get(at + 1);
        at += 1;
        match token {
            Token::Sign('(') => open.push(waiting.take()),
            Token::Sign(')') => drop(open.pop()),
            Token::Word(word) if BEFORE_LABELS.contains(&word.as_str()) => {
                if next == Some(&Token::Sign('(')) {
                    let end = tokens[at..].iter().position(|token| *token == Token::Sign(')'));
                    let end = at + end.unwrap_or(tokens.len() - at - 1);
                    asked.labels.extend(tokens[at..end].iter().filter_map(|token| match token {
                        Token::Word(label) => Some(label.clone()),
                        _ => None,
                    }));
                    at = end + 1;
                }
            }
            Token::Word(word) if WORDS.contains(&word.as_str()) => {}
            Token::Word(word) if word.starts_with(|c: char| c.is_ascii_digit() || c == '$' || c == '.') => {}
            Token::Word(word) => match next {
                Some(Token::Sign('(')) => {
                    asked.functions.push(word.clone());
                    waiting = Some(word.clone());
                }
                Some(Token::Word(after)) if BEFORE_LABELS[..2].contains(&after.as_str()) => {
                    asked.functions.push(word.clone());
                    waiting = Some(word.clone());
                }
                _ => {
                    let mut selector =
                        Selector { name: word.clone(), inside: open.last().cloned().flatten(), ..Selector::default() };
                    at += matchers(&tokens[at..], &mut selector.matchers);
                    if let Some(Token::Window(window)) = tokens.get(at) {
                        selector.window = Some(window.clone());
                        at += 1;
                    }
                    asked.selectors.push(selector);
                }
            },
            Token::Text(text) => {
                // Their first text is the label that they make.
                let makes = matches!(open.last().and_then(Option::as_deref), Some("label_replace" | "count_values"));
                if makes && !matches!(tokens.get(at.wrapping_sub(3)), Some(Token::Text(_))) {
                    asked.made.push(text.trim_matches('"').to_owned());
                }
            }
            Token::Sign(_) | Token::Window(_) => {}
        }
    }
    asked
}

/// The matchers at the beginning of `tokens`, if any; how many tokens they are.
fn matchers(tokens: &[Token], into: &mut Vec<(String, String)>) -> usize {
    if tokens.first() != Some(&Token::Sign('{')) {
        return 0;
    }
    let mut rest = String::new();
    for (index, token) in tokens.iter().enumerate().skip(1) {
        match token {
            Token::Sign('}') => return index + 1,
            Token::Sign(',') | Token::Window(_) => {}
            Token::Sign(sign) => rest.push(*sign),
            Token::Word(label) => into.push((label.clone(), String::new())),
            Token::Text(value) => {
                if let Some((_, matcher)) = into.last_mut() {
                    *matcher = std::mem::take(&mut rest) + value;
                }
            }
        }
    }
    tokens.len()
}

#[test]
fn names_matchers_windows_and_functions_are_seen() {
    let found = asked(
        r#"sum by (le) (rate(a_total{job=~"$job", x!="}"}[$__rate_interval])) / on (x) group_left (y) b:c:d offset 1w > 2"#,
    );
    let job = ("job".to_owned(), "=~\"$job\"".to_owned());
    let rate = Selector {
        name: "a_total".to_owned(),
        matchers: vec![job, ("x".to_owned(), "!=\"}\"".to_owned())],
        window: Some("$__rate_interval".to_owned()),
        inside: Some("rate".to_owned()),
    };
    assert_eq!(found.selectors, [rate, Selector { name: "b:c:d".to_owned(), ..Selector::default() }]);
    assert_eq!(found.functions, ["sum", "rate"]);
    assert_eq!(found.labels, ["le", "x", "y"]);
}

#[test]
fn labels_that_are_made_up_are_seen() {
    let found = asked(r#"label_replace(a{b="c"} @ end(), "d", "$1", "e", "(.+)")"#);
    assert_eq!((found.made, found.selectors.len()), (vec!["d".to_owned()], 1));
    assert_eq!(asked(r#"count_values("d", a)"#).made, ["d"]);
}
