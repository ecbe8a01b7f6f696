//! Values of a response that could not be parsed, counted while a collector reads it.

use crate::api::values::{FieldValue, Shape};

/// The parse errors of one response.
#[derive(Debug, Default)]
pub(super) struct ParseErrors {
    /// Per field: the number of errors, and the form of the first value.
    pub(super) fields: Vec<(&'static str, u64, Option<Shape>)>,
}

impl ParseErrors {
    /// The value of a field. Counts an error if there is a value that could not be parsed.
    pub(super) fn take<T>(&mut self, field: &'static str, value: FieldValue<T>) -> Option<T> {
        match value {
            FieldValue::Value(value) => Some(value),
            FieldValue::Absent => None,
            FieldValue::Unreadable(shape) => {
                self.count(field, 1, Some(shape));
                None
            }
        }
    }

    /// The value of a field that its row cannot do without. A missing value is counted as well, unless the rest of the
    /// row is blank (`is_blank`): wolkvox sends a row of blanks for "no data".
    pub(super) fn key<T>(&mut self, field: &'static str, value: FieldValue<T>, is_blank: bool) -> Option<T> {
        if value.is_absent() && !is_blank {
            self.count(field, 1, None);
        }
        self.take(field, value)
    }

    /// Counts `times` errors of a field; does nothing if `times` is 0.
    pub(super) fn count_some(&mut self, field: &'static str, times: u64) {
        if times > 0 {
            self.count(field, times, None);
        }
    }

    /// Counts `times` errors of a field.
    pub(super) fn count(&mut self, field: &'static str, times: u64, shape: Option<Shape>) {
        match self.fields.iter_mut().find(|(known, ..)| *known == field) {
            Some((_, count, _)) => *count += times,
            None => self.fields.push((field, times, shape)),
        }
    }
}
