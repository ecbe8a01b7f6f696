//! Interactions that were transferred.

use std::sync::Arc;

/// The figures from the polls of the transfers' report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransfersReport {
    /// Transfers of the running day.
    pub today: Vec<(TransferKind, u64)>,
    /// Transfers counted since the first poll, each event once.
    pub counted: Vec<(TransferKind, u64)>,
    /// Transfers of the running day, by the agent who transferred.
    pub by_agent: Vec<(Arc<str>, TransferKind, u64)>,
}

/// The kinds of transfers that are counted separately.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferKind {
    /// wolkvox's name of the channel.
    pub channel: Arc<str>,
    /// The kind of receiver.
    pub receiver: ReceiverType,
}

/// The kind of receiver of an interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReceiverType {
    /// A group of agents.
    Skill,
    /// One agent.
    Agent,
}

impl ReceiverType {
    /// The value of the label `receiver_type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skill => "skill",
            Self::Agent => "agent",
        }
    }
}
