//! Who is on duty when: the roster of a date, laid out in time.

use jiff::{SignedDuration, Timestamp};

use super::calendar::{SLOT_SECONDS, SLOTS};

/// Length of a half-hour, in milliseconds.
const SLOT: i64 = SLOT_SECONDS as i64 * 1000;

/// The roster of one skill and date. Agents are counted from 0; of `n` on duty it is the first `n`.
#[derive(Clone, Debug)]
pub(super) struct Shifts {
    origin: Timestamp,
    agents: [u16; SLOTS],
}

impl Shifts {
    /// The roster `agents`, whose half-hours are counted from `origin`.
    pub(super) fn new(origin: Timestamp, agents: [u16; SLOTS]) -> Self {
        Self { origin, agents }
    }

    /// How many agents work on that date, not all of them at once.
    pub(super) fn headcount(&self) -> u16 {
        self.agents.iter().copied().max().unwrap_or(0)
    }

    /// How many agents are on duty at `at`.
    pub(super) fn on_duty(&self, at: Timestamp) -> u16 {
        self.agents_at(self.offset(at)).unwrap_or(0)
    }

    /// How long `agent` is on duty between two moments.
    pub(super) fn time_on_duty(&self, agent: u16, from: Timestamp, until: Timestamp) -> SignedDuration {
        let (mut at, until) = (self.offset(from).max(0), self.offset(until));
        let mut on_duty = 0;
        while at < until
            && let Some(agents) = self.agents_at(at)
        {
            let end = until.min((at / SLOT + 1) * SLOT);
            if agents > agent {
                on_duty += end - at;
            }
            at = end;
        }
        SignedDuration::from_millis(on_duty)
    }

    /// How many are on duty at an offset; `None` outside the date.
    fn agents_at(&self, offset: i64) -> Option<u16> {
        let slot = usize::try_from(offset.div_euclid(SLOT)).ok()?;
        self.agents.get(slot).copied()
    }

    /// Milliseconds from the origin.
    fn offset(&self, at: Timestamp) -> i64 {
        at.as_millisecond() - self.origin.as_millisecond()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    /// Two agents in the first and the third half-hour, one in the second.
    fn shifts() -> Shifts {
        let mut agents = [0; SLOTS];
        agents[..3].copy_from_slice(&[2, 1, 2]);
        Shifts::new(at(0), agents)
    }

    #[test]
    fn a_break_is_not_time_on_duty() {
        let on_duty = |agent, from, until| shifts().time_on_duty(agent, at(from), at(until)).as_mins();
        assert_eq!((on_duty(0, 0, 90), on_duty(1, 0, 90), on_duty(2, 0, 90)), (90, 60, 0));
        assert_eq!((on_duty(1, 10, 70), on_duty(1, 30, 60), on_duty(0, 12, 15)), (30, 0, 3));
    }

    #[test]
    fn time_outside_the_date_is_no_time_on_duty() {
        let whole = shifts().time_on_duty(0, at(-100_000), at(100_000));
        assert_eq!((whole.as_mins(), shifts().time_on_duty(0, at(9), at(3)).as_mins()), (90, 0));
        assert_eq!([-1, 0, 45, 89, 90, 100_000].map(|minute| shifts().on_duty(at(minute))), [0, 2, 1, 2, 0, 0]);
    }
}
