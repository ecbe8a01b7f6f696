//! The flags of `demo`, `simulate` and `history`, and the environment variable of each.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use wolkvox_simulator::{Opening, Scenario};

use super::listen_address::ListenAddress;
use crate::config::{InvalidValue, duration};

/// Flags of the simulated wolkvox.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Simulation")]
#[group(skip)]
pub struct SimulateArgs {
    /// Where the simulated wolkvox listens
    #[arg(
        id = "simulate.listen-address",
        long = "simulate.listen-address",
        value_name = "ADDRESS",
        env = "WOLKVOX_EXPORTER_SIMULATE_LISTEN_ADDRESS",
        default_value = "127.0.0.1:9910"
    )]
    pub listen_address: ListenAddress,

    /// How many times faster than real time the simulated time passes
    #[arg(long, value_name = "FACTOR", env = "WOLKVOX_EXPORTER_SPEED", default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,

    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment would replace the text of --help")]
    pub world: WorldArgs,
}

/// Flags of the simulated contact centre.
#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
pub struct WorldArgs {
    /// What goes wrong in the simulated contact centre or in its API
    #[arg(long, value_name = "NAME", env = "WOLKVOX_EXPORTER_SCENARIO", value_enum, default_value_t)]
    pub scenario: Scenario,

    /// When the trouble of the scenario starts, in simulated time; quota and bad-data start immediately
    #[arg(
        long = "trouble.after",
        value_name = "DURATION",
        env = "WOLKVOX_EXPORTER_TROUBLE_AFTER",
        default_value = "5m",
        value_parser = duration::parse
    )]
    pub trouble_after: Duration,

    /// How long the trouble lasts, in simulated time [default: the time in the list of scenarios]
    #[arg(
        long = "trouble.for",
        value_name = "DURATION",
        env = "WOLKVOX_EXPORTER_TROUBLE_FOR",
        value_parser = duration::parse
    )]
    pub trouble_for: Option<Duration>,

    /// Start value of the random numbers: the same seed gives the same days
    #[arg(long, value_name = "NUMBER", env = "WOLKVOX_EXPORTER_SEED", default_value_t = 1)]
    pub seed: u64,

    /// Align the simulated week so that this time is Tuesday 10:30, such as 2026-11-02T09:00:00-05:00. The same value
    /// and seed give the same days [default: the last whole hour; for a history the last one before its end]
    #[arg(long, value_name = "TIME", env = "WOLKVOX_EXPORTER_BUSY_AT")]
    pub busy_at: Option<Timestamp>,

    /// Use the real time of day: closed at night and on Sundays. Without it the simulation starts during opening hours
    #[arg(
        long,
        env = "WOLKVOX_EXPORTER_REAL_HOURS",
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        value_name = "true|false",
        action = clap::ArgAction::Set
    )]
    pub real_hours: bool,
}

/// Flags of `history`.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "History")]
#[group(skip)]
pub struct HistoryArgs {
    /// The folder for the files, one for each day in UTC
    #[arg(long = "history.directory", value_name = "FOLDER", env = "WOLKVOX_EXPORTER_HISTORY_DIRECTORY")]
    pub directory: PathBuf,

    /// The length of the history
    #[arg(
        long = "history.length",
        value_name = "DURATION",
        env = "WOLKVOX_EXPORTER_HISTORY_LENGTH",
        default_value = "7d",
        value_parser = history_length
    )]
    pub length: Duration,

    /// When the history begins, such as 2026-11-02T00:00:00-05:00 [default: its length before now]
    #[arg(long = "history.start", value_name = "TIME", env = "WOLKVOX_EXPORTER_HISTORY_START")]
    pub start: Option<Timestamp>,

    /// The time between two scrapes
    #[arg(
        long = "history.scrape-interval",
        value_name = "DURATION",
        env = "WOLKVOX_EXPORTER_HISTORY_SCRAPE_INTERVAL",
        default_value = "1m",
        value_parser = scrape_interval
    )]
    pub scrape_interval: Duration,

    /// A label that Prometheus would add to the target. Repeatable; separated by commas in the variable
    #[arg(
        long = "history.label",
        value_name = "NAME=VALUE",
        env = "WOLKVOX_EXPORTER_HISTORY_LABEL",
        default_values = ["job=wolkvox", "instance=127.0.0.1:9909"],
        value_delimiter = ',',
        value_parser = target_label
    )]
    pub labels: Vec<(String, String)>,

    /// A metric family to write; without this flag all are written. Repeatable; separated by commas in the variable
    #[arg(
        long = "history.family",
        value_name = "NAME",
        env = "WOLKVOX_EXPORTER_HISTORY_FAMILY",
        value_delimiter = ','
    )]
    pub families: Vec<String>,

    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment would replace the text of --help")]
    pub world: WorldArgs,
}

