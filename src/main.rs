//! The order of start-up, and the exit codes.

fn main() {}
