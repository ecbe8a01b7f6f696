//! The macro by which the fields of a row are written once.

use serde::de::{IgnoredAny, MapAccess};

use crate::api::values::{FieldFormat, FieldValue};

/// A JSON object whose fields are read by name. Unknown fields are skipped, missing ones keep their default.
pub trait RowFields: Default {
    /// The names of all fields that are read, in the order of the struct: the values of the label `field`.
    fn names() -> Vec<&'static str>;

    /// Reads the value of the field `name`, or skips it; says whether the report has the field. When a name comes
    /// twice, the last value wins.
    fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error>;
}

/// One field of the struct. It reads one JSON field of its own name, or several with related names.
pub(super) trait RowField {
    /// The names that it reads; `own` is its name in the struct.
    fn names(own: &'static str) -> Vec<&'static str>;

    /// Reads the value if `name` is one of its names; says whether it was.
    fn read<'de, A: MapAccess<'de>>(&mut self, own: &str, name: &str, map: &mut A) -> Result<bool, A::Error>;
}

impl<T: FieldFormat> RowField for FieldValue<T> {
    fn names(own: &'static str) -> Vec<&'static str> {
        vec![own]
    }

    fn read<'de, A: MapAccess<'de>>(&mut self, own: &str, name: &str, map: &mut A) -> Result<bool, A::Error> {
        let is_own = name == own;
        if is_own {
            *self = map.next_value()?;
        }
        Ok(is_own)
    }
}

/// Skips the value of a field that is not read.
pub(super) fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<bool, A::Error> {
    map.next_value::<IgnoredAny>().map(|_| false)
}

/// Defines the struct of a row and implements [`RowFields`] for it. The name of each field is wolkvox's name.
macro_rules! wire_row {
    (
        $(#[$attribute:meta])*
        pub struct $row:ident {
            $($(#[doc = $doc:literal])* $visibility:vis $field:ident: $kind:ty,)*
        }
    ) => {
        $(#[$attribute])*
        pub struct $row {
            $(#[doc = concat!("`", stringify!($field), "`")] $(#[doc = ""] #[doc = $doc])* $visibility $field: $kind,)*
        }

        impl $crate::api::wire::row_fields::RowFields for $row {
            fn names() -> Vec<&'static str> {
                let names = [$(<$kind as $crate::api::wire::row_fields::RowField>::names(stringify!($field))),*];
                names.concat()
            }

            fn read<'de, A: serde::de::MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
                use $crate::api::wire::row_fields::RowField as _;
                $(if self.$field.read(stringify!($field), name, map)? {
                    return Ok(true);
                })*
                $crate::api::wire::row_fields::skip(map)
            }
        }
    };
}

pub(super) use wire_row;
