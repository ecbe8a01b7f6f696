//! The expected series of agents, transfers and menus, from the typed values of the simulated world.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, Zoned};
use wolkvox_simulator::world::{AgentTruth, Receiver, TransferTruth, World};

use crate::programs::OPERATION;
use crate::series::{Name, Values, name};

/// A value and its largest rounding error.
pub(crate) type Truth = BTreeMap<Name, (f64, f64)>;

/// The largest rounding error of a duration in whole seconds or in minutes with two decimals, and of a percentage
/// without decimals.
const OF_SECONDS: f64 = 0.500_001;
const OF_RATIO: f64 = 0.005_001;

/// The expected series of agents on the day of `now`, with their names.
pub(crate) fn of_agents(world: &World, now: &Zoned) -> Truth {
    let mut truth = Truth::new();
    for agent in world.agents_on(now.date(), now) {
        let id = agent.agent.id.to_string();
        let labels = [("operation", OPERATION), ("agent_id", id.as_str())];
        let mut put = |metric: &str, value: f64, rounding: f64| {
            truth.insert(name(metric, &labels), (value, rounding));
        };
        let mean = |mean: Option<SignedDuration>| mean.unwrap_or_default().as_secs_f64();
        put("wolkvox_agent_points_today", agent.points() as f64, 0.0);
        put("wolkvox_agent_hits_today", agent.hits() as f64, 0.0);
        put("wolkvox_agent_calls_today", agent.calls as f64, 0.0);
        put("wolkvox_agent_average_handling_time_seconds", mean(agent.average_handling_time()), OF_SECONDS);
        put("wolkvox_agent_after_call_work_seconds", mean(agent.average_wrap_up()), OF_SECONDS);
        put("wolkvox_agent_occupancy_ratio", agent.occupancy().unwrap_or_default(), OF_RATIO);
        // wolkvox reports only full minutes.
        put("wolkvox_agent_login_time_seconds", full_minutes(&agent), 0.0);
        let named = [labels[0], labels[1], ("agent_name", agent.agent.name.as_str())];
        truth.insert(name("wolkvox_agent_info", &named), (1.0, 0.0));
    }
    truth
}

fn full_minutes(agent: &AgentTruth) -> f64 {
    (agent.logged_in.as_mins() * 60) as f64
}

/// Transfers from the start of the day of `from` to `now` that the report contains at `now`.
pub(crate) fn transfers(world: &World, from: &Zoned, now: &Zoned) -> Vec<TransferTruth> {
    let mut transfers = world.transfers_between(&from.start_of_day().unwrap(), now, now);
    transfers.retain(|transfer| transfer.shown_from <= now.timestamp());
    transfers
}

/// The expected series of transfers at `now`, if the first poll was at `first`.
pub(crate) fn of_transfers(world: &World, first: &Zoned, now: &Zoned) -> Truth {
    let mut values = Values::new();
    let midnight = now.start_of_day().unwrap().timestamp();
    for transfer in transfers(world, first, now) {
        let receiver = if matches!(transfer.receiver, Receiver::Skill(_)) { "skill" } else { "agent" };
        let kind = [("operation", OPERATION), ("channel", transfer.channel.name()), ("receiver_type", receiver)];
        let mut add = |metric: &str, labels: &[(&str, &str)], counts: bool| {
            *values.entry(name(metric, labels)).or_default() += f64::from(u8::from(counts));
        };
        let is_today = transfer.at >= midnight;
        add("wolkvox_transfers_today", &kind, is_today);
        add("wolkvox_transfers_total", &kind, is_counted(&transfer, first.timestamp()));
        if is_today {
            let sender = transfer.sender.id.to_string();
            add("wolkvox_agent_transfers_today", &[kind[0], ("agent_id", &sender), kind[1], kind[2]], true);
        }
    }
    values.into_iter().map(|(name, value)| (name, (value, 0.0))).collect()
}

/// Transfers in the response to the first poll are not counted.
fn is_counted(transfer: &TransferTruth, first: Timestamp) -> bool {
    transfer.shown_from > first
}

/// The expected series of the menus in a window that ends at `now`.
pub(crate) fn of_menus(world: &World, window: &str, from: &Zoned, now: &Zoned) -> Truth {
    let in_window = [("operation", OPERATION), ("window", window)];
    let mut truth = Truth::from([(name("wolkvox_ivr_merged", &in_window), (0.0, 0.0))]);
    for option in world.ivr_between(from, now, now) {
        let point = option.routing_point.to_string();
        let labels = [in_window[0], in_window[1], ("rp_id", point.as_str()), ("option", option.choice.name())];
        truth.insert(name("wolkvox_ivr_option_calls", &labels), (option.calls as f64, 0.0));
        truth.insert(name("wolkvox_ivr_option_time_seconds", &labels), (option.time.as_secs_f64(), OF_SECONDS));
    }
    truth
}

/// The missing, surplus and wrong values. Empty if all are as expected.
pub(crate) fn deviations(found: &Values, truth: &Truth) -> Vec<String> {
    let mut deviations = Vec::new();
    for (name, (value, rounding)) in truth {
        match found.get(name) {
            None => deviations.push(format!("missing: {name:?} {value}")),
            Some(found) if (found - value).abs() > *rounding => {
                deviations.push(format!("{found} instead of {value}: {name:?}"));
            }
            Some(_) => {}
        }
    }
    let surplus = found.iter().filter(|(name, _)| !truth.contains_key(*name));
    deviations.extend(surplus.map(|(name, found)| format!("surplus: {name:?} {found}")));
    deviations
}

/// Only the values of the three reports that are disabled by default.
pub(crate) fn of_opt_in_reports(values: &Values) -> Values {
    let prefixes = ["wolkvox_agent_", "wolkvox_transfers_", "wolkvox_ivr_"];
    let is_of_them = |metric: &str| prefixes.iter().any(|prefix| metric.starts_with(prefix));
    values.iter().filter(|((metric, _), _)| is_of_them(metric)).map(|(name, value)| (name.clone(), *value)).collect()
}
