//! The command line: flags, their environment variables, and subcommands.
//!
//! Flags about wolkvox have the variable `WOLKVOX_…`, flags of the exporter `WOLKVOX_EXPORTER_…`
//! ([`variable_of`](crate::config::variable_of) is the rule). The values of `--wolkvox.*` and `--poll.interval` are
//! texts here, because `config` checks them by the rules of the file and reports all errors at once.

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand, ValueEnum};

use super::collector_flags::CollectorFlags;
use super::healthcheck_args::HealthcheckArgs;
use super::listen_address::ListenAddress;
#[cfg(feature = "simulator")]
use super::simulator_args::{HistoryArgs, SimulateArgs};
use super::token_argument::NoTokenArgument;
use crate::config::{SingleOperation, Sources};
use crate::http::{ExternalUrl, RoutePrefix, TelemetryPath};

/// A Prometheus exporter for wolkvox, the contact-centre cloud.
#[derive(Clone, Debug, Parser)]
#[command(name = "wolkvox_exporter", version, max_term_width = 120, disable_help_subcommand = true)]
#[command(
    after_help = "Set the token in WOLKVOX_TOKEN, or in the file of --wolkvox.token-file. There is no flag for it."
)]
pub struct Args {
    /// The subcommand; `None` is the same as `serve`.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Configuration file (YAML), for several operations and for targets
    #[arg(long = "config.file", value_name = "FILE", env = "WOLKVOX_EXPORTER_CONFIG_FILE", global = true)]
    pub config_file: Option<PathBuf>,

    /// State file (API calls made today, last readings); without it, a restart loses the state
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
    #[cfg(feature = "simulator")]
    Demo(SimulateArgs),
    /// Run only the simulated wolkvox API
    #[cfg(feature = "simulator")]
    Simulate(SimulateArgs),
    /// Write what Prometheus would have scraped over simulated days, for `promtool tsdb create-blocks-from openmetrics`
    #[cfg(feature = "simulator")]
    History(HistoryArgs),
    /// Validate the configuration, print the poll plan and the API calls a day against the quota
    CheckConfig,
    /// Poll every enabled collector once and print the result
    Probe {
        /// Output format
        #[arg(long, value_enum, default_value_t)]
        output: ProbeOutput,
    },
    /// Print the list of metrics
    Metrics {
        /// Output format
        #[arg(long, value_enum, default_value_t)]
        output: CatalogueOutput,
    },
    /// Ask a running exporter whether it is ready (for container health checks)
    Healthcheck(HealthcheckArgs),
    /// Read a password from standard input and print its bcrypt hash, for `basic_auth_users` of --web.config.file
    HashPassword {
        /// Each step doubles the time of a comparison
        #[arg(long, value_name = "COST", default_value_t = 10, value_parser = clap::value_parser!(u32).range(4..=20))]
        cost: u32,
    },
}

/// Flags of the web server.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Web")]
#[group(skip)]
pub struct WebArgs {
    /// Address to listen on; without a host, every IPv4 and IPv6 address. Repeatable; the variable is a comma-separated
    /// list
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

