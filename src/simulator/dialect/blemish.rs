//! What makes an answer hard to read, and the pattern in which the scenario `bad-data` deals it out.
//!
//! The n-th answer of a report gets three unreadable values, one bad record, and in two of three answers a damaged
//! document. Everything follows from n, so a test can count what must have been noticed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::rows::{NAMES, Row};

/// One thing that is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blemish {
    /// `"85,71 %"`: a decimal comma, or a thousands separator out of place.
    LoneComma,
    /// `"sin datos"`
    Words,
    /// `"-3"`
    Negative,
    /// `"NaN"`, which many a parser takes for a number.
    NotANumber,
    /// An object where a string is due.
    Object,
    /// An array where a string is due.
    Array,
    /// The row before, with its figures at zero, precedes the true one: the last one is right.
    DuplicateRow,
    /// An element of `data` that is no object.
    StrayRecord,
    /// A row whose every field is `""`.
    BlankRow,
    /// A comma after the last row.
    TrailingComma,
    /// The document starts with U+FEFF.
    ByteOrderMark,
}

impl Blemish {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::LoneComma,
        Self::Words,
        Self::Negative,
        Self::NotANumber,
        Self::Object,
        Self::Array,
        Self::DuplicateRow,
        Self::StrayRecord,
        Self::BlankRow,
        Self::TrailingComma,
        Self::ByteOrderMark,
    ];
}

const VALUES: [(Blemish, fn() -> Value); 6] = [
    (Blemish::LoneComma, || json!("85,71 %")),
    (Blemish::Words, || json!("sin datos")),
    (Blemish::Negative, || json!("-3")),
    (Blemish::Object, || json!({"value": "12"})),
    (Blemish::Array, || json!(["12"])),
    (Blemish::NotANumber, || json!("NaN")),
];
const VALUES_AN_ANSWER: usize = 3;
const RECORDS: [Blemish; 3] = [Blemish::DuplicateRow, Blemish::StrayRecord, Blemish::BlankRow];

/// An element of `data`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Record {
    Row(Row),
    Stray(Value),
}

/// Records with everything that is wrong about them.
#[derive(Clone, Debug, Default)]
pub(super) struct Spoilt {
    pub(super) records: Vec<Record>,
    /// All blemishes, those of the document too; its text is not damaged yet.
    pub(super) blemishes: Vec<Blemish>,
    /// The fields whose value cannot be read, one entry a value.
    pub(super) unreadable: Vec<String>,
}

/// Spoils the `n`-th answer of a report. A value is spoilt in the rows that count, never in a duplicate that is
/// overwritten. `rows` must not be empty.
pub(super) fn spoil(rows: Vec<Row>, n: usize) -> Spoilt {
    let mut spoilt = Spoilt::default();
    let original = rows.clone();
    let mut rows = rows;
    let mut places = BTreeSet::new();
    for k in 0..VALUES_AN_ANSWER {
        let at = (n + k) % rows.len();
        let (blemish, value) = VALUES[(VALUES_AN_ANSWER * n + k) % VALUES.len()];
        let mut figures: Vec<&mut (String, Value)> =
            rows[at].0.iter_mut().filter(|(field, _)| is_figure(field)).collect();
        if figures.is_empty() {
            continue;
        }
        let field = (n + 3 * k) % figures.len();
        if places.insert((at, figures[field].0.clone())) {
            figures[field].1 = value();
            spoilt.unreadable.push(figures[field].0.clone());
            spoilt.blemishes.push(blemish);
        }
    }
    let extra = RECORDS[n % RECORDS.len()];
    let at = n % rows.len();
    spoilt.blemishes.push(extra);
    spoilt.records = rows.into_iter().map(Record::Row).collect();
    spoilt.records.insert(at, record(extra, &original[at]));
    match n % 3 {
        0 => spoilt.blemishes.push(Blemish::TrailingComma),
        1 => spoilt.blemishes.push(Blemish::ByteOrderMark),
        _ => {}
    }
    spoilt
}

fn record(blemish: Blemish, row: &Row) -> Record {
    let with = |form: fn(&str, &Value) -> Value| {
        Record::Row(Row(row.0.iter().map(|(field, value)| (field.clone(), form(field, value))).collect()))
    };
    match blemish {
        Blemish::DuplicateRow => with(|field, value| if is_figure(field) { json!("0") } else { value.clone() }),
        Blemish::BlankRow => with(|_, _| json!("")),
        _ => Record::Stray(json!("no row")),
    }
}

/// Whether a field carries a figure that readers use; the level for 0 seconds is one that they drop.
fn is_figure(field: &str) -> bool {
    !NAMES.contains(&field) && field != "service_level_0seg"
}
