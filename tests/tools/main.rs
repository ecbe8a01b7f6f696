//! Tests of the tools of other tests: the programs in `.peers` and the child processes of `tests/support`.

#[path = "../support/mod.rs"]
mod support;

mod peers;
mod process;