    /// Web configuration file (YAML): TLS, client certificates, passwords and headers, as other Prometheus exporters read
    /// it
    #[arg(
        id = "web.config.file",
        long = "web.config.file",
        value_name = "FILE",
        env = "WOLKVOX_EXPORTER_WEB_CONFIG_FILE",
        global = true
    )]
    pub config_file: Option<PathBuf>,

    /// Use the sockets that systemd passes (socket activation) instead of --web.listen-address
    #[arg(
        long = "web.systemd-socket",
        env = "WOLKVOX_EXPORTER_WEB_SYSTEMD_SOCKET",
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        value_name = "true|false",
        action = clap::ArgAction::Set,
        global = true
    )]
    pub systemd_socket: bool,

    /// Path of the metrics
    #[arg(
        long = "web.telemetry-path",
        value_name = "PATH",
        env = "WOLKVOX_EXPORTER_WEB_TELEMETRY_PATH",
        default_value = "/metrics",
        global = true
    )]
    pub telemetry_path: TelemetryPath,

    /// URL under which users reach the exporter, for example behind a reverse proxy. Its path becomes the prefix of all
    /// pages
    #[arg(
        long = "web.external-url",
        value_name = "URL",
        env = "WOLKVOX_EXPORTER_WEB_EXTERNAL_URL",
        hide_env_values = true,
        global = true
    )]
    pub external_url: Option<ExternalUrl>,

    /// Path before the paths of all pages [default: the path of --web.external-url]
    #[arg(long = "web.route-prefix", value_name = "PATH", env = "WOLKVOX_EXPORTER_WEB_ROUTE_PREFIX", global = true)]
    pub route_prefix: Option<RoutePrefix>,

    /// Maximum number of scrapes at the same time; 0 means no limit
    #[arg(
        long = "web.max-requests",
        value_name = "NUMBER",
        env = "WOLKVOX_EXPORTER_WEB_MAX_REQUESTS",
        default_value_t = 40,
        global = true
    )]
    pub max_requests: u16,

    /// Allow POST /-/reload, which reads the configuration again; SIGHUP does it in any case
    #[arg(
        long = "web.enable-lifecycle",
        env = "WOLKVOX_EXPORTER_WEB_ENABLE_LIFECYCLE",
        num_args = 0..=1,
        require_equals = true,
        default_value = "false",
        default_missing_value = "true",
        value_name = "true|false",
        action = clap::ArgAction::Set,
        global = true
    )]
    pub enable_lifecycle: bool,
}

/// Flags of the log.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Log")]
#[group(skip)]
pub struct LogArgs {
    /// Least severe level of messages to write
    #[arg(
        long = "log.level",
        value_name = "LEVEL",
        env = "WOLKVOX_EXPORTER_LOG_LEVEL",
        value_enum,
        default_value_t,
        global = true
    )]
    pub level: LogLevel,

    /// Format of the messages
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

/// Flags of one operation without a file.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "One operation without a file")]
#[group(skip)]
pub struct WolkvoxArgs {
    /// Digits of the server: 0010 for wv0010.wolkvox.com
    #[arg(long = "wolkvox.server", value_name = "SERVER", env = "WOLKVOX_SERVER", global = true)]
    pub server: Option<String>,

    /// File that contains the token; without it, the token is the value of `WOLKVOX_TOKEN`
    #[arg(long = "wolkvox.token-file", value_name = "FILE", env = "WOLKVOX_TOKEN_FILE", global = true)]
    pub token_file: Option<PathBuf>,

    /// Name of the operation, the label `operation` [default: wv and the server, or the host of --wolkvox.base-url]
    #[arg(long = "wolkvox.operation", value_name = "NAME", env = "WOLKVOX_OPERATION", global = true)]
    pub operation: Option<String>,

    /// Time zone of the operation [default: America/Bogota]
    #[arg(long = "wolkvox.timezone", value_name = "ZONE", env = "WOLKVOX_TIMEZONE", global = true)]
    pub timezone: Option<String>,

    /// Number of paid licenses: sets the daily quota, 1,000 API calls for each license; without it, there is no limit
    #[arg(long = "wolkvox.licenses", value_name = "NUMBER", env = "WOLKVOX_LICENSES", global = true)]
    pub licenses: Option<String>,

    /// Id of a skill to request [default: all]. Repeatable; the variable is a comma-separated list
    #[arg(
        id = "wolkvox.skill-id",
        long = "wolkvox.skill-id",
        value_name = "ID",
        env = "WOLKVOX_SKILL_ID",
        value_delimiter = ',',
        global = true
    )]
    pub skill_ids: Vec<String>,

    /// Scheme, host and port of the API; replaces --wolkvox.server
    #[arg(
        long = "wolkvox.base-url",
        value_name = "URL",
        env = "WOLKVOX_BASE_URL",
        hide_env_values = true,
        global = true
    )]
    pub base_url: Option<String>,

    /// Allow plain http to other machines, which shows the token on the network; also valid with --config.file
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

    /// Time between two polls of every collector [default: 5m]
    #[arg(long = "poll.interval", value_name = "DURATION", env = "WOLKVOX_EXPORTER_POLL_INTERVAL", global = true)]
    pub interval: Option<String>,
}

