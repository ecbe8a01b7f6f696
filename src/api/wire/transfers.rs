//! `reports_manager.php?api=chat_9`: one row each time an interaction is transferred.

use super::{WireRow, wire_row};
use crate::api::Endpoint;
use crate::api::values::{FieldFormat, FieldValue, LocalDateTime, Text};

wire_row! {
    /// One transfer. Names of people are not kept.
    #[derive(Debug, Default, PartialEq)]
    pub struct TransferRow {
        /// The interaction.
        pub conn_id: FieldValue<Text>,
        /// The agent who transfers it.
        pub transfer_agent_id: FieldValue<Text>,
        /// The agent or skill that receives it.
        pub receiver_agent_id: FieldValue<Text>,
        /// Only the kind of the receiver is kept, not the name.
        pub receiver_agent_name: FieldValue<Receiver>,
        pub channel: FieldValue<Text>,
        /// Local time.
        pub date: FieldValue<LocalDateTime>,
    }
}

/// The kind of receiver of an interaction.
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
}
