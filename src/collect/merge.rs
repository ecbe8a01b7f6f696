//! Keeps the number of series bounded where wolkvox or its customers decide how many there are.
//!
//! Rows that end up under one label (masked alike, or beyond the cap) become one row: counts summed, means weighted. A sum
//! of which one part is unknown is unknown: better no sample than a wrong one.

use std::cmp::Ordering;

/// The label of what is beyond the cap.
pub(super) const OTHER: &str = "other";

/// Rows of which several can become one.
pub(super) trait Merge: Sized {
    /// Compares what tells the rows apart.
    fn by_label(&self, other: &Self) -> Ordering;

    /// Calls, by which rows are kept or merged.
    fn calls(&self) -> Option<u64>;

    /// The same figures under the label `other`.
    fn under_other(self) -> Self;

    /// One row of several, which all have the label of the first. Never called with none.
    fn merged(parts: &[Self]) -> Self;
}

/// Merges rows with the same label, then all but the `max` busiest into `other`; also says how many those are. Busiest
/// first, `other` last.
pub(super) fn bounded<R: Merge>(rows: Vec<R>, max: usize) -> (Vec<R>, u64) {
    let mut rows = one_a_label(rows);
    rows.sort_unstable_by(|a, b| b.calls().cmp(&a.calls()).then_with(|| a.by_label(b)));
    if rows.len() <= max {
        return (rows, 0);
    }
    let rest = rows.split_off(max);
    let merged = rest.len() as u64;
    let mut other: Vec<R> = rest.into_iter().map(Merge::under_other).collect();
    // One that is really called "other" and made it below the cap must not collide with the merged ones.
    let namesakes = rows.extract_if(.., |row| row.by_label(&other[0]).is_eq()).collect::<Vec<_>>();
    other.extend(namesakes);
    rows.extend(one_a_label(other));
    (rows, merged)
}

/// Ordered by label.
fn one_a_label<R: Merge>(mut rows: Vec<R>) -> Vec<R> {
    rows.sort_by(R::by_label);
    // As it is nearly always. 60,000 rows are large, and here are no two of each.
    if rows.is_sorted_by(|a, b| a.by_label(b).is_lt()) {
        return rows;
    }
    let mut merged = Vec::new();
    let mut rows = rows.into_iter().peekable();
    while let Some(first) = rows.next() {
        let mut parts = vec![first];
        while let Some(next) = rows.next_if(|next| next.by_label(&parts[0]).is_eq()) {
            parts.push(next);
        }
        merged.push(if parts.len() == 1 { parts.remove(0) } else { R::merged(&parts) });
    }
    merged
}

/// The sum, unless a part is unknown; beyond all sense as large as can be.
pub(super) fn sum<R>(parts: &[R], value: impl Fn(&R) -> Option<u64>) -> Option<u64> {
    parts.iter().map(value).try_fold(0_u64, |sum, calls| Some(sum.saturating_add(calls?)))
}

/// The sum, unless a part is unknown.
pub(super) fn total<R>(parts: &[R], value: impl Fn(&R) -> Option<f64>) -> Option<f64> {
    parts.iter().map(value).sum()
}

/// The weighted mean. A part that weighs nothing needs no value: nobody was answered, so nobody waited.
pub(super) fn mean<R>(
    parts: &[R],
    weight: impl Fn(&R) -> Option<u64>,
    value: impl Fn(&R) -> Option<f64>,
) -> Option<f64> {
    let (mut weights, mut total) = (0.0, 0.0);
    for part in parts {
        match weight(part)? {
            0 => {}
            calls => {
                weights += calls as f64;
                total += calls as f64 * value(part)?;
            }
        }
    }
    (weights > 0.0).then(|| total / weights)
}
