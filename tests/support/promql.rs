//! The series and labels that a `PromQL` expression reads, and the labels of its result.
//!
//! The crate promql-parser reads the language. It does not check labels, so this module follows them through the
//! syntax tree and reports each name that does not exist.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use promql_parser::label::{self, MatchOp, Matcher};
use promql_parser::parser::value::ValueType;
use promql_parser::parser::{
    self, AggregateExpr, BinaryExpr, Call, Expr, LabelModifier, StringLiteral, VectorMatchCardinality, VectorSelector,
};

/// Names of labels.
pub(crate) type Labels = BTreeSet<String>;

/// The labels of each series that may be read, by the name of the series.
pub(crate) type Known = BTreeMap<String, Labels>;

/// A selector of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selector {
    /// The metric.
    pub(crate) name: String,
    /// Its matchers, such as `job=~"$job"`.
    pub(crate) matchers: Vec<String>,
    /// The range in its brackets: a variable of Grafana such as `$__rate_interval`, or a duration.
    pub(crate) range: Option<String>,
    /// The function or aggregation whose direct argument it is.
    pub(crate) inside: Option<String>,
}

/// An expression, as far as tests look at it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    /// Syntax errors, series that do not exist, and labels that an operand does not have.
    pub(crate) findings: Vec<String>,
    /// The labels that series of the result can have.
    pub(crate) labels: Labels,
    /// The selectors, in order.
    pub(crate) selectors: Vec<Selector>,
    /// Functions and aggregations, each with the names of the series that its arguments read.
    pub(crate) calls: Vec<(String, Vec<String>)>,
}

/// Grafana's variables for durations, which are not `PromQL`, and the durations that stand for them while the
/// expression is parsed. No query has such a duration of its own.
const GRAFANA_DURATIONS: [(&str, Duration); 3] = [
    ("$__rate_interval", Duration::from_secs(7_001)),
    ("$__interval", Duration::from_secs(7_013)),
    ("$__range", Duration::from_secs(7_019)),
];

/// Reads `expression`, in which `known` are the series that exist.
pub(crate) fn read(expression: &str, known: &Known) -> Query {
    // A number of seconds.
    let mut standard = expression.replace("$__range_s", "7019");
    for (variable, duration) in GRAFANA_DURATIONS {
        for (before, after) in [('[', ']'), ('[', ':'), (':', ']')] {
            let seconds = format!("{before}{}s{after}", duration.as_secs());
            standard = standard.replace(&format!("{before}{variable}{after}"), &seconds);
        }
    }
    let mut reader = Reader { known, query: Query::default() };
    match parse(&standard).as_ref() {
        Ok(parsed) => reader.query.labels = reader.read(parsed, None),
        Err(error) => reader.find(format!("{expression:?} is not PromQL: {error}")),
    }
    reader.query
}

/// A syntax tree, or the reason why there is none.
type Parsed = Arc<Result<Expr, String>>;

/// The syntax tree of `expression`. Each expression is parsed once and kept: the parser compiles every matcher such as
/// `job=~"$job"` to a regular expression, which is slow in a debug build, and many rules read the same expressions.
fn parse(expression: &str) -> Parsed {
    static PARSED: LazyLock<Mutex<BTreeMap<String, Parsed>>> = LazyLock::new(Mutex::default);
    let lock = || PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = lock().get(expression).cloned();
    known.unwrap_or_else(|| {
        let parsed = Arc::new(parser::parse(expression));
        lock().insert(expression.to_owned(), Arc::clone(&parsed));
        parsed
    })
}

/// The variable of Grafana for which `duration` stands, or else the duration itself.
fn range_of(duration: Duration) -> String {
    let variable = GRAFANA_DURATIONS.iter().find(|(_, stand_in)| *stand_in == duration);
    variable.map_or_else(|| format!("{duration:?}"), |(name, _)| (*name).to_owned())
}

fn set(labels: &label::Labels) -> Labels {
    labels.labels.iter().cloned().collect()
}

fn text_of(expression: Option<&Expr>) -> Option<String> {
    if let Some(Expr::StringLiteral(StringLiteral { val })) = expression { Some(val.clone()) } else { None }
}

/// Follows the labels through a syntax tree.
struct Reader<'a> {
    known: &'a Known,
    query: Query,
}

