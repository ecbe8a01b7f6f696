//! The expected series of all reports, from the typed values of the simulated world. Counters of skills are not here,
//! because they depend on when the exporter polls.
#![allow(dead_code, reason = "the tests use a part of it, and the soak another part")]

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, Zoned};
use wolkvox_simulator::world::{AgentTruth, Ending, Receiver, TransferTruth, World};

use crate::programs::OPERATION;
use crate::series::{Name, Values, name};

/// A value and its largest rounding error.
pub(crate) type Truth = BTreeMap<Name, (f64, f64)>;

/// The thresholds of the service level in each row, seconds.
pub(crate) const THRESHOLDS: [u32; 3] = [10, 20, 30];

/// The largest rounding error of a percentage with two decimals, of a duration in whole seconds or in minutes with two
/// decimals, and of a percentage without decimals.
const OF_RATIO: f64 = 0.000_050_001;
const OF_SECONDS: f64 = 0.500_001;
const OF_WHOLE_PERCENTAGE: f64 = 0.005_001;

/// A share, if `whole` is not 0.
fn share(part: u64, whole: u64) -> Option<(f64, f64)> {
    (whole > 0).then(|| (part as f64 / whole as f64, OF_RATIO))
}

#[expect(clippy::unnecessary_wraps, reason = "same type as for the other values")]
fn exactly(count: u64) -> Option<(f64, f64)> {
    Some((count as f64, 0.0))
}

/// The expected series of a skill (by its index in the world) at that time, after a late correction has removed the
/// last `withdrawn` answered calls from the day. Without its counters.
pub(crate) fn of_skill(world: &World, place: usize, now: &Zoned, withdrawn: usize) -> Truth {
    let midnight = now.start_of_day().unwrap().timestamp();
    let (mut waiting, mut abandoned, mut waits) = (0, 0, Vec::new());
    world.each_call(place, midnight, now.timestamp(), |call| match call.ending {
        Ending::Answered { at, .. } if at <= now.timestamp() => waits.push(at.duration_since(call.arrived)),
        Ending::Abandoned { at } if at <= now.timestamp() => abandoned += 1,
        _ => waiting += 1,
    });
    waits.truncate(waits.len().saturating_sub(withdrawn));
    let answered = waits.len() as u64;
    let inbound = waiting + abandoned + answered;
    let skill = &world.skills()[place];
    let id = skill.id.to_string();
    let labels = [("operation", OPERATION), ("skill_id", id.as_str())];
    let mut truth = Truth::new();
    let mut put = |metric: &str, more: &[(&str, &str)], value: Option<(f64, f64)>| {
        truth.extend(value.map(|value| (name(metric, &[&labels, more].concat()), value)));
    };
    put("wolkvox_skill_info", &[("skill_name", skill.name)], exactly(1));
    put("wolkvox_skill_calls_in_queue", &[], exactly(waiting));
    put("wolkvox_skill_inbound_calls_today", &[], exactly(inbound));
    put("wolkvox_skill_answered_calls_today", &[], exactly(answered));
    put("wolkvox_skill_abandoned_calls_today", &[], exactly(abandoned));
    put("wolkvox_skill_abandon_ratio", &[], share(abandoned, inbound));
    // The default targets of an operation without a file: 80/20, at most 5 % abandoned, always open.
    let target = [("threshold_seconds", "20")];
    put("wolkvox_skill_service_level_target_ratio", &target, Some((0.8, 0.0)));
    put("wolkvox_skill_abandon_target_ratio", &[], Some((0.05, 0.0)));
    put("wolkvox_skill_open", &[], exactly(1));
    for threshold in THRESHOLDS {
        let in_time = waits.iter().filter(|wait| **wait <= SignedDuration::from_secs(threshold.into())).count();
        let level = share(in_time as u64, inbound);
        let threshold = threshold.to_string();
        let more = [("threshold_seconds", threshold.as_str())];
        put("wolkvox_skill_service_level_ratio", &more, level);
    }
    truth
}

/// The expected series of the dialled numbers in a window, in their state at `now`.
pub(crate) fn of_numbers(world: &World, window: &str, from: &Zoned, until: &Zoned, now: &Zoned) -> Truth {
    let mut truth = Truth::new();
    let selection = [("operation", OPERATION), ("skill_id", "all"), ("window", window)];
    truth.extend(exactly(0).map(|none| (name("wolkvox_dnis_merged", &selection), none)));
    for number in world.dnis_between(None, from, until, now) {
        let calls = &number.calls;
        let labels = [selection[0], selection[1], selection[2], ("dnis", number.dnis.as_str())];
        let mut put = |metric: &str, more: &[(&str, &str)], value: Option<(f64, f64)>| {
            truth.extend(value.map(|value| (name(metric, &[&labels, more].concat()), value)));
        };
        let seconds = |mean: Option<f64>| mean.map(|mean| (mean, OF_SECONDS));
        put("wolkvox_dnis_inbound_calls", &[], exactly(calls.inbound));
        put("wolkvox_dnis_answered_calls", &[], exactly(calls.answered()));
        put("wolkvox_dnis_abandoned_calls", &[], exactly(calls.abandoned()));
        put("wolkvox_dnis_abandon_ratio", &[], share(calls.abandoned(), calls.inbound));
        put("wolkvox_dnis_average_speed_of_answer_seconds", &[], seconds(calls.average_speed_of_answer()));
        put("wolkvox_dnis_average_time_to_abandon_seconds", &[], seconds(calls.average_time_to_abandon()));
        for threshold in THRESHOLDS {
            let level = share(calls.answered_within(threshold), calls.inbound);
            let threshold = threshold.to_string();
            put("wolkvox_dnis_service_level_ratio", &[("threshold_seconds", threshold.as_str())], level);
        }
    }
    truth
}