impl WorldArgs {
    /// The busy time of a simulation that a user looks at from `seen` on. It is a whole hour, so that a demo continues
    /// a history if both are started in the same hour.
    pub fn busy_at(&self, seen: Timestamp) -> Timestamp {
        let hour = TimestampRound::new().smallest(Unit::Hour).mode(RoundMode::Floor);
        self.busy_at.unwrap_or_else(|| seen.round(hour).unwrap_or(seen))
    }

    /// When people call.
    pub fn opening(&self) -> Opening {
        if self.real_hours { Opening::RealHours } else { Opening::BusyAtStart }
    }
}

/// At most a year and a day, because a longer one is probably a typing error.
fn history_length(text: &str) -> Result<Duration, InvalidValue> {
    between(text, "1m", "366d")
}

/// At most 5 minutes, because Prometheus looks back 5 minutes and longer intervals cause gaps.
fn scrape_interval(text: &str) -> Result<Duration, InvalidValue> {
    between(text, "1s", "5m")
}

fn between(text: &str, least: &str, most: &str) -> Result<Duration, InvalidValue> {
    let length = duration::parse(text)?;
    let is_in_range = duration::parse(least)? <= length && length <= duration::parse(most)?;
    let error = || InvalidValue::without_value(format!("expected a duration from {least} to {most}"));
    is_in_range.then_some(length).ok_or_else(error)
}

fn target_label(text: &str) -> Result<(String, String), InvalidValue> {
    let is_name = |name: &str| {
        !name.starts_with(|c: char| c.is_ascii_digit())
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    match text.split_once('=') {
        Some((name, value)) if is_name(name) => Ok((name.to_owned(), value.to_owned())),
        _ => Err(InvalidValue::without_value("expected a name and a value, such as job=wolkvox")),
    }
}

fn speed(text: &str) -> Result<f64, InvalidValue> {
    let factor = text.parse::<f64>().ok().filter(|factor| *factor >= 0.0 && *factor <= 100_000.0);
    factor.ok_or_else(|| InvalidValue::without_value("expected a number from 0 (time does not pass) to 100000"))
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;

    use super::*;
    use crate::cli::args::Command;
    use crate::cli::args::tests::{parse, refused};

    #[test]
    fn the_times_of_the_trouble_are_durations() {
        let Some(Command::Simulate(chosen)) = parse("simulate --trouble.after 90s --trouble.for 1h30m").command else {
            panic!("simulate was asked for")
        };
        let seconds = Duration::from_secs;
        assert_eq!((chosen.world.trouble_after, chosen.world.trouble_for), (seconds(90), Some(seconds(5400))));
        let text = refused("demo --trouble.for 2hours").to_string();
        assert!(text.contains("such as 30s, 5m or 1h30m"), "{text}");
    }

    #[test]
    fn the_simulation_has_its_own_flags() {
        let Some(Command::Demo(demo)) = parse("demo --scenario bad-data --seed 7 --speed 60 --real-hours").command
        else {
            panic!("demo was asked for")
        };
        assert_eq!(
            (demo.world.scenario, demo.world.seed, demo.speed, demo.world.real_hours),
            (Scenario::BadData, 7, 60.0, true)
        );
        assert_eq!(demo.listen_address.to_string(), "127.0.0.1:9910");
        assert_eq!((demo.world.trouble_after, demo.world.trouble_for), (Duration::from_secs(300), None));
        for line in ["--speed=-1", "--speed=nan", "--trouble.after=5", "--trouble.for=", "--trouble.for=1.5h"] {
            assert_eq!(refused(&format!("simulate {line}")).kind(), ErrorKind::ValueValidation, "{line}");
        }
    }
}
