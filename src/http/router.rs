//! Which page is where.

use std::fmt::Write;
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::landing;
use super::path::TelemetryPath;
use super::scrape::{self, ScrapeLimit};
use crate::clock::Clock;
use crate::metrics::Page;
use crate::model::SnapshotStore;

/// What the pages show.
#[derive(Debug)]
pub struct AppState {
    /// The metrics.
    pub page: Arc<Page>,
    /// The newest snapshots; a reload puts another store in its place.
    pub store: Arc<ArcSwap<SnapshotStore>>,
    /// For the ages on the landing page.
    pub clock: Clock,
    /// Where the metrics are.
    pub telemetry_path: TelemetryPath,
    /// How many scrapes at a time.
    pub scrapes: ScrapeLimit,
}

/// All pages. Every one answers GET and HEAD and refuses other methods with 405.
pub fn router(app: AppState) -> Router {
    Router::new()
        .route("/", get(landing::page))
        .route(app.telemetry_path.as_str(), get(scrape::metrics))
        .route("/-/healthy", get(healthy))
        .route("/-/ready", get(ready))
        .fallback(not_found)
        .with_state(Arc::new(app))
}

/// The process serves; whether wolkvox answers is another question, and restarting would not help it.
async fn healthy() -> &'static str {
    "wolkvox_exporter is healthy.\n"
}

/// Whether every enabled collector has finished its first attempt, successful or not, and the metrics show it.
async fn ready(State(app): State<Arc<AppState>>) -> Response {
    if app.page.is_complete() {
        return "wolkvox_exporter is ready.\n".into_response();
    }
    let mut text = String::from("wolkvox_exporter is not ready. The first poll is awaited of:\n");
    for snapshot in &*app.store.load().current() {
        for collector in snapshot.collectors.iter().filter(|collector| collector.last_attempt.is_none()) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "- {}: {}", snapshot.operation, collector.name);
        }
    }
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

async fn not_found(State(app): State<Arc<AppState>>, uri: Uri) -> (StatusCode, String) {
    let text = format!(
        "There is no page {}. Metrics are at {}, an overview is at /, health at /-/healthy and /-/ready.\n",
        uri.path(),
        app.telemetry_path
    );
    (StatusCode::NOT_FOUND, text)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::body::{Body, to_bytes};
    use axum::http::header::{
        ACCEPT, ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY,
    };
    use axum::http::{Method, Request};
    use flate2::read::GzDecoder;
    use tower::ServiceExt;

    use super::*;
    use crate::http::landing::fixture;
    use crate::model::Snapshot;

    fn app(snapshots: Vec<Snapshot>, scrapes: ScrapeLimit) -> Router {
        router(fixture::app(snapshots, scrapes))
    }

    async fn ask(router: &Router, method: Method, path: &str, headers: &[(axum::http::HeaderName, &str)]) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn body(response: Response) -> Vec<u8> {
        to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()
    }

    async fn text(response: Response) -> String {
        String::from_utf8(body(response).await).unwrap()
    }

    #[tokio::test]
    async fn metrics_are_text_004_unless_asked_otherwise() {
        let router = app(vec![fixture::waiting()], ScrapeLimit::at_most(0));
        let response = ask(&router, Method::GET, "/metrics", &[]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CONTENT_TYPE], "text/plain; version=0.0.4; charset=utf-8");
        assert_eq!(response.headers()[VARY], "Accept, Accept-Encoding");
        assert!(!response.headers().contains_key(CONTENT_ENCODING));
        let length = response.headers()[CONTENT_LENGTH].to_str().unwrap().parse::<usize>().unwrap();
        let text = text(response).await;
        assert_eq!(text.len(), length);
        assert!(text.contains("# TYPE wolkvox_up gauge\n"));
    }

    #[tokio::test]
    async fn metrics_are_openmetrics_for_those_who_ask() {
        let router = app(vec![fixture::waiting()], ScrapeLimit::at_most(0));
        let accept = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
        let response = ask(&router, Method::GET, "/metrics", &[(ACCEPT, accept)]).await;
        assert_eq!(response.headers()[CONTENT_TYPE], "application/openmetrics-text; version=1.0.0; charset=utf-8");
        assert!(text(response).await.ends_with("# EOF\n"));
    }

    #[tokio::test]
    async fn gzip_has_its_own_length_and_reads_as_the_page() {
        let router = app(vec![fixture::waiting()], ScrapeLimit::at_most(0));
        let response = ask(&router, Method::GET, "/metrics", &[(ACCEPT_ENCODING, "gzip")]).await;
        assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
        let length = response.headers()[CONTENT_LENGTH].to_str().unwrap().parse::<usize>().unwrap();
        let gzip = body(response).await;
        assert_eq!(gzip.len(), length);
        let mut text = String::new();
        GzDecoder::new(&gzip[..]).read_to_string(&mut text).unwrap();
        assert!(text.contains("# TYPE process_threads gauge\n"));
    }

    #[tokio::test]
    async fn head_has_the_headers_and_no_body() {
        let router = app(vec![fixture::waiting()], ScrapeLimit::at_most(0));
        let response = ask(&router, Method::HEAD, "/metrics", &[]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_ne!(response.headers()[CONTENT_LENGTH], "0");
        assert!(body(response).await.is_empty());
    }

    #[tokio::test]
    async fn other_methods_are_told_which_are_allowed() {
        let router = app(vec![], ScrapeLimit::at_most(0));
        for path in ["/", "/metrics", "/-/healthy", "/-/ready"] {
            let response = ask(&router, Method::POST, path, &[]).await;
            assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
            assert_eq!(response.headers()[ALLOW], "GET,HEAD", "{path}");
        }
    }

    #[tokio::test]
    async fn one_scrape_too_many_is_sent_away_until_another_is_done() {
        let router = app(vec![], ScrapeLimit::at_most(1));
        let first = ask(&router, Method::GET, "/metrics", &[]).await;
        let second = ask(&router, Method::GET, "/metrics", &[]).await;
        assert_eq!(second.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(second.headers().contains_key(RETRY_AFTER));
        body(first).await;
        assert_eq!(ask(&router, Method::GET, "/metrics", &[]).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn health_does_not_depend_on_polls() {
        let router = app(vec![fixture::waiting()], ScrapeLimit::at_most(0));
        assert_eq!(ask(&router, Method::GET, "/-/healthy", &[]).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn readiness_says_which_first_polls_are_awaited() {
        let router = app(vec![fixture::polled(), fixture::waiting()], ScrapeLimit::at_most(0));
        let response = ask(&router, Method::GET, "/-/ready", &[]).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let text = text(response).await;
        assert!(text.contains("- norte: skills\n"), "{text}");
        assert!(!text.contains(fixture::AWKWARD), "{text}");
    }

    #[tokio::test]
    async fn a_failed_first_poll_is_ready_too() {
        let router = app(vec![fixture::polled()], ScrapeLimit::at_most(0));
        assert_eq!(ask(&router, Method::GET, "/-/ready", &[]).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn a_page_that_is_not_there_says_which_are() {
        let router = app(vec![], ScrapeLimit::at_most(0));
        let response = ask(&router, Method::GET, "/metric", &[]).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert!(text(response).await.contains("/metrics"));
    }
}
