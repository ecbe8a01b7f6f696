//! Corrupts responses for the scenario `bad-data`.
//!
//! The n-th response of a report gets three unreadable values and one bad record. Two of three responses also get a
//! damaged document. Everything follows from n, so a test can calculate how many problems the exporter must have
//! counted.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::rows::{Content, Row};

/// One kind of problem in a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Corruption {
    /// `"85,71 %"`: a decimal comma, or a thousands separator in the wrong place.
    LoneComma,
    /// `"sin datos"`
    Words,
    /// `"-3"`
    Negative,
    /// `"NaN"`, which many parsers accept as a number.
    NotANumber,
    /// An object instead of a string.
    Object,
    /// An array instead of a string.
    Array,
    /// A copy of the row, with its figures set to zero, stands before the true row, so the last of the two is correct.
    /// The row of a single event (a transfer) has no figures; its copy is identical.
    DuplicateRow,
    /// An element of `data` that is not an object.
    StrayRecord,
    /// A row in which every field is `""`.
    BlankRow,
    /// A comma after the last row. The agents report always has one, with or without corruption. Only the ones added by
    /// the corruption are counted.
    TrailingComma,
    /// The document starts with U+FEFF.
    ByteOrderMark,
}

impl Corruption {
    /// All kinds.
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

/// Records together with all corruptions made to them.
#[derive(Clone, Debug, Default)]
pub(super) struct CorruptedRows {
    pub(super) records: Vec<Record>,
    /// All corruptions, including those of the document. The text of the document is damaged later, when it is written.
    pub(super) corruptions: Vec<Corruption>,
    /// The fields whose value cannot be read, one entry for each value.
    pub(super) unreadable: Vec<String>,
}

/// Corrupts the `n`-th response of a report. Values are corrupted only in the true rows, never in a duplicate that a
/// later row replaces. `rows` must not be empty.
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

/// Zero, in a form that the field may have.
fn zero(figure: &Value) -> Value {
    let is_clock = figure.as_str().is_some_and(|text| text.contains(':'));
    if is_clock { json!("00:00:00") } else { json!("0") }
}
