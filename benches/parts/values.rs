//! The forms of values in wolkvox's responses.

use wolkvox_exporter::api::values::{
    ClockDuration, Count, Day, FieldFormat, FieldValue, LocalDateTime, Percentage, Seconds, Text,
};

use super::Part;

/// Texts in one run, because one alone is too short to be measured.
const TEXTS: usize = 1_000;

/// A form, a text in it, and whether a text can be read in it.
type Form = (&'static str, &'static str, fn(&str) -> bool);

const FORMS: [Form; 11] = [
    ("count", "428", is_value::<Count>),
    ("count with commas", "1,204", is_value::<Count>),
    ("percentage", "85.71 %", is_value::<Percentage>),
    ("percentage of a float", "85.71428571428571 %", is_value::<Percentage>),
    ("duration", "00:01:05", is_value::<ClockDuration>),
    ("seconds", "12.5", is_value::<Seconds>),
    ("day", "20261120", is_value::<Day>),
    ("time", "2026-11-20 10:15:30", is_value::<LocalDateTime>),
    ("name", "Atención  al Cliente", is_value::<Text>),
    ("blank", "--", is_value::<Count>),
    ("unreadable", "sin datos", is_value::<Count>),
];

fn is_value<T: FieldFormat>(text: &str) -> bool {
    matches!(FieldValue::<T>::of_text(text), FieldValue::Value(_))
}

pub(super) fn parts() -> impl Iterator<Item = Part> {
    FORMS.into_iter().map(|(name, text, read)| {
        Part::new(format!("values, {name}"), "text", TEXTS, move || {
            Box::new(move || Box::new(move || (0..TEXTS).filter(|_| read(std::hint::black_box(text))).count()))
        })
    })
}
