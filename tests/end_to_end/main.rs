//! The whole way, with nothing replaced: a simulated wolkvox, the exporter, and those who read its page.
//!
//! What is promised to users belongs here, one file a promise; what one module does by itself is tested in that module.
//! Expected values come from what the simulator served (read by code of the tests' own) or from its world, never from
//! the exporter's readers.
//!
//! - `programs`: the exporter and the simulator as people start them; `inside`: the exporter in this process, where its
//!   clock can be set. `tap`: what passes between exporter and wolkvox.
//! - `wording`: wolkvox's strings, read once more; `series`: values of a page, of Prometheus, and as expected; `truth`:
//!   what the simulated world says of agents, transfers and menus.
#![cfg(feature = "simulator")]
#![expect(clippy::unwrap_used, reason = "these are tests, and their functions are too")]

#[path = "../support/mod.rs"]
mod support;

mod inside;
mod programs;
mod series;
mod tap;
mod truth;
mod wording;

mod bad_data;
mod formats;
mod midnight;
mod opt_in_reports;
mod pages;
mod scraped;
mod staleness;
mod transfer;
