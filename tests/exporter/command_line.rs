//! Every flag can be set by its environment variable, and the command line has priority.
//!
//! clap reads the environment of the process, which a test must not change. Therefore a child process, which is this
//! test binary again, gets the variables and prints the arguments that it has parsed.

use std::process::Command;

use clap::Parser;
use wolkvox_exporter::cli::Args;
use wolkvox_exporter::config::Sources;

const LINE: &str = "COMMAND_LINE_OF_THE_TEST";

/// The child process. It does nothing unless a test has started it.
#[test]
fn child_that_prints_its_arguments() {
    let Ok(line) = std::env::var(LINE) else { return };
    match Args::try_parse_from(line.split_whitespace()) {
        Ok(args) => println!("PARSED {args:?} {:?}", Sources::from(&args)),
        Err(error) => println!("REFUSED {error}"),
    }
}

/// The arguments that `wolkvox_exporter` parses from this line and these variables.
fn parsed(line: &str, variables: &[(&str, &str)]) -> String {
    let inherited = std::env::vars_os().filter(|(name, _)| !name.to_string_lossy().starts_with("WOLKVOX_"));
    let output = Command::new(std::env::current_exe().expect("a running program has a path"))
        .args(["--exact", "command_line::child_that_prints_its_arguments", "--nocapture"])
        .env_clear()
        .envs(inherited)
        .env(LINE, format!("wolkvox_exporter {line}"))
        .envs(variables.iter().copied())
        .output()
        .expect("the test binary can be started again");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn every_kind_of_flag_is_read_from_its_variable() {
    for (variable, value, debug) in [
        ("WOLKVOX_EXPORTER_CONFIG_FILE", "a.yml", r#"config_file: Some("a.yml")"#),
        ("WOLKVOX_EXPORTER_STATE_FILE", "s.json", r#"state_file: Some("s.json")"#),
        (
            "WOLKVOX_EXPORTER_WEB_LISTEN_ADDRESS",
            ":1,[::1]:2",
            r#"port: 1 }, ListenAddress { host: Some("::1"), port: 2 }"#,
        ),
        ("WOLKVOX_EXPORTER_WEB_SYSTEMD_SOCKET", "true", "systemd_socket: true"),
        ("WOLKVOX_EXPORTER_WEB_MAX_REQUESTS", "7", "max_requests: 7"),
        ("WOLKVOX_EXPORTER_LOG_LEVEL", "debug", "level: Debug"),
        ("WOLKVOX_EXPORTER_LOG_FORMAT", "json", "format: Json"),
        ("WOLKVOX_EXPORTER_POLL_INTERVAL", "1m", r#"interval: Some("1m")"#),
        ("WOLKVOX_EXPORTER_COLLECTOR_DNIS", "false", "(Dnis, false)"),
        ("WOLKVOX_SERVER", "0010", r#"server: Some("0010")"#),
        ("WOLKVOX_TOKEN_FILE", "t", r#"token_file: Some("t")"#),
        ("WOLKVOX_SKILL_ID", "1,2", r#"skill_ids: ["1", "2"]"#),
        ("WOLKVOX_ALLOW_PLAIN_HTTP", "true", "allow_plain_http: true"),
    ] {
        for line in ["", "serve"] {
            let output = parsed(line, &[(variable, value)]);
            assert!(output.contains(debug), "{variable}={value} with {line:?}: {output}");
        }
    }
}

#[test]
fn the_command_line_has_priority_over_the_environment() {
    let variables = [("WOLKVOX_SERVER", "0010"), ("WOLKVOX_EXPORTER_COLLECTOR_DNIS", "true")];
    for line in [
        "--wolkvox.server 0042 --no-collector.dnis check-config",
        "check-config --wolkvox.server 0042 --no-collector.dnis",
    ] {
        let output = parsed(line, &variables);
        assert!(output.contains(r#"server: Some("0042")"#), "{output}");
        assert!(output.contains("(Dnis, false)"), "{output}");
    }
}

#[cfg(feature = "simulator")]
#[test]
fn flags_of_the_simulation_are_read_from_variables_too() {
    for (variable, value, debug) in [
        ("WOLKVOX_EXPORTER_SCENARIO", "slow-decay", "scenario: SlowDecay"),
        ("WOLKVOX_EXPORTER_SPEED", "60", "speed: 60.0"),
        ("WOLKVOX_EXPORTER_TROUBLE_AFTER", "2m", "trouble_after: 120s"),
        ("WOLKVOX_EXPORTER_TROUBLE_FOR", "1h", "trouble_for: Some(3600s)"),
    ] {
        for line in ["demo", "simulate"] {
            let output = parsed(line, &[(variable, value)]);
            assert!(output.contains(debug), "{variable}={value} with {line:?}: {output}");
        }
    }
}

#[test]
fn help_names_the_variable_of_a_flag_but_not_its_value() {
    let output = parsed("--help", &[("WOLKVOX_BASE_URL", "https://hush@example.com")]);
    assert!(output.contains("WOLKVOX_BASE_URL") && output.contains("WOLKVOX_EXPORTER_WEB_LISTEN_ADDRESS"), "{output}");
    assert!(!output.contains("hush"), "{output}");
}