/// Output format of `probe`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ProbeOutput {
    /// Tables for people
    #[default]
    Table,
    /// The metrics in the text format of Prometheus
    Metrics,
    /// A JSON document
    Json,
}

/// Output format of `metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CatalogueOutput {
    /// A Markdown page for people
    #[default]
    Markdown,
    /// A JSON document
    Json,
}

/// Severity of log messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum LogLevel {
    /// Failures that a person must fix
    Error,
    /// Problems that a person may have to fix
    Warn,
    /// Normal events
    #[default]
    Info,
    /// Every poll
    Debug,
    /// Every call
    Trace,
}

/// Format of log messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// `key=value`, one message on each line
    #[default]
    Logfmt,
    /// One JSON object on each line
    Json,
}

impl LogLevel {
    /// The name, as the filter of the log writes it.
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
    /// The subcommand; `serve` if there is none.
    pub fn subcommand(&self) -> Command {
        self.command.clone().unwrap_or(Command::Serve)
    }

    /// The URL that `healthcheck` requests by default, with the scheme `http` or `https`.
    pub fn ready_url(&self, scheme: &str) -> String {
        let host =
            self.web.listen_addresses.first().map_or_else(|| "127.0.0.1:9909".to_owned(), ListenAddress::from_here);
        format!("{scheme}://{host}{}", self.web.prefix().join("/-/ready"))
    }
}

impl WebArgs {
    /// The file of `--web.config.file`. An empty variable is the same as none.
    pub fn config_file(&self) -> Option<&Path> {
        self.config_file.as_deref().filter(|path| !path.as_os_str().is_empty())
    }

    /// The path before the paths of all pages.
    pub fn prefix(&self) -> RoutePrefix {
        let external = self.external_url.as_ref().map(ExternalUrl::path);
        self.route_prefix.as_ref().or(external).cloned().unwrap_or_default()
    }

    /// The path of the metrics, with the prefix.
    pub fn metrics_path(&self) -> String {
        self.prefix().join(self.telemetry_path.as_str())
    }
}

