//! The collector `transfers`: interactions transferred; each event is counted once.
//!
//! wolkvox sends an event again in every response as long as it is within the window of the query. The counter must
//! count it once, over polls, restarts and midnights. Therefore the state has the hashes of all counted events that the
//! window can still contain.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::merge::{OTHER, UNKNOWN};
use super::parse_errors::ParseErrors;
use super::parsed_rows::dedup_by_key_keep_last;
use super::window::today_and_late_events;
use super::{PollContext, PollError, ReportCollector, parse_state};
use crate::api::values::{LocalDateTime, Text};
use crate::api::wire::{Receiver, TransferRow};
use crate::api::{MAX_ROWS, Query, WireRow as _};
use crate::config::Operation;
use crate::model::{ReceiverType, Report, TransferKind, TransfersReport};

/// Channels with series of their own; the vendor documents a few. Further channels are labelled `other`.
const MAX_CHANNELS: usize = 32;

pub(super) fn build(operation: &Operation) -> Option<Box<dyn ReportCollector>> {
    operation.collectors.transfers.as_ref()?;
    Some(Box::new(Transfers { state: None }))
}

#[derive(Debug)]
struct Transfers {
    /// `None` before the first poll, whose events are the baseline and are not counted.
    state: Option<SavedState>,
}

/// The state that survives a restart.
#[derive(Debug, Default, Serialize, Deserialize)]
struct SavedState {
    /// The hash and the local time of each event.
    seen: HashMap<u64, DateTime>,
    /// Events counted: channel, whether the receiver is a skill, number.
    totals: Vec<(Arc<str>, bool, u64)>,
    /// Hashes of events before this time have been removed, so these events are not counted any more. They can return
    /// in a response if the clock is set back.
    #[serde(default, rename = "forgotten_before")]
    removed_before: DateTime,
    /// Whether there was ever an event. wolkvox has none of the future, so a time with an event has really come.
    #[serde(default)]
    has_events: bool,
}

/// One transfer with all fields that it needs.
#[derive(PartialEq)]
struct Event {
    hash: u64,
    at: DateTime,
    agent: Option<Arc<str>>,
    kind: TransferKind,
}

impl ReportCollector for Transfers {
    fn poll<'a>(
        &'a mut self,
        _request: usize,
        poll: &'a mut PollContext<'_>,
    ) -> BoxFuture<'a, Result<Report, PollError>> {
        Box::pin(async move {
            let now = poll.now();
            let (bounds, window) = today_and_late_events(&now);
            let query = Query::new(TransferRow::ENDPOINT).with("date_ini", bounds.from).with("date_end", bounds.to);
            let (mut channels, query_window) = (Channels::of_state(self.state.as_ref()), window.clone());
            let clean = move |row, errors: &mut ParseErrors| {
                let event = clean(row, &mut channels, errors)?;
                // An event outside the window would be removed at once and counted again, or be kept for years.
                if !query_window.contains(&event.at) {
                    errors.count("date", 1, None);
                    return None;
                }
                Some(event)
            };
            let mut events = poll.fetch(&query, clean).await?;
            let duplicates = dedup_by_key_keep_last(&mut events, |a, b| a.hash.cmp(&b.hash));
            poll.record_duplicates::<TransferRow>("conn_id", duplicates);
            Ok(Report::Transfers(self.count(&events, now.date(), &window)))
        })
    }

    fn state(&self) -> Option<Box<RawValue>> {
        to_raw_value(self.state.as_ref()?).ok()
    }

    fn restore_state(&mut self, state: &RawValue) {
        match parse_state(state) {
            Ok(state) => self.state = Some(state),
            Err(error) => {
                tracing::warn!(%error, "cannot parse the counters of transfers in the state file, so they start from zero");
            }
        }
    }

    fn continue_from(&mut self, earlier: &mut dyn ReportCollector) {
        let earlier: &mut dyn Any = earlier;
        if let Some(earlier) = earlier.downcast_mut::<Self>() {
            self.state = earlier.state.take();
        }
    }
}

