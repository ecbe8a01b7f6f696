//! wolkvox on the wire, so that nothing behind this module has to know how messy it is.
//!
//! What belongs here: the HTTP client, what its failures mean, the envelope, lenient JSON, the forms of values, and one
//! file per report under [`wire`]. What does not: when to call (that is `collect`) and what the values are good for.

mod client;
mod envelope;
mod error;
mod lenient;
mod query;
pub mod values;
pub mod wire;

pub use client::{Client, Limits, Response, Transport};
pub use envelope::{Rows, read};
pub use error::ApiError;
pub use query::{Endpoint, Query};
pub use wire::{ROW_FIELD, RowSink, WireRow};

/// Rows that wolkvox sends at most in one answer (vendor's limit): as many as that means that some may be missing.
pub const MAX_ROWS: usize = 60_000;
