//! The flags of `demo`, `simulate` and `history`, and the environment variable of each.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use wolkvox_simulator::{Opening, Scenario};

use super::listen_address::ListenAddress;
use crate::config::duration;

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

    /// How many times faster than the clock on the wall its clock runs
    #[arg(long, value_name = "FACTOR", env = "WOLKVOX_EXPORTER_SPEED", default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,

    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment would replace the text of --help")]
    pub world: WorldArgs,
}

/// Flags of what happens in the simulated contact centre.
#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
pub struct WorldArgs {
    /// What happens in the simulated contact centre, or to its answers
    #[arg(long, value_name = "NAME", env = "WOLKVOX_EXPORTER_SCENARIO", value_enum, default_value_t)]
    pub scenario: Scenario,

    /// When the trouble of the scenario starts, by the simulation's clock; quota and bad-data do not wait
    #[arg(
        long = "trouble.after",
        value_name = "DURATION",
        env = "WOLKVOX_EXPORTER_TROUBLE_AFTER",
        default_value = "5m",
        value_parser = duration::parse
    )]
    pub trouble_after: Duration,

    /// How long it lasts [default: what the list of scenarios says]
    #[arg(
        long = "trouble.for",
        value_name = "DURATION",
        env = "WOLKVOX_EXPORTER_TROUBLE_FOR",
        value_parser = duration::parse
    )]
    pub trouble_for: Option<Duration>,

    /// Where its chance starts from: the same seed gives the same day
    #[arg(long, value_name = "NUMBER", env = "WOLKVOX_EXPORTER_SEED", default_value_t = 1)]
    pub seed: u64,

    /// The moment that looks like half past ten on a Tuesday, such as 2026-11-02T09:00:00-05:00: two that are told the same
    /// live the same days [default: the last whole hour; for a history the last one before its end]
    #[arg(long, value_name = "TIME", env = "WOLKVOX_EXPORTER_BUSY_AT")]
    pub busy_at: Option<Timestamp>,

    /// Follow the time of day even when the simulated contact centre is closed, instead of starting in its working hours
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

/// Flags of a history that never happened.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "History")]
#[group(skip)]
pub struct HistoryArgs {
    /// The folder to write to, one file for each day of UTC
    #[arg(long = "history.directory", value_name = "FOLDER", env = "WOLKVOX_EXPORTER_HISTORY_DIRECTORY")]
    pub directory: PathBuf,

    /// How long it is
    #[arg(
        long = "history.length",
        value_name = "DURATION",
        env = "WOLKVOX_EXPORTER_HISTORY_LENGTH",
        default_value = "7d",
        value_parser = history_length
    )]
    pub length: Duration,

    /// When it begins, such as 2026-11-02T00:00:00-05:00 [default: so that it ends now]
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

    /// A label that Prometheus would give the target. Repeatable, in the variable separated by commas
    #[arg(
        long = "history.label",
        value_name = "NAME=VALUE",
        env = "WOLKVOX_EXPORTER_HISTORY_LABEL",
        default_values = ["job=wolkvox", "instance=127.0.0.1:9909"],
        value_delimiter = ',',
        value_parser = target_label
    )]
    pub labels: Vec<(String, String)>,

    /// A family to write, and no others but those named. Repeatable, in the variable separated by commas
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
    /// The moment that is to be busy in a simulation of which somebody looks at `seen` first: whole hours, so that a demo
    /// and the history that leads to it agree when both are started in the same hour.
    pub fn busy_at(&self, seen: Timestamp) -> Timestamp {
        let hour = TimestampRound::new().smallest(Unit::Hour).mode(RoundMode::Floor);
        self.busy_at.unwrap_or_else(|| seen.round(hour).unwrap_or(seen))
    }

    /// When people call.
    pub fn opening(&self) -> Opening {
        if self.real_hours { Opening::RealHours } else { Opening::BusyAtStart }
    }
}

/// A year and a day; longer histories are typing errors.
fn history_length(text: &str) -> Result<Duration, String> {
    between(text, "1m", "366d")
}

/// Prometheus looks back 5 minutes: what is scraped less often has gaps.
fn scrape_interval(text: &str) -> Result<Duration, String> {
    between(text, "1s", "5m")
}

fn between(text: &str, least: &str, most: &str) -> Result<Duration, String> {
    let length = duration::parse(text)?;
    let is_right = duration::parse(least)? <= length && length <= duration::parse(most)?;
    if is_right { Ok(length) } else { Err(format!("from {least} to {most} is right")) }
}

fn target_label(text: &str) -> Result<(String, String), String> {
    let is_name = |name: &str| {
        !name.starts_with(|c: char| c.is_ascii_digit())
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    match text.split_once('=') {
        Some((name, value)) if is_name(name) => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a name and a value such as job=wolkvox are right".to_owned()),
    }
}

fn speed(text: &str) -> Result<f64, String> {
    let factor = text.parse::<f64>().ok().filter(|factor| *factor >= 0.0 && *factor <= 100_000.0);
    factor.ok_or_else(|| "a number from 0 (the clock stands still) to 100000 is right".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use clap::error::ErrorKind;

    use super::*;
    use crate::cli::args::{Args, Command};

    fn parse(line: &str) -> Args {
        Args::try_parse_from(std::iter::once("wolkvox_exporter").chain(line.split_whitespace())).unwrap()
    }

    fn refused(line: &str) -> clap::Error {
        Args::try_parse_from(std::iter::once("wolkvox_exporter").chain(line.split_whitespace())).unwrap_err()
    }

    #[test]
    fn the_time_of_the_trouble_is_written_as_durations_are() {
        let Some(Command::Simulate(chosen)) = parse("simulate --trouble.after 90s --trouble.for 1h30m").command else {
            panic!("simulate was asked for")
        };
        let seconds = Duration::from_secs;
        assert_eq!((chosen.world.trouble_after, chosen.world.trouble_for), (seconds(90), Some(seconds(5400))));
        let text = refused("demo --trouble.for 2hours").to_string();
        assert!(text.contains("for example 30s, 5m or 1h30m"), "{text}");
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
