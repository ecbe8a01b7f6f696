//! One request of a poll: its calls, one after the other. Each is counted against the quota, timed and recorded.

use std::time::Duration;

use jiff::Zoned;

use super::context::OperationContext;
use super::error::PollError;
use super::operation_settings::OperationSettings;
use super::parse_errors::ParseErrors;
use super::parsed_rows::{DuplicateRows, ParsedRows};
use crate::api::{ApiError, MAX_ROWS, ParsedResponse, Query, ROW_FIELD, Response, RowSink, WireRow, read};
use crate::clock::Clock;
use crate::config::Token;
use crate::model::{Collector, Reason};

/// Bodies of this size or more are parsed on a thread for blocking work, so that they do not delay other tasks.
const LARGE_BODY: usize = 256 * 1024;

/// Warn when this many responses have come since the start and every one of them was empty.
const EMPTY_ANSWERS_BEFORE_WARNING: u64 = 24;

/// A response, or why there is none, and how long the call took.
type TimedResponse = (Result<Response, ApiError>, Duration);

/// A request in progress.
#[derive(Debug)]
pub(super) struct PollContext<'a> {
    context: &'a OperationContext,
    /// Those at the start of the poll.
    settings: &'a OperationSettings,
    collector: Collector,
    rows: u64,
}

impl<'a> PollContext<'a> {
    pub(super) fn new(context: &'a OperationContext, settings: &'a OperationSettings, collector: Collector) -> Self {
        Self { context, settings, collector, rows: 0 }
    }

    /// Rows of the request. Several calls of one request return the same rows with other fields.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Local time of the operation.
    pub(super) fn now(&self) -> Zoned {
        self.context.now()
    }

    /// The clock.
    pub(super) fn clock(&self) -> &Clock {
        &self.context.clock
    }

    /// The operation's name.
    pub(super) fn operation(&self) -> &str {
        self.context.operation()
    }

    /// Makes one call and converts its rows with `clean`. Waits until no other call of the same token is running. If
    /// wolkvox refuses the token and there is another one by now, it makes the call once more.
    pub(super) async fn fetch<R, T, C>(&mut self, query: &Query, clean: C) -> Result<Vec<T>, PollError>
    where
        R: WireRow,
        T: Send + 'static,
        C: FnMut(R, &mut ParseErrors) -> Option<T> + Clone + Send + 'static,
    {
        let endpoint = R::ENDPOINT.api;
        let mut may_call_again = true;
        loop {
            let (response, took) = self.call(endpoint, query).await?;
            let status = response.as_ref().ok().map(|response| response.status);
            let rows = match response {
                Ok(response) => parse(response, ParsedRows::new(clean.clone()), self.tokens()).await,
                Err(error) => Err(error),
            };
            let error = match rows {
                Ok(rows) => return Ok(self.accept(endpoint, rows, took)),
                Err(error) => error,
            };
            self.context.update_stats(endpoint, |stats| stats.count_failure(error.reason));
            let is_refused = error.reason == Reason::Unauthorized || matches!(status, Some(401 | 403));
            // Only one more call: wolkvox may block a token, or the address of this machine, after many wrong ones.
            if !(is_refused && self.settings.transport.token_was_refused().await && may_call_again) {
                return Err(error.into());
            }
            may_call_again = false;
        }
    }

    /// Makes one call when no other call of the same token is running. If the server closed the connection of an
    /// earlier call instead of answering, it makes the call once more. That is not counted as a failure, because
    /// nothing was wrong except the moment; the second time in a row is a failure. Makes no call if a reload has changed
    /// the access or has switched the collector off, because the next call must not use the old access.
    async fn call(&self, endpoint: &'static str, query: &Query) -> Result<TimedResponse, PollError> {
        self.settings.wait_for_predecessors().await;
        let _permit = self.context.request_lock.lock().await;
        if !self.context.may_call(self.settings, self.collector) {
            return Err(PollError::Reloaded);
        }
        let first = self.call_once(endpoint, query).await?;
        if !first.0.as_ref().is_err_and(|error| error.is_stale_connection) {
            return Ok(first);
        }
        let operation = self.context.operation();
        tracing::debug!(%operation, endpoint, "the server closed a connection that was in use; calling once more");
        match self.call_once(endpoint, query).await {
            Ok(second) => Ok(second),
            // Then the first call is the failure of this poll. The next poll reports the quota.
            Err(PollError::QuotaUsedUp { .. }) => Ok(first),
            Err(error) => Err(error),
        }
    }

