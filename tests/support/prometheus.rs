//! The real Prometheus, which scrapes over loopback.
//!
//! Its first scrape is 5 s after its start, and no flag changes that. Therefore tests run several versions in parallel.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitStatus;
use std::time::Duration;

use reqwest::{Method, Url};
use serde_json::Value;
use tempfile::TempDir;

use super::http;
use super::peer_server::{self, START_LIMIT, write_files};
use super::peers::PrometheusVersion;
use super::process::{POLL, Process};

/// A running Prometheus with its own database. Both are removed when the value is dropped.
pub(crate) struct Prometheus {
    // Before the folder, so that it is killed before the folder is removed.
    process: Process,
    url: String,
    folder: TempDir,
}

/// One element of an instant vector.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    /// The labels, also `__name__` if the query keeps it.
    pub(crate) labels: BTreeMap<String, String>,
    /// The value.
    pub(crate) value: f64,
}

impl Series {
    /// The label's value. Empty if the label is absent, as in Prometheus.
    pub(crate) fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

/// A configuration that scrapes `/metrics` of each `(job, host:port)` every second.
pub(crate) fn scrape_config(jobs: &[(&str, &str)]) -> String {
    let mut config = "global: {scrape_interval: 1s, evaluation_interval: 1s}\nscrape_configs:\n".to_owned();
    for (job, target) in jobs {
        let _ = writeln!(config, "  - job_name: {job}\n    static_configs: [{{targets: ['{target}']}}]");
    }
    config
}

impl Prometheus {
    /// Starts it with this configuration and waits until it is ready.
    ///
    /// # Panics
    /// When it does not become ready. The message has its log.
    pub(crate) async fn start(version: PrometheusVersion, config: &str) -> Self {
        Self::start_with_files(version, config, &[]).await
    }

    /// [`Prometheus::start`] with more files beside the configuration, such as rules, as `(relative path, text)`.
    ///
    /// # Panics
    /// As [`Prometheus::start`], or when a file cannot be written.
    pub(crate) async fn start_with_files(version: PrometheusVersion, config: &str, files: &[(&str, &str)]) -> Self {
        Self::start_with_flags(version, config, files, &[], &[]).await
    }

    /// [`Prometheus::start_with_files`] with more flags, and with variables in its environment.
    ///
    /// # Panics
    /// As [`Prometheus::start_with_files`].
    pub(crate) async fn start_with_flags(
        version: PrometheusVersion,
        config: &str,
        files: &[(&str, &str)],
        flags: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        Self::start_in(version, folder, config, files, flags, variables).await
    }

    /// [`Prometheus::start`] with the blocks in `data` of that folder, which can be of any age. It scrapes nothing.
    ///
    /// # Panics
    /// As [`Prometheus::start`].
    pub(crate) async fn start_over(version: PrometheusVersion, folder: TempDir) -> Self {
        Self::start_in(version, folder, "scrape_configs: []\n", &[], &[], &[]).await
    }

