//! Converts the rows of a response one by one while it is parsed, and removes duplicates: the last one is kept.

use std::cmp::Ordering;

use super::parse_errors::ParseErrors;
use crate::api::RowSink;

/// The values of the rows so far.
#[derive(Debug)]
pub(super) struct ParsedRows<T, C> {
    clean: C,
    pub(super) values: Vec<T>,
    pub(super) errors: ParseErrors,
}

impl<T, C> ParsedRows<T, C> {
    /// No rows yet. `clean` converts a row to a value or to nothing, and counts parse errors.
    pub(super) fn new(clean: C) -> Self {
        Self { clean, values: Vec::new(), errors: ParseErrors::default() }
    }
}

impl<R, T, C> RowSink<R> for ParsedRows<T, C>
where
    T: Send,
    C: FnMut(R, &mut ParseErrors) -> Option<T> + Clone + Send,
{
    fn empty(&self) -> Self {
        Self::new(self.clean.clone())
    }

    fn take(&mut self, row: R) {
        self.values.extend((self.clean)(row, &mut self.errors));
    }
}

/// Sorts the values and keeps the last of several equal ones. Returns how many were removed.
pub(super) fn dedup_by_key_keep_last<T>(values: &mut Vec<T>, order: impl Fn(&T, &T) -> Ordering) -> u64 {
    let received = values.len();
    values.sort_by(&order);
    values.dedup_by(|later, earlier| {
        let is_same = order(later, earlier).is_eq();
        if is_same {
            std::mem::swap(later, earlier);
        }
        is_same
    });
    (received - values.len()) as u64
}

/// Appends `more` to `all`, without a copy if `all` is empty, as it nearly always is.
pub(super) fn append<T>(all: &mut Vec<T>, mut more: Vec<T>) {
    if all.is_empty() {
        *all = more;
    } else {
        all.append(&mut more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_several_equal_values_is_kept() {
        let mut values = vec![("b", 1), ("a", 1), ("b", 2), ("c", 1), ("b", 3)];
        let removed = dedup_by_key_keep_last(&mut values, |(a, _), (b, _)| a.cmp(b));
        assert_eq!((values, removed), (vec![("a", 1), ("b", 3), ("c", 1)], 2));
    }

    #[test]
    fn values_are_appended_in_order() {
        let mut all = Vec::new();
        for part in [vec![1, 2], vec![], vec![3]] {
            append(&mut all, part);
        }
        assert_eq!(all, [1, 2, 3]);
    }
}
