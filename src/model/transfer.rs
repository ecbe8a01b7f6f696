//! Interactions that were handed on.

use std::sync::Arc;

/// What the polls of the transfers' report said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransfersReport {
    /// Transfers of the running day.
    pub today: Vec<(TransferKind, u64)>,
    /// Transfers counted since the series was first seen, each event once.
    pub counted: Vec<(TransferKind, u64)>,
    /// Transfers of the running day by the agent who handed on.
    pub by_agent: Vec<(Arc<str>, TransferKind, u64)>,
}

/// What is told apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferKind {
    /// wolkvox's name of the channel.
    pub channel: Arc<str>,
    /// Who got it.
    pub receiver: ReceiverType,
}

/// Who gets an interaction.
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
