//! `simulate`: runs the simulated wolkvox, for itself or for `demo`.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::net::TcpListener;
use wolkvox_simulator::{Settings, Simulation, TimeSource};

use super::simulator_args::{SimulateArgs, WorldArgs};
use super::{Args, CliError, listen, output, stop_signal};
use crate::clock::Clock;

/// A simulation that listens and does not answer yet.
pub(super) struct Prepared {
    pub(super) listener: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) simulation: Arc<Simulation>,
    pub(super) token: String,
}

/// Creates the simulation that the flags describe, and its listener.
pub(super) async fn prepare(
    args: &SimulateArgs,
    zone: TimeZone,
    licenses: u32,
    clock: Clock,
) -> Result<Prepared, CliError> {
    let listener = listen::bind(&args.listen_address).await.map_err(|error| {
        let address = &args.listen_address;
        CliError::Run(format!("cannot listen on {address}: {error}; choose another with --simulate.listen-address"))
    })?;
    let address = listener.local_addr().map_err(|error| CliError::Run(error.to_string()))?;
    let settings = settings(&args.world, clock.now(), zone, licenses, clock);
    let token = settings.token.clone();
    Ok(Prepared { listener, address, simulation: Simulation::new(settings), token })
}

/// The settings that the flags describe. The busy time is near `seen` unless --busy-at is set.
pub(super) fn settings(world: &WorldArgs, seen: Timestamp, zone: TimeZone, licenses: u32, clock: Clock) -> Settings {
    Settings {
        seed: world.seed,
        scenario: world.scenario,
        zone,
        opening: world.opening(),
        busy_at: Some(world.busy_at(seen)),
        licenses,
        trouble_after: world.trouble_after,
        trouble_for: world.trouble_for,
        time: TimeSource::new(move || clock.now()),
        ..Settings::default()
    }
}

/// The clock of a simulation that starts now, at the speed of --speed.
pub(super) fn clock(args: &SimulateArgs) -> Clock {
    let system = Clock::system();
    // At normal speed it is the system's clock, so that the simulation and the exporter follow corrections of the time.
    if (args.speed - 1.0).abs() < f64::EPSILON { system } else { Clock::scaled(system.now(), args.speed) }
}

/// Serves the simulation until a signal arrives.
pub(super) async fn run(args: &Args, simulate: &SimulateArgs) -> Result<String, CliError> {
    let stop = stop_signal::wait()?;
    let zone = match args.wolkvox.timezone.as_deref().filter(|zone| !zone.is_empty()) {
        Some(zone) => {
            TimeZone::get(zone).map_err(|error| CliError::Configuration(format!("--wolkvox.timezone: {error}")))?
        }
        None => Settings::default().zone,
    };
    let licenses = match args.wolkvox.licenses.as_deref().filter(|licenses| !licenses.is_empty()) {
        Some(text) => text.parse().map_err(|_| {
            CliError::Configuration(format!(
                "--wolkvox.licenses: invalid number {text:?}: expected a whole number such as 50"
            ))
        })?,
        None => Settings::default().licenses,
    };
    let Prepared { listener, address, simulation, token } = prepare(simulate, zone, licenses, clock(simulate)).await?;
    let text = format!(
        "A simulated wolkvox answers at http://{address}. In another shell:\n  \
         WOLKVOX_TOKEN={token} wolkvox_exporter --wolkvox.base-url http://{address}\nCtrl-C ends it.\n"
    );
    output::print_flushed(&text).map_err(|error| CliError::Run(format!("cannot write to standard output: {error}")))?;
    let stopped = async move {
        stop.await;
    };
    wolkvox_simulator::serve(listener, simulation, stopped).await.map_err(|error| CliError::Run(error.to_string()))?;
    Ok(String::new())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use jiff::SignedDuration;
    use wolkvox_simulator::world::Call;

    use super::*;
    use crate::cli::args::Command;

    fn world(flags: &str) -> WorldArgs {
        let line = ["wolkvox_exporter", "demo"].into_iter().chain(flags.split_whitespace());
        let Some(Command::Demo(args)) = Args::try_parse_from(line).unwrap().command else { panic!("it is a demo") };
        args.world
    }

    /// A simulation that starts at `start`; its busy time is near `seen` unless the flags set another one.
    fn simulation(flags: &str, start: &str, seen: &str) -> Arc<Simulation> {
        let clock = Clock::manual(start.parse().unwrap());
        let zone = Settings::default().zone;
        Simulation::new(settings(&world(flags), seen.parse().unwrap(), zone, 50, clock))
    }

    /// Every call of the three days before the junction and of the hours after it.
    fn calls(of: &Simulation) -> Vec<Vec<Call>> {
        let (from, until) = ("2026-11-22T09:05:30-05".parse().unwrap(), "2026-11-25T13:00-05".parse().unwrap());
        let calls = |skill| {
            let mut calls = Vec::new();
            of.world().each_call(skill, from, until, |call| calls.push(call.clone()));
            calls
        };
        (0..of.world().skills().len()).map(calls).collect()
    }

    /// The end of the history and the start of the demo.
    const JUNCTION: &str = "2026-11-25T09:05:30-05";

    #[test]
    fn a_demo_continues_a_history_that_ended_within_the_same_hour() {
        let history = simulation("", "2026-11-22T09:05:30-05", JUNCTION);
        for start in [JUNCTION, "2026-11-25T09:00:00-05", "2026-11-25T09:59:59.9-05"] {
            let demo = simulation("", start, start);
            assert_eq!(calls(&demo), calls(&history), "{start}");
        }
        assert!(calls(&history).iter().map(Vec::len).sum::<usize>() > 5_000);
    }

    #[test]
    fn with_the_same_busy_at_a_demo_continues_a_history_whenever_it_starts() {
        let flags = format!("--busy-at {JUNCTION}");
        let history = simulation(&flags, "2026-11-22T09:05:30-05", JUNCTION);
        let late = "2026-11-25T11:20:00-05";
        assert_eq!(calls(&simulation(&flags, late, late)), calls(&history));
        assert_ne!(calls(&simulation("", late, late)), calls(&history), "the flag has no effect");
    }

    #[test]
    fn the_start_looks_like_half_past_ten_to_half_past_eleven_on_a_tuesday() {
        let seen: Timestamp = "2026-11-21T23:59:59-05".parse().unwrap();
        let busy = world("").busy_at(seen);
        assert!((SignedDuration::ZERO..SignedDuration::from_hours(1)).contains(&seen.duration_since(busy)), "{busy}");
    }
}
