//! The examples of `docs/odd-answers.md`: each answer is given to the exporter, and the page and the log have the lines
//! that the document claims.

use std::time::Duration;

use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation};
use crate::support::http;
use crate::support::markdown::Document;
use crate::support::process::POLL;
use crate::support::wolkvox::{Reply, Wolkvox};

const DOCUMENT: &str = include_str!("../../docs/odd-answers.md");

/// The operation of the document.
const OPERATION: &str = "operation=\"demo\"";

/// An answer and what the document claims of it.
struct Example {
    operation: String,
    collector: String,
    status: u16,
    body: String,
    claims: Vec<String>,
}

fn examples() -> Vec<Example> {
    let blocks = Document::of(DOCUMENT).blocks;
    let pairs = blocks.chunks(2).enumerate().map(|(number, pair)| {
        let [answer, claims] = pair else { panic!("an answer without claims: {pair:?}") };
        assert_eq!(claims.language, "text", "after {answer:?}");
        let words: Vec<&str> = answer.language.split(' ').collect();
        let (collector, status) = match *words {
            ["json" | "html", collector] => (collector, 200),
            ["json" | "html", collector, status] => (collector, status.parse().expect("a status is a number")),
            _ => panic!("the language of {answer:?} is not json or html with a collector"),
        };
        let claims = claims.text.lines().map(ToOwned::to_owned).collect();
        let operation = format!("example-{number}");
        Example { operation, collector: collector.to_owned(), status, body: answer.text.clone(), claims }
    });
    pairs.collect()
}

/// The claims that are not so.
fn wrong_claims(example: &Example, page: &str, log: &str) -> Vec<String> {
    let operation = format!("operation=\"{}\"", example.operation);
    let is_wrong = |claim: &&String| {
        if let Some(words) = claim.strip_prefix("log ") {
            let mut lines = log.lines().filter(|line| line.contains(&format!("operation={}", example.operation)));
            return !lines.any(|line| line.contains(words));
        }
        if let Some(name) = claim.strip_prefix("no ") {
            let is_of_name = |line: &str| line.strip_prefix(name).is_some_and(|labels| labels.starts_with('{'));
            return page.lines().any(|line| is_of_name(line) && line.contains(&operation));
        }
        let line = claim.replace(OPERATION, &operation);
        !page.lines().any(|found| found == line)
    };
    example.claims.iter().filter(is_wrong).cloned().collect()
}

#[tokio::test]
async fn the_exporter_makes_of_odd_answers_what_the_document_says() {
    let examples = examples();
    assert!(examples.len() > 15, "{} examples", examples.len());
    let mut servers = Vec::new();
    let mut operations = Vec::new();
    for Example { operation, collector, status, body, .. } in &examples {
        let (status, body) = (*status, body.clone());
        let server =
            Wolkvox::start(move |_| Reply::http(status, &[("content-type", "application/json; charset=utf-8")], &body));
        let collectors = match collector.as_str() {
            "dnis" => "{skills: false, dnis: {interval: 1h, windows: [today]}}",
            "skills" => "{skills: {interval: 1h}, dnis: false}",
            other => panic!("no example can use the collector {other}"),
        };
        let operation = Operation::of_skills(operation, &server.url());
        operations.push(Operation { collectors: collectors.to_owned(), ..operation });
        servers.push(server);
    }
    let configuration = Configuration::of(&operations);
    let exporter = Exporter::serve(&mut configuration.command()).await;
    http::wait_until_ok(&format!("{}/-/ready", exporter.url), LIMIT).await.unwrap_or_else(|error| panic!("{error}"));

    let mut wrong = Vec::new();
    let settled = tokio::time::timeout(Duration::from_secs(60), async {
        loop {
            let (page, log) = (exporter.metrics().await, exporter.process.stderr());
            let claims = |example: &Example| {
                let claims = wrong_claims(example, &page, &log);
                (!claims.is_empty()).then(|| format!("{}{}", example.body, claims.join("\n")))
            };
            wrong = examples.iter().filter_map(claims).collect();
            if wrong.is_empty() {
                return;
            }
            tokio::time::sleep(POLL).await;
        }
    });
    assert!(settled.await.is_ok(), "not as the document says:\n{}\n{}", wrong.join("\n\n"), exporter.process.stderr());
}

#[test]
fn a_false_claim_is_found() {
    let claims = ["a{operation=\"demo\"} 1", "no b", "log trouble"].map(ToOwned::to_owned).to_vec();
    let example =
        Example { operation: "x".to_owned(), collector: String::new(), status: 200, body: String::new(), claims };
    let wrong = |page: &str, log: &str| wrong_claims(&example, page, log).len();
    assert_eq!(wrong("a{operation=\"x\"} 1\n", "operation=x trouble"), 0);
    assert_eq!(wrong("a{operation=\"x\"} 2\nb{operation=\"x\"} 1\n", "operation=y trouble"), 3);
    assert_eq!(wrong("a{operation=\"y\"} 1\nb{operation=\"y\"} 1\n", "operation=x fine"), 2);
}
