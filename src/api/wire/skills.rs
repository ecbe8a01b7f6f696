//! `real_time.php?api=skills`: skills in real time.

use super::{ServiceLevels, WireRow, wire_row};
use crate::api::Endpoint;
use crate::api::values::{Count, FieldValue, Percentage, Text};

wire_row! {
    /// One skill. Counts are of the running day.
    #[derive(Debug, Default)]
    pub struct SkillRow {
        pub skill_id: FieldValue<Text>,
        pub skill_name: FieldValue<Text>,
        pub calls_in_queue_now: FieldValue<Count>,
        pub stat_inbound: FieldValue<Count>,
        pub stat_answer: FieldValue<Count>,
        pub stat_abandon: FieldValue<Count>,
        pub service_levels: ServiceLevels,
        pub by_abandon: FieldValue<Percentage>,
    }
}

impl WireRow for SkillRow {
    const ENDPOINT: Endpoint = Endpoint { file: "real_time.php", api: "skills" };
}
