//! What can be written on the command line, and the environment variable of each flag.
//!
//! Flags that are about wolkvox have the variable `WOLKVOX_…`, the exporter's own `WOLKVOX_EXPORTER_…`
//! ([`variable_of`](crate::config::variable_of) is the rule). Values of `--wolkvox.*` and `--poll.interval` stay text
//! here: `config` checks them by the rules of the file, and says all that is wrong at once.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use super::collector_flags::CollectorFlags;
use super::listen_address::ListenAddress;
use super::token_argument::NoTokenArgument;
use crate::config::{SingleOperation, Sources, duration};
use crate::http::TelemetryPath;
use crate::simulator::{Opening, Scenario};

/// A Prometheus exporter for wolkvox, the contact-centre cloud.
#[derive(Clone, Debug, Parser)]
#[command(name = "wolkvox_exporter", version, max_term_width = 120, disable_help_subcommand = true)]
#[command(
    after_help = "The token comes from WOLKVOX_TOKEN, or from the file of --wolkvox.token-file; there is no flag for it."
)]
pub struct Args {
    /// What to do; `None` is the same as `serve`.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// The configuration file (YAML), for several operations and for targets
    #[arg(long = "config.file", value_name = "FILE", env = "WOLKVOX_EXPORTER_CONFIG_FILE", global = true)]
    pub config_file: Option<PathBuf>,

    /// Where the state is kept (calls made today, last readings); without it a restart forgets them
    #[arg(long = "state.file", value_name = "FILE", env = "WOLKVOX_EXPORTER_STATE_FILE", global = true)]
    pub state_file: Option<PathBuf>,

    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment would replace the text of --help")]
    pub web: WebArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment would replace the text of --help")]
    pub log: LogArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment would replace the text of --help")]
    pub wolkvox: WolkvoxArgs,

    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment would replace the text of --help")]
    pub collectors: CollectorFlags,

    #[command(flatten)]
    no_token: NoTokenArgument,
}

/// The subcommands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Run the exporter (the default)
    Serve,
    /// Run the exporter against a simulated wolkvox on loopback: needs no account and no configuration
    Demo(SimulateArgs),
    /// Run only the simulated wolkvox API
    Simulate(SimulateArgs),
    /// Write what Prometheus would have scraped over simulated days, for `promtool tsdb create-blocks-from openmetrics`
    History(HistoryArgs),
    /// Validate the configuration, print the poll plan and the calls a day against the quota
    CheckConfig,
    /// Poll every enabled collector once and print what came back
    Probe {
        /// How to print it
        #[arg(long, value_enum, default_value_t)]
        output: ProbeOutput,
    },
    /// Print the catalogue of metrics
    Metrics {
        /// How to print it
        #[arg(long, value_enum, default_value_t)]
        output: CatalogueOutput,
    },
    /// Ask a running exporter whether it is ready (for container health checks)
    Healthcheck {
        /// The address to ask [default: /-/ready on loopback at the port of --web.listen-address]
        #[arg(long, value_name = "URL")]
        url: Option<String>,
    },
}

/// Flags of what is served.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Web")]
#[group(skip)]
pub struct WebArgs {
    /// Where to listen; without a host on every address, IPv4 and IPv6. Repeatable, in the variable separated by commas
    #[arg(
        id = "web.listen-address",
        long = "web.listen-address",
        value_name = "ADDRESS",
        env = "WOLKVOX_EXPORTER_WEB_LISTEN_ADDRESS",
        default_value = ":9909",
        value_delimiter = ',',
        global = true
    )]
    pub listen_addresses: Vec<ListenAddress>,

    /// Where the metrics are
    #[arg(
        long = "web.telemetry-path",
        value_name = "PATH",
        env = "WOLKVOX_EXPORTER_WEB_TELEMETRY_PATH",
        default_value = "/metrics",
        global = true
    )]
    pub telemetry_path: TelemetryPath,

    /// Scrapes that may be in flight at the same time; 0 is no limit
    #[arg(
        long = "web.max-requests",
        value_name = "NUMBER",
        env = "WOLKVOX_EXPORTER_WEB_MAX_REQUESTS",
        default_value_t = 40,
        global = true
    )]
    pub max_requests: u16,
}

/// Flags of the log.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Log")]
#[group(skip)]
pub struct LogArgs {
    /// The least important messages to write
    #[arg(
        long = "log.level",
        value_name = "LEVEL",
        env = "WOLKVOX_EXPORTER_LOG_LEVEL",
        value_enum,
        default_value_t,
        global = true
    )]
    pub level: LogLevel,

    /// The form of the messages
    #[arg(
        long = "log.format",
        value_name = "FORMAT",
        env = "WOLKVOX_EXPORTER_LOG_FORMAT",
        value_enum,
        default_value_t,
        global = true
    )]
    pub format: LogFormat,
}

