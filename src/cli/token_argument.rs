//! Refuses `--wolkvox.token`, because other users of the machine can read the arguments of a program.
//!
//! The flag is defined so that the error explains what to use instead. The parser's own error could contain the token.

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
            "--wolkvox.token does not exist, because other users of the machine can read the arguments of a program: \
             set WOLKVOX_TOKEN, or name the token file with --wolkvox.token-file (WOLKVOX_TOKEN_FILE)\n",
        ))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        Self::from_arg_matches(matches).map(|_| ())
    }
}
