//! Limits the number of series where wolkvox or its customers decide how many rows there are.
//!
//! Rows with the same label (after masking, or beyond the limit) become one row: counts are summed, means are weighted.
//! If one part of a sum is unknown, the sum is unknown, because a missing sample is better than a wrong one.

use std::cmp::Ordering;

/// The label of the rows beyond the limit.
pub(super) const OTHER: &str = "other";

/// The label of a number, an option or a channel that wolkvox left blank.
pub(super) const UNKNOWN: &str = "unknown";

/// A row that can be merged with others.
pub(super) trait Merge: Sized {
    /// Compares the labels.
    fn by_label(&self, other: &Self) -> Ordering;

    /// The number of calls: the rows with most calls are kept, the others are merged.
    fn calls(&self) -> Option<u64>;

    /// The same figures under the label `other`.
    fn under_other(self) -> Self;

    /// Merges several rows, which all have the label of the first. `parts` is never empty.
    fn merged(parts: &[Self]) -> Self;
}

/// Merges rows with the same label, then all but the `max` busiest into `other`. Returns the rows, busiest first and
/// `other` last, and how many were merged into `other`.
pub(super) fn limit<R: Merge>(rows: Vec<R>, max: usize) -> (Vec<R>, u64) {
    let mut rows = merge_same_labels(rows);
    rows.sort_unstable_by(|a, b| b.calls().cmp(&a.calls()).then_with(|| a.by_label(b)));
    if rows.len() <= max {
        return (rows, 0);
    }
    let rest = rows.split_off(max);
    let merged = rest.len() as u64;
    let mut other: Vec<R> = rest.into_iter().map(Merge::under_other).collect();
    // A row whose real label is "other" must not have the same label as the merged row, so it joins it.
    let same_label = rows.extract_if(.., |row| row.by_label(&other[0]).is_eq()).collect::<Vec<_>>();
    other.extend(same_label);
    rows.extend(merge_same_labels(other));
    (rows, merged)
}

/// Merges rows with the same label; the result is ordered by label.
fn merge_same_labels<R: Merge>(mut rows: Vec<R>) -> Vec<R> {
    rows.sort_by(R::by_label);
    // Nearly always there is nothing to merge, and 60,000 rows need much memory, so they are not copied.
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

/// The sum, or `None` if a part is unknown. Saturates at the maximum.
pub(super) fn sum<R>(parts: &[R], value: impl Fn(&R) -> Option<u64>) -> Option<u64> {
    parts.iter().map(value).try_fold(0_u64, |sum, calls| Some(sum.saturating_add(calls?)))
}

/// The sum, or `None` if a part is unknown.
pub(super) fn total<R>(parts: &[R], value: impl Fn(&R) -> Option<f64>) -> Option<f64> {
    parts.iter().map(value).sum()
}

/// The weighted mean, or `None` if a part is unknown. A part with weight 0 needs no value: without answered calls there
/// is no waiting time.
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
