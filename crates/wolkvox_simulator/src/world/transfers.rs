//! Which answered contacts an agent transfers, to whom, and when the transfer appears in the report.
//!
//! The work of the second agent is not simulated: a transfer changes no call.

use chacha20::ChaCha8Rng;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, Zoned};
use rand::RngExt;
use rand_distr::Distribution;
use rand_distr::weighted::WeightedIndex;

use super::World;
use super::callers::{RandomStream, random_generator};
use super::operation::Skill;
use super::people::Agent;
use super::queue::{Call, Ending};
use super::shifts::Shifts;

/// Share of the answered contacts that are transferred.
const TRANSFERRED: f64 = 0.06;
/// Share of the transfers that go to a skill.
const TO_A_SKILL: f64 = 1.0 / 3.0;
/// The longest time from a transfer until the report shows it, seconds.
const LONGEST_LAG: i64 = 13 * 60;

/// One transfer.
#[derive(Clone, Debug, PartialEq)]
pub struct TransferTruth {
    /// Identifies the contact.
    pub conn_id: String,
    /// When the first agent transferred the contact, in whole seconds.
    pub at: Timestamp,
    /// When the report begins to show the transfer.
    pub shown_from: Timestamp,
    /// The agent who transferred the contact.
    pub sender: Agent,
    /// The receiver of the contact.
    pub receiver: Receiver,
    /// The channel of the contact.
    pub channel: Channel,
}

/// The receiver of a transfer.
#[derive(Clone, Debug, PartialEq)]
pub enum Receiver {
    /// Another agent of the same skill.
    Agent(Agent),
    /// The skill with this identification.
    Skill(u32),
}

/// The channel of a contact. In the simulation a contact of every channel behaves like a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// Chat on a web page.
    Chat,
    /// A messenger on the telephone.
    WhatsApp,
    /// E-mail.
    Email,
    /// Telephone.
    Voice,
}

/// Channels and their proportions. Most are written channels, because the report is about chats.
const CHANNELS: [(Channel, f64); 4] =
    [(Channel::Chat, 0.40), (Channel::WhatsApp, 0.32), (Channel::Email, 0.18), (Channel::Voice, 0.10)];

impl Channel {
    /// All channels.
    pub const ALL: [Self; 4] = [Self::Chat, Self::WhatsApp, Self::Email, Self::Voice];

    /// The name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::WhatsApp => "whatsapp",
            Self::Email => "email",
            Self::Voice => "voice",
        }
    }
}

impl World {
    /// The transfers that happened from `from` to `until` (both included) and by `as_of`, in the order of time. The
    /// report may show them later: see [`TransferTruth::shown_from`].
    pub fn transfers_between(&self, from: &Zoned, until: &Zoned, as_of: &Zoned) -> Vec<TransferTruth> {
        let (from, until) = (from.timestamp(), until.timestamp().min(as_of.timestamp()));
        let mut found = Vec::new();
        for place in 0..self.skills.len() {
            for day in self.days(place, from, until) {
                let start = day.transfers.partition_point(|transfer| transfer.at < from);
                found.extend(day.transfers[start..].iter().take_while(|transfer| transfer.at <= until).cloned());
            }
        }
        found.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.conn_id.cmp(&b.conn_id)));
        found
    }
}

/// The transfers among `calls`, which are the calls of `date` of the skill at index `place` of `skills`, in the order
/// of time.
pub(super) fn transfers(
    seed: u64,
    date: Date,
    skills: &[Skill],
    place: usize,
    calls: &[Call],
    shifts: &Shifts,
) -> Vec<TransferTruth> {
    let skill = &skills[place];
    let mut rng = random_generator(seed, date, skill.id, RandomStream::Transfers);
    let Ok(channels) = WeightedIndex::new(CHANNELS.map(|(_, weight)| weight)) else { return Vec::new() };
    let others: Vec<u32> =
        skills.iter().filter(|one| one.id != skill.id && one.calls_a_day > 0.0).map(|one| one.id).collect();
    let mut transfers = Vec::new();
    for (number, call) in calls.iter().enumerate() {
        let Ending::Answered { agent, talk_ended, .. } = call.ending else { continue };
        if !rng.random_bool(TRANSFERRED) {
            continue;
        }
        let receiver = if rng.random_bool(TO_A_SKILL) && !others.is_empty() {
            Receiver::Skill(others[rng.random_range(0..others.len())])
        } else {
            Receiver::Agent(Agent::of(skill, colleague(&mut rng, agent, shifts.on_duty(talk_ended))))
        };
        // The report shows whole seconds.
        let at = talk_ended - SignedDuration::from_nanos(i64::from(talk_ended.subsec_nanosecond()));
        transfers.push(TransferTruth {
            conn_id: format!("{}{}{number}", skill.id, call.arrived.as_second()),
            at,
            shown_from: at + SignedDuration::from_secs(rng.random_range(0..=LONGEST_LAG)),
            sender: Agent::of(skill, agent),
            receiver,
            channel: CHANNELS[channels.sample(&mut rng)].0,
        });
    }
    transfers.sort_by_key(|transfer| transfer.at);
    transfers
}