/// Flags of the one operation that needs no file.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "One operation without a file")]
#[group(skip)]
pub struct WolkvoxArgs {
    /// The digits of the operation's server, 0010 for wv0010.wolkvox.com
    #[arg(long = "wolkvox.server", value_name = "SERVER", env = "WOLKVOX_SERVER", global = true)]
    pub server: Option<String>,

    /// A file that holds the token; without it the token is the value of `WOLKVOX_TOKEN`
    #[arg(long = "wolkvox.token-file", value_name = "FILE", env = "WOLKVOX_TOKEN_FILE", global = true)]
    pub token_file: Option<PathBuf>,

    /// The operation's name, the label `operation` [default: wv and the server, or the host of --wolkvox.base-url]
    #[arg(long = "wolkvox.operation", value_name = "NAME", env = "WOLKVOX_OPERATION", global = true)]
    pub operation: Option<String>,

    /// The operation's time zone [default: America/Bogota]
    #[arg(long = "wolkvox.timezone", value_name = "ZONE", env = "WOLKVOX_TIMEZONE", global = true)]
    pub timezone: Option<String>,

    /// Licences paid for: a thousand calls a day each; without it no limit is known
    #[arg(long = "wolkvox.licenses", value_name = "NUMBER", env = "WOLKVOX_LICENSES", global = true)]
    pub licenses: Option<String>,

    /// A skill to ask for [default: all]. Repeatable, in the variable separated by commas
    #[arg(
        id = "wolkvox.skill-id",
        long = "wolkvox.skill-id",
        value_name = "ID",
        env = "WOLKVOX_SKILL_ID",
        value_delimiter = ',',
        global = true
    )]
    pub skill_ids: Vec<String>,

    /// Scheme, host and port in place of the server's
    #[arg(
        long = "wolkvox.base-url",
        value_name = "URL",
        env = "WOLKVOX_BASE_URL",
        hide_env_values = true,
        global = true
    )]
    pub base_url: Option<String>,

    /// Send the token over plain http to other machines too; with a file as well
    #[arg(
        long = "wolkvox.allow-plain-http",
        env = "WOLKVOX_ALLOW_PLAIN_HTTP",
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        value_name = "true|false",
        action = clap::ArgAction::Set,
        global = true
    )]
    pub allow_plain_http: bool,

    /// The time between two polls of every collector [default: 5m]
    #[arg(long = "poll.interval", value_name = "DURATION", env = "WOLKVOX_EXPORTER_POLL_INTERVAL", global = true)]
    pub interval: Option<String>,
}

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

/// How `probe` prints what came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ProbeOutput {
    /// Tables for people
    #[default]
    Table,
    /// The metrics as they would be served
    Metrics,
    /// One JSON document
    Json,
}

/// How `metrics` prints the catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CatalogueOutput {
    /// A page for people
    #[default]
    Markdown,
    /// One JSON document
    Json,
}

/// Importance of log messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum LogLevel {
    /// What failed and needs a person
    Error,
    /// What may need a person
    Warn,
    /// What happens
    #[default]
    Info,
    /// Every poll
    Debug,
    /// Every call
    Trace,
}

/// Form of log messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// `key=value`, one message a line
    #[default]
    Logfmt,
    /// One JSON object a line
    Json,
}

impl LogLevel {
    /// Its name, which is also a directive of the log's filter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl Args {
    /// What was asked for; `serve` if nothing was.
    pub fn subcommand(&self) -> Command {
        self.command.clone().unwrap_or(Command::Serve)
    }

    /// The address that `healthcheck` asks unless it is told another.
    pub fn ready_url(&self) -> String {
        let host =
            self.web.listen_addresses.first().map_or_else(|| "127.0.0.1:9909".to_owned(), ListenAddress::from_here);
        format!("http://{host}/-/ready")
    }
}

impl From<&Args> for Sources {
    fn from(args: &Args) -> Self {
        let given = &args.wolkvox;
        let path = |path: &Option<PathBuf>| path.clone().filter(|path| !path.as_os_str().is_empty());
        Self {
            file: path(&args.config_file),
            operation: SingleOperation {
                server: given.server.clone(),
                token_file: path(&given.token_file),
                name: given.operation.clone(),
                timezone: given.timezone.clone(),
                licenses: given.licenses.clone(),
                skill_ids: given.skill_ids.clone(),
                base_url: given.base_url.clone(),
                interval: given.interval.clone(),
                collectors: args.collectors.0.clone(),
            },
            allow_plain_http: given.allow_plain_http,
            state_file: path(&args.state_file),
        }
    }
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
        if self.real_hours { Opening::RealHours } else { Opening::AlwaysLively }
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
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;
    use crate::config::variable_of;
    use crate::model::CollectorName;

    fn parse(line: &str) -> Args {
        Args::try_parse_from(std::iter::once("wolkvox_exporter").chain(line.split_whitespace())).unwrap()
    }

    fn refused(line: &str) -> clap::Error {
        Args::try_parse_from(std::iter::once("wolkvox_exporter").chain(line.split_whitespace())).unwrap_err()
    }

