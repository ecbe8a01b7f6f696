//! Flags, environment, subcommands.
//!
//! `args` says what can be written on the command line and knows nothing of what it does.

pub mod args;

mod collector_flags;
mod listen_address;
mod token_argument;

pub use args::{Args, Command};
pub use collector_flags::CollectorFlags;
pub use listen_address::ListenAddress;
