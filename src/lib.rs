//! A Prometheus exporter for wolkvox, the contact-centre cloud.
//!
//! Data flows from wolkvox through `api`, `collect`, `model` and `metrics` to `http`. Dependencies do not follow the
//! data. An arrow here points from a module to the module that it uses:
//!
//! ```text
//! api <── collect ──> model <── metrics <── http ──> config
//! ```
//!
//! - [`config`]: the validated configuration. All other modules get only validated values.
//! - [`clock`]: the only module that asks for the time.
//! - [`api`]: wolkvox's HTTP API: client, errors, lenient JSON, formats of values, one file per report.
//! - [`collect`]: one file per report, the schedule, the quota, back-off. Does not depend on Prometheus.
//! - [`model`]: domain values and the snapshot that collectors publish. Depends on no other module.
//! - [`metrics`]: the table of metric definitions over the snapshot, and both text formats.
//! - [`http`]: serves the rendered metrics, and pages for people.
//! - [`cli`]: flags, environment, subcommands.
//!
//! The simulated contact centre that `demo`, `simulate` and `history` use is a crate of its own, `wolkvox_simulator`.

pub mod api;
pub mod cli;
pub mod clock;
pub mod collect;
pub mod config;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod http;
pub mod metrics;
pub mod model;
