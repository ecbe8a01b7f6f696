//! Domain values of a contact centre, independent of wolkvox's text formats and of Prometheus.
//!
//! What belongs here: plain types that collectors fill and metrics read, and the [`Snapshot`] that contains them.
//! What does not: serde, HTTP, metric names. A value that wolkvox did not send is `None`, never 0.
//!
//! A new report begins with one entry of [`Collector`] at the end of this file. The compiler then lists the other places
//! that need one, because each of them matches on the enum without a wildcard: settings (`config`), polling (`collect`),
//! metrics (`metrics`).

mod agents_kpi;
mod collector;
mod dnis;
mod endpoint_stats;
mod ivr;
mod opening_hours;
mod poll_failure;
mod request_status;
mod skills;
mod snapshot;
mod snapshot_store;
mod target;
mod transfers;

pub use agents_kpi::{Agent, AgentsReport};
pub use collector::ReportContent;
pub use dnis::{DnisFigures, DnisMerged, DnisReport};
pub use endpoint_stats::{DURATION_BUCKETS, DurationHistogram, EndpointStats, Reason};
pub use ivr::{IvrOption, IvrReport};
pub use opening_hours::{OpeningHours, Shift};
pub use poll_failure::PollFailure;
pub use request_status::{RequestKey, RequestStatus};
pub use skills::{Denominator, Evidence, ServiceLevel, Skill, SkillCounters, SkillsReport, TargetThreshold};
pub use snapshot::{CollectorStatus, ExpiringReport, Quota, Snapshot};
pub use snapshot_store::{SnapshotStore, Snapshots, StoreEntry};
pub use target::{ServiceLevelTarget, Target, Targets};
pub use transfers::{ReceiverType, TransferKind, TransfersReport};

collector::collectors! {
    Skills(SkillsReport) {
        name: "skills",
        on_by_default: true,
        description: "skills in real time: queue, day totals, service level"
    }
    Dnis(DnisReport) {
        name: "dnis",
        on_by_default: true,
        description: "calls and service level by DNIS"
    }
    AgentsKpi(AgentsReport) {
        name: "agents_kpi",
        on_by_default: false,
        description: "figures of each agent today, from the gamification service"
    }
    Transfers(TransfersReport) {
        name: "transfers",
        on_by_default: false,
        description: "interactions transferred, by channel, receiver and agent"
    }
    Ivr(IvrReport) {
        name: "ivr",
        on_by_default: false,
        description: "calls and time by IVR menu option"
    }
}
