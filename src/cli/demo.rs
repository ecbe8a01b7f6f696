//! `demo`: the exporter polling a simulated wolkvox on loopback, through nothing but the configuration that anybody has.

use std::fmt::Write as _;
use std::future::pending;
use std::net::SocketAddr;

use super::args::SimulateArgs;
use super::{Args, CliError, ListenAddress, exporter, output, simulate, simulated_operation};
use crate::simulator::{self, Settings};

/// A demo whose figures move while somebody looks; the simulated wolkvox allows the calls that this costs.
const INTERVAL: &str = "15s";

/// Starts both and serves until a signal ends it.
pub(super) async fn run(args: &Args, simulated: &SimulateArgs) -> Result<String, CliError> {
    let clock = simulate::clock(simulated);
    let mut config = simulated_operation::configuration(args, "demo", INTERVAL, simulated.world.opening())?;
    let Some(operation) = config.operations.first_mut() else {
        return Err(CliError::Run("the demo has no operation: please report this as a bug".to_owned()));
    };
    let licences = operation.licenses.unwrap_or(Settings::default().licences);
    let prepared = simulate::prepare(simulated, operation.timezone.clone(), licences, clock.clone()).await?;
    let wolkvox = reachable(prepared.address);
    operation.base_url =
        wolkvox.parse().map_err(|error| CliError::Run(format!("{wolkvox} is no address for the demo: {error}")))?;
    let answering = tokio::spawn(simulator::serve(prepared.listener, prepared.simulation, pending()));

    let interval = args.wolkvox.interval.as_deref().filter(|text| !text.is_empty()).unwrap_or(INTERVAL);
    let path = &args.web.telemetry_path;
    let ended = exporter::run(&config, &args.web, clock, |addresses| {
        let mut text = format!("A simulated contact centre is polled every {interval}. Look at\n");
        for address in addresses {
            let here = reachable(*address);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {here}{path}   the metrics, for Prometheus");
            let _ = writeln!(text, "  {here}/          an overview, for people");
        }
        let _ = writeln!(text, "The simulated wolkvox itself answers at {wolkvox}. Ctrl-C ends it all.");
        output::print_flushed(&text)
    })
    .await;
    answering.abort();
    ended
}

/// The address of a listener as a program on this machine reaches it.
fn reachable(address: SocketAddr) -> String {
    // Every address of the machine, IPv4 among them: the one that people know by heart.
    let address =
        if address.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], address.port())) } else { address };
    format!("http://{}", ListenAddress::from(address).from_here())
}
