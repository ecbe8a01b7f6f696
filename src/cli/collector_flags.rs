//! `--[no-]collector.NAME` for every collector of the table: a new collector has its flags without a line here.

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::config::variable_of;
use crate::model::Collector;

/// The collectors that were switched, in the order of the table.
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
            let default = if collector.on_by_default() { "on" } else { "off" };
            let about = format!("{}; {default} by default, --{off} switches it off", capital(collector.description()));
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
                        .help(about),
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
        // Where a flag stood last on the command line; the environment stands before all of it. (clap's `overrides_with`
        // takes a variable and its opposite flag for a conflict.)
        let last = |id: &str| {
            let written = matches.value_source(id) == Some(ValueSource::CommandLine);
            written.then(|| matches.indices_of(id).and_then(Iterator::max)).flatten()
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

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
