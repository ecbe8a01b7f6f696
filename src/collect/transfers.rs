//! The collector `transfers`: interactions handed on, each event counted once.
//!
//! wolkvox sends events, again and again for as long as they lie in the window asked for. The counter must count each of
//! them once, over polls, restarts and midnights; so the events already counted are remembered, as hashes, for as long as
//! the window can bring them back.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use super::faults::Faults;
use super::merge::OTHER;
use super::window::today_and_late;
use super::{Collector, Enabled, Session, Stop};
use crate::api::values::{Moment, Text};
use crate::api::wire::{Receiver, TransferRow};
use crate::api::{Query, WireRow as _};
use crate::config::Operation;
use crate::model::{CollectorName, ReceiverType, Report, TransferKind, TransfersReport};

/// Channels with series of their own; the vendor names a handful. The rest is `other`.
const MAX_CHANNELS: usize = 32;

pub(super) fn enable(operation: &Operation) -> Option<Enabled> {
    let settings = operation.collectors.transfers.clone()?;
    Some(Enabled {
        name: CollectorName("transfers"),
        cadence: settings.cadence,
        calls_per_poll: 1,
        collector: Box::new(Transfers { memory: None }),
    })
}

struct Transfers {
    /// `None` before the first poll: what is there then is the baseline.
    memory: Option<Memory>,
}

/// What has been counted.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    /// Hashes of the events seen and when they happened, local time.
    seen: HashMap<u64, DateTime>,
    /// By channel and receiver.
    totals: Vec<(Arc<str>, bool, u64)>,
}

/// One transfer that has everything it needs.
struct Event {
    hash: u64,
    at: DateTime,
    agent: Option<Arc<str>>,
    kind: TransferKind,
}

impl Collector for Transfers {
    fn poll<'a>(&'a mut self, session: &'a mut Session<'_>) -> BoxFuture<'a, Result<Report, Stop>> {
        Box::pin(async move {
            let now = session.now();
            let (bounds, from) = today_and_late(&now);
            let query = Query::new(TransferRow::ENDPOINT).with("date_ini", bounds.from).with("date_end", bounds.to);
            let rows = session.fetch::<TransferRow>(&query).await?;
            let mut faults = Faults::default();
            let mut channels = Channels::known_to(self.memory.as_ref());
            let mut events: HashMap<u64, Event> = HashMap::new();
            for row in rows {
                let Some(event) = clean(row, &mut channels, &mut faults) else { continue };
                if events.insert(event.hash, event).is_some() {
                    faults.duplicate_rows += 1;
                }
            }
            session.record::<TransferRow>(&faults);
            Ok(Report::Transfers(self.count(&events, now.date(), from)))
        })
    }

    fn memory(&self) -> Option<serde_json::Value> {
        serde_json::to_value(self.memory.as_ref()?).ok()
    }

    fn restore(&mut self, memory: serde_json::Value) {
        match serde_json::from_value(memory) {
            Ok(memory) => self.memory = Some(memory),
            Err(error) => tracing::warn!(%error, "the state file's count of transfers cannot be read; it starts anew"),
        }
    }
}

impl Transfers {
    fn count(&mut self, events: &HashMap<u64, Event>, today: Date, from: DateTime) -> TransfersReport {
        let is_baseline = self.memory.is_none();
        let memory = self.memory.get_or_insert_default();
        let mut totals = memory.totals();
        let mut of_today: BTreeMap<TransferKind, u64> = totals.keys().map(|kind| (kind.clone(), 0)).collect();
        let mut by_agent: BTreeMap<(Arc<str>, TransferKind), u64> = BTreeMap::new();
        for event in events.values() {
            // What lies before the window is not remembered, so nobody knows whether it is new: it would be at every poll.
            let is_new = event.at >= from && memory.seen.insert(event.hash, event.at).is_none();
            *totals.entry(event.kind.clone()).or_default() += u64::from(is_new && !is_baseline);
            let is_today = event.at.date() == today;
            *of_today.entry(event.kind.clone()).or_default() += u64::from(is_today);
            if let Some(agent) = event.agent.as_ref().filter(|_| is_today) {
                *by_agent.entry((Arc::clone(agent), event.kind.clone())).or_default() += 1;
            }
        }
        // What the window cannot bring back need not be known any more.
        memory.seen.retain(|_, at| *at >= from);
        memory.keep(&totals);
        TransfersReport {
            today: of_today.into_iter().collect(),
            counted: totals.into_iter().collect(),
            by_agent: by_agent.into_iter().map(|((agent, kind), events)| (agent, kind, events)).collect(),
        }
    }
}

