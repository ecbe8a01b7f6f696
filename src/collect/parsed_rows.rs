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

/// The rows that were removed because another row has the same key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DuplicateRows {
    /// All of them.
    pub(super) removed: u64,
    /// Those whose other values differ from those of the row that is kept.
    pub(super) different: u64,
}

/// Sorts the values by key and keeps the last one of each key.
pub(super) fn dedup_by_key_keep_last<T: PartialEq>(
    values: &mut Vec<T>,
    order: impl Fn(&T, &T) -> Ordering,
) -> DuplicateRows {
    let mut duplicates = DuplicateRows::default();
    values.sort_by(&order);
    values.dedup_by(|later, earlier| {
        let has_same_key = order(later, earlier).is_eq();
        if has_same_key {
            duplicates.removed += 1;
            duplicates.different += u64::from(later != earlier);
            std::mem::swap(later, earlier);
        }
        has_same_key
    });
    duplicates
}

/// The same for rows whose key may be unknown. Such rows are not rows of one key, so none of them replaces another.
pub(super) fn dedup_known_by_key_keep_last<T: PartialEq>(
    values: &mut Vec<T>,
    order: impl Fn(&T, &T) -> Ordering,
    is_unknown: impl Fn(&T) -> bool,
) -> DuplicateRows {
    let unknown: Vec<T> = values.extract_if(.., |value| is_unknown(value)).collect();
    let duplicates = dedup_by_key_keep_last(values, order);
    values.extend(unknown);
    duplicates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_several_equal_values_is_kept() {
        let mut values = vec![("b", 1), ("a", 1), ("b", 2), ("c", 1), ("b", 3)];
        let duplicates = dedup_by_key_keep_last(&mut values, |(a, _), (b, _)| a.cmp(b));
        assert_eq!(values, [("a", 1), ("b", 3), ("c", 1)]);
        assert_eq!(duplicates, DuplicateRows { removed: 2, different: 2 });
    }

    #[test]
    fn an_exact_repetition_is_removed_but_is_not_different() {
        let mut values = vec![("a", 1), ("a", 1), ("b", 2)];
        let duplicates = dedup_by_key_keep_last(&mut values, |(a, _), (b, _)| a.cmp(b));
        assert_eq!((values, duplicates), (vec![("a", 1), ("b", 2)], DuplicateRows { removed: 1, different: 0 }));
    }

    #[test]
    fn rows_with_an_unknown_key_are_all_kept() {
        let mut values = vec![("?", 1), ("a", 1), ("?", 1), ("a", 2)];
        let duplicates = dedup_known_by_key_keep_last(&mut values, |(a, _), (b, _)| a.cmp(b), |(key, _)| *key == "?");
        assert_eq!(values, [("a", 2), ("?", 1), ("?", 1)]);
        assert_eq!(duplicates, DuplicateRows { removed: 1, different: 1 });
    }
}
