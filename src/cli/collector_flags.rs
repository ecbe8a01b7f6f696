//! The flags `--[no-]collector.NAME`. They are derived from the list of collectors, so a new collector needs no change
//! here.

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::config::variable_of;
use crate::model::Collector;

/// The collectors that flags or variables switch, in the order of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CollectorFlags(pub Vec<(Collector, bool)>);

fn on(name: Collector) -> String {
    format!("collector.{name}")
}

fn off(name: Collector) -> String {
    format!("no-collector.{name}")
}

impl clap::Args for CollectorFlags {
    fn augment_args(command: Command) -> Command {
        Collector::ALL.into_iter().fold(command, |command, collector| {
            let (on, off) = (on(collector), off(collector));
            let default = if collector.on_by_default() {
                format!("on by default, --{off} switches it off")
            } else {
                "off by default".to_owned()
            };
            let help = format!("{}; {default}", capitalize(collector.description()));
            command
                .arg(
                    Arg::new(on.clone())
                        .long(on.clone())
                        .global(true)
                        .env(variable_of(&on))
                        .value_name("true|false")
                        .num_args(0..=1)
                        .require_equals(true)
                        .default_missing_value("true")
                        .value_parser(clap::value_parser!(bool))
                        .action(ArgAction::Append)
                        .help_heading("Collectors")
                        .help(help),
                )
                .arg(Arg::new(off.clone()).long(off).global(true).hide(true).action(ArgAction::Count))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for CollectorFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        // The last position of a flag on the command line; every position is after the environment variable. clap's
        // `overrides_with` is not used, because it reports a conflict between a variable and the opposite flag.
        let last = |id: &str| {
            let on_command_line = matches.value_source(id) == Some(ValueSource::CommandLine);
            on_command_line.then(|| matches.indices_of(id).and_then(Iterator::max)).flatten()
        };
        let switched = |name: Collector| {
            let (on, off) = (on(name), off(name));
            if last(&off) > last(&on) {
                return Some((name, false));
            }
            matches.get_many::<bool>(&on).and_then(Iterator::last).map(|on| (name, *on))
        };
        Ok(Self(Collector::ALL.into_iter().filter_map(switched).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