/// The expected series of agents on a day, at `now`, with their names.
pub(crate) fn of_agents(world: &World, day: Date, now: &Zoned) -> Truth {
    let mut truth = Truth::new();
    for agent in world.agents_on(day, now) {
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
        put("wolkvox_agent_occupancy_ratio", agent.occupancy().unwrap_or_default(), OF_WHOLE_PERCENTAGE);
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

/// Transfers in a window that the report contains at `now`.
fn reported(world: &World, from: &Zoned, until: &Zoned, now: &Zoned) -> Vec<TransferTruth> {
    let mut transfers = world.transfers_between(from, until, now);
    transfers.retain(|transfer| transfer.shown_from <= now.timestamp());
    transfers
}

/// Transfers from the start of the day of `from` to `now` that the report contains at `now`.
pub(crate) fn transfers(world: &World, from: &Zoned, now: &Zoned) -> Vec<TransferTruth> {
    reported(world, &from.start_of_day().unwrap(), now, now)
}

/// The number of transfers that are counted at `now`, if the first poll was at `first`.
pub(crate) fn counted_transfers(world: &World, first: &Zoned, now: &Zoned) -> usize {
    transfers(world, first, now).iter().filter(|transfer| is_counted(transfer, first.timestamp())).count()
}

/// The labels of a kind of transfer.
fn kind_of(transfer: &TransferTruth) -> [(&'static str, &'static str); 3] {
    let receiver = if matches!(transfer.receiver, Receiver::Skill(_)) { "skill" } else { "agent" };
    [("operation", OPERATION), ("channel", transfer.channel.name()), ("receiver_type", receiver)]
}

/// The expected series of transfers on the day on which a window ends, at `now`.
pub(crate) fn transfers_today(world: &World, from: &Zoned, until: &Zoned, now: &Zoned) -> Truth {
    let midnight = until.start_of_day().unwrap().timestamp();
    let mut truth = Truth::new();
    for transfer in reported(world, from, until, now).iter().filter(|transfer| transfer.at >= midnight) {
        let (kind, sender) = (kind_of(transfer), transfer.sender.id.to_string());
        truth.entry(name("wolkvox_transfers_today", &kind)).or_default().0 += 1.0;
        let by_agent = [kind[0], ("agent_id", &sender), kind[1], kind[2]];
        truth.entry(name("wolkvox_agent_transfers_today", &by_agent)).or_default().0 += 1.0;
    }
    truth
}

/// The expected series of transfers at `now`, if the first poll was at `first`.
pub(crate) fn of_transfers(world: &World, first: &Zoned, now: &Zoned) -> Truth {
    let mut values = Values::new();
    let midnight = now.start_of_day().unwrap().timestamp();
    for transfer in transfers(world, first, now) {
        let kind = kind_of(&transfer);
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

/// The expected series of the menus in a window, at `now`.
pub(crate) fn of_menus(world: &World, window: &str, from: &Zoned, until: &Zoned, now: &Zoned) -> Truth {
    let in_window = [("operation", OPERATION), ("window", window)];
    let mut truth = Truth::from([(name("wolkvox_ivr_merged", &in_window), (0.0, 0.0))]);
    for option in world.ivr_between(from, until, now) {
        let point = option.routing_point.to_string();
        let labels = [in_window[0], in_window[1], ("rp_id", point.as_str()), ("option", option.choice.name())];
        truth.insert(name("wolkvox_ivr_option_calls", &labels), (option.calls as f64, 0.0));
        truth.insert(name("wolkvox_ivr_option_time_seconds", &labels), (option.time.as_secs_f64(), OF_SECONDS));
    }
    truth
}

/// The values on the page that differ from the expected ones.
pub(crate) fn wrong_values(found: &Values, truth: &Truth) -> Vec<String> {
    let is_true =
        |name: &Name, found: f64| truth.get(name).is_some_and(|(value, rounding)| (found - value).abs() <= *rounding);
    let wrong = found.iter().filter(|(name, found)| !is_true(name, **found));
    wrong.map(|(name, found)| format!("{name:?} {found}, expected {:?}", truth.get(name))).collect()
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
