//! `gamification.php?api=agents_kpi`: figures of each agent, day by day.
//!
//! `agent_dni`, a national identity number, is not read: it is skipped like every unknown field.

use serde::de::MapAccess;

use super::row_fields::{RowField, RowFields as _};
use super::{Elements, List, ListOf, WireRow, wire_row};
use crate::api::Endpoint;
use crate::api::values::{ClockDuration, Count, Day, FieldValue, Percentage, Text};

/// Days kept per agent: the longest window that the vendor allows, and the running day.
const MAX_DAYS: usize = 32;

wire_row! {
    /// One agent.
    #[derive(Debug, Default)]
    pub struct AgentRow {
        pub agent_id: FieldValue<Text>,
        /// Personal data.
        pub agent_name: FieldValue<Text>,
        /// One element a day, in any order; days may be missing.
        stats: List<Vec<AgentDay>>,
    }
}

wire_row! {
    /// One day of one agent.
    #[derive(Debug, Default)]
    pub struct AgentDay {
        pub date: FieldValue<Day>,
        pub points: FieldValue<Count>,
        pub hits: FieldValue<Count>,
        pub calls: FieldValue<Count>,
        /// Average handling time.
        pub aht_time: FieldValue<ClockDuration>,
        /// After-call work.
        pub acw_time: FieldValue<ClockDuration>,
        pub occupancy: FieldValue<Percentage>,
        pub login_time: FieldValue<ClockDuration>,
    }
}

impl AgentRow {
    /// Takes the days out of the row; also returns how many elements of `stats` were not objects.
    pub fn take_days(&mut self) -> (Vec<AgentDay>, u64) {
        let Elements { rows, not_rows, .. } = std::mem::take(&mut self.stats).or_empty(Vec::new());
        (rows, not_rows as u64)
    }
}

impl RowField for List<Vec<AgentDay>> {
    fn names(own: &'static str) -> Vec<&'static str> {
        [vec![own], AgentDay::names()].concat()
    }

    fn read<'de, A: MapAccess<'de>>(&mut self, own: &str, name: &str, map: &mut A) -> Result<bool, A::Error> {
        let is_own = name == own;
        if is_own {
            *self = map.next_value_seed(ListOf::at_most(MAX_DAYS, Vec::new()))?;
        }
        Ok(is_own)
    }
}

impl WireRow for AgentRow {
    const ENDPOINT: Endpoint = Endpoint { file: "gamification.php", api: "agents_kpi" };
}
