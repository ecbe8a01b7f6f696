//! A family of metrics: its name, kind, help and unit, and its metadata lines in both text formats.
//!
//! The formats differ only in the metadata. Text 0.0.4 uses the names of the samples, and it has neither infos nor
//! units.

/// The name, the kind and the help of a family. The unit is part of the name.
#[derive(Debug)]
pub(super) struct Family {
    /// The name of its samples (for a histogram without `_bucket`, `_count` and `_sum`).
    pub(super) name: &'static str,
    /// One sentence.
    pub(super) help: &'static str,
    /// The kind of its values.
    pub(super) kind: Kind,
}

/// The kinds in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Goes up and down.
    Gauge,
    /// Only goes up; its name ends in `_total`.
    Counter,
    /// Always 1, the labels hold the information; its name ends in `_info`.
    Info,
    /// Counts in buckets.
    Histogram,
}

/// The units in use; the base units of Prometheus.
const UNITS: [&str; 3] = ["seconds", "ratio", "bytes"];

impl Family {
    /// The name without the suffix of its kind: the name of the family in `OpenMetrics`.
    pub(super) fn without_kind(&self) -> &'static str {
        let suffix = match self.kind {
            Kind::Counter => "_total",
            Kind::Info => "_info",
            Kind::Gauge | Kind::Histogram => "",
        };
        self.name.strip_suffix(suffix).unwrap_or(self.name)
    }

    /// The unit at the end of the name, if there is one.
    pub(super) fn unit(&self) -> Option<&'static str> {
        let name = self.without_kind();
        UNITS.into_iter().find(|unit| name.strip_suffix(unit).is_some_and(|stem| stem.ends_with('_')))
    }

    /// The name without unit and suffix, because the encoder adds both.
    pub(super) fn stem(&self) -> &'static str {
        let name = self.without_kind();
        self.unit().and_then(|unit| name.strip_suffix(unit)?.strip_suffix('_')).unwrap_or(name)
    }

    /// The metadata lines of `OpenMetrics`, as prometheus-client's encoder writes them.
    pub(super) fn openmetrics_metadata(&self) -> String {
        let (name, help, kind) = (self.without_kind(), self.help, self.kind.openmetrics());
        let unit = self.unit().map(|unit| format!("# UNIT {name} {unit}\n")).unwrap_or_default();
        format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{unit}")
    }

    /// The metadata lines of text 0.0.4.
    pub(super) fn text004_metadata(&self) -> String {
        let Self { name, help, kind } = self;
        format!("# HELP {name} {help}\n# TYPE {name} {}\n", kind.text004())
    }
}

impl Kind {
    /// Its name in `OpenMetrics`.
    fn openmetrics(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Gauge | Self::Counter | Self::Histogram => self.text004(),
        }
    }

    /// Its name in text 0.0.4, which has no infos.
    pub(super) fn text004(self) -> &'static str {
        match self {
            Self::Gauge | Self::Info => "gauge",
            Self::Counter => "counter",
            Self::Histogram => "histogram",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(name: &'static str, kind: Kind) -> (String, String) {
        let family = Family { name, help: "Calls.", kind };
        (family.openmetrics_metadata(), family.text004_metadata())
    }

    #[test]
    fn text_004_names_a_counter_after_its_samples() {
        let (openmetrics, text004) = metadata("x_total", Kind::Counter);
        assert_eq!(openmetrics, "# HELP x Calls.\n# TYPE x counter\n");
        assert_eq!(text004, "# HELP x_total Calls.\n# TYPE x_total counter\n");
    }

    #[test]
    fn an_info_is_a_gauge_in_text_004() {
        let (openmetrics, text004) = metadata("x_info", Kind::Info);
        assert_eq!(openmetrics, "# HELP x Calls.\n# TYPE x info\n");
        assert_eq!(text004, "# HELP x_info Calls.\n# TYPE x_info gauge\n");
    }

    #[test]
    fn only_openmetrics_has_units() {
        let (openmetrics, text004) = metadata("x_seconds", Kind::Gauge);
        assert_eq!(openmetrics, "# HELP x_seconds Calls.\n# TYPE x_seconds gauge\n# UNIT x_seconds seconds\n");
        assert_eq!(text004, "# HELP x_seconds Calls.\n# TYPE x_seconds gauge\n");
    }
}
