//! `service_level_NNseg`: the threshold is part of the field's name, and newer servers add their own.

use serde::de::{IgnoredAny, MapAccess};

use crate::api::values::{FieldValue, Percentage};

/// Thresholds kept per row. The vendor sends three, `services_time` adds one; a row with hundreds would flood Prometheus.
const MAX_THRESHOLDS: usize = 8;

/// A threshold above this many digits is no waiting time: 9,999 s are nearly three hours.
const MAX_THRESHOLD_DIGITS: usize = 4;

/// The service levels of one row, in the order in which they came.
#[derive(Debug, Default)]
pub struct ServiceLevels(Vec<WireServiceLevel>);

/// One service level as it came.
#[derive(Debug)]
pub struct WireServiceLevel {
    /// From the field's name.
    pub threshold_seconds: u32,
    /// The share of calls answered within it.
    pub level: FieldValue<Percentage>,
}

impl ServiceLevels {
    /// Takes the value that follows the key `name` if that is a service level; ignores it otherwise.
    pub(super) fn take<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let Some(threshold_seconds) = threshold(name) else {
            return map.next_value::<IgnoredAny>().map(drop);
        };
        let level = map.next_value()?;
        if let Some(known) = self.0.iter_mut().find(|known| known.threshold_seconds == threshold_seconds) {
            known.level = level;
        } else if self.0.len() < MAX_THRESHOLDS {
            self.0.push(WireServiceLevel { threshold_seconds, level });
        }
        Ok(())
    }
}

impl IntoIterator for ServiceLevels {
    type Item = WireServiceLevel;
    type IntoIter = std::vec::IntoIter<WireServiceLevel>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The threshold in `service_level_NNseg`. A threshold of 0 is what servers send for "not asked for", so it is none.
fn threshold(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("service_level_")?.strip_suffix("seg")?;
    if digits.len() > MAX_THRESHOLD_DIGITS || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|threshold| *threshold > 0)
}

/// The label `field` of a service level that cannot be read: a name from the vendor's list, never one from an answer.
impl WireServiceLevel {
    /// The name of the field, or one name for all thresholds that the vendor does not list.
    pub fn field(&self) -> &'static str {
        match self.threshold_seconds {
            10 => "service_level_10seg",
            20 => "service_level_20seg",
            30 => "service_level_30seg",
            _ => "service_level_NNseg",
        }
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
    fn what_is_no_threshold_is_none() {
        for name in
            ["service_level_0seg", "service_level_seg", "service_level_-5seg", "service_level_99999seg", "by_abandon"]
        {
            assert_eq!(threshold(name), None, "{name}");
        }
    }
}
