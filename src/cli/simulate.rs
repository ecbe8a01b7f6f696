//! `simulate`: the simulated wolkvox, alone or for `demo`.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::net::TcpListener;

use super::args::{SimulateArgs, WorldArgs};
use super::{Args, CliError, listen, output, stop_signal};
use crate::clock::Clock;
use crate::simulator::{self, Settings, Simulation};

/// A simulation that listens but does not answer yet.
pub(super) struct Prepared {
    pub(super) listener: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) simulation: Arc<Simulation>,
    pub(super) token: String,
}

/// Makes the simulation that the arguments describe, on a clock of its own speed.
pub(super) async fn prepare(
    args: &SimulateArgs,
    zone: TimeZone,
    licences: u32,
    clock: Clock,
) -> Result<Prepared, CliError> {
    let listener = listen::bind(&args.listen_address).await.map_err(|error| {
        let address = &args.listen_address;
        CliError::Run(format!("cannot listen on {address}: {error}; choose another with --simulate.listen-address"))
    })?;
    let address = listener.local_addr().map_err(|error| CliError::Run(error.to_string()))?;
    let settings = settings(&args.world, clock.now(), zone, licences, clock);
    let token = settings.token.clone();
    Ok(Prepared { listener, address, simulation: Simulation::new(settings), token })
}

/// The simulation that the flags describe, of which somebody looks at `seen` first.
pub(super) fn settings(world: &WorldArgs, seen: Timestamp, zone: TimeZone, licences: u32, clock: Clock) -> Settings {
    Settings {
        seed: world.seed,
        scenario: world.scenario,
        zone,
        opening: world.opening(),
        busy_at: Some(world.busy_at(seen)),
        licences,
        trouble_after: world.trouble_after,
        trouble_for: world.trouble_for,
        clock,
        ..Settings::default()
    }
}

/// The clock of a simulation that starts now.
pub(super) fn clock(args: &SimulateArgs) -> Clock {
    let system = Clock::system();
    // At the speed of the world the system's clock itself: it follows corrections of the time, and the exporter sees it.
    if (args.speed - 1.0).abs() < f64::EPSILON { system } else { Clock::scaled(system.now(), args.speed) }
}

/// Serves the simulation until a signal ends it.
pub(super) async fn run(args: &Args, simulate: &SimulateArgs) -> Result<String, CliError> {
    let stop = stop_signal::wait()?;
    let zone = match args.wolkvox.timezone.as_deref().filter(|zone| !zone.is_empty()) {
        Some(zone) => {
            TimeZone::get(zone).map_err(|error| CliError::Configuration(format!("--wolkvox.timezone: {error}")))?
        }
        None => Settings::default().zone,
    };
    let licences = match args.wolkvox.licenses.as_deref().filter(|licenses| !licenses.is_empty()) {
        Some(text) => text
            .parse()
            .map_err(|_| CliError::Configuration(format!("--wolkvox.licenses: {text:?} is no whole number")))?,
        None => Settings::default().licences,
    };
    let Prepared { listener, address, simulation, token } = prepare(simulate, zone, licences, clock(simulate)).await?;
    let text = format!(
        "A simulated wolkvox answers at http://{address}. In another shell:\n  \
         WOLKVOX_TOKEN={token} wolkvox_exporter --wolkvox.base-url http://{address}\nCtrl-C ends it.\n"
    );
    output::print_flushed(&text).map_err(|error| CliError::Run(format!("cannot write to standard output: {error}")))?;
    let stopped = async move {
        stop.await;
    };
    simulator::serve(listener, simulation, stopped).await.map_err(|error| CliError::Run(error.to_string()))?;
    Ok(String::new())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use jiff::SignedDuration;

    use super::*;
    use crate::cli::args::Command;
    use crate::simulator::world::Call;

    fn world(flags: &str) -> WorldArgs {
        let line = ["wolkvox_exporter", "demo"].into_iter().chain(flags.split_whitespace());
        let Some(Command::Demo(args)) = Args::try_parse_from(line).unwrap().command else { panic!("it is a demo") };
        args.world
    }

    /// What starts at `start` and is first looked at when `seen`.
    fn simulation(flags: &str, start: &str, seen: &str) -> Arc<Simulation> {
        let clock = Clock::manual(start.parse().unwrap());
        let zone = Settings::default().zone;
        Simulation::new(settings(&world(flags), seen.parse().unwrap(), zone, 50, clock))
    }

    /// Every call of three days before the junction and of the hours after it.
    fn calls(of: &Simulation) -> Vec<Vec<Call>> {
        let (from, until) = ("2026-11-22T09:05:30-05".parse().unwrap(), "2026-11-25T13:00-05".parse().unwrap());
        let calls = |skill| {
            let mut calls = Vec::new();
            of.world().each_call(skill, from, until, |call| calls.push(call.clone()));
            calls
        };
        (0..of.world().skills().len()).map(calls).collect()
    }

    const JUNCTION: &str = "2026-11-25T09:05:30-05";

    #[test]
    fn a_history_that_ends_now_is_the_past_of_a_demo_that_starts_within_the_hour() {
        let history = simulation("", "2026-11-22T09:05:30-05", JUNCTION);
        for start in [JUNCTION, "2026-11-25T09:00:00-05", "2026-11-25T09:59:59.9-05"] {
            let demo = simulation("", start, start);
            assert_eq!(calls(&demo), calls(&history), "{start}");
        }
        assert!(calls(&history).iter().map(Vec::len).sum::<usize>() > 5_000);
    }

    #[test]
    fn at_any_time_it_is_if_both_are_told_the_same_busy_moment() {
        let flags = format!("--busy-at {JUNCTION}");
        let history = simulation(&flags, "2026-11-22T09:05:30-05", JUNCTION);
        let late = "2026-11-25T11:20:00-05";
        assert_eq!(calls(&simulation(&flags, late, late)), calls(&history));
        assert_ne!(calls(&simulation("", late, late)), calls(&history), "the flag changes nothing");
    }

    #[test]
    fn the_start_is_between_half_past_ten_and_half_past_eleven_of_a_tuesday() {
        let seen: Timestamp = "2026-11-21T23:59:59-05".parse().unwrap();
        let busy = world("").busy_at(seen);
        assert!((SignedDuration::ZERO..SignedDuration::from_hours(1)).contains(&seen.duration_since(busy)), "{busy}");
    }
}
