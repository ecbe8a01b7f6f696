//! Who steps in when callers wait: team leaders, coaches, the back office.
//!
//! They are why a well-run contact centre can be staffed tightly: a cluster of calls is not left to the roster alone.

/// How long a caller has waited when somebody steps in, seconds.
pub(super) const JOIN_AFTER: f64 = 30.0;
/// How many of them there are for each agent on the roster.
const PER_AGENT: f64 = 0.15;

/// How many can step in where so many agents are on the roster.
pub(super) fn available_for(rostered: u16) -> u16 {
    (f64::from(rostered) * PER_AGENT).ceil() as u16
}
