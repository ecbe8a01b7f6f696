//! Clean domain values: what a contact centre is about, without wolkvox's strings and without Prometheus.
//!
//! What belongs here: plain types that collectors fill and metrics read, and the [`Snapshot`] that carries them.
//! What does not: serde, HTTP, metric names. A value that wolkvox did not give is `None`, never 0.

mod agent;
mod board;
mod dnis;
mod ivr;
mod opening_hours;
mod report;
mod skill;
mod snapshot;
mod target;
mod traffic;
mod transfer;

pub use agent::{Agent, AgentsReport};
pub use board::Board;
pub use dnis::{DnisFigures, DnisMerged, DnisReport};
pub use ivr::{IvrOption, IvrReport};
pub use opening_hours::{OpeningHours, Shift};
pub use report::{Content, Report};
pub use skill::{Denominator, Evidence, ServiceLevel, Skill, SkillCounters, SkillsReport};
pub use snapshot::{CollectorName, CollectorStatus, Dated, Failure, Quota, Snapshot};
pub use target::{ServiceLevelTarget, Target, Targets};
pub use traffic::{DURATION_BUCKETS, DurationHistogram, EndpointTraffic, Reason};
pub use transfer::{ReceiverType, TransferKind, TransfersReport};
