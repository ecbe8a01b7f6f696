//! `reports_manager.php?api=chat_9`: one row each time an interaction is handed on.

use serde::de::{IgnoredAny, MapAccess};

use super::{Fields, WireRow};
use crate::api::Endpoint;
use crate::api::values::{FieldFormat, FieldValue, LocalDateTime, Text};

/// One transfer. Names are not read.
#[derive(Debug, Default, PartialEq)]
pub struct TransferRow {
    /// `conn_id`, the interaction
    pub conn_id: FieldValue<Text>,
    /// `transfer_agent_id`, who hands it on
    pub transfer_agent_id: FieldValue<Text>,
    /// `receiver_agent_id`, who gets it
    pub receiver_agent_id: FieldValue<Text>,
    /// `receiver_agent_name`, of which only this is kept: a skill or an agent
    pub receiver_agent_name: FieldValue<Receiver>,
    /// `channel`
    pub channel: FieldValue<Text>,
    /// `date`, local time
    pub date: FieldValue<LocalDateTime>,
}

/// Who gets an interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Receiver {
    /// A group of agents: the name is `SKILL`.
    Skill,
    /// An agent: any other name.
    Agent,
}

impl FieldFormat for Receiver {
    fn from_text(text: &str) -> Option<Self> {
        Some(if text.eq_ignore_ascii_case("SKILL") { Self::Skill } else { Self::Agent })
    }
}

impl WireRow for TransferRow {
    const ENDPOINT: Endpoint = Endpoint { file: "reports_manager.php", api: "chat_9" };

    const FIELDS: &'static [&'static str] =
        &["conn_id", "transfer_agent_id", "receiver_agent_id", "receiver_agent_name", "channel", "date"];
}

impl Fields for TransferRow {
    fn take<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "conn_id" => self.conn_id = map.next_value()?,
            "transfer_agent_id" => self.transfer_agent_id = map.next_value()?,
            "receiver_agent_id" => self.receiver_agent_id = map.next_value()?,
            "receiver_agent_name" => self.receiver_agent_name = map.next_value()?,
            "channel" => self.channel = map.next_value()?,
            "date" => self.date = map.next_value()?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
