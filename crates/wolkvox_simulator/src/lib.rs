//! A contact centre that behaves like one and answers as wolkvox does, for the demo and for tests.
//!
//! - [`world`]: every call of every day, from a seed; pure queries over them. No text, no HTTP, no clock.
//! - `dialect`: wolkvox's wording of what the world says: statuses, envelopes, value forms, blemishes.
//! - `scenario`, `trouble`, `settings`: what goes wrong, when, and what can be chosen. Scenarios are data.
//! - `gate`, `outage`, `journal`: token, quota and turn; ways to fail; what was asked and answered.
//! - `simulation`: decides the reply to a request; `heard`: what a client makes of it. `server` and `line` put it on the wire.
//!
//! This crate does not depend on the exporter. In particular it shares no code with the exporter's parsers, because each
//! is used to check the other.

mod dialect;
mod gate;
mod heard;
mod journal;
mod line;
mod outage;
mod scenario;
mod server;
mod settings;
mod simulation;
mod time_source;
mod trouble;
pub mod world;

pub use dialect::{Blemish, Endpoint};
pub use heard::{Heard, Message};
pub use journal::Journal;
pub use outage::Failure;
pub use scenario::Scenario;
pub use server::serve;
pub use settings::{Divisor, Opening, Settings};
pub use simulation::Simulation;
pub use time_source::TimeSource;
