//! Evaluates the shipped expressions over the series of one skill, a thousand times faster than Prometheus.
//!
//! The series belong to one skill of one operation and come from one exporter. Therefore every vector of these rules has
//! at most one element: `max by`, `topk` and joins change nothing, and a vector is an `Option<f64>`. An expression that
//! needs more than this is refused. Of a union whose elements differ in a label, only the first is kept: the study asks
//! whether an alert fires, not for its value. `tests/alert_study.rs` compares the results with those of Prometheus.

#![allow(dead_code, reason = "the study uses a part, and a test uses all of it")]

use std::cmp::Ordering;
use std::collections::BTreeMap;

use promql_parser::label::MatchOp;
use promql_parser::parser::{self, Call, Expr, Offset, VectorSelector};

use crate::rules::{Recorded, RecordedRules};
use crate::samples::{METRICS, Samples};

/// All expressions that some alerts need. Each recorded series is evaluated once for each moment, or in the interval of its
/// group; between two evaluations it keeps its value.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Every recorded series comes after those that it reads.
    recorded: Vec<Record>,
    alerts: Vec<Node>,
}

/// A recorded series.
#[derive(Clone, Debug)]
struct Record {
    node: Node,
    /// Seconds between two evaluations, if its group has an interval of its own.
    interval: Option<i64>,
}

#[derive(Clone, Debug)]
enum Node {
    Number(f64),
    Time,
    /// The newest sample of a scraped series.
    Scraped {
        metric: usize,
        ago: i64,
    },
    /// A recorded series, by its place in the program.
    Recorded {
        place: usize,
        ago: i64,
    },
    Window {
        function: Window,
        metric: usize,
        seconds: i64,
        ago: i64,
    },
    Function {
        function: Function,
        arguments: Vec<Node>,
    },
    Operation {
        operator: Operator,
        sides: Box<[Node; 2]>,
    },
}

#[derive(Clone, Copy, Debug)]
enum Window {
    Increase,
    Average,
    Minimum,
}

#[derive(Clone, Copy, Debug)]
enum Function {
    Negated,
    SquareRoot,
    Rounded,
    AtLeast,
    AtMost,
    Between,
}

#[derive(Clone, Copy, Debug)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    Unless,
}

/// Functions of one moment, by their names in `PromQL`.
const FUNCTIONS: [(&str, Function); 5] = [
    ("sqrt", Function::SquareRoot),
    ("round", Function::Rounded),
    ("clamp_min", Function::AtLeast),
    ("clamp_max", Function::AtMost),
    ("clamp", Function::Between),
];

const WINDOWS: [(&str, Window); 3] =
    [("increase", Window::Increase), ("avg_over_time", Window::Average), ("min_over_time", Window::Minimum)];

const OPERATORS: [(&str, Operator); 14] = [
    ("+", Operator::Add),
    ("-", Operator::Subtract),
    ("*", Operator::Multiply),
    ("/", Operator::Divide),
    ("^", Operator::Power),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<", Operator::Less),
    ("<=", Operator::LessOrEqual),
    (">", Operator::Greater),
    (">=", Operator::GreaterOrEqual),
    ("and", Operator::And),
    ("or", Operator::Or),
    ("unless", Operator::Unless),
];

/// The element of a table with this name.
fn named<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

impl Program {
    /// The program of these alert expressions; `recorded` are the recording rules by their names.
    pub(crate) fn new(alerts: &[&str], recorded: &RecordedRules) -> Self {
        let mut compiler = Compiler { definitions: recorded, places: BTreeMap::new(), recorded: Vec::new() };
        let alerts = alerts.iter().map(|expression| compiler.expression(expression)).collect();
        Self { recorded: compiler.recorded, alerts }
    }

    /// The same program with every recorded series evaluated at each moment, as in one query for everything.
    pub(crate) fn without_intervals(mut self) -> Self {
        for record in &mut self.recorded {
            record.interval = None;
        }
        self
    }

    /// An evaluation over these samples.
    pub(crate) fn evaluation<'a>(&'a self, samples: &'a Samples<'a>) -> Evaluation<'a> {
        let known = vec![Known::NotYet; self.recorded.len() * MINUTES_OF_DAY];
        Evaluation { program: self, samples, now: 0, known }
    }
}

struct Compiler<'a> {
    definitions: &'a RecordedRules,
    /// The places of the rules that record a name.
    places: BTreeMap<String, Vec<usize>>,
    recorded: Vec<Record>,
}

