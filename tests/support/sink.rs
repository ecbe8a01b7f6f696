//! Where notifications go in tests: whatever is posted to it is kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::Uri;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::alertmanager::string_map;
use super::process::POLL;

/// A server on loopback that says yes to everything; dropped, it is gone.
pub(crate) struct Sink {
    url: String,
    posts: Arc<Mutex<Vec<Post>>>,
    serving: JoinHandle<()>,
}

/// One thing that was posted.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    /// The path that it was posted to.
    pub(crate) path: String,
    /// The body; null when it is no JSON.
    pub(crate) body: Value,
}

/// A notification of Alertmanager's webhook.
#[derive(Clone, Debug)]
pub(crate) struct Notification {
    /// `firing` or `resolved`.
    pub(crate) status: String,
    /// The name of the receiver.
    pub(crate) receiver: String,
    /// The alerts of the group.
    pub(crate) alerts: Vec<Notified>,
}

/// An alert in a notification.
#[derive(Clone, Debug)]
pub(crate) struct Notified {
    /// `firing` or `resolved`.
    pub(crate) status: String,
    /// Its labels.
    pub(crate) labels: BTreeMap<String, String>,
    /// Its annotations.
    pub(crate) annotations: BTreeMap<String, String>,
}

impl Notification {
    fn of(body: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let alerts = body["alerts"].as_array()?.iter().map(|alert| {
            Some(Notified {
                status: text(&alert["status"])?,
                labels: string_map(&alert["labels"]),
                annotations: string_map(&alert["annotations"]),
            })
        });
        Some(Self {
            status: text(&body["status"])?,
            receiver: text(&body["receiver"])?,
            alerts: alerts.collect::<Option<_>>()?,
        })
    }

    /// The names of its alerts, each once for each alert.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.alerts.iter().map(|alert| alert.labels.get("alertname").map_or("", String::as_str)).collect()
    }
}

impl Sink {
    /// Starts it.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let posts = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&posts);
        let router = Router::new().fallback(async move |uri: Uri, body: Bytes| {
            let body = String::from_utf8_lossy(&body).parse().unwrap_or(Value::Null);
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(Post { path: uri.path().to_owned(), body });
            // Slack's word for having taken a message; the others want none.
            "ok"
        });
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, posts, serving }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What was posted so far.
    pub(crate) fn posts(&self) -> Vec<Post> {
        self.posts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The notifications of webhooks so far.
    pub(crate) fn notifications(&self) -> Vec<Notification> {
        self.posts().iter().filter_map(|post| Notification::of(&post.body)).collect()
    }

    /// Waits until `enough` likes the notifications so far, and gives them.
    ///
    /// # Errors
    /// When the time is over: with those there were.
    pub(crate) async fn wait_until(
        &self,
        limit: Duration,
        enough: impl Fn(&[Notification]) -> bool,
    ) -> Result<Vec<Notification>, String> {
        let found = tokio::time::timeout(limit, async {
            loop {
                let notifications = self.notifications();
                if enough(&notifications) {
                    return notifications;
                }
                tokio::time::sleep(POLL * 5).await;
            }
        });
        found.await.map_err(|_| format!("not within {limit:?}; there were {:#?}", self.notifications()))
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
