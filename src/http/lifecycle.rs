//! `/config` shows the configuration in use, and `/-/reload` reads it again.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, StatusCode};

use super::state::AppState;

const TEXT_HEADERS: [(HeaderName, HeaderValue); 2] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

pub(super) async fn config(State(state): State<Arc<AppState>>) -> ([(HeaderName, HeaderValue); 2], String) {
    (TEXT_HEADERS, state.configuration.text())
}

pub(super) async fn reload(State(state): State<Arc<AppState>>) -> (StatusCode, String) {
    if !state.enable_lifecycle {
        let text = "Reloading over HTTP is not enabled. Start the exporter with --web.enable-lifecycle, or send SIGHUP \
                    to its process.\n";
        return (StatusCode::FORBIDDEN, text.to_owned());
    }
    match state.configuration.reload().await {
        Ok(changes) => (StatusCode::OK, format!("{changes}\n")),
        Err(reason) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{reason}\n")),
    }
}
