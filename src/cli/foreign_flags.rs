//! Tips for flags that other exporters have and this one has not, or has under another name.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// For people who look for TLS or passwords under the names of older exporters.
const WEB_CONFIG: &str = "use --web.config.file=FILE, a file that names the certificate, its key and the users";

/// Flags without dashes, in lower case and with dashes for underscores, and the tip for all of them.
const TIPS: &[(&[&str], &str)] = &[
    (&["conf", "config", "config-file", "config.path", "configfile"], "use --config.file=FILE"),
    (
        &["listen-port", "port", "telemetry.port", "web.listen-port", "web.port"],
        "use --web.listen-address=:PORT, for example --web.listen-address=:9909",
    ),
    (
        &[
            "addr",
            "address",
            "bind",
            "bind-address",
            "host",
            "listen",
            "listen-address",
            "telemetry.addr",
            "telemetry.address",
            "web.address",
            "web.bind-address",
            "web.listen",
        ],
        "use --web.listen-address=HOST:PORT, for example --web.listen-address=127.0.0.1:9909",
    ),
    (
        &["metrics-path", "path", "telemetry-path", "telemetry.endpoint", "telemetry.path", "web.metrics-path"],
        "use --web.telemetry-path=PATH",
    ),
    (
        &[
            "tls-cert",
            "tls-key",
            "tls.cert-file",
            "tls.key-file",
            "web.auth-file",
            "web.config",
            "web.config-file",
            "web.ssl-cert-file",
            "web.ssl-key-file",
            "web.tls-cert",
            "web.tls-cert-file",
            "web.tls-key-file",
        ],
        WEB_CONFIG,
    ),
    (&["enable-lifecycle", "web.enable-reload"], "use --web.enable-lifecycle"),
    (
        &["path-prefix", "web.base-path", "web.path-prefix", "web.prefix"],
        "use --web.route-prefix=PATH for a path before all pages, or --web.external-url=URL behind a reverse proxy",
    ),
    (
        &["web.disable-exporter-metrics"],
        "the exporter always has its own metrics; Prometheus can drop them with metric_relabel_configs",
    ),
    (
        &["collector.disable-defaults", "collectors.enabled", "collectors", "no-collectors"],
        "switch each collector on or off by itself, for example --collector.ivr --no-collector.dnis",
    ),
    (
        &["api-key", "api-token", "api.key", "api.token", "auth-token", "password", "token", "wolkvox-token"],
        "set WOLKVOX_TOKEN, or name a file with --wolkvox.token-file=FILE, because other users of the machine can read \
         the arguments of a program",
    ),
    (&["api-token-file", "token-file", "token.file"], "use --wolkvox.token-file=FILE"),
    (&["server", "wolkvox-server", "wolkvox.host"], "use --wolkvox.server=SERVER, for example --wolkvox.server=0010"),
    (&["api-url", "api.url", "base-url", "endpoint", "target", "uri", "wolkvox.url"], "use --wolkvox.base-url=URL"),
    (&["timezone", "tz"], "use --wolkvox.timezone=ZONE, for example --wolkvox.timezone=America/Bogota"),
    (
        &["interval", "poll-interval", "polling-interval", "refresh-interval", "scrape-interval", "scrape.interval"],
        "use --poll.interval=DURATION, for example --poll.interval=1m",
    ),
    (
        &["debug", "log-level", "loglevel", "quiet", "verbose"],
        "use --log.level=LEVEL: error, warn, info, debug or trace",
    ),
    (&["json", "log-format", "log-json", "log.json", "logformat"], "use --log.format=logfmt or --log.format=json"),
];

/// The same error, with a tip if it is about a flag of the table. The tip replaces clap's own, which only looks for
/// similar names.
pub(super) fn with_tip(mut error: clap::Error) -> clap::Error {
    let Some(tip) = tip_for(&error) else { return error };
    error.remove(ContextKind::SuggestedArg);
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    error
}

