//! `history`: writes in seconds what Prometheus would have stored of simulated days.
//!
//! Only time and HTTP are replaced. The collectors poll on their own schedule, parse responses and count failures as
//! usual, on a runtime whose clock jumps to the next timer.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::runtime::Builder;
use wolkvox_simulator::{Settings, SimulatedResponse, Simulation};

use super::simulator_args::HistoryArgs;
use super::{Args, CliError, simulate, simulated_operation};
use crate::api::{ApiError, Query, Response, Transport};
use crate::clock::Clock;
use crate::collect::{self, PollerTasks, StateFile};
use crate::config::{Operation, Token};
use crate::metrics::{ExporterInfo, Recording};
use crate::model::Reason;

/// The time between two polls unless --poll.interval is set.
const INTERVAL: &str = "1m";

/// The first polls take a moment, and the first scrape should show their results.
const BEFORE_THE_FIRST_SCRAPE: Duration = Duration::from_secs(5);

/// Writes the files; returns their paths, one a line.
pub(super) async fn run(args: &Args, wanted: &HistoryArgs) -> Result<String, CliError> {
    let mut config = simulated_operation::configuration(args, "history", INTERVAL, wanted.world.opening())?;
    let Some(operation) = config.operations.pop() else {
        return Err(CliError::Run("the history has no operation; please report this as a bug".to_owned()));
    };
    let wanted = wanted.clone();
    // On a thread of its own, because the time of this runtime is paused and nothing else may wait on it.
    let generated = tokio::task::spawn_blocking(move || {
        // The random generator of this thread decides when polls begin and how long they back off.
        fastrand::seed(wanted.world.seed);
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.map_err(|error| CliError::Run(format!("cannot start: {error}")))?.block_on(generate(operation, &wanted))
    });
    generated
        .await
        .map_err(|error| CliError::Run(format!("the history was not finished: {error}; please report this as a bug")))?
}

async fn generate(operation: Operation, wanted: &HistoryArgs) -> Result<String, CliError> {
    let out_of_range = |_| {
        CliError::Configuration(
            "--history.start and --history.length: the history is outside the supported range of dates".to_owned(),
        )
    };
    let start = match wanted.start {
        Some(start) => start,
        None => Clock::system().now().checked_sub(wanted.length).map_err(out_of_range)?,
    };
    let end = start.checked_add(wanted.length).map_err(out_of_range)?;
    let clock = Clock::of_runtime(start);
    let licenses = operation.licenses.unwrap_or(Settings::default().licenses);
    let settings = simulate::settings(&wanted.world, end, operation.timezone.clone(), licenses, clock.clone());
    let simulation = Simulation::new(settings);
    let transport = InProcess { simulation, token: operation.token.clone() };
    let state = StateFile::open(None).map_err(|error| CliError::Run(error.to_string()))?;
    let (store, pollers) = collect::build_pollers(&[(operation, Arc::new(transport))], &clock, &Arc::new(state));
    let info = ExporterInfo::started(clock.wall());
    let families: BTreeSet<&str> = wanted.families.iter().map(String::as_str).collect();
    let recording = || Recording::of(&wanted.labels, &families);

    std::fs::create_dir_all(&wanted.directory).map_err(|error| cannot_write(&wanted.directory, &error))?;
    let _pollers = PollerTasks::start(pollers);
    tokio::time::sleep(BEFORE_THE_FIRST_SCRAPE).await;
    let mut scrapes = tokio::time::interval(wanted.scrape_interval);
    let (mut day, mut today, mut written) = (recording(), date_of(clock.now()), Vec::new());
    loop {
        scrapes.tick().await;
        if clock.now() >= end {
            break;
        }
        if date_of(clock.now()) != today {
            written.push(write(&wanted.directory, &today, std::mem::replace(&mut day, recording()))?);
            today = date_of(clock.now());
        }
        day.record(&store.current(), &info, &clock);
    }
    written.push(write(&wanted.directory, &today, day)?);
    Ok(written.concat())
}

/// The date in UTC. Blocks of Prometheus begin and end at midnight UTC, so no two files share a block.
fn date_of(at: Timestamp) -> String {
    TimeZone::UTC.to_datetime(at).date().to_string()
}

/// Writes the file of a day; returns its path as a line.
fn write(folder: &Path, date: &str, day: Recording) -> Result<String, CliError> {
    let path = folder.join(format!("{date}.om"));
    std::fs::write(&path, day.finish()).map_err(|error| cannot_write(&path, &error))?;
    Ok(format!("{}\n", path.display()))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> CliError {
    CliError::Run(format!("cannot write {}: {error}", path.display()))
}

/// The simulated wolkvox without HTTP. Broken connections become the same failures as over HTTP.
struct InProcess {
    simulation: Arc<Simulation>,
    token: Token,
}

impl InProcess {
    async fn ask(&self, query: &Query) -> Result<Response, ApiError> {
        let api = [("api".to_owned(), query.endpoint.api.to_owned())];
        let others = query.parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into_owned()));
        let parameters: Vec<_> = api.into_iter().chain(others).collect();
        match self.simulation.respond(query.endpoint.file, &parameters, Some(self.token.expose())).await {
            SimulatedResponse::Complete(message) => Ok(Response {
                status: message.status,
                retry_after: message.retry_after,
                body: message.body.into_bytes(),
            }),
            SimulatedResponse::Truncated(_) => Err(ApiError::new(Reason::Truncated, "the response broke off")),
            SimulatedResponse::Dropped => Err(ApiError::new(Reason::Connect, "no response")),
        }
    }
}

impl Transport for InProcess {
    fn call<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Response, ApiError>> {
        Box::pin(self.ask(query))
    }
}
