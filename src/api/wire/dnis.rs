//! `reports_manager.php?api=skill_6`: calls and service level by DNIS.

use super::{ServiceLevels, WireRow, wire_row};
use crate::api::Endpoint;
use crate::api::values::{Count, FieldValue, Percentage, Seconds, Text};

wire_row! {
    /// One number over the window of the query. A row does not contain its skill.
    #[derive(Debug, Default)]
    pub struct DnisRow {
        pub dnis: FieldValue<Text>,
        pub inbound_calls: FieldValue<Count>,
        pub answer_calls: FieldValue<Count>,
        pub abandon_calls: FieldValue<Count>,
        pub service_levels: ServiceLevels,
        pub abandon: FieldValue<Percentage>,
        /// Average speed of answer.
        pub asa: FieldValue<Seconds>,
        /// Average time to abandon.
        pub ata: FieldValue<Seconds>,
    }
}

impl WireRow for DnisRow {
    const ENDPOINT: Endpoint = Endpoint { file: "reports_manager.php", api: "skill_6" };
}
