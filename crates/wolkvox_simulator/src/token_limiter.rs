//! Checks the token, its daily quota, and the limit of one request at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;

use crate::dialect::Refusal;

/// The only valid token, and its limits.
#[derive(Debug)]
pub(crate) struct TokenLimiter {
    token: String,
    daily_quota: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    date: Date,
    used: u64,
    busy: bool,
}

/// Permission to answer a request. The next request can get it when this one is dropped.
#[derive(Debug)]
pub(crate) struct Permit<'a>(&'a TokenLimiter);

impl TokenLimiter {
    pub(crate) fn new(token: &str, daily_quota: u64) -> Self {
        Self { token: token.to_owned(), daily_quota, state: Mutex::default() }
    }

    /// Permits a request of `date`, or returns the reason for the refusal. Every request with the valid token counts
    /// against the quota, including refused ones.
    pub(crate) fn acquire(&self, token: Option<&str>, revoked: bool, date: Date) -> Result<Permit<'_>, Refusal> {
        let token = token.ok_or(Refusal::TokenMissing)?;
        if revoked || token != self.token {
            return Err(Refusal::TokenInvalid);
        }
        let mut state = self.state();
        if state.date != date {
            (state.date, state.used) = (date, 0);
        }
        state.used += 1;
        if state.used > self.daily_quota {
            return Err(Refusal::QuotaUsed);
        }
        if state.busy {
            return Err(Refusal::ConcurrentRequests);
        }
        state.busy = true;
        drop(state);
        Ok(Permit(self))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.state().busy = false;
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 24);

    fn refusal(permit: Result<Permit, Refusal>) -> Option<Refusal> {
        permit.err()
    }

    #[test]
    fn a_missing_and_a_wrong_token_have_different_refusals() {
        let limiter = TokenLimiter::new("demo-token", 10);
        assert_eq!(refusal(limiter.acquire(None, false, TODAY)), Some(Refusal::TokenMissing));
        assert_eq!(refusal(limiter.acquire(Some("other"), false, TODAY)), Some(Refusal::TokenInvalid));
    }

    #[test]
    fn a_revoked_token_is_invalid() {
        let limiter = TokenLimiter::new("demo-token", 10);
        assert_eq!(refusal(limiter.acquire(Some("demo-token"), true, TODAY)), Some(Refusal::TokenInvalid));
    }

    #[test]
    fn a_second_request_is_permitted_when_the_first_is_done() {
        let limiter = TokenLimiter::new("demo-token", 10);
        let first = limiter.acquire(Some("demo-token"), false, TODAY);
        assert_eq!(refusal(limiter.acquire(Some("demo-token"), false, TODAY)), Some(Refusal::ConcurrentRequests));
        drop(first);
        assert_eq!(refusal(limiter.acquire(Some("demo-token"), false, TODAY)), None);
    }

    #[test]
    fn the_quota_resets_with_the_date() {
        let limiter = TokenLimiter::new("demo-token", 2);
        let next = |date| refusal(limiter.acquire(Some("demo-token"), false, date));
        let outcomes = [next(TODAY), next(TODAY), next(TODAY), next(date(2026, 11, 25))];
        assert_eq!(outcomes, [None, None, Some(Refusal::QuotaUsed), None]);
    }
}
