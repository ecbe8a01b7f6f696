//! The settings of a simulation.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::scenario::Scenario;
use crate::time_source::TimeSource;

/// All settings of a simulated operation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Determines every call of every day.
    pub seed: u64,
    /// What goes wrong.
    pub scenario: Scenario,
    /// The time zone of the operation. It decides the operation's dates and how `date_ini` and `date_end` are read.
    pub zone: TimeZone,
    /// When people call.
    pub opening: Opening,
    /// The time at which [`Opening::BusyAtStart`] looks like 10:30 on a Tuesday; `None` is the start. Two simulations
    /// with the same time and seed have the same days, whenever they start.
    pub busy_at: Option<Timestamp>,
    /// The only valid token. The default, `demo-token`, is invented. Do not put a real token here.
    pub token: String,
    /// Paid licenses; each allows a thousand requests a day.
    pub licenses: u32,
    /// Requests a day, instead of the number that the licenses and the scenario give.
    pub daily_quota: Option<u64>,
    /// How long a response takes, in real time.
    pub latency: Duration,
    /// The denominator of service levels.
    pub denominator: Denominator,
    /// Whether the operation has the gamification service. Without it, requests for the agents report are refused.
    pub gamification: bool,
    /// When the incident of the scenario starts, measured on `time` from the start of the simulation. `quota` and
    /// `bad-data` take effect immediately.
    pub trouble_after: Duration,
    /// How long the incident lasts, measured on `time`, instead of the length that the scenario gives.
    pub trouble_for: Option<Duration>,
    /// The current time in the operation. If it runs faster than real time, the days are shorter.
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
    /// The start of the simulation, or [`Settings::busy_at`], looks like 10:30 on a Tuesday at any time of day.
    #[default]
    BusyAtStart,
    /// Monday to Friday 07:00 to 20:00 and Saturday 08:00 to 14:00 in the operation's zone.
    RealHours,
}

/// The denominator of service levels. Abandon percentages always refer to the inbound calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Denominator {
    /// Inbound calls, as the vendor's glossary says.
    #[default]
    Inbound,
    /// Answered calls.
    Answered,
}