impl Compiler<'_> {
    fn expression(&mut self, text: &str) -> Node {
        let tree = parser::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        self.node(&tree)
    }

    fn node(&mut self, tree: &Expr) -> Node {
        match tree {
            Expr::NumberLiteral(literal) => Node::Number(literal.val),
            Expr::Paren(paren) => self.node(&paren.expr),
            Expr::Unary(unary) => {
                Node::Function { function: Function::Negated, arguments: vec![self.node(&unary.expr)] }
            }
            Expr::Aggregate(aggregate) => {
                let name = aggregate.op.to_string();
                assert!(["max", "topk"].contains(&name.as_str()), "{name}: not an aggregation of one element");
                self.node(&aggregate.expr)
            }
            Expr::Binary(binary) => {
                let name = binary.op.to_string();
                let operator = named(&OPERATORS, &name).unwrap_or_else(|| panic!("{name}: unknown operator"));
                let sides = Box::new([self.node(&binary.lhs), self.node(&binary.rhs)]);
                Node::Operation { operator, sides }
            }
            Expr::VectorSelector(selector) => self.selector(selector),
            Expr::Call(call) => self.call(call),
            other => panic!("not supported: {other}"),
        }
    }

    fn selector(&mut self, selector: &VectorSelector) -> Node {
        let name = metric_of(selector);
        let Some(metric) = place_of(name) else {
            let ago = ago(selector);
            let nodes = self.recorded(name).into_iter().map(|place| Node::Recorded { place, ago });
            let union = |one, other| Node::Operation { operator: Operator::Or, sides: Box::new([one, other]) };
            return nodes.reduce(union).expect("a name is recorded by a rule");
        };
        Node::Scraped { metric, ago: ago(selector) }
    }

    /// The places of the rules that record this name. They are compiled when they are first needed.
    fn recorded(&mut self, name: &str) -> Vec<usize> {
        if let Some(places) = self.places.get(name) {
            return places.clone();
        }
        let definitions = self.definitions.get(name).unwrap_or_else(|| panic!("{name}: no rule records this name"));
        let mut places = Vec::new();
        for Recorded { expression, interval } in definitions {
            let node = self.expression(expression);
            self.recorded.push(Record { node, interval: *interval });
            places.push(self.recorded.len() - 1);
        }
        self.places.insert(name.to_owned(), places.clone());
        places
    }

    fn call(&mut self, call: &Call) -> Node {
        let name = call.func.name;
        if name == "time" {
            return Node::Time;
        }
        if let Some(function) = named(&WINDOWS, name) {
            let Some(Expr::MatrixSelector(range)) = call.args.args.first().map(|argument| &**argument) else {
                panic!("{name}: only a selector with a range is supported")
            };
            let metric = metric_of(&range.vs);
            let metric = place_of(metric).unwrap_or_else(|| panic!("{metric}: not one of the study's metrics"));
            let seconds = i64::try_from(range.range.as_secs()).expect("a range is short");
            return Node::Window { function, metric, seconds, ago: ago(&range.vs) };
        }
        // A label only tells the elements of a union apart. Whether the union has an element does not depend on it.
        if name == "label_replace" {
            return self.node(&call.args.args[0]);
        }
        let function = named(&FUNCTIONS, name).unwrap_or_else(|| panic!("{name}: unknown function"));
        Node::Function { function, arguments: call.args.args.iter().map(|argument| self.node(argument)).collect() }
    }
}

/// The name of the selected metric. The only matcher that the study's series always fulfil is that of their collector.
fn metric_of(selector: &VectorSelector) -> &str {
    let is_fulfilled = |matcher: &promql_parser::label::Matcher| {
        matcher.name == "collector" && matcher.op == MatchOp::Equal && matcher.value == "skills"
    };
    assert!(selector.matchers.matchers.iter().all(is_fulfilled), "{selector}: only collector=\"skills\" is supported");
    selector.name.as_deref().unwrap_or_default()
}

fn place_of(metric: &str) -> Option<usize> {
    METRICS.iter().position(|known| *known == metric)
}

fn ago(selector: &VectorSelector) -> i64 {
    match &selector.offset {
        None => 0,
        Some(Offset::Pos(back)) => i64::try_from(back.as_secs()).expect("an offset is short"),
        Some(Offset::Neg(_)) => panic!("{selector}: a negative offset is not supported"),
    }
}

/// Seconds between two evaluations of the rules.
pub(crate) const EVALUATION: i64 = 60;
const MINUTES_OF_DAY: usize = 24 * 60;

/// What is known of a recorded series at one moment.
#[derive(Clone, Copy, Debug)]
enum Known {
    NotYet,
    /// Its value. A series need not have one.
    Value(Option<f64>),
}

