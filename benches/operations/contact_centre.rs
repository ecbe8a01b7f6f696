//! The wolkvox of many operations. It costs much less than the exporter, because its responses are made once.

use bytes::Bytes;
use tokio_rustls::TlsAcceptor;

use crate::measure::rows::VARIED_NUMBERS;
use crate::support::exporter::Operation;
use crate::support::wolkvox::{Reply, Request, Wolkvox, envelope, skill};

const SKILLS: usize = 50;
const NUMBERS: usize = 20;

/// Operations in a hundred that get no response.
const HANGING: usize = 3;

/// The name of the operation with this number.
fn name(number: usize) -> String {
    format!("operation-{number:04}")
}

/// How many of so many operations get no response.
pub(crate) fn hanging(operations: usize) -> usize {
    (operations * HANGING).div_ceil(100)
}

/// The configuration of that many operations, of which the first ones get no response.
pub(crate) fn operations(number: usize, url: &str) -> Vec<Operation> {
    let collectors = "{skills: {interval: 1m}, dnis: {interval: 1m}}".to_owned();
    let operation = |n| Operation { collectors: collectors.clone(), ..Operation::of_skills(&name(n), url) };
    (0..number).map(operation).collect()
}

/// Whether the first operations, which get no response, have this token.
pub(crate) fn hangs(operations: usize, token: &str) -> bool {
    token.rsplit('-').next().and_then(|number| number.parse().ok()).is_some_and(|n: usize| n < hanging(operations))
}

/// Starts the server for that many operations.
pub(crate) fn start(operations: usize, tls: Option<TlsAcceptor>) -> Wolkvox {
    let skills: Vec<String> = (0..SKILLS).map(|n| skill(&format!("{}", 4_000 + n), 100 + n as u32)).collect();
    let skills = Bytes::from(envelope(200, "", &format!("[{}]", skills.join(","))));
    let numbers = Bytes::from(VARIED_NUMBERS.body(NUMBERS, "20261120"));
    let script = move |request: &Request| {
        if hangs(operations, request.token()) {
            return Reply::hang();
        }
        let body = if request.report() == "skills" { &skills } else { &numbers };
        Reply::http(200, &[("content-type", "application/json; charset=utf-8")], body)
    };
    match tls {
        Some(tls) => Wolkvox::start_tls(tls, script),
        None => Wolkvox::start(script),
    }
}
