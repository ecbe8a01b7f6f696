//! Transferred interactions.

use super::{Definition, Owner, Read, RenderInput, Table, counter, gauge};
use crate::metrics::sample::Number::Count;
use crate::metrics::sample::Sink;
use crate::model::{Collector, TransferKind, TransfersReport};

/// Families that are read from the report of the collector `transfers`.
pub(super) const TABLE: Table<RenderInput> = Table { owner: Owner::Collector(Collector::Transfers), rows: ROWS };

const ROWS: &[Definition<RenderInput>] = &[
    gauge(
        "wolkvox_transfers_today",
        "Interactions transferred today, by channel and type of receiver (receiver_agent_name).",
        &PerKind(|report| &report.today),
    ),
    counter(
        "wolkvox_transfers_total",
        "Interactions transferred, each event counted once (conn_id, date, receiver).",
        &PerKind(|report| &report.counted),
    ),
    gauge(
        "wolkvox_agent_transfers_today",
        "Interactions that the agent transferred today (transfer_agent_id).",
        &PerAgent,
    ),
];

/// One sample for each channel and type of receiver.
#[derive(Debug)]
struct PerKind(fn(&TransfersReport) -> &[(TransferKind, u64)]);

/// One sample for each agent, channel and type of receiver.
#[derive(Debug)]
struct PerAgent;

impl Read<RenderInput> for PerKind {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "channel", "receiver_type"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for (snapshot, report) in input.reports() {
            for (kind, events) in (self.0)(report) {
                let labels = [(&*snapshot.operation).into(), (&*kind.channel).into(), kind.receiver.as_str().into()];
                sink.sample(&labels, Some(Count(*events)));
            }
        }
    }
}

impl Read<RenderInput> for PerAgent {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "agent_id", "channel", "receiver_type"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for (snapshot, report) in input.reports::<TransfersReport>() {
            for (agent, kind, events) in &report.by_agent {
                let labels = [
                    (&*snapshot.operation).into(),
                    (&**agent).into(),
                    (&*kind.channel).into(),
                    kind.receiver.as_str().into(),
                ];
                sink.sample(&labels, Some(Count(*events)));
            }
        }
    }
}

/// Two kinds of transfers, one of them without transfers today.
#[cfg(test)]
pub(super) fn example() -> crate::model::Report {
    use crate::model::{ReceiverType, Report};

    let kind = |channel: &str, receiver| TransferKind { channel: channel.into(), receiver };
    Report::Transfers(TransfersReport {
        today: vec![(kind("chat", ReceiverType::Agent), 3), (kind("chat", ReceiverType::Skill), 0)],
        counted: vec![(kind("chat", ReceiverType::Agent), 7), (kind("chat", ReceiverType::Skill), 1)],
        by_agent: vec![("12999".into(), kind("chat", ReceiverType::Agent), 3)],
    })
}
