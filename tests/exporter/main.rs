//! The exporter as a program: its flags, its subcommands, and its behaviour with a wolkvox whose responses the test
//! defines.
//!
//! All in one binary, because each binary links the whole exporter. New files of this kind belong here. Tests that need
//! a simulated wolkvox or a real Prometheus are in `tests/end_to_end`.

#[path = "../support/mod.rs"]
mod support;

mod ca_certificates;
mod certificates;
mod command_line;
mod failures;
mod held_connections;
mod hostile_names;
mod hostile_requests;
mod log_not_read;
mod metrics_reference;
mod odd_answers;
mod one_at_a_time;
mod one_report_fails;
mod one_request_fails;
mod personal_data;
mod proxies;
mod quota;
mod reload;
mod route_prefix;
mod secrets;
mod service_manager;
mod sixty_thousand_rows;
mod stale_connections;
mod staleness;
mod subcommands;
mod systemd_sockets;
mod token_file;
mod transfers_counted_once;
mod web_config;
mod web_config_commands;
mod web_config_connections;
mod web_config_files;
mod web_config_reload;
