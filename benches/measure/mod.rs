//! What several benches need to measure and to show figures.
#![allow(dead_code, reason = "each bench uses a part of it")]

pub(crate) mod clients;
pub(crate) mod headlines;
pub(crate) mod load;
pub(crate) mod requests;
pub(crate) mod rows;
pub(crate) mod table;
pub(crate) mod usage;
