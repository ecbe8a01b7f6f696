//! The flag that must not exist: a token as an argument is seen by everybody on the machine.
//!
//! It is known only so that whoever tries it is told what to do instead. Left to the parser, the error might repeat it.

use clap::error::ErrorKind;
use clap::{Arg, ArgMatches, Command};

const FLAG: &str = "wolkvox.token";

/// Refuses `--wolkvox.token`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct NoTokenArgument;

impl clap::Args for NoTokenArgument {
    fn augment_args(command: Command) -> Command {
        command.arg(
            Arg::new(FLAG)
                .long(FLAG)
                .global(true)
                .hide(true)
                .num_args(0..=1)
                .action(clap::ArgAction::Append)
                .value_parser(clap::value_parser!(std::ffi::OsString)),
        )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for NoTokenArgument {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        if matches.value_source(FLAG).is_none() {
            return Ok(Self);
        }
        Err(clap::Error::raw(
            ErrorKind::UnknownArgument,
            "a token is never an argument, everybody on the machine could see it: set WOLKVOX_TOKEN, \
             or name a file that holds it with --wolkvox.token-file (WOLKVOX_TOKEN_FILE)\n",
        ))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        Self::from_arg_matches(matches).map(|_| ())
    }
}
