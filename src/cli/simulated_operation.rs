//! The configuration of the operation that a simulated wolkvox serves.

use std::sync::Arc;

use jiff::civil::Weekday;
use wolkvox_simulator::{Endpoint, Opening, Settings};

use super::{Args, CliError, load};
use crate::collect;
use crate::config::{self, Config, Sources};
use crate::model::{Collector, OpeningHours, Shift, Target, Targets};

/// The configuration of one simulated operation. Every collector whose report the simulator has is enabled unless a
/// flag disables it, and polls every `interval` unless a flag sets another one. The caller has to set the address.
pub(super) fn configuration(
    args: &Args,
    subcommand: &str,
    interval: &str,
    opening: Opening,
) -> Result<Config, CliError> {
    if args.config_file.as_deref().is_some_and(|path| !path.as_os_str().is_empty()) {
        return Err(CliError::Configuration(format!(
            "{subcommand} uses a simulated operation: remove --config.file (WOLKVOX_EXPORTER_CONFIG_FILE)"
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
    // Not fewer than the simulated account has, because WOLKVOX_LICENSES may still be set for a real account.
    let fewer = |text: &String| text.parse::<u32>().is_ok_and(|licenses| licenses < defaults.licenses);
    if given.licenses.as_ref().is_none_or(fewer) {
        given.licenses = Some(defaults.licenses.to_string());
    }
    // Every report that the simulator has is enabled first; the flags come after it and may disable it.
    let everything =
        Collector::ALL.into_iter().map(|collector| (collector, Endpoint::exists(collect::endpoint(collector))));
    given.collectors = everything.chain(std::mem::take(&mut given.collectors)).collect();
    let mut config = config::load(&sources, &|name| (name == "WOLKVOX_TOKEN").then(|| defaults.token.clone()))?;
    load::plans(&config)?;
    for operation in &mut config.operations {
        operation.targets = Arc::new(Targets::new(vec![target(opening)]));
        if let Some(agents) = &mut operation.collectors.agents_kpi {
            // These names are invented, so they may be shown.
            agents.agent_names = true;
        }
    }
    Ok(config)
}

/// The target of every skill, during opening hours.
fn target(opening: Opening) -> Target {
    let open = match opening {
        Opening::BusyAtStart => None,
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
