//! `demo`: runs the exporter against a simulated wolkvox on loopback. The exporter gets an ordinary configuration and
//! is not changed in any other way.

use std::fmt::Write as _;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;

use wolkvox_simulator::Settings;

use super::simulator_args::SimulateArgs;
use super::{Args, CliError, ListenAddress, exporter, load, output, simulate, simulated_operation};
use crate::config::web::WebConfigReading;

/// Short, so that figures change while a user watches. The licenses of the simulated wolkvox allow that many requests.
const INTERVAL: &str = "15s";

/// Starts both and serves until a signal arrives.
pub(super) async fn run(args: &Args, simulated: &SimulateArgs) -> Result<String, CliError> {
    let clock = simulate::clock(simulated);
    let web_config = load::web_config(args);
    let has_tls =
        |(_, reading): &(_, WebConfigReading)| reading.config.as_ref().is_ok_and(|config| config.tls.is_some());
    let scheme = if web_config.as_ref().is_some_and(has_tls) { "https" } else { "http" };
    let mut config = simulated_operation::configuration(args, "demo", INTERVAL, simulated.world.opening())?;
    let Some(operation) = config.operations.first_mut() else {
        return Err(CliError::Run("the demo has no operation; please report this as a bug".to_owned()));
    };
    let licenses = operation.licenses.unwrap_or(Settings::default().licenses);
    let prepared = simulate::prepare(simulated, operation.timezone.clone(), licenses, clock.clone()).await?;
    let wolkvox = reachable("http", prepared.address);
    operation.base_url = wolkvox.parse().map_err(|error| {
        CliError::Run(format!(
            "invalid address of the simulated wolkvox \"{wolkvox}\": {error}; please report this as a bug"
        ))
    })?;
    let answering = tokio::spawn(wolkvox_simulator::serve(prepared.listener, prepared.simulation, pending()));

    let interval = args.wolkvox.interval.as_deref().filter(|text| !text.is_empty()).unwrap_or(INTERVAL);
    let (path, overview) = (args.web.metrics_path(), args.web.prefix().join("/"));
    let width = path.len();
    // A reload has no file to read.
    let same = config.clone();
    let read = Arc::new(move || Ok(same.clone()));
    let ended = exporter::run(config, read, &args.web, web_config, clock, &|addresses| {
        let mut text = format!("A simulated contact centre is polled every {interval}. Look at\n");
        for address in addresses {
            let here = reachable(scheme, *address);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {here}{path}   the metrics, for Prometheus");
            let _ = writeln!(text, "  {here}{overview:<width$}   an overview, for people");
        }
        let _ = writeln!(text, "The simulated wolkvox itself answers at {wolkvox}. Ctrl-C ends it all.");
        output::print_flushed(&text)
    })
    .await;
    answering.abort();
    ended
}

/// The URL by which a program on this machine reaches a listener.
fn reachable(scheme: &str, address: SocketAddr) -> String {
    // The listener accepts connections to every address, so the best known one works.
    let address =
        if address.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], address.port())) } else { address };
    format!("{scheme}://{}", ListenAddress::from(address).from_here())
}
