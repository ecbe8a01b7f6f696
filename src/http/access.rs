//! What a request needs before it is answered, as the web configuration says: the rate limit, then the password. And the
//! headers that every response gets.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::passwords::Verdict;
use super::web_config::{ActiveWebConfig, LiveWebConfig};

/// The value of `Retry-After` in seconds. The queue of comparisons is shorter after that time.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// `None` if the request may be answered; otherwise the refusal.
pub(super) async fn refusal(web: &Arc<LiveWebConfig>, headers: &HeaderMap) -> Option<Response<Body>> {
    let active = web.current();
    if active.bucket.as_ref().is_some_and(|bucket| !bucket.take()) {
        return Some(
            (StatusCode::TOO_MANY_REQUESTS, "too many requests (rate_limit): try again later\n").into_response(),
        );
    }
    let mut verdict = check(web, &active, headers).await;
    if verdict == Verdict::Refused {
        // The password may be a new one.
        web.refresh().await;
        let new = web.current();
        if !Arc::ptr_eq(&new, &active) {
            verdict = check(web, &new, headers).await;
        }
    }
    match verdict {
        Verdict::Accepted => None,
        Verdict::Refused => {
            let text = "user and password are needed (basic_auth_users)\n";
            Some(
                (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, HeaderValue::from_static("Basic"))], text)
                    .into_response(),
            )
        }
        Verdict::Busy => {
            let text = "too many passwords are being checked: try again in a second\n";
            Some((StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, RETRY_SECONDS)], text).into_response())
        }
    }
}

async fn check(web: &LiveWebConfig, active: &ActiveWebConfig, headers: &HeaderMap) -> Verdict {
    if active.config.users.is_empty() {
        return Verdict::Accepted;
    }
    web.passwords.check(&active.config.users, headers).await
}

/// Sets the headers of the web configuration. They replace those that a page sets itself.
pub(super) fn set_headers(web: &LiveWebConfig, headers: &mut HeaderMap) {
    for (name, value) in &web.current().headers {
        headers.insert(name.clone(), value.clone());
    }
}
