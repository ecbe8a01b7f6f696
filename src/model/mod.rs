//! Domain values of a contact centre, independent of wolkvox's text formats and of Prometheus.
//!
//! What belongs here: plain types that collectors fill and metrics read, and the [`Snapshot`] that contains them.
//! What does not: serde, HTTP, metric names. A value that wolkvox did not send is `None`, never 0.

mod agent;
mod collector;
mod dnis;
mod endpoint_stats;
mod ivr;
mod opening_hours;
mod skill;
mod snapshot;
mod snapshot_store;
mod target;
mod transfer;

pub use agent::{Agent, AgentsReport};
pub use collector::{Collector, Report, ReportContent};
pub use dnis::{DnisFigures, DnisMerged, DnisReport};
pub use endpoint_stats::{DURATION_BUCKETS, DurationHistogram, EndpointStats, Reason};
pub use ivr::{IvrOption, IvrReport};
pub use opening_hours::{OpeningHours, Shift};
pub use skill::{Denominator, Evidence, ServiceLevel, Skill, SkillCounters, SkillsReport};
pub use snapshot::{CollectorStatus, ExpiringReport, PollFailure, Quota, Snapshot};
pub use snapshot_store::SnapshotStore;
pub use target::{ServiceLevelTarget, Target, Targets};
pub use transfer::{ReceiverType, TransferKind, TransfersReport};
