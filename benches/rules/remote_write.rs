//! Writes samples into Prometheus's database by its remote write, version 1.0.
//!
//! Prometheus accepts samples of any age in this way, as long as they are less than an hour older than the newest ones.

use reqwest::Client;
use tokio::task::JoinSet;

/// Requests at the same time.
const PARALLEL: usize = 2;

/// A `WriteRequest`: series with their samples.
#[derive(Debug, Default)]
pub(crate) struct Request(Vec<u8>);

impl Request {
    /// Adds a `TimeSeries`: labels (1) with name (1) and value (2), and samples (2) with value (1) and milliseconds (2).
    /// The labels are sorted, `__name__` among them; samples are milliseconds and values.
    pub(crate) fn add<'a>(
        &mut self,
        labels: impl Iterator<Item = (&'a str, &'a str)>,
        samples: impl Iterator<Item = (i64, f64)>,
    ) {
        let mut series = Vec::new();
        for (name, value) in labels {
            let mut label = Vec::new();
            field(&mut label, 1, name.as_bytes());
            field(&mut label, 2, value.as_bytes());
            field(&mut series, 1, &label);
        }
        for (at, value) in samples {
            let mut sample = vec![1 << 3 | 1];
            sample.extend(value.to_le_bytes());
            sample.push(2 << 3);
            varint(&mut sample, at.cast_unsigned());
            field(&mut series, 2, &sample);
        }
        field(&mut self.0, 1, &series);
    }
}

/// Requests on their way to a Prometheus.
pub(crate) struct Sending {
    client: Client,
    url: String,
    requests: JoinSet<()>,
}

impl Sending {
    /// To the Prometheus with this address, which runs with `--web.enable-remote-write-receiver`.
    pub(crate) fn to(url: &str) -> Self {
        let client = Client::builder().no_proxy().tls_certs_only([]).build().expect("a client can be built");
        Self { client, url: format!("{url}/api/v1/write"), requests: JoinSet::new() }
    }

    /// Sends a request, unless it is empty.
    ///
    /// # Panics
    /// When Prometheus refuses an earlier one.
    pub(crate) async fn send(&mut self, request: Request) {
        if request.0.is_empty() {
            return;
        }
        while self.requests.len() >= PARALLEL {
            self.requests.join_next().await.expect("there are requests").expect("it does not panic");
        }
        let sent = self
            .client
            .post(&self.url)
            .header("content-encoding", "snappy")
            .header("content-type", "application/x-protobuf")
            .header("x-prometheus-remote-write-version", "0.1.0")
            .body(snappy(&request.0))
            .send();
        self.requests.spawn(async move {
            let response = sent.await.expect("Prometheus answers");
            let status = response.status();
            assert!(status.is_success(), "{status}: {}", response.text().await.unwrap_or_default());
        });
    }

    /// Waits until Prometheus has all of it.
    ///
    /// # Panics
    /// When it refuses a request.
    pub(crate) async fn end(mut self) {
        while let Some(sent) = self.requests.join_next().await {
            sent.expect("it does not panic");
        }
    }
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
