//! `real_time.php?api=skills`: skills in real time.

use serde::de::MapAccess;

use super::{Fields, ServiceLevels, WireRow};
use crate::api::Endpoint;
use crate::api::values::{Count, FieldValue, Percentage, Text};

/// One skill. Counts are of the running day.
#[derive(Debug, Default)]
pub struct SkillRow {
    /// `skill_id`
    pub skill_id: FieldValue<Text>,
    /// `skill_name`
    pub skill_name: FieldValue<Text>,
    /// `calls_in_queue_now`
    pub calls_in_queue_now: FieldValue<Count>,
    /// `stat_inbound`
    pub stat_inbound: FieldValue<Count>,
    /// `stat_answer`
    pub stat_answer: FieldValue<Count>,
    /// `stat_abandon`
    pub stat_abandon: FieldValue<Count>,
    /// `service_level_NNseg`
    pub service_levels: ServiceLevels,
    /// `by_abandon`
    pub by_abandon: FieldValue<Percentage>,
}

impl WireRow for SkillRow {
    const ENDPOINT: Endpoint = Endpoint { file: "real_time.php", api: "skills" };

    const FIELDS: &'static [&'static str] = &[
        "skill_id",
        "skill_name",
        "calls_in_queue_now",
        "stat_inbound",
        "stat_answer",
        "stat_abandon",
        "service_level_10seg",
        "service_level_20seg",
        "service_level_30seg",
        "service_level_NNseg",
        "by_abandon",
    ];
}

impl Fields for SkillRow {
    fn take<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "skill_id" => self.skill_id = map.next_value()?,
            "skill_name" => self.skill_name = map.next_value()?,
            "calls_in_queue_now" => self.calls_in_queue_now = map.next_value()?,
            "stat_inbound" => self.stat_inbound = map.next_value()?,
            "stat_answer" => self.stat_answer = map.next_value()?,
            "stat_abandon" => self.stat_abandon = map.next_value()?,
            "by_abandon" => self.by_abandon = map.next_value()?,
            _ => self.service_levels.take(name, map)?,
        }
        Ok(())
    }
}