    #[test]
    fn the_definitions_are_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_flag_has_the_variable_of_the_scheme() {
        // Flags that only choose what one run prints or asks.
        const OF_ONE_RUN: [&str; 4] = ["help", "version", "output", "url"];
        let root = Args::command();
        for command in std::iter::once(&root).chain(root.get_subcommands()) {
            for arg in command.get_arguments() {
                let Some(flag) = arg.get_long() else { continue };
                if OF_ONE_RUN.contains(&flag) || flag.starts_with("no-") || flag == "wolkvox.token" {
                    continue;
                }
                let variable = arg.get_env().map(|name| name.to_string_lossy().into_owned());
                assert_eq!(variable, Some(variable_of(flag)), "--{flag}");
            }
        }
    }

    #[test]
    fn nothing_at_all_means_serve() {
        assert!(matches!(parse("").subcommand(), Command::Serve));
    }

    #[test]
    fn a_flag_means_the_same_before_and_after_the_subcommand() {
        for line in ["--config.file a.yml check-config", "check-config --config.file a.yml"] {
            assert_eq!(parse(line).config_file, Some(PathBuf::from("a.yml")), "{line}");
        }
        let listen = [":1".parse().unwrap(), "[::1]:2".parse().unwrap()];
        for line in [
            "--web.listen-address=:1 --web.listen-address=[::1]:2 probe",
            "probe --web.listen-address=:1 --web.listen-address=[::1]:2",
        ] {
            assert_eq!(parse(line).web.listen_addresses, listen, "{line}");
        }
        for line in ["--no-collector.dnis serve", "serve --no-collector.dnis"] {
            assert_eq!(parse(line).collectors.0, [(CollectorName("dnis"), false)], "{line}");
        }
    }

    #[test]
    fn the_last_word_on_a_collector_counts() {
        let dnis = |on| vec![(CollectorName("dnis"), on)];
        for (line, switched) in [
            ("", Vec::new()),
            ("--collector.dnis", dnis(true)),
            ("--collector.dnis=false", dnis(false)),
            ("--no-collector.dnis", dnis(false)),
            ("--collector.dnis --no-collector.dnis", dnis(false)),
            ("--no-collector.dnis --collector.dnis", dnis(true)),
            ("--no-collector.dnis --no-collector.dnis", dnis(false)),
            ("--collector.dnis --collector.dnis=false", dnis(false)),
            ("probe --collector.dnis --no-collector.dnis", dnis(false)),
        ] {
            assert_eq!(parse(line).collectors.0, switched, "{line}");
        }
    }

    #[test]
    fn a_token_as_an_argument_is_refused_with_the_way_to_go_and_not_repeated() {
        for line in ["--wolkvox.token hush", "--wolkvox.token=hush", "serve --wolkvox.token hush", "--wolkvox.token"] {
            let error = refused(line);
            let text = error.to_string();
            assert!(text.contains("WOLKVOX_TOKEN_FILE") && !text.contains("hush"), "{line}: {text}");
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn flags_that_would_do_nothing_do_not_exist() {
        for line in ["--web.config.file=x", "--web.enable-lifecycle", "--unknown", "help", "other"] {
            assert_eq!(refused(line).exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn the_version_has_name_and_number() {
        let version = refused("--version");
        assert_eq!(version.kind(), ErrorKind::DisplayVersion);
        assert_eq!(version.to_string(), concat!("wolkvox_exporter ", env!("CARGO_PKG_VERSION"), "\n"));
    }

    #[test]
    fn the_metrics_are_not_served_where_another_page_is() {
        assert_eq!(parse("--web.telemetry-path /wolkvox/metrics").web.telemetry_path.as_str(), "/wolkvox/metrics");
        for path in ["/", "metrics", "/-/ready", "/a?b", "/config"] {
            assert_eq!(refused(&format!("--web.telemetry-path={path}")).kind(), ErrorKind::ValueValidation, "{path}");
        }
    }

    #[test]
    fn the_health_check_asks_where_the_exporter_listens() {
        assert_eq!(parse("healthcheck").ready_url(), "http://127.0.0.1:9909/-/ready");
        assert_eq!(parse("healthcheck --web.listen-address=[::]:80").ready_url(), "http://[::1]:80/-/ready");
    }

    #[test]
    fn what_was_written_reaches_the_configuration() {
        let line = "probe --wolkvox.server 0010 --wolkvox.skill-id 1,2 --wolkvox.skill-id 3 --wolkvox.allow-plain-http \
                    --poll.interval 1m --state.file s.json --wolkvox.token-file t --no-collector.skills";
        let sources = Sources::from(&parse(line));
        let expected = Sources {
            file: None,
            operation: SingleOperation {
                server: Some("0010".into()),
                token_file: Some("t".into()),
                skill_ids: vec!["1".into(), "2".into(), "3".into()],
                interval: Some("1m".into()),
                collectors: vec![(CollectorName("skills"), false)],
                ..SingleOperation::default()
            },
            allow_plain_http: true,
            state_file: Some("s.json".into()),
        };
        assert_eq!(sources, expected);
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
