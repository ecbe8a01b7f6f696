//! The real Alertmanager on loopback, without a cluster.

use std::collections::BTreeMap;
use std::process::ExitStatus;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::http;
use super::peer_server::{self, START_LIMIT, write_files};
use super::peers::AlertmanagerVersion;
use super::process::{POLL, Process};

/// The labels of an alert.
pub(crate) type Labels = BTreeMap<String, String>;

/// `name=value` pairs, each after a comma or white space, as labels.
///
/// # Panics
/// When one has no `=`.
pub(crate) fn labels(text: &str) -> Labels {
    let pairs = text.split([',', ' ', '\n']).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or_else(|| panic!("{pair} is not a label"));
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

/// A running Alertmanager with its own folder for configuration and data. Both are removed when the value is dropped.
pub(crate) struct Alertmanager {
    // Before the folder, so that it is killed before the folder is removed.
    process: Process,
    url: String,
    _folder: TempDir,
}

/// The status of an alert.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    /// The alert's labels.
    pub(crate) labels: Labels,
    /// The id of the alert, which other alerts refer to.
    pub(crate) fingerprint: String,
    /// Fingerprints of the alerts that inhibit it.
    pub(crate) inhibited_by: Vec<String>,
}

impl Alertmanager {
    /// Starts it with the text of a configuration, and files beside it as `(relative path, text)`, and waits until it
    /// is ready.
    ///
    /// # Panics
    /// When it does not become ready. The message has its log.
    pub(crate) async fn start(version: AlertmanagerVersion, config: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        write_files(folder.path(), files.iter().copied().chain([("alertmanager.yml", config)]));
        let mut command = version.alertmanager();
        command.arg(format!("--config.file={}", folder.path().join("alertmanager.yml").display()));
        command.arg(format!("--storage.path={}", folder.path().join("data").display()));
        command.args(["--web.listen-address=127.0.0.1:0", "--cluster.listen-address="]);
        let (process, url) = peer_server::start(&format!("Alertmanager {version:?}"), &mut command).await;
        Self { process, url, _folder: folder }
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Sends alerts without an end, so they keep firing.
    ///
    /// # Panics
    /// When it does not accept them.
    pub(crate) async fn fire(&self, alerts: &[Labels]) {
        let alerts: Vec<Value> =
            alerts.iter().map(|labels| json!({"labels": labels, "annotations": {"summary": "So it is"}})).collect();
        self.post(&json!(alerts)).await;
    }

    /// Sends alerts in the form of its API.
    ///
    /// # Panics
    /// When it does not accept them.
    pub(crate) async fn post(&self, alerts: &Value) {
        let response = http::post_json(&format!("{}/api/v2/alerts", self.url), alerts).await;
        assert_eq!(response.status, 200, "{}", response.text());
    }

    /// The list that its API returns at `path`.
    async fn list(&self, path: &str) -> Vec<Value> {
        let response = http::get(&format!("{}/api/v2/{path}", self.url)).await;
        let list: Value = response.text().parse().expect("it answers with JSON");
        list.as_array().expect("it answers with a list").clone()
    }

    /// The alerts that a time interval mutes now in any group. Complete after the first notification was due.
    ///
    /// # Panics
    /// When its API returns an error.
    pub(crate) async fn muted(&self) -> Vec<Labels> {
        let groups = self.list("alerts/groups").await;
        let alerts = groups.iter().flat_map(|group| group["alerts"].as_array().into_iter().flatten());
        let muted = alerts.filter(|alert| alert["status"]["mutedBy"].as_array().is_some_and(|by| !by.is_empty()));
        muted.map(|alert| string_map(&alert["labels"])).collect()
    }

    /// The status of every alert that it has now.
    ///
    /// # Panics
    /// When its API returns an error.
    pub(crate) async fn alerts(&self) -> Vec<Status> {
        let texts = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().filter_map(|text| Some(text.as_str()?.to_owned())).collect()
        };
        let status = |alert: &Value| Status {
            labels: string_map(&alert["labels"]),
            fingerprint: alert["fingerprint"].as_str().unwrap_or_default().to_owned(),
            inhibited_by: texts(&alert["status"]["inhibitedBy"]),
        };
        self.list("alerts").await.iter().map(status).collect()
    }

    /// Repeats the request for its alerts until `enough` accepts them, and returns those.
    ///
    /// # Errors
    /// When the time limit is reached. The message has the last ones.
    pub(crate) async fn wait_until(
        &self,
        limit: Duration,
        enough: impl Fn(&[Status]) -> bool,
    ) -> Result<Vec<Status>, String> {
        let mut last = Vec::new();
        let found = tokio::time::timeout(limit, async {
            loop {
                last = self.alerts().await;
                if enough(&last) {
                    return;
                }
                tokio::time::sleep(POLL * 5).await;
            }
        });
        match found.await {
            Ok(()) => Ok(last),
            Err(_) => Err(format!("its alerts were not as wanted within {limit:?}: {last:#?}")),
        }
    }

    /// Its log so far.
    pub(crate) fn log(&self) -> String {
        self.process.output()
    }

    /// Ends it and waits for that.
    ///
    /// # Errors
    /// When it does not end in time.
    pub(crate) async fn stop(mut self) -> Result<ExitStatus, String> {
        self.process.terminate(START_LIMIT).await
    }
}

/// The texts of a JSON object.
pub(crate) fn string_map(object: &Value) -> BTreeMap<String, String> {
    let fields = object.as_object().into_iter().flatten();
    fields.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}