impl Reader<'_> {
    fn find(&mut self, finding: String) {
        self.query.findings.push(finding);
    }

    /// Reports the labels in `named` that are not in `there`; `at` is the place where they are named.
    fn expect(&mut self, at: &str, named: &Labels, there: &Labels) {
        for label in named - there {
            self.find(format!("{at} ({label}): the operand has no label {label}, only {there:?}"));
        }
    }

    /// The labels of the result of `expression`, which is the direct argument of the function `inside`.
    fn read(&mut self, expression: &Expr, inside: Option<&str>) -> Labels {
        match expression {
            Expr::VectorSelector(selector) => self.selector(selector, None, inside),
            Expr::MatrixSelector(selector) => self.selector(&selector.vs, Some(selector.range), inside),
            Expr::Aggregate(aggregation) => self.aggregation(aggregation),
            Expr::Call(call) => self.call(call),
            Expr::Binary(operation) => self.operation(operation),
            Expr::Unary(unary) => self.read(&unary.expr, None),
            Expr::Paren(parentheses) => self.read(&parentheses.expr, inside),
            Expr::Subquery(subquery) => self.read(&subquery.expr, inside),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Labels::new(),
        }
    }

    fn selector(&mut self, selector: &VectorSelector, range: Option<Duration>, inside: Option<&str>) -> Labels {
        let mut matchers: Vec<&Matcher> =
            selector.matchers.matchers.iter().chain(selector.matchers.or_matchers.iter().flatten()).collect();
        // The name can be a matcher too, and others can limit it.
        let is_name = |matcher: &Matcher| matcher.name == "__name__" && matcher.op == MatchOp::Equal;
        let as_matcher = matchers.iter().find(|matcher| is_name(matcher)).map(|matcher| matcher.value.clone());
        let name = selector.name.clone().or(as_matcher).unwrap_or_default();
        matchers.retain(|matcher| matcher.name != "__name__");
        let labels = self.known.get(&name).cloned();
        if let Some(labels) = &labels {
            for label in matchers.iter().map(|matcher| &matcher.name).filter(|label| !labels.contains(*label)) {
                self.find(format!("the series {name} has no label {label}"));
            }
        } else {
            self.find(format!("unknown series {name}"));
        }
        self.query.selectors.push(Selector {
            name,
            matchers: matchers.iter().map(ToString::to_string).collect(),
            range: range.map(range_of),
            inside: inside.map(str::to_owned),
        });
        labels.unwrap_or_default()
    }

    fn aggregation(&mut self, AggregateExpr { op, expr, param, modifier }: &AggregateExpr) -> Labels {
        let name = op.to_string();
        let before = self.query.selectors.len();
        if let Some(param) = param {
            self.read(param, None);
        }
        let operand = self.read(expr, Some(&name));
        self.note_call(&name, before);
        let mut kept = match modifier {
            Some(LabelModifier::Include(by)) => {
                self.expect("by", &set(by), &operand);
                set(by)
            }
            Some(LabelModifier::Exclude(without)) => {
                self.expect("without", &set(without), &operand);
                &operand - &set(without)
            }
            None => Labels::new(),
        };
        match name.as_str() {
            // The series that these choose keep all their labels.
            "topk" | "bottomk" | "limitk" | "limit_ratio" => operand,
            "count_values" => {
                kept.extend(text_of(param.as_deref()));
                kept
            }
            _ => kept,
        }
    }

    fn call(&mut self, Call { func, args }: &Call) -> Labels {
        let before = self.query.selectors.len();
        let mut operand = Labels::new();
        for argument in &args.args {
            operand.extend(self.read(argument, Some(func.name)));
        }
        self.note_call(func.name, before);
        let text = |at: usize| text_of(args.args.get(at).map(|argument| &**argument));
        match func.name {
            "label_replace" => {
                // Without a source, it sets a label to a constant.
                let source = text(3).filter(|source| !source.is_empty());
                self.expect("label_replace", &source.into_iter().collect(), &operand);
                operand.extend(text(1));
            }
            "label_join" => {
                self.expect("label_join", &(3..args.args.len()).filter_map(text).collect(), &operand);
                operand.extend(text(1));
            }
            "histogram_quantile" => {
                let bucket = Labels::from(["le".to_owned()]);
                self.expect(func.name, &bucket, &operand);
                return &operand - &bucket;
            }
            "absent" | "absent_over_time" => {
                return args.args.first().map(|one| labels_of_absent(one)).unwrap_or_default();
            }
            "scalar" | "vector" => return Labels::new(),
            _ => {}
        }
        operand
    }

    fn note_call(&mut self, name: &str, before: usize) {
        let series = self.query.selectors[before..].iter().map(|selector| selector.name.clone()).collect();
        self.query.calls.push((name.to_owned(), series));
    }

    fn operation(&mut self, BinaryExpr { op, lhs, rhs, modifier }: &BinaryExpr) -> Labels {
        let (left, right) = (self.read(lhs, None), self.read(rhs, None));
        if lhs.value_type() != ValueType::Vector || rhs.value_type() != ValueType::Vector {
            // One side is a scalar, which has no labels.
            return &left | &right;
        }
        let matching = modifier.as_ref().and_then(|modifier| modifier.matching.as_ref());
        match matching {
            Some(LabelModifier::Include(on)) => {
                self.expect("on", &set(on), &left);
                self.expect("on", &set(on), &right);
            }
            Some(LabelModifier::Exclude(ignored)) => self.expect("ignoring", &set(ignored), &(&left | &right)),
            None => {}
        }
        match modifier.as_ref().map(|modifier| &modifier.card) {
            Some(VectorMatchCardinality::ManyToOne(taken)) => {
                self.expect("group_left", &set(taken), &right);
                &left | &set(taken)
            }
            Some(VectorMatchCardinality::OneToMany(taken)) => {
                self.expect("group_right", &set(taken), &left);
                &right | &set(taken)
            }
            // The series of both sides are in the result.
            _ if op.to_string() == "or" => &left | &right,
            _ if op.is_set_operator() => left,
            _ => match matching {
                Some(LabelModifier::Include(on)) => set(on),
                Some(LabelModifier::Exclude(ignored)) => &left - &set(ignored),
                None => left,
            },
        }
    }
}

/// The labels of the series that `absent` returns: the labels for which a matcher allows one value.
fn labels_of_absent(argument: &Expr) -> Labels {
    let selector = match argument {
        Expr::VectorSelector(selector) => selector,
        Expr::MatrixSelector(selector) => &selector.vs,
        _ => return Labels::new(),
    };
    let equal = selector.matchers.matchers.iter().filter(|matcher| matcher.op == MatchOp::Equal);
    equal.map(|matcher| matcher.name.clone()).collect()
}
