//! A simulated contact centre that answers HTTP requests as wolkvox does, for the demo and for tests.
//!
//! - [`world`]: generates every call of every day from a seed, and answers queries about them. No text, no HTTP, no
//!   clock.
//! - `dialect`: writes the state of the world in wolkvox's form: status, envelope, value forms, corruptions.
//! - `scenario`, `incident_window`, `settings`: what goes wrong, when it happens, and the settings. Scenarios are data.
//! - `token_limiter`, `outage`, `request_log`: token, quota and one request at a time; the kinds of failure; statistics
//!   of requests and responses for tests.
//! - `simulation`: decides the outcome of a request. `response` turns the outcome into an HTTP response.
//! - `server`, `abortable_listener`: serve the simulation over HTTP.
//!
//! This crate does not depend on the exporter. In particular it shares no code with the exporter's parsers, because
//! each is used to check the other.

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
