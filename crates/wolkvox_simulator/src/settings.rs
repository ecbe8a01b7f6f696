//! How a simulation is to be.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::scenario::Scenario;
use crate::time_source::TimeSource;

/// Everything that can be chosen about a simulated operation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Fixes every call of every day.
    pub seed: u64,
    /// What goes wrong.
    pub scenario: Scenario,
    /// Where the operation's clocks are: decides its dates and the reading of `date_ini` and `date_end`.
    pub zone: TimeZone,
    /// When people call.
    pub opening: Opening,
    /// The moment at which [`Opening::BusyAtStart`] looks like half past ten on a Tuesday, instead of the start. Two
    /// simulations with the same one live the same days, whenever they start.
    pub busy_at: Option<Timestamp>,
    /// The one token that is valid. The default, `demo-token`, is invented; put no real one here.
    pub token: String,
    /// Paid licenses: a thousand requests a day each.
    pub licenses: u32,
    /// Requests a day, instead of what the licenses and the scenario say.
    pub daily_quota: Option<u64>,
    /// How long an answer takes, in real time.
    pub latency: Duration,
    /// What service levels are a share of.
    pub denominator: Denominator,
    /// Whether the operation has the gamification service; without it the report of the agents is refused.
    pub gamification: bool,
    /// When the trouble of the scenario starts, counted on `time` from the start. `quota` and `bad-data` do not wait.
    pub trouble_after: Duration,
    /// How long it lasts, on `time`, instead of what the scenario says.
    pub trouble_for: Option<Duration>,
    /// The current time in the operation. A source that runs faster than real time makes its days shorter.
    pub time: TimeSource,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            scenario: Scenario::Healthy,
            zone: TimeZone::get("America/Bogota").unwrap_or(TimeZone::UTC),
            opening: Opening::BusyAtStart,
            busy_at: None,
            token: "demo-token".to_owned(),
            licenses: 50,
            daily_quota: None,
            latency: Duration::from_millis(40),
            denominator: Denominator::Inbound,
            gamification: true,
            trouble_after: Duration::from_secs(5 * 60),
            trouble_for: None,
            time: TimeSource::system(),
        }
    }
}

/// When people call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Opening {
    /// The start of the simulation, or the moment in [`Settings::busy_at`], looks like half past ten on a Tuesday, whatever
    /// the time is.
    #[default]
    BusyAtStart,
    /// Monday to Friday 07:00 to 20:00, Saturday 08:00 to 14:00 of the zone.
    RealHours,
}

/// What service levels are a share of. The abandon percentage always is one of the inbound calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Denominator {
    /// Of the calls received, as the vendor's glossary says.
    #[default]
    Inbound,
    /// Of the calls answered.
    Answered,
}
