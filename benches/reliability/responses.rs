//! A small compressed response with one enormous message.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::figures::{Figure, megabytes};
use crate::support::exporter::{Configuration, Exporter, Operation};
use crate::support::wolkvox::{Reply, Wolkvox};

/// The size of the message, just below the largest body that is read.
const MESSAGE: usize = 255 << 20;

/// Less than twice the message: the body itself, and little besides.
const LIMIT: u64 = 400 << 20;

pub(crate) async fn measure() -> Vec<Figure> {
    let body = compressed();
    let size = body.len();
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let reply = Reply::http(200, &headers, body);
    let wolkvox = Wolkvox::start(move |_| reply.clone());
    let collectors = "{skills: {interval: 1h}, dnis: false}".to_owned();
    let operation = Operation { collectors, ..Operation::of_skills("long", &wolkvox.url()) };
    let exporter = Exporter::serve(&mut Configuration::of(&[operation]).command()).await;
    let attempted = r#"wolkvox_collector_last_attempt_timestamp_seconds{operation="long",collector="skills"}"#;
    exporter.metrics_when("the end of the poll", |page| page.contains(attempted)).await;
    let peak = exporter.peak_memory();
    let fault = format!("response of {} KB gzip with a `msg` of 255 MiB", size / 1000);
    vec![Figure::new(fault, "peak memory", "1,290 MB", megabytes(peak)).limited(megabytes(LIMIT), peak <= LIMIT)]
}

fn compressed() -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let mut write = |bytes: &[u8]| gzip.write_all(bytes).expect("memory can be written to");
    write(br#"{"code": "200", "error": null, "msg": ""#);
    let piece = vec![b'a'; 1 << 20];
    (0..MESSAGE / piece.len()).for_each(|_| write(&piece));
    write(br#"", "data": []}"#);
    gzip.finish().expect("memory can be written to")
}
