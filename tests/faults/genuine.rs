//! What the simulated wolkvox answers to a call, before a fault changes it.

use serde_json::Value;
use wolkvox_simulator::{SimulatedResponse, Simulation};

use crate::support::wolkvox::Request;

/// The rows of an answer that are passed on. An exporter without optimization needs seconds for large pages.
const ROWS: usize = 10;

/// A complete answer of wolkvox.
#[derive(Clone, Debug)]
pub(crate) struct Genuine {
    /// The report, as the label `endpoint` has it.
    pub(crate) report: String,
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body, with at most [`ROWS`] rows.
    pub(crate) body: String,
    /// Its rows.
    pub(crate) rows: Vec<Value>,
}

impl Genuine {
    /// Asks the simulation.
    ///
    /// # Panics
    /// When the simulation has a scenario with failures or corruptions.
    pub(crate) async fn answer(simulation: &Simulation, request: &Request) -> Self {
        let file = request.path.rsplit('/').next().unwrap_or_default();
        let token = request.headers.get("wolkvox-token").map(String::as_str);
        let SimulatedResponse::Complete(message) = simulation.respond(file, &request.parameters(), token).await else {
            panic!("only a simulated outage breaks a connection");
        };
        let mut answer =
            Self { report: request.report(), status: message.status, body: message.body, rows: Vec::new() };
        if answer.status == 200 {
            let mut rows = rows(&answer.body);
            rows.truncate(ROWS);
            answer.body = with_rows(&answer.body, &rows);
            answer.rows = rows;
        }
        answer
    }

    /// The body with other rows.
    pub(crate) fn with(&self, rows: &[Value]) -> String {
        with_rows(&self.body, rows)
    }
}

/// The rows of a body of the simulator, which has a comma after the last row of some reports.
///
/// # Panics
/// When it is not JSON.
pub(crate) fn rows(body: &str) -> Vec<Value> {
    let body = body.trim_start_matches('\u{feff}').replace(",]}", "]}");
    let document: Value = body.parse().unwrap_or_else(|error| panic!("{error}: {body}"));
    document["data"].as_array().cloned().unwrap_or_default()
}

/// Whether JSON does not allow this body, because of a comma after the last row.
pub(crate) fn has_surplus_comma(body: &str) -> bool {
    body.ends_with(",]}")
}

fn with_rows(body: &str, rows: &[Value]) -> String {
    let (start, _) = body.split_once("\"data\":[").expect("the simulator writes the rows last");
    let texts: Vec<String> = rows.iter().map(Value::to_string).collect();
    let comma = if has_surplus_comma(body) { "," } else { "" };
    format!("{start}\"data\":[{}{comma}]}}", texts.join(","))
}
