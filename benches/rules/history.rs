//! Three days of the series in Prometheus's database, as if it had scraped them.
//!
//! promtool's import of `OpenMetrics` needs an hour for the samples of ten thousand skills. Prometheus accepts samples of
//! any age by remote write as long as they arrive in their order, and makes blocks of them as usual.

use std::sync::Arc;

use reqwest::Client;
use wolkvox_exporter::clock::Clock;

use crate::series::{LookBack, Series};

/// Seconds between two scrapes, as in the README.
pub(crate) const SCRAPE: i64 = 30;

/// Seconds between two samples of a series at times at which no rule looks at it.
const THIN: i64 = 900;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Seconds between two evaluations of the rules that record series.
const RECORD: i64 = 60;

/// The rules look back at what they have recorded for 2 hours at most, and a head block has up to 3.
const RECENT: i64 = 5 * HOUR;

/// The history is longer than the day that boards remember.
const HISTORY: i64 = 3 * DAY;

/// Seconds in one request. Prometheus accepts samples that are less than an hour older than the newest ones.
const SLICE: i64 = HOUR / 2;

/// Series in one request.
const BATCH: usize = 2_000;

/// Requests at the same time.
const PARALLEL: usize = 2;

/// Writes the history of `series` until now. The time goes on meanwhile, so there is a gap of seconds at the end.
pub(crate) async fn write(url: &str, series: &Arc<Vec<Series>>) {
    let start = now();
    // The same half-hour of last week, until the bench has ended.
    let last_week = start - 7 * DAY;
    let mut from = last_week - SLICE;
    while from < last_week + SLICE {
        write_slice(url, series, from, from + SLICE, |one| (one.look_back == LookBack::Week).then_some(SCRAPE)).await;
        from += SLICE;
    }
    from = start - HISTORY;
    while from + SCRAPE < now() {
        let until = (from + SLICE).min(now());
        let is_recent = until > start - RECENT;
        let step = |one: &Series| match (one.is_recorded(), is_recent || one.look_back == LookBack::Days) {
            (true, _) => Some(if is_recent { RECORD } else { THIN }),
            (false, is_dense) => Some(if is_dense { SCRAPE } else { THIN }),
        };
        write_slice(url, series, from, until, step).await;
        from = until;
    }
}

fn now() -> i64 {
    Clock::system().now().as_second()
}

/// Writes the samples from one time until another. `step` gives the seconds between two samples of a series.
async fn write_slice(
    url: &str,
    series: &Arc<Vec<Series>>,
    from: i64,
    until: i64,
    step: impl Fn(&Series) -> Option<i64>,
) {
    let client = Client::builder().no_proxy().tls_certs_only([]).build().expect("a client can be built");
    let mut sending = tokio::task::JoinSet::new();
    for batch in series.chunks(BATCH) {
        let mut request = Vec::new();
        for one in batch {
            if let Some(step) = step(one) {
                field(&mut request, 1, &time_series(one, from, until, step));
            }
        }
        if request.is_empty() {
            continue;
        }
        while sending.len() >= PARALLEL {
            sending.join_next().await.expect("there are requests").expect("it does not panic");
        }
        let sent = client
            .post(format!("{url}/api/v1/write"))
            .header("content-encoding", "snappy")
            .header("content-type", "application/x-protobuf")
            .header("x-prometheus-remote-write-version", "0.1.0")
            .body(snappy(&request))
            .send();
        sending.spawn(async move {
            let response = sent.await.expect("Prometheus answers");
            let status = response.status();
            assert!(status.is_success(), "{status}: {}", response.text().await.unwrap_or_default());
        });
    }
    while let Some(sent) = sending.join_next().await {
        sent.expect("it does not panic");
    }
}

/// `TimeSeries` of Prometheus's remote write 1.0: labels (1) with name (1) and value (2), and samples (2) with value (1)
/// and milliseconds (2).
fn time_series(series: &Series, from: i64, until: i64, step: i64) -> Vec<u8> {
    let mut message = Vec::new();
    let name = [("__name__", series.name)];
    for (name, value) in name.into_iter().chain(series.labels.iter().map(|(name, value)| (*name, value.as_str()))) {
        let mut label = Vec::new();
        field(&mut label, 1, name.as_bytes());
        field(&mut label, 2, value.as_bytes());
        field(&mut message, 1, &label);
    }
    // All slices together have one grid, so that the distance is the same over their borders.
    let mut at = (from + step - 1) / step * step;
    while at < until {
        let mut sample = vec![1 << 3 | 1];
        sample.extend(series.value(at).to_le_bytes());
        sample.push(2 << 3);
        varint(&mut sample, (at * 1_000).cast_unsigned());
        field(&mut message, 2, &sample);
        at += step;
    }
    message
}

/// A field of a Protocol Buffers message that has a length.
fn field(message: &mut Vec<u8>, number: u8, content: &[u8]) {
    message.push(number << 3 | 2);
    varint(message, content.len() as u64);
    message.extend(content);
}

fn varint(message: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        message.push(number as u8 | 0x80);
        number >>= 7;
    }
    message.push(number as u8);
}

/// The format of snappy, without compression: the length, then one literal of all bytes.
fn snappy(content: &[u8]) -> Vec<u8> {
    let mut all = Vec::with_capacity(content.len() + 10);
    varint(&mut all, content.len() as u64);
    // A literal whose length has four bytes.
    all.push(63 << 2);
    all.extend((content.len() as u32 - 1).to_le_bytes());
    all.extend(content);
    all
}
