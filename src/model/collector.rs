//! Makes the enums [`Collector`] and [`Report`] of the table of collectors in the parent module.

use std::fmt;

use super::{Collector, Report};

/// The content of a [`Report`].
pub trait ReportContent: Sized {
    /// The content, if the report is of this kind.
    fn of(report: &Report) -> Option<&Self>;
}

macro_rules! collectors {
    ($($variant:ident($content:ty) {
        name: $name:literal,
        on_by_default: $on:literal,
        description: $description:literal
    })*) => {
        /// A collector: polls one report of wolkvox.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Collector {
            $(#[doc = concat!("`", $name, "`: ", $description, ".")] $variant,)*
        }

        impl Collector {
            /// Every collector, in the order of the documentation and of `/metrics`.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// The value of the label `collector`, the key in the configuration, the `NAME` of `--[no-]collector.NAME`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What it reads, in one line.
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$variant => $description,)*
                }
            }

            /// Whether it polls when the configuration does not mention it.
            pub const fn on_by_default(self) -> bool {
                match self {
                    $(Self::$variant => $on,)*
                }
            }
        }

        /// The values that one collector read.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Report {
            $(#[doc = concat!("Of the collector `", $name, "`.")] $variant($content),)*
        }

        impl Report {
            /// The collector that made it.
            pub fn collector(&self) -> Collector {
                match self {
                    $(Self::$variant(_) => Collector::$variant,)*
                }
            }
        }

        $(impl ReportContent for $content {
            fn of(report: &Report) -> Option<&Self> {
                if let Report::$variant(content) = report { Some(content) } else { None }
            }
        })*
    };
}

pub(super) use collectors;

impl Collector {
    /// The collector of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|collector| collector.name() == name)
    }
}

impl fmt::Display for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_collector_is_found_by_its_name() {
        for collector in Collector::ALL {
            assert_eq!(Collector::from_name(collector.name()), Some(collector));
        }
        assert_eq!(Collector::from_name("skill"), None);
    }
}
