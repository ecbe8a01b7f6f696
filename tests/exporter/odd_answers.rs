//! The examples of `docs/odd-answers.md`: each answer is given to the exporter, and the page and the log have the lines
//! that the document claims. Answers whose bytes a document cannot show have tests of their own.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::exporter::{Configuration, Exporter, LIMIT, Operation};
use crate::support::http;
use crate::support::markdown::Document;
use crate::support::page::{series, value};
use crate::support::process::POLL;
use crate::support::wolkvox::{Reply, Wolkvox, envelope, skill};

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

/// The series of the name of skill 4173 in an operation.
fn name_of_skill(operation: &str, name: &str) -> String {
    format!(r#"wolkvox_skill_info{{operation="{operation}",skill_id="4173",skill_name="{name}",team=""}}"#)
}

#[tokio::test]
async fn names_are_read_in_the_declared_character_encoding() {
    // The last two bytes above 0x7f of windows-1252 are control characters in iso-8859-1 as it is standardized.
    let windows: &[u8] = b"Atenci\xf3n al Ni\xf1o \x96 5 \x80";
    let cases: [(&str, &str, &[u8], &str); 5] = [
        ("latin", "application/json; charset=iso-8859-1", b"Atenci\xf3n al Ni\xf1o", "Atención al Niño"),
        ("windows", "application/json; charset=windows-1252", windows, "Atención al Niño – 5 €"),
        ("quoted", "application/json; odd=1; CHARSET=\"Windows-1252\"", windows, "Atención al Niño – 5 €"),
        ("unknown", "application/json; charset=iso-8859-wolkvox", "Atención".as_bytes(), "Atención"),
        ("none", "application/json", "Atención".as_bytes(), "Atención"),
    ];
    let mut servers = Vec::new();
    let mut operations = Vec::new();
    for (operation, content_type, name, _) in cases {
        let row = br#"{"code": "200", "data": [{"skill_id": "4173", "skill_name": ""#;
        let body = [row.as_slice(), name, br#"", "stat_inbound": "5"}]}"#].concat();
        servers.push(Wolkvox::start(move |_| Reply::http(200, &[("content-type", content_type)], &body)));
        operations.push(Operation::of_skills(operation, &servers.last().expect("it was added").url()));
    }
    let exporter = Exporter::serve(&mut Configuration::of(&operations).command()).await;
    for (operation, _, _, name) in cases {
        let info = name_of_skill(operation, name);
        exporter.metrics_when(&info, |page| value(page, &info) == Some(1.0)).await;
    }
}

fn gzip_member(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes every byte");
    encoder.finish().expect("memory takes every byte")
}

#[tokio::test]
async fn a_gzip_body_of_several_members_is_read_whole() {
    let skills: Vec<String> = (1..=500).map(|id: u32| skill(&id.to_string(), id)).collect();
    let body = envelope(200, "", &format!("[{}]", skills.join(",")));
    // The members are of different sizes, and one of them is empty.
    let (first, rest) = body.as_bytes().split_at(100);
    let (second, third) = rest.split_at(rest.len() / 2);
    let members = [first, second, b"", third].map(gzip_member).concat();
    let headers = [("content-type", "application/json; charset=utf-8"), ("content-encoding", "gzip")];
    let forms = [("whole", Reply::http(200, &headers, &members)), ("chunked", Reply::chunked(200, &headers, &members))];
    let mut servers = Vec::new();
    let mut operations = Vec::new();
    for (operation, reply) in forms.clone() {
        servers.push(Wolkvox::start(move |_| reply.clone()));
        operations.push(Operation::of_skills(operation, &servers.last().expect("it was added").url()));
    }
    let exporter = Exporter::serve(&mut Configuration::of(&operations).command()).await;
    for (operation, _) in forms {
        let of_skill =
            |id: u32| format!(r#"wolkvox_skill_inbound_calls_today{{operation="{operation}",skill_id="{id}"}}"#);
        let page = exporter.metrics_when("the last skill", |page| value(page, &of_skill(500)) == Some(500.0)).await;
        let read = (1..=500).filter(|id| value(&page, &of_skill(*id)) == Some(f64::from(*id)));
        assert_eq!(read.count(), 500, "{operation}");
        let failures = format!(r#"wolkvox_api_request_failures_total{{operation="{operation}""#);
        assert!(series(&page, &failures).iter().all(|(_, times)| *times < 1.0), "{operation}: {page}");
    }
}
