//! Tests of the whole path: a simulated wolkvox, the exporter, and the programs that read its page.
//!
//! Tests of features that users rely on belong here, one file for each. A module by itself is tested in that module.
//! Expected values come from the responses of the simulator (read by code of the tests) or from its world, never from
//! the exporter's parsers.
//!
//! - `programs`: the exporter and the simulator as users start them; `inside`: the exporter in the test process, where
//!   its clock can be set. `tap`: a proxy between exporter and wolkvox.
//! - `wording`: a second parser of wolkvox's strings; `series`: values of a page, of Prometheus, and expected ones;
//!   `rises`: how much a counter has risen in Prometheus;
//!   `truth`: the expected series from the simulated world; `planted`: the problems that the simulator put into responses.
#![cfg(feature = "simulator")]
#![expect(clippy::unwrap_used, reason = "these are tests, and their functions are too")]

#[path = "../support/mod.rs"]
mod support;

mod inside;
mod planted;
mod programs;
mod rises;
mod series;
mod tap;
mod truth;
mod wording;

mod bad_data;
mod first_samples;
mod formats;
mod midnight;
mod opt_in_reports;
mod pages;
mod scraped;
mod soak;
mod staleness;
mod target_labels;
mod thresholds;
mod transfer;
