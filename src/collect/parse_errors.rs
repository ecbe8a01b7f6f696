//! What could not be used of an answer, gathered while a collector reads it.

use crate::api::values::{FieldValue, Shape};

/// Unreadable fields of one answer.
#[derive(Debug, Default)]
pub(super) struct ParseErrors {
    /// Per field: how often, and the form of the first.
    pub(super) fields: Vec<(&'static str, u64, Option<Shape>)>,
}

impl ParseErrors {
    /// The value of a field, or nothing; what was there and could not be read is counted.
    pub(super) fn take<T>(&mut self, field: &'static str, reading: FieldValue<T>) -> Option<T> {
        match reading {
            FieldValue::Value(value) => Some(value),
            FieldValue::Absent => None,
            FieldValue::Unreadable(shape) => {
                self.count(field, 1, Some(shape));
                None
            }
        }
    }

    /// The value of a field without which its row is lost. That it is missing is counted as well, unless everything else
    /// `is_blank`: a row that is blank from end to end is how wolkvox says "nothing".
    pub(super) fn key<T>(&mut self, field: &'static str, reading: FieldValue<T>, is_blank: bool) -> Option<T> {
        if reading.is_absent() && !is_blank {
            self.count(field, 1, None);
        }
        self.take(field, reading)
    }

    /// Counts values of a field that could not be used, if there are any.
    pub(super) fn count_some(&mut self, field: &'static str, times: u64) {
        if times > 0 {
            self.count(field, times, None);
        }
    }

    /// Counts values of a field that could not be used.
    pub(super) fn count(&mut self, field: &'static str, times: u64, shape: Option<Shape>) {
        match self.fields.iter_mut().find(|(known, ..)| *known == field) {
            Some((_, count, _)) => *count += times,
            None => self.fields.push((field, times, shape)),
        }
    }
}
