//! What integration tests share: child processes, a plain HTTP client, a wolkvox that does as the test says, the real
//! Prometheus and Alertmanager, a place where notifications go, and the reference parsers.
//!
//! Here belongs what tests use to look at the exporter from outside; what a test expects stays in the test. Everything
//! waits in real time, so a test that pauses tokio's clock cannot use it.
//!
//! Use it with `mod support;`. Tests that need [`peers`] are marked `#[ignore = "needs the peers: make test"]`.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod alertmanager;
pub(crate) mod dashboard;
pub(crate) mod daytime;
pub(crate) mod exporter;
pub(crate) mod exposition;
pub(crate) mod http;
pub(crate) mod long_answer;
pub(crate) mod markdown;
pub(crate) mod page;
pub(crate) mod peer_server;
pub(crate) mod peers;
pub(crate) mod process;
pub(crate) mod prometheus;
pub(crate) mod promql;
pub(crate) mod promtool;
pub(crate) mod routing;
pub(crate) mod rules;
pub(crate) mod sink;
pub(crate) mod wolkvox;
