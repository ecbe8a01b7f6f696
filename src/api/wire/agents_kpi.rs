//! `gamification.php?api=agents_kpi`: what each agent did, day by day.
//!
//! `agent_dni`, a national identity number, is not read: it falls to the unknown fields that are skipped unseen.

use serde::de::{IgnoredAny, MapAccess};

use super::{Elements, Fields, List, ListOf, WireRow};
use crate::api::Endpoint;
use crate::api::values::{ClockDuration, Count, Day, FieldValue, Percentage, Text};

/// Days of one agent: the longest window that the vendor allows, and the running day.
const MOST_DAYS: usize = 32;

/// One agent.
#[derive(Debug, Default)]
pub struct AgentRow {
    /// `agent_id`
    pub agent_id: FieldValue<Text>,
    /// `agent_name`: personal data.
    pub agent_name: FieldValue<Text>,
    /// `stats`, one element a day, in any order, days may be missing
    stats: List<Vec<AgentDay>>,
}

/// One agent's day.
#[derive(Debug, Default)]
pub struct AgentDay {
    /// `date`
    pub date: FieldValue<Day>,
    /// `points`
    pub points: FieldValue<Count>,
    /// `hits`
    pub hits: FieldValue<Count>,
    /// `calls`
    pub calls: FieldValue<Count>,
    /// `aht_time`, average handling time
    pub aht_time: FieldValue<ClockDuration>,
    /// `acw_time`, after-call work
    pub acw_time: FieldValue<ClockDuration>,
    /// `occupancy`
    pub occupancy: FieldValue<Percentage>,
    /// `login_time`
    pub login_time: FieldValue<ClockDuration>,
}

impl AgentRow {
    /// The days, and how many elements of `stats` were none.
    pub fn days(&mut self) -> (Vec<AgentDay>, u64) {
        let Elements { gathered, not_rows, .. } = std::mem::take(&mut self.stats).or_empty(Vec::new());
        (gathered, not_rows as u64)
    }
}

impl WireRow for AgentRow {
    const ENDPOINT: Endpoint = Endpoint { file: "gamification.php", api: "agents_kpi" };

    const FIELDS: &'static [&'static str] = &[
        "agent_id",
        "agent_name",
        "stats",
        "date",
        "points",
        "hits",
        "calls",
        "aht_time",
        "acw_time",
        "occupancy",
        "login_time",
    ];
}

impl Fields for AgentRow {
    fn take<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "agent_id" => self.agent_id = map.next_value()?,
            "agent_name" => self.agent_name = map.next_value()?,
            "stats" => self.stats = map.next_value_seed(ListOf::at_most(MOST_DAYS, Vec::new()))?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

impl Fields for AgentDay {
    fn take<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "date" => self.date = map.next_value()?,
            "points" => self.points = map.next_value()?,
            "hits" => self.hits = map.next_value()?,
            "calls" => self.calls = map.next_value()?,
            "aht_time" => self.aht_time = map.next_value()?,
            "acw_time" => self.acw_time = map.next_value()?,
            "occupancy" => self.occupancy = map.next_value()?,
            "login_time" => self.login_time = map.next_value()?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}