impl Transfers {
    /// Counts the events of a poll. `events` has each event once.
    fn count(&mut self, events: &[Event], today: Date, window: &RangeInclusive<DateTime>) -> TransfersReport {
        // Also if all responses so far were of a time that had not come, because the clock was ahead.
        let is_baseline =
            self.state.as_ref().is_none_or(|state| !state.has_events && state.removed_before > *window.end());
        let state = self.state.get_or_insert_default();
        if is_baseline {
            state.removed_before = *window.start();
        }
        let mut totals = state.totals();
        let known: BTreeSet<TransferKind> = totals.keys().cloned().collect();
        let mut of_today: BTreeMap<TransferKind, u64> = totals.keys().map(|kind| (kind.clone(), 0)).collect();
        let mut by_agent: BTreeMap<(Arc<str>, TransferKind), u64> = BTreeMap::new();
        for event in events {
            let is_new = event.at >= state.removed_before && state.seen.insert(event.hash, event.at).is_none();
            let total = totals.entry(event.kind.clone()).or_default();
            // A damaged state file can have any number.
            *total = total.saturating_add(u64::from(is_new && !is_baseline));
            let is_today = event.at.date() == today;
            *of_today.entry(event.kind.clone()).or_default() += u64::from(is_today);
            if let Some(agent) = event.agent.as_ref().filter(|_| is_today) {
                *by_agent.entry((Arc::clone(agent), event.kind.clone())).or_default() += 1;
            }
        }
        // The window can no longer contain these events, unless the clock is ahead. Then there are no events, and the
        // right time comes back.
        if !events.is_empty() {
            state.has_events = true;
            state.removed_before = state.removed_before.max(*window.start());
        }
        state.seen.retain(|_, at| *at >= state.removed_before);
        // Without this, responses with new events at every poll would fill the memory and the state file within a day.
        if state.seen.len() > MAX_ROWS {
            let hashes: HashSet<u64> = events.iter().map(|event| event.hash).collect();
            state.seen.retain(|hash, _| hashes.contains(hash));
        }
        state.set_totals(&totals);
        TransfersReport {
            today: of_today.into_iter().collect(),
            // Prometheus's increase() does not see the first value of a series, so a new counter is 0 now and has its
            // events at the next poll.
            counted: totals
                .into_iter()
                .map(|(kind, events)| if known.contains(&kind) { (kind, events) } else { (kind, 0) })
                .collect(),
            by_agent: by_agent.into_iter().map(|((agent, kind), events)| (agent, kind, events)).collect(),
        }
    }
}

impl SavedState {
    fn totals(&self) -> BTreeMap<TransferKind, u64> {
        let kind = |channel: &Arc<str>, to_skill: bool| TransferKind {
            channel: Arc::clone(channel),
            receiver: if to_skill { ReceiverType::Skill } else { ReceiverType::Agent },
        };
        self.totals.iter().map(|(channel, to_skill, events)| (kind(channel, *to_skill), *events)).collect()
    }

    fn set_totals(&mut self, totals: &BTreeMap<TransferKind, u64>) {
        let entry = |(kind, events): (&TransferKind, &u64)| {
            (Arc::clone(&kind.channel), kind.receiver == ReceiverType::Skill, *events)
        };
        self.totals = totals.iter().map(entry).collect();
    }
}

/// The channels that have series. Their number is limited, so that a response cannot create any number of series.
#[derive(Clone)]
struct Channels(BTreeSet<Arc<str>>);

impl Channels {
    fn of_state(state: Option<&SavedState>) -> Self {
        Self(state.into_iter().flat_map(|state| state.totals.iter().map(|(channel, ..)| Arc::clone(channel))).collect())
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

/// Converts a row; `None` if a field is missing without which it cannot be counted.
fn clean(row: TransferRow, channels: &mut Channels, errors: &mut ParseErrors) -> Option<Event> {
    let is_blank = row == TransferRow::default();
    let conn_id = errors.key("conn_id", row.conn_id, is_blank);
    let agent = errors.take("transfer_agent_id", row.transfer_agent_id).map(|Text(id)| Arc::<str>::from(id));
    let receiver_id = errors.take("receiver_agent_id", row.receiver_agent_id).map(|Text(id)| id);
    let receiver = errors.key("receiver_agent_name", row.receiver_agent_name, is_blank);
    // A transfer is counted even if its channel is blank.
    let has_channel = !row.channel.is_absent() || is_blank;
    let channel = errors.take("channel", row.channel).or_else(|| (!has_channel).then(|| Text(UNKNOWN.into())));
    let at = errors.key("date", row.date, is_blank);
    let (Text(conn_id), receiver, Text(channel), LocalDateTime(at)) = (conn_id?, receiver?, channel?, at?);
    let receiver = match receiver {
        Receiver::Skill => ReceiverType::Skill,
        Receiver::Agent => ReceiverType::Agent,
    };
    let hash = hash(&conn_id, at, receiver, receiver_id.as_deref().unwrap_or_default());
    Some(Event { hash, at, agent, kind: TransferKind { channel: channels.label(&channel), receiver } })
}

/// The hash of an event. It must be the same in every process, because it is kept in the state file.
fn hash(conn_id: &str, at: DateTime, receiver: ReceiverType, receiver_id: &str) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in [conn_id, &at.to_string(), receiver.as_str(), receiver_id] {
        hasher.update(part.as_bytes()).update(&[0]);
    }
    let mut first = [0; 8];
    hasher.finalize_xof().fill(&mut first);
    u64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_events_in_the_state_is_limited() {
        let midnight: DateTime = "2026-11-20T00:00:00".parse().unwrap();
        let mut transfers = Transfers { state: None };
        for poll in 0..4 {
            let event = |n: usize| {
                let hash = (poll * MAX_ROWS + n) as u64;
                let kind = TransferKind { channel: "chat".into(), receiver: ReceiverType::Agent };
                Event { hash, at: midnight, agent: None, kind }
            };
            transfers.count(&(0..MAX_ROWS / 2).map(event).collect::<Vec<_>>(), midnight.date(), &(midnight..=midnight));
        }
        let kept = transfers.state.unwrap().seen.len();
        assert!(kept <= MAX_ROWS, "{kept}");
    }
}
