//! A server for notifications in tests. It stores every request.

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

/// A server on loopback that accepts everything. It ends when the value is dropped.
pub(crate) struct Sink {
    url: String,
    posts: Arc<Mutex<Vec<Post>>>,
    serving: JoinHandle<()>,
}

/// A POST request.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    /// The path of the request.
    pub(crate) path: String,
    /// The body. Null if it is not JSON.
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

    /// The names of its alerts. A name can occur more than once.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.alerts.iter().map(|alert| alert.labels.get("alertname").map_or("", String::as_str)).collect()
    }
}

impl Sink {
    /// Starts the server.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let posts = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&posts);
        let router = Router::new().fallback(async move |uri: Uri, body: Bytes| {
            let body = String::from_utf8_lossy(&body).parse().unwrap_or(Value::Null);
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(Post { path: uri.path().to_owned(), body });
            // Slack's confirmation of a message. The other services need none.
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

    /// The requests so far.
    pub(crate) fn posts(&self) -> Vec<Post> {
        self.posts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The notifications of webhooks so far.
    pub(crate) fn notifications(&self) -> Vec<Notification> {
        self.posts().iter().filter_map(|post| Notification::of(&post.body)).collect()
    }

    /// Waits until `enough` accepts the notifications so far, and returns them.
    ///
    /// # Errors
    /// When the time limit is reached. The message has the notifications so far.
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