    /// Makes one call, counted against the quota and timed.
    async fn call_once(&self, endpoint: &'static str, query: &Query) -> Result<TimedResponse, PollError> {
        self.context.consume_quota(endpoint).await?;
        let started = self.context.clock.instant();
        let response = self.settings.transport.call(query).await;
        let took = self.context.clock.instant().duration_since(started);
        self.context.update_stats(endpoint, |stats| stats.duration.observe(took));
        Ok((response, took))
    }

    /// The tokens that no message may contain.
    fn tokens(&self) -> Vec<Token> {
        std::iter::once(self.settings.config.token.clone()).chain(self.settings.transport.tokens()).collect()
    }

    /// Counts rows that had the same `key` as another row, and warns if their other values differed.
    pub(super) fn record_duplicates<R: WireRow>(&self, key: &'static str, duplicates: DuplicateRows) {
        let endpoint = R::ENDPOINT.api;
        self.context.update_stats(endpoint, |stats| stats.duplicate_rows += duplicates.removed);
        if duplicates.different > 0 && self.context.should_warn(endpoint, "(different duplicates)") {
            tracing::warn!(
                operation = %self.context.operation(), endpoint, field = key, rows = duplicates.different,
                "several rows have the same key but other values; only the last row of each key is used, \
                 so its values are too low if wolkvox meant their sum (logged again after an hour at the earliest)"
            );
        }
    }

    /// Warns that a response does not have the service level within these times, in seconds.
    pub(super) fn record_missing_thresholds<R: WireRow>(&self, missing: &[u32]) {
        let endpoint = R::ENDPOINT.api;
        if !missing.is_empty() && self.context.should_warn(endpoint, "(missing threshold)") {
            tracing::warn!(
                operation = %self.context.operation(), endpoint, threshold_seconds = ?missing,
                "the response has no service level for these thresholds of targets, so these targets cannot be \
                 measured; use 10, 20 or 30 (logged again after an hour at the earliest)"
            );
        }
    }

    fn accept<T, C>(
        &mut self,
        endpoint: &'static str,
        response: ParsedResponse<ParsedRows<T, C>>,
        took: Duration,
    ) -> Vec<T> {
        let ParsedResponse { rows: ParsedRows { values, mut errors, .. }, received, not_rows, no_records, repaired } =
            response;
        let is_truncated = received >= MAX_ROWS;
        let mut always_empty = false;
        self.context.update_stats(endpoint, |stats| {
            stats.json_repairs += u64::from(repaired);
            stats.empty_answers += u64::from(no_records);
            if is_truncated {
                stats.count_failure(Reason::Truncated);
            }
            always_empty = no_records
                && stats.empty_answers >= EMPTY_ANSWERS_BEFORE_WARNING
                && stats.empty_answers == stats.requests;
        });
        errors.count_some(ROW_FIELD, not_rows as u64);
        self.context.record_parse_errors(endpoint, &errors);
        let operation = self.context.operation();
        if is_truncated && self.context.should_warn(endpoint, "(truncated)") {
            tracing::warn!(
                %operation, endpoint, rows = received,
                "the response is as long as wolkvox ever makes one, rows may be missing: \
                 ask for fewer skills or shorter windows"
            );
        }
        if always_empty && self.context.should_warn(endpoint, "(always empty)") {
            tracing::warn!(
                %operation, endpoint,
                "every response since the start was empty: check that this operation has the report \
                 and that the skill_ids exist"
            );
        }
        tracing::trace!(%operation, endpoint, rows = received, took_seconds = took.as_secs_f64(), "response parsed");
        self.rows = self.rows.max(received as u64);
        values
    }
}

async fn parse<R: WireRow, G: RowSink<R> + 'static>(
    response: Response,
    empty: G,
    tokens: Vec<Token>,
) -> Result<ParsedResponse<G>, ApiError> {
    if response.body.len() < LARGE_BODY {
        return read(&response, &empty, &tokens);
    }
    let parsed = tokio::task::spawn_blocking(move || read(&response, &empty, &tokens)).await;
    parsed.unwrap_or_else(|_| Err(ApiError::internal("parsing the response panicked")))
}
