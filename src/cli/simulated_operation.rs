//! The operation that a simulated wolkvox stands behind: what anybody would configure for it.

use std::sync::Arc;

use jiff::civil::Weekday;

use super::{Args, CliError, load};
use crate::config::{self, Config, Sources};
use crate::model::{Collector, OpeningHours, Shift, Target, Targets};
use crate::simulator::{Opening, Settings};

/// The configuration of one simulated operation, which polls everything unless it was switched off, every `interval`
/// unless another was asked for. Its address is still to be filled in.
pub(super) fn configuration(
    args: &Args,
    subcommand: &str,
    interval: &str,
    opening: Opening,
) -> Result<Config, CliError> {
    if args.config_file.as_deref().is_some_and(|path| !path.as_os_str().is_empty()) {
        return Err(CliError::Configuration(format!(
            "{subcommand} brings an operation of its own: leave --config.file (WOLKVOX_EXPORTER_CONFIG_FILE) out"
        )));
    }
    let defaults = Settings::default();
    let mut sources = Sources::from(args);
    let given = &mut sources.operation;
    given.server = None;
    given.token_file = None;
    given.base_url = Some("http://127.0.0.1:1".to_owned());
    given.name.get_or_insert_with(|| "demo".to_owned());
    given.interval.get_or_insert_with(|| interval.to_owned());
    // Not fewer than the simulated account has: WOLKVOX_LICENSES may still be set for a real one.
    let fewer = |text: &String| text.parse::<u32>().is_ok_and(|licences| licences < defaults.licences);
    if given.licenses.as_ref().is_none_or(fewer) {
        given.licenses = Some(defaults.licences.to_string());
    }
    // Everything that there is to see, unless it was switched off.
    let everything = Collector::ALL.map(|collector| (collector, true)).into_iter();
    given.collectors = everything.chain(std::mem::take(&mut given.collectors)).collect();
    let mut config = config::load(&sources, &|name| (name == "WOLKVOX_TOKEN").then(|| defaults.token.clone()))?;
    load::plans(&config)?;
    for operation in &mut config.operations {
        operation.targets = Arc::new(Targets::new(vec![promise(opening)]));
        if let Some(agents) = &mut operation.collectors.agents_kpi {
            // They are invented.
            agents.agent_names = true;
        }
    }
    Ok(config)
}

/// What every skill is measured by, while people call.
fn promise(opening: Opening) -> Target {
    let open = match opening {
        Opening::AlwaysLively => None,
        Opening::RealHours => Some(OpeningHours { shifts: real_hours(), holidays: Vec::new() }),
    };
    Target { open, ..Target::conventional() }
}

/// The hours of [`Opening::RealHours`].
fn real_hours() -> Vec<Shift> {
    let shift = |weekday, from: i8, to: i8| Shift {
        weekday,
        from: jiff::civil::time(from, 0, 0, 0),
        to: Some(jiff::civil::time(to, 0, 0, 0)),
    };
    let week = Weekday::Monday.cycle_forward().take(5).map(|weekday| shift(weekday, 7, 20));
    week.chain([shift(Weekday::Saturday, 8, 14)]).collect()
}
