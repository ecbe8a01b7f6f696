//! A Prometheus exporter for wolkvox, the contact-centre cloud.
//!
//! The way of the data, and who may know whom (arrows point to what a module may use):
//!
//! ```text
//! api ──> collect ──> model <── metrics <── http
//! ```
//!
//! - [`config`]: what the user wrote, checked; the rest of the program sees only checked values.
//! - [`clock`]: the only place that asks for the time.
//! - [`api`]: wolkvox on the wire: client, failures, lenient JSON, value forms, one file per report.
//! - [`collect`]: one file per report, the schedule, the quota, back-off. Knows no Prometheus.
//! - [`model`]: clean domain values and the snapshot that collectors publish. Knows nobody.
//! - [`metrics`]: the table of metric definitions over the snapshot, and both text formats.
//! - [`http`]: serves what `metrics` rendered, and the pages for people.
//! - [`cli`]: flags, environment, subcommands.
//!
//! The simulated contact centre that `demo`, `simulate` and `history` use is a crate of its own, `wolkvox_simulator`.

pub mod api;
pub mod cli;
pub mod clock;
pub mod collect;
pub mod config;
pub mod http;
pub mod metrics;
pub mod model;
