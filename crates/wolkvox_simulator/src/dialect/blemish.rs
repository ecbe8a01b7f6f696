//! What makes an answer hard to read, and the pattern in which the scenario `bad-data` deals it out.
//!
//! The n-th answer of a report gets three unreadable values, one bad record, and in two of three answers a damaged
//! document. Everything follows from n, so a test can count what must have been noticed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::rows::{Content, Row};

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
    /// The row before, with its figures at zero, precedes the true one: the last one is right. A row that tells of one
    /// event has no figures: it comes twice as it is.
    DuplicateRow,
    /// An element of `data` that is no object.
    StrayRecord,
    /// A row whose every field is `""`.
    BlankRow,
    /// A comma after the last row. The report of the agents has one in every answer, spoilt or not; here only the dealt
    /// ones count.
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
        let mut figures = rows[at].measured();
        if figures.is_empty() {
            continue;
        }
        let figure = (n + 3 * k) % figures.len();
        if places.insert((at, figure)) {
            let (field, spoilt_value) = &mut figures[figure];
            **spoilt_value = value();
            spoilt.unreadable.push((*field).to_owned());
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
    match blemish {
        Blemish::DuplicateRow => Record::Row(row.each(&|content| match content {
            Content::Figure(value) => Content::Figure(zero(value)),
            other => other.clone(),
        })),
        Blemish::BlankRow => Record::Row(row.each(&|_| Content::Key(json!("")))),
        _ => Record::Stray(json!("no row")),
    }
}

/// Nothing, in a form that the field may have.
fn zero(figure: &Value) -> Value {
    let is_clock = figure.as_str().is_some_and(|text| text.contains(':'));
    if is_clock { json!("00:00:00") } else { json!("0") }
}
