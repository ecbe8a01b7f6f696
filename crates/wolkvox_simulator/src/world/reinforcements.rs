//! People who take calls when callers wait for too long: team leaders, coaches, the back office.
//!
//! Because of them a well-run contact centre can plan with few agents: the roster need not cover every peak alone.

/// How long a caller has waited when a reinforcement takes the call, seconds.
pub(super) const JOIN_AFTER: f64 = 30.0;
/// Reinforcements per agent on the roster.
const PER_AGENT: f64 = 0.15;

/// How many reinforcements are available for this number of rostered agents.
pub(super) fn available_for(rostered: u16) -> u16 {
    (f64::from(rostered) * PER_AGENT).ceil() as u16
}
