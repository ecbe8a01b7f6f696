//! `service_level_NNseg`: the threshold is part of the field's name, and newer servers add thresholds of their own.

use serde::de::MapAccess;

use super::row_fields::RowField;
use crate::api::values::{FieldValue, Percentage};

/// Thresholds kept per row. The vendor sends three, `services_time` adds one. A row with hundreds of them would create
/// too many series in Prometheus.
const MAX_THRESHOLDS: usize = 8;

/// Digits of a threshold. Longer numbers are ignored, because nobody waits 10,000 s (nearly three hours).
const MAX_THRESHOLD_DIGITS: usize = 4;

/// The thresholds that the vendor documents, with the names of their fields.
const DOCUMENTED: [(u32, &str); 3] =
    [(10, "service_level_10seg"), (20, "service_level_20seg"), (30, "service_level_30seg")];

/// One name for all other thresholds in the label `field`, so that wolkvox cannot create series.
const OTHER_THRESHOLD: &str = "service_level_NNseg";

/// The service levels of one row, in the order in which they came.
#[derive(Debug, Default)]
pub struct ServiceLevels(Vec<WireServiceLevel>);

/// One service level as wolkvox sent it.
#[derive(Debug)]
pub struct WireServiceLevel {
    /// Read from the field's name.
    pub threshold_seconds: u32,
    /// The share of calls answered within it.
    pub level: FieldValue<Percentage>,
}

impl RowField for ServiceLevels {
    fn names(_own: &'static str) -> Vec<&'static str> {
        DOCUMENTED.iter().map(|(_, name)| *name).chain([OTHER_THRESHOLD]).collect()
    }

    fn read<'de, A: MapAccess<'de>>(&mut self, _own: &str, name: &str, map: &mut A) -> Result<bool, A::Error> {
        let Some(threshold_seconds) = threshold(name) else { return Ok(false) };
        let level = map.next_value()?;
        if let Some(known) = self.0.iter_mut().find(|known| known.threshold_seconds == threshold_seconds) {
            known.level = level;
        } else if self.0.len() < MAX_THRESHOLDS {
            self.0.push(WireServiceLevel { threshold_seconds, level });
        }
        Ok(true)
    }
}

impl IntoIterator for ServiceLevels {
    type Item = WireServiceLevel;
    type IntoIter = std::vec::IntoIter<WireServiceLevel>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Whether the name of a field is that of a service level.
pub(super) fn is_field(name: &str) -> bool {
    threshold(name).is_some()
}

/// The threshold in `service_level_NNseg`. Servers send a threshold of 0 for "not configured", so 0 gives `None`.
fn threshold(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("service_level_")?.strip_suffix("seg")?;
    if digits.len() > MAX_THRESHOLD_DIGITS || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|threshold| *threshold > 0)
}

impl WireServiceLevel {
    /// The value of the label `field` when the level cannot be read: a name from the vendor's documentation, never a
    /// name from a response.
    pub fn field(&self) -> &'static str {
        DOCUMENTED
            .into_iter()
            .find(|(threshold, _)| *threshold == self.threshold_seconds)
            .map_or(OTHER_THRESHOLD, |(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_read_from_the_name() {
        assert_eq!(threshold("service_level_20seg"), Some(20));
        assert_eq!(threshold("service_level_045seg"), Some(45));
    }

    #[test]
    fn other_names_have_no_threshold() {
        for name in
            ["service_level_0seg", "service_level_seg", "service_level_-5seg", "service_level_99999seg", "by_abandon"]
        {
            assert_eq!(threshold(name), None, "{name}");
        }
    }
}
