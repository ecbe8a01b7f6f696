//! The rows of each report as wolkvox sends them, one file per report.

mod agents_kpi;
mod dnis;
mod ivr;
mod row_fields;
mod service_levels;
mod skills;
mod transfers;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

pub use agents_kpi::{AgentDay, AgentRow};
pub use dnis::DnisRow;
pub use ivr::IvrRow;
pub use row_fields::RowFields;
pub use service_levels::{ServiceLevels, WireServiceLevel};
pub use skills::SkillRow;
pub use transfers::{Receiver, TransferRow};

use super::Endpoint;
use row_fields::wire_row;

/// The value of the label `field` for rows that are not JSON objects.
pub(crate) const ROW_FIELD: &str = "row";

/// A row of one report.
pub trait WireRow: RowFields + Send + 'static {
    /// The report.
    const ENDPOINT: Endpoint;
}

/// Receives rows one by one while the response is parsed. A raw row holds a text per figure, so all raw rows of a
/// response together would need many times the memory of the values that are made of them.
pub(crate) trait RowSink<R>: Send {
    /// A new sink of the same kind without rows, because a response may be parsed a second time after a repair.
    #[must_use]
    fn empty(&self) -> Self;

    /// Receives the next row.
    fn take(&mut self, row: R);
}

/// Keeps the raw rows.
impl<R: Send> RowSink<R> for Vec<R> {
    fn empty(&self) -> Self {
        Self::new()
    }

    fn take(&mut self, row: R) {
        self.push(row);
    }
}

/// Implements the methods of a serde visitor that treats strings, numbers and booleans alike.
macro_rules! scalars_are {
    ($what:expr) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($what)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($what)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($what)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($what)
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($what)
        }
    };
}

pub(super) use scalars_are;

/// An element of `data`.
#[derive(Debug)]
pub(super) enum Element<R> {
    Row(R),
    /// Not a JSON object, or an object without any field by which the report is known.
    Other,
}

impl<'de, R: RowFields> Deserialize<'de> for Element<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor(PhantomData))
    }
}

/// Reads the object whose first field is `name`.
fn read_row<'de, R: RowFields, A: MapAccess<'de>>(name: FieldName<'de>, mut map: A) -> Result<Element<R>, A::Error> {
    let mut row = R::default();
    let mut is_known = false;
    let mut next = Some(name);
    while let Some(FieldName(name)) = next {
        let is_field = row.read(&name, &mut map)?;
        // Several reports have service levels, so they do not tell of which report a row is.
        is_known |= is_field && !service_levels::is_field(&name);
        next = map.next_key()?;
    }
    Ok(if is_known { Element::Row(row) } else { Element::Other })
}

struct ElementVisitor<R>(PhantomData<R>);

impl<'de, R: RowFields> Visitor<'de> for ElementVisitor<R> {
    type Value = Element<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        match map.next_key()? {
            Some(name) => read_row(name, map),
            // An empty object is a row of blanks.
            None => Ok(Element::Row(R::default())),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element::Other)
    }

    scalars_are!(Element::Other);

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Element::Other)
    }
}

/// A list of rows. wolkvox may also leave it out, or send a single row without the list around it. PHP writes a list
/// that has lost an element as an object whose fields are the indices: `{"0": {…}, "2": {…}}`.
#[derive(Debug, Default)]
pub(super) enum List<G> {
    /// Missing, or `null`.
    #[default]
    Missing,
    Elements(Elements<G>),
    /// Neither a list nor a row of the report.
    Other,
}

/// The elements of a list.
#[derive(Debug)]
pub(super) struct Elements<G> {
    /// The sink that received the rows.
    pub(super) rows: G,
    /// How many elements there are.
    pub(super) received: usize,
    /// How many of them are not rows.
    pub(super) not_rows: usize,
}

impl<G> Elements<G> {
    fn none(rows: G) -> Self {
        Self { rows, received: 0, not_rows: 0 }
    }

    fn take<R>(&mut self, element: Element<R>)
    where
        G: RowSink<R>,
    {
        self.received += 1;
        match element {
            Element::Row(row) => self.rows.take(row),
            Element::Other => self.not_rows += 1,
        }
    }
}

impl<G> List<G> {
    /// The elements. Without a list: `empty`, and one element that is not a row if there was a value of another kind.
    pub(super) fn or_empty(self, empty: G) -> Elements<G> {
        match self {
            Self::Missing => Elements::none(empty),
            Self::Elements(elements) => elements,
            Self::Other => Elements { received: 1, not_rows: 1, ..Elements::none(empty) },
        }
    }
}

/// Reads a list of rows `R` into `rows`. At most `max` are kept, because tiny elements need a hundred times more memory
/// than text.
pub(super) struct ListOf<R, G> {
    rows: G,
    max: usize,
    row: PhantomData<R>,
}

impl<R, G> ListOf<R, G> {
    pub(super) fn at_most(max: usize, rows: G) -> Self {
        Self { rows, max, row: PhantomData }
    }
}

impl<'de, R: RowFields, G: RowSink<R>> DeserializeSeed<'de> for ListOf<R, G> {
    type Value = List<G>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: RowFields, G: RowSink<R>> Visitor<'de> for ListOf<R, G> {
    type Value = List<G>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Elements::none(self.rows);
        while elements.received < self.max {
            let Some(element) = seq.next_element()? else { return Ok(List::Elements(elements)) };
            elements.take(element);
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(List::Elements(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut elements = Elements::none(self.rows);
        let Some(first) = map.next_key::<FieldName<'_>>()? else { return Ok(List::Elements(elements)) };
        if !is_index(&first.0) {
            return Ok(match read_row::<R, A>(first, map)? {
                row @ Element::Row(_) => {
                    elements.take(row);
                    List::Elements(elements)
                }
                Element::Other => List::Other,
            });
        }
        let mut next = Some(first);
        while let Some(FieldName(name)) = next {
            if !is_index(&name) {
                map.next_value::<IgnoredAny>()?;
                elements.take(Element::<R>::Other);
            } else if elements.received < self.max {
                elements.take(map.next_value::<Element<R>>()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
            next = map.next_key()?;
        }
        Ok(List::Elements(elements))
    }

    scalars_are!(List::Other);

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(List::Missing)
    }
}

/// The name of a field. It is borrowed from the response where it has no escape.
#[derive(Debug)]
pub(super) struct FieldName<'de>(pub(super) Cow<'de, str>);

impl<'de> Deserialize<'de> for FieldName<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(FieldNameVisitor)
    }
}

struct FieldNameVisitor;

impl<'de> Visitor<'de> for FieldNameVisitor {
    type Value = FieldName<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(FieldName(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(FieldName(Cow::Owned(name.to_owned())))
    }
}

/// Whether the name of a field is the index of a list.
fn is_index(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_nested_and_related_fields_are_listed() {
        assert_eq!(TransferRow::names().len(), 6);
        let agent = AgentRow::names();
        assert_eq!((agent[2], agent[3], agent[10]), ("stats", "date", "login_time"));
        let skill = SkillRow::names();
        assert_eq!(
            skill[6..],
            ["service_level_10seg", "service_level_20seg", "service_level_30seg", "service_level_NNseg", "by_abandon"]
        );
    }
}
