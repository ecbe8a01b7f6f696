//! Code that integration tests share: child processes, a plain HTTP client, a scripted wolkvox, the real Prometheus and
//! Alertmanager, a server for notifications, and the reference parsers.
//!
//! Only code that observes the exporter from outside belongs here. Expected values stay in the tests. All waits are in
//! real time, so a test that pauses tokio's clock cannot use this module.
//!
//! Use it with `mod support;`. Tests that need [`peers`] are marked `#[ignore = "needs the peers: make test"]`.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod alertmanager;
pub(crate) mod authority;
pub(crate) mod dashboard;
pub(crate) mod daytime;
pub(crate) mod exporter;
pub(crate) mod exposition;
pub(crate) mod http;
pub(crate) mod links;
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
#[cfg(feature = "simulator")]
pub(crate) mod simulated;
pub(crate) mod sink;
pub(crate) mod tls_client;
pub(crate) mod web;
pub(crate) mod wolkvox;
