//! The rows of an answer as clean values: made one by one while it is read, and of those that say the same thing twice only
//! the last.

use std::cmp::Ordering;

use super::parse_errors::ParseErrors;
use crate::api::RowSink;

/// What came of the rows so far.
#[derive(Debug)]
pub(super) struct ParsedRows<T, C> {
    clean: C,
    pub(super) values: Vec<T>,
    pub(super) errors: ParseErrors,
}

impl<T, C> ParsedRows<T, C> {
    /// Nothing yet; `clean` makes a value of a row, or nothing, and counts what it could not use.
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

/// Sorts values and keeps the last of those that are equal; says how many went.
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

/// Puts `more` behind `all`, without a copy of what is most often the only part.
pub(super) fn join<T>(all: &mut Vec<T>, mut more: Vec<T>) {
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
    fn of_equal_values_the_last_stays() {
        let mut values = vec![("b", 1), ("a", 1), ("b", 2), ("c", 1), ("b", 3)];
        let gone = dedup_by_key_keep_last(&mut values, |(a, _), (b, _)| a.cmp(b));
        assert_eq!((values, gone), (vec![("a", 1), ("b", 3), ("c", 1)], 2));
    }

    #[test]
    fn parts_are_joined_in_order() {
        let mut all = Vec::new();
        for part in [vec![1, 2], vec![], vec![3]] {
            join(&mut all, part);
        }
        assert_eq!(all, [1, 2, 3]);
    }
}