/// The evaluation of a program at one moment after the other. A recorded series is evaluated when it is first needed.
pub(crate) struct Evaluation<'a> {
    program: &'a Program,
    samples: &'a Samples<'a>,
    now: i64,
    /// The values of each recorded series at the minutes of today, as far as they are known.
    known: Vec<Known>,
}

impl<'a> Evaluation<'a> {
    /// The value of each alert expression at `now` (Unix time).
    pub(crate) fn values(&mut self, now: i64) -> impl Iterator<Item = Option<f64>> + use<'a, '_> {
        self.now = now;
        let program = self.program;
        program.alerts.iter().map(move |alert| self.value(alert))
    }

    /// The value of the recorded series with this place, so many seconds ago.
    fn recorded(&mut self, place: usize, ago: i64) -> Option<f64> {
        let program = self.program;
        let Record { node, interval } = &program.recorded[place];
        let at = self.now - ago;
        let at = interval.map_or(at, |interval| at - at.rem_euclid(interval));
        let minute = usize::try_from((at - self.samples.today.midnight()).div_euclid(EVALUATION)).ok();
        let known = minute.filter(|minute| *minute < MINUTES_OF_DAY).map(|minute| place * MINUTES_OF_DAY + minute);
        if let Some(Known::Value(value)) = known.map(|known| self.known[known]) {
            return value;
        }
        let now = std::mem::replace(&mut self.now, at);
        let value = self.value(node);
        self.now = now;
        if let Some(known) = known {
            self.known[known] = Known::Value(value);
        }
        value
    }

    fn value(&mut self, node: &Node) -> Option<f64> {
        match node {
            Node::Number(number) => Some(*number),
            Node::Time => Some(self.now as f64),
            Node::Scraped { metric, ago } => self.samples.newest(*metric, self.now - ago),
            Node::Recorded { place, ago } => self.recorded(*place, *ago),
            Node::Window { function, metric, seconds, ago } => {
                let (from, until) = (self.now - ago - seconds, self.now - ago);
                match function {
                    Window::Increase => self.samples.increase(*metric, from, until),
                    Window::Average => self.samples.average(*metric, from, until),
                    Window::Minimum => self.samples.minimum(*metric, from, until),
                }
            }
            Node::Function { function, arguments } => {
                let value = self.value(&arguments[0])?;
                let mut other = |place: usize| arguments.get(place).map(|argument| self.value(argument));
                Some(match function {
                    Function::Negated => -value,
                    Function::SquareRoot => value.sqrt(),
                    Function::Rounded => rounded(value, other(1).unwrap_or(Some(1.0))?),
                    Function::AtLeast => value.max(other(1)??),
                    Function::AtMost => value.min(other(1)??),
                    Function::Between => {
                        let (least, most) = (other(1)??, other(2)??);
                        value.max(least).min(most)
                    }
                })
            }
            Node::Operation { operator, sides } => self.operation(*operator, sides),
        }
    }

    fn operation(&mut self, operator: Operator, sides: &[Node; 2]) -> Option<f64> {
        let left = self.value(&sides[0]);
        if let (Operator::Or, Some(value)) = (operator, left) {
            return Some(value);
        }
        if left.is_none() && !matches!(operator, Operator::Or) {
            return None;
        }
        let right = self.value(&sides[1]);
        match (operator, left, right) {
            (Operator::Or, _, right) => right,
            (Operator::Unless, left, right) => left.filter(|_| right.is_none()),
            (Operator::And, left, right) => left.filter(|_| right.is_some()),
            (_, Some(left), Some(right)) => match operator {
                Operator::Add => Some(left + right),
                Operator::Subtract => Some(left - right),
                Operator::Multiply => Some(left * right),
                Operator::Divide => Some(left / right),
                Operator::Power => Some(left.powf(right)),
                // A comparison keeps the left side if it is true.
                Operator::Equal => Some(left).filter(|left| left.partial_cmp(&right) == Some(Ordering::Equal)),
                Operator::NotEqual => Some(left).filter(|left| left.partial_cmp(&right) != Some(Ordering::Equal)),
                Operator::Less => Some(left).filter(|left| *left < right),
                Operator::LessOrEqual => Some(left).filter(|left| *left <= right),
                Operator::Greater => Some(left).filter(|left| *left > right),
                Operator::GreaterOrEqual => Some(left).filter(|left| *left >= right),
                Operator::And | Operator::Or | Operator::Unless => unreachable!("handled above"),
            },
            _ => None,
        }
    }
}

/// `round(value, nearest)`. Halves are rounded up.
fn rounded(value: f64, nearest: f64) -> f64 {
    let inverse = 1.0 / nearest;
    (value * inverse + 0.5).floor() / inverse
}
