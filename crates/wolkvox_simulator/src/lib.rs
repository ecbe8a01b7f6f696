//! A contact centre that behaves like one and answers as wolkvox does, for the demo and for tests.
//!
//! - [`world`]: every call of every day, from a seed; pure queries over them. No text, no HTTP, no clock.
//! - `dialect`: wolkvox's wording of what the world says: statuses, envelopes, value forms, corruptions.
//! - `scenario`, `trouble`, `settings`: what goes wrong, when, and what can be chosen. Scenarios are data.
//! - `limiter`, `outage`, `stats`: token, quota and permit; ways to fail; what was asked and answered.
//! - `simulation`: decides the outcome to a request; `heard`: what a client makes of it. `server` and `abort_handle` put it on the wire.
//!
//! This crate does not depend on the exporter. In particular it shares no code with the exporter's parsers, because each
//! is used to check the other.

mod abortable_listener;
mod dialect;
mod incident_window;
mod outage;
mod request_log;
mod response;
mod scenario;
mod server;
mod settings;
mod simulation;
mod time_source;
mod token_limiter;
pub mod world;

pub use dialect::{Corruption, Endpoint};
pub use outage::Failure;
pub use request_log::RequestStats;
pub use response::{HttpMessage, SimulatedResponse};
pub use scenario::Scenario;
pub use server::serve;
pub use settings::{Denominator, Opening, Settings};
pub use simulation::Simulation;
pub use time_source::TimeSource;