impl Memory {
    fn totals(&self) -> BTreeMap<TransferKind, u64> {
        let kind = |channel: &Arc<str>, to_skill: bool| TransferKind {
            channel: Arc::clone(channel),
            receiver: if to_skill { ReceiverType::Skill } else { ReceiverType::Agent },
        };
        self.totals.iter().map(|(channel, to_skill, events)| (kind(channel, *to_skill), *events)).collect()
    }

    fn keep(&mut self, totals: &BTreeMap<TransferKind, u64>) {
        let entry = |(kind, events): (&TransferKind, &u64)| {
            (Arc::clone(&kind.channel), kind.receiver == ReceiverType::Skill, *events)
        };
        self.totals = totals.iter().map(entry).collect();
    }
}

/// The channels that have series, so that an answer full of inventions cannot make any number of them.
struct Channels(BTreeSet<Arc<str>>);

impl Channels {
    fn known_to(memory: Option<&Memory>) -> Self {
        Self(
            memory
                .into_iter()
                .flat_map(|memory| memory.totals.iter().map(|(channel, ..)| Arc::clone(channel)))
                .collect(),
        )
    }

    fn label(&mut self, channel: &str) -> Arc<str> {
        if let Some(known) = self.0.get(channel) {
            return Arc::clone(known);
        }
        let label: Arc<str> = if self.0.len() < MAX_CHANNELS { channel.into() } else { OTHER.into() };
        self.0.insert(Arc::clone(&label));
        label
    }
}

/// One event; `None` where something that it cannot be counted without is missing.
fn clean(row: TransferRow, channels: &mut Channels, faults: &mut Faults) -> Option<Event> {
    let counted = faults.total();
    let conn_id = faults.take("conn_id", row.conn_id).map(|Text(id)| id);
    let agent = faults.take("transfer_agent_id", row.transfer_agent_id).map(|Text(id)| Arc::<str>::from(id));
    let receiver_id = faults.take("receiver_agent_id", row.receiver_agent_id).map(|Text(id)| id);
    let receiver = faults.take("receiver_agent_name", row.receiver_agent_name);
    let channel = faults.take("channel", row.channel).map(|Text(channel)| channel);
    let at = faults.take("date", row.date).map(|Moment(at)| at);
    let is_blank = conn_id.is_none()
        && agent.is_none()
        && receiver_id.is_none()
        && receiver.is_none()
        && channel.is_none()
        && at.is_none();
    let missing = [
        ("conn_id", conn_id.is_none()),
        ("receiver_agent_name", receiver.is_none()),
        ("channel", channel.is_none()),
        ("date", at.is_none()),
    ];
    let (Some(conn_id), Some(receiver), Some(channel), Some(at)) = (conn_id, receiver, channel, at) else {
        // Blank from end to end is how wolkvox says "nothing"; half an event is a loss to be counted, once.
        if !is_blank && faults.total() == counted {
            faults
                .count_some(missing.into_iter().find(|(_, missing)| *missing).map_or("conn_id", |(field, _)| field), 1);
        }
        return None;
    };
    let receiver = match receiver {
        Receiver::Skill => ReceiverType::Skill,
        Receiver::Agent => ReceiverType::Agent,
    };
    let hash = hash(&conn_id, at, receiver, receiver_id.as_deref().unwrap_or_default());
    Some(Event { hash, at, agent, kind: TransferKind { channel: channels.label(&channel), receiver } })
}

/// The same event has the same hash in every process: it is kept in the state file.
fn hash(conn_id: &str, at: DateTime, receiver: ReceiverType, receiver_id: &str) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in [conn_id, &at.to_string(), receiver.as_str(), receiver_id] {
        hasher.update(part.as_bytes()).update(&[0]);
    }
    let mut first = [0; 8];
    hasher.finalize_xof().fill(&mut first);
    u64::from_le_bytes(first)
}
