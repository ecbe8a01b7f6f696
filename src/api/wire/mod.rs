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
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

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

/// Rows where wolkvox may also send none or a single one without the list around it. No more than `MOST` are kept: tiny
/// elements grow a hundredfold in memory.
#[derive(Debug, Default)]
pub(super) enum List<R, const MOST: usize> {
    /// Not there, or `null`.
    #[default]
    Missing,
    Elements(Vec<Element<R>>),
    /// Neither a list nor an object.
    Other,
}

impl<R, const MOST: usize> List<R, MOST> {
    /// The rows, and how many values stand where rows should be.
    pub(super) fn into_rows(self) -> (Vec<R>, usize) {
        let elements = match self {
            Self::Missing => Vec::new(),
            Self::Elements(elements) => elements,
            Self::Other => return (Vec::new(), 1),
        };
        let received = elements.len();
        let rows: Vec<R> = elements
            .into_iter()
            .filter_map(|element| match element {
                Element::Row(row) => Some(row),
                Element::Other => None,
            })
            .collect();
        let others = received - rows.len();
        (rows, others)
    }
}

impl<'de, R: Fields, const MOST: usize> Deserialize<'de> for List<R, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

struct ListVisitor<R, const MOST: usize>(PhantomData<R>);

impl<'de, R: Fields, const MOST: usize> Visitor<'de> for ListVisitor<R, MOST> {
    type Value = List<R, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while elements.len() < MOST {
            let Some(element) = seq.next_element()? else { return Ok(List::Elements(elements)) };
            elements.push(element);
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(List::Elements(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Element::deserialize(MapAccessDeserializer::new(map)).map(|row| List::Elements(vec![row]))
    }

    scalars_are!(List::Other);

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(List::Missing)
    }
}