    async fn start_in(
        version: PrometheusVersion,
        folder: TempDir,
        config: &str,
        files: &[(&str, &str)],
        flags: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        write_files(folder.path(), files.iter().copied().chain([("prometheus.yml", config)]));
        let mut command = version.prometheus();
        command.current_dir(folder.path()).args([
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=data",
            // The data of a test may be of any year.
            "--storage.tsdb.retention.time=10y",
            "--web.listen-address=127.0.0.1:0",
        ]);
        command.args(flags).envs(variables.iter().copied());
        let (process, url) = peer_server::start(&format!("Prometheus {version:?}"), &mut command).await;
        Self { process, url, folder }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The folder of its configuration and its database.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The `data` of a response of its API, for instance to `/api/v1/targets`.
    ///
    /// Queries are sent by POST, as Grafana does it: they can be longer than an address.
    ///
    /// # Errors
    /// When it returns an error: its message.
    pub(crate) async fn api(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Value, String> {
        let mut url = Url::parse_with_params(&format!("{}{path}", self.url), parameters).expect("the path makes a URL");
        let sent = if path.starts_with("/api/v1/query") {
            let form = url.query().unwrap_or_default().to_owned();
            url.set_query(None);
            http::post(url.as_str(), "application/x-www-form-urlencoded", form).await
        } else {
            http::request(Method::GET, url.as_str(), &[]).await
        };
        let response = sent.map_err(|error| format!("{url}: {error:?}"))?;
        let response: Value = response.text().parse().map_err(|error| format!("{url}: {error}"))?;
        match response["status"].as_str() {
            Some("success") => Ok(response["data"].clone()),
            _ => Err(format!("{url}: {}", response["error"])),
        }
    }

    /// An instant query for a vector or a scalar, as of now.
    ///
    /// # Errors
    /// When Prometheus refuses the expression, or the result is a range or a text.
    pub(crate) async fn query(&self, expression: &str) -> Result<Vec<Series>, String> {
        let data = self.api("/api/v1/query", &[("query", expression)]).await?;
        let point = |value: &Value| value[1].as_str().and_then(|value| value.parse::<f64>().ok());
        match (data["resultType"].as_str(), &data["result"]) {
            (Some("vector"), Value::Array(elements)) => Ok(elements
                .iter()
                .filter_map(|element| {
                    Some(Series { labels: labels(&element["metric"]), value: point(&element["value"])? })
                })
                .collect()),
            (Some("scalar"), result) => {
                Ok(point(result).map(|value| Series { labels: BTreeMap::new(), value }).into_iter().collect())
            }
            _ => Err(format!("{expression} gives neither a vector nor a scalar: {data}")),
        }
    }

    /// Repeats the query until `enough` accepts the result, and returns that result.
    ///
    /// # Errors
    /// When the query is refused or the time limit is reached. The message has the last result and the log.
    pub(crate) async fn wait_until(
        &self,
        expression: &str,
        limit: Duration,
        enough: impl Fn(&[Series]) -> bool,
    ) -> Result<Vec<Series>, String> {
        let mut last = Vec::new();
        let found = tokio::time::timeout(limit, async {
            loop {
                last = self.query(expression).await?;
                if enough(&last) {
                    return Ok(());
                }
                tokio::time::sleep(POLL * 5).await;
            }
        })
        .await;
        match found {
            Ok(Ok(())) => Ok(last),
            Ok(Err(error)) => Err(error),
            Err(_) => {
                Err(format!("{expression} was not as wanted within {limit:?}: {last:?}\n{}", self.process.output()))
            }
        }
    }

    /// [`Prometheus::wait_until`] the result has a series.
    ///
    /// # Errors
    /// As [`Prometheus::wait_until`].
    pub(crate) async fn wait_for(&self, expression: &str, limit: Duration) -> Result<Vec<Series>, String> {
        self.wait_until(expression, limit, |series| !series.is_empty()).await
    }

    /// The lines of its log so far at level warning or above. A page that it accepts only in part causes one.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let loud = ["level=warn", "level=error", "level=WARN", "level=ERROR"];
        let lines = self.process.lines().into_iter().map(|(_, line)| line);
        lines.filter(|line| loud.iter().any(|level| line.contains(level))).collect()
    }

    /// Ends it and keeps its folder, so that another Prometheus can start with it.
    ///
    /// # Errors
    /// When it does not end in time.
    pub(crate) async fn stop_and_keep(self) -> Result<TempDir, String> {
        let Self { mut process, folder, .. } = self;
        process.terminate(START_LIMIT).await?;
        Ok(folder)
    }

    /// Ends it and waits for that.
    ///
    /// # Errors
    /// When it does not end in time.
    pub(crate) async fn stop(mut self) -> Result<ExitStatus, String> {
        self.process.terminate(START_LIMIT).await
    }
}

fn labels(metric: &Value) -> BTreeMap<String, String> {
    let labels = metric.as_object().into_iter().flatten();
    labels.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}
