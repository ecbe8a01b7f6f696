//! The routes, and the pages for health checks.

use std::fmt::Write;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::state::AppState;
use super::{landing, lifecycle, scrape};

/// All routes. `/-/reload` answers POST and PUT, all others GET and HEAD, and other methods get a 405.
pub fn router(state: AppState) -> Router {
    let pages = [
        ("/", get(landing::page)),
        (state.telemetry_path.as_str(), get(scrape::metrics)),
        ("/-/healthy", get(healthy)),
        ("/-/ready", get(ready)),
        ("/-/reload", post(lifecycle::reload).put(lifecycle::reload)),
        ("/config", get(lifecycle::config)),
    ];
    let mut router = Router::new();
    for (path, page) in pages {
        router = router.route(&state.prefix.join(path), page);
    }
    if !state.prefix.is_empty() {
        for (from, link) in state.prefix.redirects() {
            router = router.route(from, get(async move || (StatusCode::FOUND, [(LOCATION, link)])));
        }
    }
    router.fallback(not_found).with_state(Arc::new(state))
}

/// Healthy as long as the process answers. Failures of wolkvox do not count, because a restart would not help.
async fn healthy() -> &'static str {
    "wolkvox_exporter is healthy.\n"
}

/// Whether every enabled collector has finished its first attempt, successful or not, and the page of metrics contains
/// the result. A reload that adds an operation changes nothing about it: otherwise Kubernetes would take the exporter out
/// of service, and Prometheus would lose the metrics of all operations.
async fn ready(State(state): State<Arc<AppState>>) -> Response {
    if state.page.was_complete() {
        return "wolkvox_exporter is ready.\n".into_response();
    }
    let mut text =
        String::from("wolkvox_exporter is not ready. These collectors have not finished their first poll:\n");
    for snapshot in state.store.current().iter() {
        for collector in snapshot.collectors.iter().filter(|collector| collector.last_attempt.is_none()) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "- {}: {}", snapshot.operation, collector.name);
        }
    }
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

