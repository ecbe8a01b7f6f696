//! Rows as they come, one file per report.

mod agents_kpi;
mod dnis;
mod ivr;
mod service_levels;
mod skills;
mod transfers;

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

pub use agents_kpi::{AgentDay, AgentRow};
pub use dnis::DnisRow;
pub use ivr::IvrRow;
pub use service_levels::{ServiceLevels, WireServiceLevel};
pub use skills::SkillRow;
pub use transfers::{Receiver, TransferRow};

use super::Endpoint;

/// The `field` under which a row is counted that is no JSON object.
pub const ROW_FIELD: &str = "row";

/// A row of one report.
pub trait WireRow: Fields + Send + 'static {
    /// The report.
    const ENDPOINT: Endpoint;

    /// The fields that are read: the values that the label `field` can have, besides [`ROW_FIELD`].
    const FIELDS: &'static [&'static str];
}

/// A JSON object: its fields by name, unknown ones ignored, missing ones absent.
pub trait Fields: Default {
    /// Takes the value that follows the key `name`. A key that comes twice keeps its last value.
    fn take<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;
}

/// Takes rows one by one while they are read. A row as it came is a text for each figure; to have all of an answer's at
/// once would cost many times what is made of them.
pub trait RowSink<R>: Send {
    /// The same, with nothing gathered: what was read may turn out to be read once more.
    #[must_use]
    fn empty(&self) -> Self;

    /// Takes the next row.
    fn take(&mut self, row: R);
}

/// Keeps rows as they are.
impl<R: Send> RowSink<R> for Vec<R> {
    fn empty(&self) -> Self {
        Self::new()
    }

    fn take(&mut self, row: R) {
        self.push(row);
    }
}

/// The methods of a serde visitor for which a string, a number and a boolean are all the same.
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
    /// No JSON object, so nothing can be read from it.
    Other,
}

impl<'de, R: Fields> Deserialize<'de> for Element<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor(PhantomData))
    }
}

struct ElementVisitor<R>(PhantomData<R>);

impl<'de, R: Fields> Visitor<'de> for ElementVisitor<R> {
    type Value = Element<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut row = R::default();
        while let Some(name) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            row.take(&name, &mut map)?;
        }
        Ok(Element::Row(row))
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

/// Rows where wolkvox may also send none or a single one without the list around it.
#[derive(Debug, Default)]
pub(super) enum List<G> {
    /// Not there, or `null`.
    #[default]
    Missing,
    Elements(Elements<G>),
    /// Neither a list nor an object.
    Other,
}

/// The elements of a list.
#[derive(Debug)]
pub(super) struct Elements<G> {
    /// What was made of the rows.
    pub(super) gathered: G,
    /// How many there are.
    pub(super) received: usize,
    /// How many of them are no rows.
    pub(super) not_rows: usize,
}

impl<G> Elements<G> {
    fn none(gathered: G) -> Self {
        Self { gathered, received: 0, not_rows: 0 }
    }

    fn take<R>(&mut self, element: Element<R>)
    where
        G: RowSink<R>,
    {
        self.received += 1;
        match element {
            Element::Row(row) => self.gathered.take(row),
            Element::Other => self.not_rows += 1,
        }
    }
}

impl<G> List<G> {
    /// The elements; where there is no list, `empty` and what stands in its place.
    pub(super) fn or_empty(self, empty: G) -> Elements<G> {
        match self {
            Self::Missing => Elements::none(empty),
            Self::Elements(elements) => elements,
            Self::Other => Elements { received: 1, not_rows: 1, ..Elements::none(empty) },
        }
    }
}

/// Reads a list of rows `R` into `gathered`. No more than `most` are kept: tiny elements grow a hundredfold in memory.
pub(super) struct ListOf<R, G> {
    gathered: G,
    most: usize,
    rows: PhantomData<R>,
}

impl<R, G> ListOf<R, G> {
    pub(super) fn at_most(most: usize, gathered: G) -> Self {
        Self { gathered, most, rows: PhantomData }
    }
}

impl<'de, R: Fields, G: RowSink<R>> DeserializeSeed<'de> for ListOf<R, G> {
    type Value = List<G>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Fields, G: RowSink<R>> Visitor<'de> for ListOf<R, G> {
    type Value = List<G>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Elements::none(self.gathered);
        while elements.received < self.most {
            let Some(element) = seq.next_element()? else { return Ok(List::Elements(elements)) };
            elements.take(element);
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(List::Elements(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let mut elements = Elements::none(self.gathered);
        elements.take(Element::deserialize(MapAccessDeserializer::new(map))?);
        Ok(List::Elements(elements))
    }

    scalars_are!(List::Other);

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(List::Missing)
    }
}
