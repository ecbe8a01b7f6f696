//! `simulate`: the simulated wolkvox, alone or for `demo`.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::tz::TimeZone;
use tokio::net::TcpListener;

use super::args::{SimulateArgs, WorldArgs};
use super::{Args, Failed, serve, stop_signal};
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
) -> Result<Prepared, Failed> {
    let listener = serve::bind(&args.listen_address).await.map_err(|error| {
        let address = &args.listen_address;
        Failed::Run(format!("cannot listen on {address}: {error}; choose another with --simulate.listen-address"))
    })?;
    let address = listener.local_addr().map_err(|error| Failed::Run(error.to_string()))?;
    let settings = settings(&args.world, zone, licences, clock);
    let token = settings.token.clone();
    Ok(Prepared { listener, address, simulation: Simulation::new(settings), token })
}

/// The simulation that the flags describe.
pub(super) fn settings(world: &WorldArgs, zone: TimeZone, licences: u32, clock: Clock) -> Settings {
    Settings {
        seed: world.seed,
        scenario: world.scenario,
        zone,
        opening: world.opening(),
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
pub(super) async fn run(args: &Args, simulate: &SimulateArgs) -> Result<String, Failed> {
    let stop = stop_signal::wait()?;
    let zone = match args.wolkvox.timezone.as_deref().filter(|zone| !zone.is_empty()) {
        Some(zone) => {
            TimeZone::get(zone).map_err(|error| Failed::Configuration(format!("--wolkvox.timezone: {error}")))?
        }
        None => Settings::default().zone,
    };
    let licences = match args.wolkvox.licenses.as_deref().filter(|licenses| !licenses.is_empty()) {
        Some(text) => text
            .parse()
            .map_err(|_| Failed::Configuration(format!("--wolkvox.licenses: {text:?} is no whole number")))?,
        None => Settings::default().licences,
    };
    let Prepared { listener, address, simulation, token } = prepare(simulate, zone, licences, clock(simulate)).await?;
    let text = format!(
        "A simulated wolkvox answers at http://{address}. In another shell:\n  \
         WOLKVOX_TOKEN={token} wolkvox_exporter --wolkvox.base-url http://{address}\nCtrl-C ends it.\n"
    );
    serve::say(&text).map_err(|error| Failed::Run(format!("cannot write to standard output: {error}")))?;
    let stopped = async move {
        stop.await;
    };
    simulator::serve(listener, simulation, stopped).await.map_err(|error| Failed::Run(error.to_string()))?;
    Ok(String::new())
}
