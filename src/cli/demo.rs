//! `demo`: the exporter polling a simulated wolkvox on loopback, through nothing but the configuration that anybody has.

use std::fmt::Write as _;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;

use super::args::SimulateArgs;
use super::{Args, Failed, ListenAddress, check_config, serve, simulate};
use crate::config::{self, COLLECTORS, Sources};
use crate::model::{ServiceLevelTarget, Target, Targets};
use crate::simulator::{self, Settings};

/// A demo whose figures move while somebody looks; the simulated wolkvox allows the calls that this costs.
const INTERVAL: &str = "15s";

/// Starts both and serves until a signal ends it.
pub(super) async fn run(args: &Args, simulated: &SimulateArgs) -> Result<String, Failed> {
    if args.config_file.as_deref().is_some_and(|path| !path.as_os_str().is_empty()) {
        return Err(Failed::Configuration(
            "demo brings an operation of its own: leave --config.file (WOLKVOX_EXPORTER_CONFIG_FILE) out".to_owned(),
        ));
    }
    let clock = simulate::clock(simulated);
    let defaults = Settings::default();
    let token = defaults.token.clone();
    let mut sources = Sources::from(args);
    let given = &mut sources.operation;
    given.server = None;
    given.token_file = None;
    given.base_url = Some("http://127.0.0.1:1".to_owned());
    given.name.get_or_insert_with(|| "demo".to_owned());
    given.interval.get_or_insert_with(|| INTERVAL.to_owned());
    // Not fewer than the simulated account has: WOLKVOX_LICENSES may still be set for a real one.
    let fewer = |text: &String| text.parse::<u32>().is_ok_and(|licences| licences < defaults.licences);
    if given.licenses.as_ref().is_none_or(fewer) {
        given.licenses = Some(defaults.licences.to_string());
    }
    // Everything that there is to see, unless it was switched off.
    let everything = COLLECTORS.iter().map(|entry| (entry.name, true));
    given.collectors = everything.chain(std::mem::take(&mut given.collectors)).collect();
    let mut config = config::load(&sources, &|name| (name == "WOLKVOX_TOKEN").then(|| token.clone()))?;
    check_config::plans(&config)?;

    let Some(operation) = config.operations.first_mut() else {
        return Err(Failed::Run("the demo has no operation: please report this as a bug".to_owned()));
    };
    operation.targets = Arc::new(Targets::new(vec![promise()]));
    if let Some(agents) = &mut operation.collectors.agents_kpi {
        // They are invented.
        agents.agent_names = true;
    }
    let licences = operation.licenses.unwrap_or(defaults.licences);
    let prepared = simulate::prepare(simulated, operation.timezone.clone(), licences, clock.clone()).await?;
    let wolkvox = reachable(prepared.address);
    operation.base_url =
        wolkvox.parse().map_err(|error| Failed::Run(format!("{wolkvox} is no address for the demo: {error}")))?;
    let answering = tokio::spawn(simulator::serve(prepared.listener, prepared.simulation, pending()));

    let path = &args.web.telemetry_path;
    let ended = serve::export(&config, &args.web, clock, |addresses| {
        let mut text = format!("A simulated contact centre is polled every {}. Look at\n", interval(&sources));
        for address in addresses {
            let here = reachable(*address);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {here}{path}   the metrics, for Prometheus");
            let _ = writeln!(text, "  {here}/          an overview, for people");
        }
        let _ = writeln!(text, "The simulated wolkvox itself answers at {wolkvox}. Ctrl-C ends it all.");
        serve::say(&text)
    })
    .await;
    answering.abort();
    ended
}

/// What every skill of the demo is measured by: 80 % within 20 seconds, 5 % abandoned, round the clock.
fn promise() -> Target {
    Target {
        service_level: Some(ServiceLevelTarget { threshold_seconds: 20, ratio: 0.8 }),
        abandon_ratio: Some(0.05),
        ..Target::default()
    }
}

fn interval(sources: &Sources) -> &str {
    sources.operation.interval.as_deref().unwrap_or(INTERVAL)
}

/// The address of a listener as a program on this machine reaches it.
fn reachable(address: SocketAddr) -> String {
    // Every address of the machine, IPv4 among them: the one that people know by heart.
    let address =
        if address.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], address.port())) } else { address };
    format!("http://{}", ListenAddress::from(address).from_here())
}