impl From<&Args> for Sources {
    fn from(args: &Args) -> Self {
        let wolkvox = &args.wolkvox;
        let path = |path: &Option<PathBuf>| path.clone().filter(|path| !path.as_os_str().is_empty());
        Self {
            file: path(&args.config_file),
            operation: SingleOperation {
                server: wolkvox.server.clone(),
                token_file: path(&wolkvox.token_file),
                name: wolkvox.operation.clone(),
                timezone: wolkvox.timezone.clone(),
                licenses: wolkvox.licenses.clone(),
                skill_ids: wolkvox.skill_ids.clone(),
                base_url: wolkvox.base_url.clone(),
                interval: wolkvox.interval.clone(),
                collectors: args.collectors.0.clone(),
            },
            allow_plain_http: wolkvox.allow_plain_http,
            state_file: path(&args.state_file),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;
    use crate::config::variable_of;
    use crate::model::Collector;

    pub(crate) fn parse(line: &str) -> Args {
        Args::try_parse_from(std::iter::once("wolkvox_exporter").chain(line.split_whitespace())).unwrap()
    }

    pub(crate) fn refused(line: &str) -> clap::Error {
        Args::try_parse_from(std::iter::once("wolkvox_exporter").chain(line.split_whitespace())).unwrap_err()
    }

    #[test]
    fn clap_accepts_the_definitions() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_flag_has_the_variable_that_follows_from_its_name() {
        // A variable for these flags would be of no use.
        const WITHOUT_VARIABLE: [&str; 10] = [
            "help",
            "version",
            "output",
            "url",
            "user",
            "password-file",
            "ca-file",
            "client-cert-file",
            "client-key-file",
            "cost",
        ];
        let root = Args::command();
        for command in std::iter::once(&root).chain(root.get_subcommands()) {
            for arg in command.get_arguments() {
                let Some(flag) = arg.get_long() else { continue };
                if WITHOUT_VARIABLE.contains(&flag) || flag.starts_with("no-") || flag == "wolkvox.token" {
                    continue;
                }
                let variable = arg.get_env().map(|name| name.to_string_lossy().into_owned());
                assert_eq!(variable, Some(variable_of(flag)), "--{flag}");
            }
        }
    }

    #[test]
    fn serve_is_the_default_subcommand() {
        assert!(matches!(parse("").subcommand(), Command::Serve));
    }

    #[test]
    fn a_flag_can_stand_before_or_after_the_subcommand() {
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
            assert_eq!(parse(line).collectors.0, [(Collector::Dnis, false)], "{line}");
        }
    }

    #[test]
    fn the_last_flag_of_a_collector_wins() {
        let dnis = |on| vec![(Collector::Dnis, on)];
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
    fn a_token_as_an_argument_is_refused_with_advice_and_not_quoted() {
        for line in ["--wolkvox.token hush", "--wolkvox.token=hush", "serve --wolkvox.token hush", "--wolkvox.token"] {
            let error = refused(line);
            let text = error.to_string();
            assert!(text.contains("WOLKVOX_TOKEN_FILE") && !text.contains("hush"), "{line}: {text}");
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn flags_and_subcommands_without_effect_do_not_exist() {
        for line in ["--web.config=x", "--unknown", "help", "other"] {
            assert_eq!(refused(line).exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn the_version_contains_name_and_number() {
        let version = refused("--version");
        assert_eq!(version.kind(), ErrorKind::DisplayVersion);
        assert_eq!(version.to_string(), concat!("wolkvox_exporter ", env!("CARGO_PKG_VERSION"), "\n"));
    }

    #[test]
    fn the_path_of_the_metrics_cannot_be_the_path_of_another_page() {
        assert_eq!(parse("--web.telemetry-path /wolkvox/metrics").web.telemetry_path.as_str(), "/wolkvox/metrics");
        for path in ["/", "metrics", "/-/ready", "/a?b", "/config"] {
            assert_eq!(refused(&format!("--web.telemetry-path={path}")).kind(), ErrorKind::ValueValidation, "{path}");
        }
    }

    #[test]
    fn the_prefix_is_the_path_of_the_external_url_unless_it_is_set() {
        for (line, path) in [
            ("", "/metrics"),
            ("--web.external-url=https://example.com/wolkvox", "/wolkvox/metrics"),
            ("--web.external-url=https://example.com/wolkvox --web.route-prefix=/", "/metrics"),
            ("--web.external-url=https://example.com/wolkvox --web.route-prefix=/inside", "/inside/metrics"),
            ("--web.route-prefix=inside --web.telemetry-path=/m", "/inside/m"),
        ] {
            assert_eq!(parse(line).web.metrics_path(), path, "{line}");
        }
    }

    #[test]
    fn the_health_check_uses_the_address_of_the_exporter() {
        assert_eq!(parse("healthcheck").ready_url("http"), "http://127.0.0.1:9909/-/ready");
        assert_eq!(parse("healthcheck --web.listen-address=[::]:80").ready_url("https"), "https://[::1]:80/-/ready");
        assert_eq!(parse("healthcheck --web.route-prefix=w").ready_url("http"), "http://127.0.0.1:9909/w/-/ready");
    }

    #[test]
    fn flags_become_sources_of_the_configuration() {
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
                collectors: vec![(Collector::Skills, false)],
                ..SingleOperation::default()
            },
            allow_plain_http: true,
            state_file: Some("s.json".into()),
        };
        assert_eq!(sources, expected);
    }
}