/// A random agent on duty other than `agent`. If there is no other one, it is the next extension, as if somebody had
/// stayed after the shift.
fn colleague(rng: &mut ChaCha8Rng, agent: u16, on_duty: u16) -> u16 {
    let one = rng.random_range(0..on_duty.max(2) - 1);
    if one < agent { one } else { one + 1 }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::tests::{WEEKDAYS, bogota, real_hours};
    use super::*;

    /// The transfers of a working week.
    fn week(world: &World) -> Vec<TransferTruth> {
        let end = bogota("2026-11-20T23:59:59");
        world.transfers_between(&bogota("2026-11-16T00:00"), &end, &end)
    }

    #[test]
    fn a_few_of_the_answered_contacts_are_transferred_each_day() {
        let world = real_hours(1);
        for day in WEEKDAYS {
            let (start, night) = (bogota(&format!("{day}T00:00")), bogota(&format!("{day}T23:59:59")));
            let answered: u64 = world.skills_at(&night).iter().map(|skill| skill.today.answered()).sum();
            let share = world.transfers_between(&start, &night, &night).len() as f64 / answered as f64;
            assert!((0.04..0.08).contains(&share), "{day}: {share}");
        }
    }

    #[test]
    fn a_third_goes_to_another_open_skill() {
        let transfers = week(&real_hours(1));
        let skills: Vec<u32> = transfers
            .iter()
            .filter_map(|transfer| match transfer.receiver {
                Receiver::Skill(id) => Some(id),
                Receiver::Agent(_) => None,
            })
            .collect();
        let share = skills.len() as f64 / transfers.len() as f64;
        assert!((0.28..0.39).contains(&share), "{share}");
        assert_eq!(BTreeSet::from_iter(skills), BTreeSet::from([4173, 4180, 4187, 4192, 4205]));
    }

    #[test]
    fn no_agent_transfers_to_themselves_or_to_their_own_skill() {
        let world = real_hours(1);
        for transfer in week(&world) {
            let own = world
                .skills
                .iter()
                .find(|skill| (skill.first_extension..skill.first_extension + 500).contains(&transfer.sender.id))
                .unwrap();
            match transfer.receiver {
                Receiver::Agent(agent) => assert_ne!(agent, transfer.sender),
                Receiver::Skill(id) => assert_ne!(id, own.id),
            }
        }
    }

    #[test]
    fn contacts_use_every_channel_and_most_are_written() {
        let transfers = week(&real_hours(1));
        let by = |channel| transfers.iter().filter(|transfer| transfer.channel == channel).count();
        assert!(Channel::ALL.into_iter().all(|channel| by(channel) * 20 > transfers.len()));
        assert!(by(Channel::Chat) > by(Channel::Email) && by(Channel::Email) > by(Channel::Voice));
    }

    #[test]
    fn contact_ids_are_unique() {
        let transfers = week(&real_hours(1));
        let ids: BTreeSet<&String> = transfers.iter().map(|transfer| &transfer.conn_id).collect();
        assert_eq!(ids.len(), transfers.len());
    }

    #[test]
    fn rows_appear_up_to_thirteen_minutes_late() {
        let lags: Vec<i64> = week(&real_hours(1))
            .iter()
            .map(|transfer| transfer.shown_from.duration_since(transfer.at).as_secs())
            .collect();
        assert!(lags.iter().all(|lag| (0..=780).contains(lag)));
        assert!(lags.iter().any(|lag| *lag < 60) && lags.iter().any(|lag| *lag > 720));
    }

    #[test]
    fn transfers_are_in_the_order_of_time() {
        assert!(week(&real_hours(1)).is_sorted_by_key(|transfer| transfer.at));
    }

    #[test]
    fn later_transfers_are_not_returned() {
        let (world, noon) = (real_hours(1), bogota("2026-11-17T12:00"));
        let (start, night) = (bogota("2026-11-17T00:00"), bogota("2026-11-17T23:59:59"));
        let returned = world.transfers_between(&start, &night, &noon);
        assert_eq!(returned, world.transfers_between(&start, &noon, &noon));
        assert!(!returned.is_empty() && returned.iter().all(|transfer| transfer.at <= noon.timestamp()));
    }
}