fn tip_for(error: &clap::Error) -> Option<&'static str> {
    let (ErrorKind::UnknownArgument, Some(ContextValue::String(argument))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    else {
        return None;
    };
    let flag = argument.strip_prefix("--")?.to_ascii_lowercase().replace('_', "-");
    TIPS.iter().find(|(flags, _)| flags.contains(&flag.as_str())).map(|(_, tip)| *tip)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;

    use super::super::Args;
    use super::super::args::tests::refused;
    use super::*;

    fn message(line: &str) -> String {
        with_tip(refused(line)).to_string()
    }

    /// Every flag of the exporter.
    fn flags() -> BTreeSet<String> {
        fn collect(command: &clap::Command, into: &mut BTreeSet<String>) {
            into.extend(command.get_arguments().filter_map(|arg| arg.get_long().map(str::to_owned)));
            command.get_subcommands().for_each(|subcommand| collect(subcommand, into));
        }
        let mut all = BTreeSet::new();
        collect(&Args::command(), &mut all);
        all
    }

    #[test]
    fn a_flag_of_another_exporter_gets_its_tip_before_and_after_a_subcommand() {
        for (flag, tip) in [
            ("--config=a.yml", "use --config.file=FILE"),
            ("--web.listen-port 9909", "use --web.listen-address=:PORT"),
            ("--port=9909", "use --web.listen-address=:PORT"),
            ("--listen-address :9909", "use --web.listen-address=HOST:PORT"),
            ("--web.disable-exporter-metrics", "metric_relabel_configs"),
            ("--collector.disable-defaults", "--no-collector.dnis"),
            ("--token-file=a", "use --wolkvox.token-file=FILE"),
            ("--web.config=web.yml", "use --web.config.file=FILE"),
            ("--web.tls-cert-file=a.pem", "use --web.config.file=FILE"),
            ("--log-level=debug", "use --log.level=LEVEL"),
            ("--LOG_LEVEL=debug", "use --log.level=LEVEL"),
        ] {
            let name = flag.split(['=', ' ']).next().unwrap();
            for line in [flag.to_owned(), format!("serve {flag}"), format!("--wolkvox.server 1 check-config {flag}")] {
                let message = message(&line);
                assert!(message.contains(&format!("unexpected argument '{name}'")), "{line}: {message}");
                assert!(message.contains("tip: ") && message.contains(tip), "{line}: {message}");
                assert_eq!(message.matches("tip:").count(), 1, "{line}: {message}");
            }
        }
    }

    #[test]
    fn a_token_is_not_quoted() {
        for line in ["--token=hush", "--token hush", "serve --api-key=hush", "--password hush"] {
            let message = message(line);
            assert!(message.contains("WOLKVOX_TOKEN") && !message.contains("hush"), "{line}: {message}");
        }
    }

    #[test]
    fn other_errors_are_unchanged() {
        for line in ["--config.fil=a", "--unknown", "-p", "other", "--web.max-requests=x", "--web.listen-adress :1"] {
            assert_eq!(message(line), refused(line).to_string(), "{line}");
        }
    }

    #[test]
    fn no_flag_of_the_table_exists_or_is_there_twice() {
        let (existing, mut seen) = (flags(), BTreeSet::new());
        for flag in TIPS.iter().flat_map(|(flags, _)| *flags) {
            assert!(!existing.contains(*flag), "--{flag} exists, so it needs no tip");
            assert!(seen.insert(*flag), "--{flag} is there twice");
            assert_eq!(*flag, flag.to_lowercase().replace('_', "-"), "it would never be found");
        }
    }

    #[test]
    fn every_flag_that_a_tip_names_exists() {
        let existing = flags();
        for (_, tip) in TIPS {
            for word in tip.split_whitespace().filter_map(|word| word.strip_prefix("--")) {
                let flag = word.split('=').next().unwrap_or_default().trim_end_matches([',', ';', ':']);
                assert!(existing.contains(flag), "{tip}: there is no --{flag}");
            }
        }
    }
}
