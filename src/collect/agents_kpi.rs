//! The collector `agents_kpi`: figures of each agent today, from the gamification service.

use futures_util::future::BoxFuture;
use jiff::civil::Date;

use super::parse_errors::ParseErrors;
use super::parsed_rows::dedup_by_key_keep_last;
use super::window::bounds;
use super::{PollContext, PollError, ReportCollector};
use crate::api::values::{ClockDuration, Count, Day, FieldValue, Percentage, Text};
use crate::api::wire::{AgentDay, AgentRow};
use crate::api::{Query, WireRow as _};
use crate::config::{Operation, WindowSpan};
use crate::model::{Agent, AgentsReport, Report};

pub(super) fn build(operation: &Operation) -> Option<Box<dyn ReportCollector>> {
    let settings = operation.collectors.agents_kpi.clone()?;
    Some(Box::new(AgentsKpi { names: settings.agent_names }))
}

#[derive(Debug)]
struct AgentsKpi {
    /// Whether names, which are personal data, are kept.
    names: bool,
}

impl ReportCollector for AgentsKpi {
    fn poll<'a>(
        &'a mut self,
        _request: usize,
        poll: &'a mut PollContext<'_>,
    ) -> BoxFuture<'a, Result<Report, PollError>> {
        Box::pin(async move {
            let now = poll.now();
            let mut query = Query::new(AgentRow::ENDPOINT);
            // `bounds` never returns `None` for the running day.
            if let Some(today) = bounds(WindowSpan::Today, &now) {
                query = query.with("date_ini", today.from).with("date_end", today.to);
            }
            let (today, names) = (now.date(), self.names);
            let mut agents = poll.fetch(&query, move |row, errors| clean(row, today, names, errors)).await?;
            let duplicates = dedup_by_key_keep_last(&mut agents, |a, b| a.id.cmp(&b.id));
            poll.record_duplicates::<AgentRow>("agent_id", duplicates);
            Ok(Report::AgentsKpi(AgentsReport { agents }))
        })
    }
}

/// Converts a row; `None` if it has no `agent_id`.
fn clean(mut row: AgentRow, today: Date, names: bool, errors: &mut ParseErrors) -> Option<Agent> {
    let (days, not_days) = row.take_days();
    errors.count_some("stats", not_days);
    let day = days.into_iter().filter_map(|day| clean_day(day, today, errors)).next_back().unwrap_or_default();
    let Text(id) = errors.key("agent_id", row.agent_id, day == Agent::default())?;
    let name = errors.take("agent_name", row.agent_name).filter(|_| names);
    Some(Agent { id: id.into(), name: name.map(|Text(name)| name.into()), ..day })
}

/// Converts the figures of a day; `None` if it is not today. Errors in other days are not counted.
fn clean_day(day: AgentDay, today: Date, errors: &mut ParseErrors) -> Option<Agent> {
    if errors.take("date", day.date) != Some(Day(today)) {
        return None;
    }
    let mut count = |field, value: FieldValue<Count>| errors.take(field, value).map(|Count(count)| count);
    let (points, hits, calls) = (count("points", day.points), count("hits", day.hits), count("calls", day.calls));
    let mut seconds =
        |field, value: FieldValue<ClockDuration>| errors.take(field, value).map(|ClockDuration(seconds)| seconds);
    Some(Agent {
        points,
        hits,
        calls,
        average_handling_time: seconds("aht_time", day.aht_time),
        after_call_work: seconds("acw_time", day.acw_time),
        login_time: seconds("login_time", day.login_time),
        occupancy: errors.take("occupancy", day.occupancy).map(|Percentage { ratio, .. }| ratio),
        ..Agent::default()
    })
}
