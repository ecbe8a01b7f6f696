//! wolkvox's HTTP API. No other module has to handle its irregularities.
//!
//! What belongs here: the HTTP client, its token, the classes of its errors, the envelope, lenient JSON, the formats of
//! values, and one file per report under [`wire`]. What does not: when to call (`collect`), and the meaning of the
//! values (`model`).

mod body;
mod client;
mod current_token;
mod envelope;
mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod lenient;
mod other_body;
mod query;
mod redact;
pub mod values;
pub mod wire;

pub use client::{Client, Limits, Response, Transport, install_crypto_provider};
pub(crate) use envelope::{ParsedResponse, read};
pub use error::ApiError;
pub use query::{Endpoint, Query};
pub use wire::WireRow;
pub(crate) use wire::{ROW_FIELD, RowSink};

/// The most rows that wolkvox sends in one response (vendor's limit). With exactly this many, some may be missing.
pub(crate) const MAX_ROWS: usize = 60_000;