async fn not_found(State(state): State<Arc<AppState>>, uri: Uri) -> (StatusCode, String) {
    let at = |path: &str| state.prefix.join(path);
    let text = format!(
        "There is no page {}. The metrics are at {}, an overview is at {}, the configuration is at {}, health checks are \
         at {} and {}.\n",
        uri.path(),
        at(state.telemetry_path.as_str()),
        at("/"),
        at("/config"),
        at("/-/healthy"),
        at("/-/ready")
    );
    (StatusCode::NOT_FOUND, text)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::body::{Body, to_bytes};
    use axum::http::header::{
        ACCEPT, ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER,
        VARY,
    };
    use axum::http::{Method, Request};
    use flate2::read::GzDecoder;
    use tower::ServiceExt;

    use super::*;
    use crate::http::{ScrapeLimit, fixture};
    use crate::model::Snapshot;

    fn routes(snapshots: Vec<Snapshot>, scrapes: ScrapeLimit) -> Router {
        router(fixture::state(snapshots, scrapes))
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
        let router = routes(vec![fixture::waiting()], ScrapeLimit::at_most(0));
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
    async fn metrics_are_openmetrics_if_the_client_asks_for_it() {
        let router = routes(vec![fixture::waiting()], ScrapeLimit::at_most(0));
        let accept = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
        let response = ask(&router, Method::GET, "/metrics", &[(ACCEPT, accept)]).await;
        assert_eq!(response.headers()[CONTENT_TYPE], "application/openmetrics-text; version=1.0.0; charset=utf-8");
        assert!(text(response).await.ends_with("# EOF\n"));
    }

    #[tokio::test]
    async fn a_gzip_response_has_its_length_and_contains_the_page() {
        let router = routes(vec![fixture::waiting()], ScrapeLimit::at_most(0));
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
        let router = routes(vec![fixture::waiting()], ScrapeLimit::at_most(0));
        let response = ask(&router, Method::HEAD, "/metrics", &[]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_ne!(response.headers()[CONTENT_LENGTH], "0");
        assert!(body(response).await.is_empty());
    }

    #[tokio::test]
    async fn other_methods_get_the_list_of_allowed_methods() {
        let router = routes(vec![], ScrapeLimit::at_most(0));
        for path in ["/", "/metrics", "/config", "/-/healthy", "/-/ready"] {
            let response = ask(&router, Method::POST, path, &[]).await;
            assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
            assert_eq!(response.headers()[ALLOW], "GET,HEAD", "{path}");
        }
    }

    #[tokio::test]
    async fn a_scrape_over_the_limit_is_refused_until_another_ends() {
        let router = routes(vec![], ScrapeLimit::at_most(1));
        let first = ask(&router, Method::GET, "/metrics", &[]).await;
        let second = ask(&router, Method::GET, "/metrics", &[]).await;
        assert_eq!(second.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(second.headers().contains_key(RETRY_AFTER));
        body(first).await;
        assert_eq!(ask(&router, Method::GET, "/metrics", &[]).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn health_does_not_depend_on_polls() {
        let router = routes(vec![fixture::waiting()], ScrapeLimit::at_most(0));
        assert_eq!(ask(&router, Method::GET, "/-/healthy", &[]).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn readiness_lists_the_collectors_without_a_first_poll() {
        let router = routes(vec![fixture::failed(), fixture::waiting()], ScrapeLimit::at_most(0));
        let response = ask(&router, Method::GET, "/-/ready", &[]).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let text = text(response).await;
        assert!(text.contains("- norte: skills\n"), "{text}");
        assert!(!text.contains(fixture::HTML_NAME), "{text}");
    }

    #[tokio::test]
    async fn a_failed_first_poll_is_ready_too() {
        let router = routes(vec![fixture::failed()], ScrapeLimit::at_most(0));
        assert_eq!(ask(&router, Method::GET, "/-/ready", &[]).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn a_reload_must_be_enabled_and_answers_with_its_result() {
        let ask_to_reload = async |state: AppState, method: Method| {
            let response = ask(&router(state), method, "/-/reload", &[]).await;
            (response.status(), text(response).await)
        };
        let state = || fixture::state(vec![], ScrapeLimit::at_most(0));
        let (status, body) = ask_to_reload(state(), Method::POST).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert!(body.contains("--web.enable-lifecycle"), "{body}");
        for method in [Method::POST, Method::PUT] {
            let good = AppState { enable_lifecycle: true, ..state() };
            assert_eq!(ask_to_reload(good, method.clone()).await, (StatusCode::OK, "1 changed\n".to_owned()));
            let configuration = Arc::new(fixture::Configured(Err("line 3")));
            let bad = AppState { enable_lifecycle: true, configuration, ..state() };
            assert_eq!(ask_to_reload(bad, method).await, (StatusCode::INTERNAL_SERVER_ERROR, "line 3\n".to_owned()));
        }
    }

    #[tokio::test]
    async fn a_reload_has_other_methods_than_a_page() {
        for enable_lifecycle in [true, false] {
            let state = AppState { enable_lifecycle, ..fixture::state(vec![], ScrapeLimit::at_most(0)) };
            let router = router(state);
            for method in [Method::GET, Method::HEAD, Method::DELETE] {
                let response = ask(&router, method, "/-/reload", &[]).await;
                assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
                assert_eq!(response.headers()[ALLOW], "POST,PUT");
            }
        }
    }

    #[tokio::test]
    async fn the_configuration_is_a_text_that_is_not_cached() {
        let response = ask(&routes(vec![], ScrapeLimit::at_most(0)), Method::GET, "/config", &[]).await;
        assert_eq!(response.headers()[CONTENT_TYPE], "text/plain; charset=utf-8");
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(text(response).await, "operations: []\n");
    }

    #[tokio::test]
    async fn an_unknown_page_lists_the_known_pages() {
        let router = routes(vec![], ScrapeLimit::at_most(0));
        let response = ask(&router, Method::GET, "/metric", &[]).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert!(text(response).await.contains("/metrics"));
    }
}
