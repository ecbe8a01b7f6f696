//! What makes an answer hard to read, and the pattern in which the scenario `bad-data` deals it out.
//!
//! The n-th answer of a report gets three unreadable values, one bad record, and in two of three answers a damaged
//! document. Everything follows from n, so a test can count what must have been noticed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::rows::{Content, Row};

/// One thing that is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Corruption {
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
    /// A comma after the last row. The report of the agents has one in every answer, corrupted or not; here only the dealt
    /// ones count.
    TrailingComma,
    /// The document starts with U+FEFF.
    ByteOrderMark,
}

impl Corruption {
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

const VALUES: [(Corruption, fn() -> Value); 6] = [
    (Corruption::LoneComma, || json!("85,71 %")),
    (Corruption::Words, || json!("sin datos")),
    (Corruption::Negative, || json!("-3")),
    (Corruption::Object, || json!({"value": "12"})),
    (Corruption::Array, || json!(["12"])),
    (Corruption::NotANumber, || json!("NaN")),
];
const VALUES_AN_ANSWER: usize = 3;
const RECORDS: [Corruption; 3] = [Corruption::DuplicateRow, Corruption::StrayRecord, Corruption::BlankRow];

/// An element of `data`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Record {
    Row(Row),
    Stray(Value),
}

/// Records with everything that is wrong about them.
#[derive(Clone, Debug, Default)]
pub(super) struct CorruptedRows {
    pub(super) records: Vec<Record>,
    /// All corruptions, those of the document too; its text is not damaged yet.
    pub(super) corruptions: Vec<Corruption>,
    /// The fields whose value cannot be read, one entry a value.
    pub(super) unreadable: Vec<String>,
}

/// Spoils the `n`-th answer of a report. A value is corrupted in the rows that count, never in a duplicate that is
/// overwritten. `rows` must not be empty.
pub(super) fn corrupt(rows: Vec<Row>, n: usize) -> CorruptedRows {
    let mut corrupted = CorruptedRows::default();
    let original = rows.clone();
    let mut rows = rows;
    let mut places = BTreeSet::new();
    for k in 0..VALUES_AN_ANSWER {
        let at = (n + k) % rows.len();
        let (corruption, value) = VALUES[(VALUES_AN_ANSWER * n + k) % VALUES.len()];
        let mut figures = rows[at].measurements_mut();
        if figures.is_empty() {
            continue;
        }
        let figure = (n + 3 * k) % figures.len();
        if places.insert((at, figure)) {
            let (field, corrupted_value) = &mut figures[figure];
            **corrupted_value = value();
            corrupted.unreadable.push((*field).to_owned());
            corrupted.corruptions.push(corruption);
        }
    }
    let extra = RECORDS[n % RECORDS.len()];
    let at = n % rows.len();
    corrupted.corruptions.push(extra);
    corrupted.records = rows.into_iter().map(Record::Row).collect();
    corrupted.records.insert(at, record(extra, &original[at]));
    match n % 3 {
        0 => corrupted.corruptions.push(Corruption::TrailingComma),
        1 => corrupted.corruptions.push(Corruption::ByteOrderMark),
        _ => {}
    }
    corrupted
}

fn record(corruption: Corruption, row: &Row) -> Record {
    match corruption {
        Corruption::DuplicateRow => Record::Row(row.map(&|content| match content {
            Content::Figure(value) => Content::Figure(zero(value)),
            other => other.clone(),
        })),
        Corruption::BlankRow => Record::Row(row.map(&|_| Content::Text(json!("")))),
        _ => Record::Stray(json!("no row")),
    }
}

/// Nothing, in a form that the field may have.
fn zero(figure: &Value) -> Value {
    let is_clock = figure.as_str().is_some_and(|text| text.contains(':'));
    if is_clock { json!("00:00:00") } else { json!("0") }
}
