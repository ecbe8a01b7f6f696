//! One poll of one collector: its calls, one after the other, each booked, timed and counted.

use std::fmt;
use std::time::Duration;

use jiff::Zoned;

use super::context::OperationContext;
use super::parse_errors::ParseErrors;
use super::parsed_rows::ParsedRows;
use crate::api::{ApiError, MAX_ROWS, Query, ROW_FIELD, Response, RowSink, Rows, WireRow, read};
use crate::model::Reason;

/// Bodies from this size on are read on a thread for blocking work, so that nothing else waits for them.
const LARGE_BODY: usize = 256 * 1024;

/// Answers without a row, since the start and one after the other, after which it is said aloud.
const EVER_EMPTY: u64 = 24;

/// Why a poll ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PollError {
    /// A call failed.
    Failed(ApiError),
    /// No call was made: the day's quota is used up.
    QuotaUsedUp {
        /// Calls made today.
        used: u64,
        /// Calls that may be made a day.
        limit: u64,
    },
}

impl PollError {
    /// The class of the failure, `None` where no call was made.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Failed(failure) => Some(failure.reason),
            Self::QuotaUsedUp { .. } => None,
        }
    }
}

impl fmt::Display for PollError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => failure.fmt(f),
            Self::QuotaUsedUp { used, limit } => {
                write!(
                    f,
                    "today's quota is used up ({used} of {limit} calls); polling goes on after the local midnight"
                )
            }
        }
    }
}

impl From<ApiError> for PollError {
    fn from(failure: ApiError) -> Self {
        Self::Failed(failure)
    }
}

/// A poll in progress.
pub struct PollContext<'a> {
    context: &'a OperationContext,
    rows: u64,
}

impl<'a> PollContext<'a> {
    pub(super) fn new(context: &'a OperationContext) -> Self {
        Self { context, rows: 0 }
    }

    /// Rows received so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Local time of the operation.
    pub fn now(&self) -> Zoned {
        self.context.now()
    }

    /// Makes one call and reads its rows, of which `clean` makes values. Waits for its turn: one call at a time per token.
    pub(super) async fn fetch<R, T, C>(&mut self, query: &Query, clean: C) -> Result<Vec<T>, PollError>
    where
        R: WireRow,
        T: Send + 'static,
        C: FnMut(R, &mut ParseErrors) -> Option<T> + Clone + Send + 'static,
    {
        let endpoint = R::ENDPOINT.api;
        let (answer, took) = {
            let _permit = self.context.request_lock.lock().await;
            self.context.book_call(endpoint).await?;
            let started = self.context.clock.instant();
            let answer = self.context.transport.call(query).await;
            (answer, self.context.clock.instant().duration_since(started))
        };
        self.context.count(endpoint, |stats| stats.duration.observe(took));
        let read = match answer {
            Ok(answer) => read_answer(answer, ParsedRows::by(clean)).await,
            Err(failure) => Err(failure),
        };
        match read {
            Ok(rows) => Ok(self.accept(endpoint, rows, took)),
            Err(failure) => {
                self.context.count(endpoint, |stats| stats.count_failure(failure.reason));
                Err(failure.into())
            }
        }
    }

    /// Counts rows that said again what another one says.
    pub(super) fn record_duplicates<R: WireRow>(&self, duplicate_rows: u64) {
        self.context.count(R::ENDPOINT.api, |stats| stats.duplicate_rows += duplicate_rows);
    }

    fn accept<T, C>(&mut self, endpoint: &'static str, answer: Rows<ParsedRows<T, C>>, took: Duration) -> Vec<T> {
        let Rows { rows: ParsedRows { values, mut errors, .. }, received, not_rows, no_records, repaired } = answer;
        let cut = received >= MAX_ROWS;
        let mut ever_empty = false;
        self.context.count(endpoint, |stats| {
            stats.json_repairs += u64::from(repaired);
            stats.empty_answers += u64::from(no_records);
            if cut {
                stats.count_failure(Reason::Truncated);
            }
            ever_empty = no_records && stats.empty_answers >= EVER_EMPTY && stats.empty_answers == stats.requests;
        });
        errors.count_some(ROW_FIELD, not_rows as u64);
        self.context.record(endpoint, &errors);
        let operation = self.context.operation();
        if cut && self.context.may_warn(endpoint, "(cut)") {
            tracing::warn!(
                %operation, endpoint, rows = received,
                "the answer is as long as wolkvox ever makes one, rows may be missing: ask for fewer skills or shorter windows"
            );
        }
        if ever_empty && self.context.may_warn(endpoint, "(ever empty)") {
            tracing::warn!(
                %operation, endpoint,
                "not one row since the start: does this operation have the report, and are the skill_ids right?"
            );
        }
        tracing::trace!(%operation, endpoint, rows = received, took_seconds = took.as_secs_f64(), "answer read");
        self.rows += received as u64;
        values
    }
}

async fn read_answer<R: WireRow, G: RowSink<R> + 'static>(answer: Response, empty: G) -> Result<Rows<G>, ApiError> {
    if answer.body.len() < LARGE_BODY {
        return read(&answer, &empty);
    }
    tokio::task::spawn_blocking(move || read(&answer, &empty)).await.unwrap_or_else(|_| {
        Err(ApiError::new(Reason::BadJson, "reading the answer ended unexpectedly: please report this as a bug"))
    })
}
