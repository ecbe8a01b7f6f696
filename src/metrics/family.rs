//! What a family of metrics is: a name, a kind, a line of help. The unit is part of the name.
//!
//! The table of metrics (`definitions`) and the code that writes samples (`sample`) both use it.

/// What families are about: a name, a kind, a line of help.
#[derive(Debug)]
pub(super) struct Family {
    /// The name of its samples (of a histogram: without `_bucket` and the like).
    pub(super) name: &'static str,
    /// One sentence.
    pub(super) help: &'static str,
    /// What kind of values.
    pub(super) kind: Kind,
}

/// The kinds in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Goes up and down.
    Gauge,
    /// Only goes up; its name ends in `_total`.
    Counter,
    /// Always 1, the labels are what it says; its name ends in `_info`.
    Info,
    /// Counts in buckets.
    Histogram,
}

/// The units in use; the base units of Prometheus.
const UNITS: [&str; 3] = ["seconds", "ratio", "bytes"];

impl Family {
    /// The name without what its kind adds.
    pub(super) fn without_kind(&self) -> &'static str {
        let suffix = match self.kind {
            Kind::Counter => "_total",
            Kind::Info => "_info",
            Kind::Gauge | Kind::Histogram => "",
        };
        self.name.strip_suffix(suffix).unwrap_or(self.name)
    }

    /// The unit: what the name says.
    pub(super) fn unit(&self) -> Option<&'static str> {
        let name = self.without_kind();
        UNITS.into_iter().find(|unit| name.strip_suffix(unit).is_some_and(|stem| stem.ends_with('_')))
    }

    /// The name as the encoder wants it: it adds the unit and what belongs to the kind.
    pub(super) fn stem(&self) -> &'static str {
        let name = self.without_kind();
        self.unit().and_then(|unit| name.strip_suffix(unit)?.strip_suffix('_')).unwrap_or(name)
    }
}

impl Kind {
    /// Its name in text 0.0.4, which has no infos.
    pub(super) fn text004(self) -> &'static str {
        match self {
            Self::Gauge | Self::Info => "gauge",
            Self::Counter => "counter",
            Self::Histogram => "histogram",
        }
    }
}
