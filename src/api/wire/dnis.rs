//! `reports_manager.php?api=skill_6`: calls and service level by DNIS.

use serde::de::MapAccess;

use super::{Fields, ServiceLevels, WireRow};
use crate::api::Endpoint;
use crate::api::values::{Count, FieldValue, Percentage, Seconds, Text};

/// One number over the window asked for. Rows carry no skill.
#[derive(Debug, Default)]
pub struct DnisRow {
    /// `dnis`
    pub dnis: FieldValue<Text>,
    /// `inbound_calls`
    pub inbound_calls: FieldValue<Count>,
    /// `answer_calls`
    pub answer_calls: FieldValue<Count>,
    /// `abandon_calls`
    pub abandon_calls: FieldValue<Count>,
    /// `service_level_NNseg`
    pub service_levels: ServiceLevels,
    /// `abandon`
    pub abandon: FieldValue<Percentage>,
    /// `asa`, average speed of answer
    pub asa: FieldValue<Seconds>,
    /// `ata`, average time to abandon
    pub ata: FieldValue<Seconds>,
}

impl WireRow for DnisRow {
    const ENDPOINT: Endpoint = Endpoint { file: "reports_manager.php", api: "skill_6" };

    const FIELDS: &'static [&'static str] = &[
        "dnis",
        "inbound_calls",
        "answer_calls",
        "abandon_calls",
        "service_level_10seg",
        "service_level_20seg",
        "service_level_30seg",
        "service_level_NNseg",
        "abandon",
        "asa",
        "ata",
    ];
}

impl Fields for DnisRow {
    fn take<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "dnis" => self.dnis = map.next_value()?,
            "inbound_calls" => self.inbound_calls = map.next_value()?,
            "answer_calls" => self.answer_calls = map.next_value()?,
            "abandon_calls" => self.abandon_calls = map.next_value()?,
            "abandon" => self.abandon = map.next_value()?,
            "asa" => self.asa = map.next_value()?,
            "ata" => self.ata = map.next_value()?,
            _ => self.service_levels.take(name, map)?,
        }
        Ok(())
    }
}
