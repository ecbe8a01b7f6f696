//! Rows as they come, one file per report.

mod dnis;
mod service_levels;
mod skills;

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

pub use dnis::DnisRow;
pub use service_levels::{ServiceLevels, WireServiceLevel};
pub use skills::SkillRow;

use super::Endpoint;

/// The `field` under which a row is counted that is no JSON object.
pub const ROW_FIELD: &str = "row";

/// A row of one report: its fields by name, unknown ones ignored, missing ones absent.
pub trait WireRow: Default + Send + 'static {
    /// The report.
    const ENDPOINT: Endpoint;

    /// The fields that are read: the values that the label `field` can have, besides [`ROW_FIELD`].
    const FIELDS: &'static [&'static str];

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

impl<'de, R: WireRow> Deserialize<'de> for Element<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ElementVisitor(PhantomData))
    }
}

struct ElementVisitor<R>(PhantomData<R>);

impl<'de, R: WireRow> Visitor<'de> for ElementVisitor<R> {
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
