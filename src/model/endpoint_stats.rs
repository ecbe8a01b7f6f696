//! What the conversation with wolkvox was like, per endpoint: calls, failures, what could not be read.

use std::time::Duration;

/// Why a call failed, or why its answer is doubted. The names are label values that users rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// No connection: refused, unreachable, name not found, or the caller's address is not on the allow-list.
    Connect,
    /// No whole answer within the time a call may take.
    Timeout,
    /// The server's certificate or handshake was refused.
    Tls,
    /// An HTTP status that wolkvox does not document as an answer.
    HttpStatus,
    /// The token is missing, wrong or disabled.
    Unauthorized,
    /// wolkvox says that the day's quota is used up.
    Quota,
    /// wolkvox says that too many calls of this token are in flight.
    Concurrency,
    /// wolkvox refuses for the time being: backup or maintenance.
    Maintenance,
    /// The body is larger than an answer may be.
    TooLarge,
    /// The body is no JSON, not even after the known repair.
    BadJson,
    /// The JSON is not wolkvox's envelope.
    BadEnvelope,
    /// The answer is cut: it broke off before its end, or it holds as many rows as wolkvox ever sends.
    Truncated,
    /// A bug in the exporter: polling or parsing panicked.
    Internal,
}

impl Reason {
    /// Every reason, in the order in which they are documented.
    pub const ALL: [Self; 13] = [
        Self::Connect,
        Self::Timeout,
        Self::Tls,
        Self::HttpStatus,
        Self::Unauthorized,
        Self::Quota,
        Self::Concurrency,
        Self::Maintenance,
        Self::TooLarge,
        Self::BadJson,
        Self::BadEnvelope,
        Self::Truncated,
        Self::Internal,
    ];

    /// The value of the label `reason`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            Self::HttpStatus => "http_status",
            Self::Unauthorized => "unauthorized",
            Self::Quota => "quota",
            Self::Concurrency => "concurrency",
            Self::Maintenance => "maintenance",
            Self::TooLarge => "too_large",
            Self::BadJson => "bad_json",
            Self::BadEnvelope => "bad_envelope",
            Self::Truncated => "truncated",
            Self::Internal => "internal",
        }
    }
}

/// What happened at one endpoint since the start of the process.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointStats {
    /// wolkvox's name of the report (`api=` in the URL).
    pub endpoint: &'static str,
    /// Calls made.
    pub requests: u64,
    /// Calls by reason of failure, in the order of [`Reason::ALL`].
    pub failures: [u64; Reason::ALL.len()],
    /// Answers that held no rows (wolkvox says 404 then).
    pub empty_answers: u64,
    /// Answers read only after their trailing commas were removed.
    pub json_repairs: u64,
    /// Rows whose key an earlier row of the same answer had.
    pub duplicate_rows: u64,
    /// Values that could not be read, per field; every field of the report is listed from the start.
    pub parse_errors: Vec<(&'static str, u64)>,
    /// How long the calls took.
    pub duration: DurationHistogram,
}

impl EndpointStats {
    /// Nothing has happened yet; `fields` are the report's.
    pub fn new(endpoint: &'static str, fields: &[&'static str]) -> Self {
        Self {
            endpoint,
            requests: 0,
            failures: [0; Reason::ALL.len()],
            empty_answers: 0,
            json_repairs: 0,
            duplicate_rows: 0,
            parse_errors: fields.iter().map(|field| (*field, 0)).collect(),
            duration: DurationHistogram::default(),
        }
    }

    /// Counts one failed or doubted answer.
    pub fn count_failure(&mut self, reason: Reason) {
        self.failures[reason as usize] += 1;
    }
}

/// Upper bounds in seconds: wolkvox answers in tenths of a second, large reports take tens of seconds, 60 is the end.
pub const DURATION_BUCKETS: [f64; 10] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// How long calls took.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DurationHistogram {
    /// Calls per bucket of [`DURATION_BUCKETS`], not cumulated; the last is for what took longer.
    pub buckets: [u64; DURATION_BUCKETS.len() + 1],
    /// Sum of all durations, in seconds.
    pub sum: f64,
}

impl DurationHistogram {
    /// Counts one call.
    pub fn observe(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        self.buckets[DURATION_BUCKETS.partition_point(|bound| *bound < seconds)] += 1;
        self.sum += seconds;
    }

    /// Adds the calls of another histogram.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(other.buckets) {
            *mine += theirs;
        }
        self.sum += other.sum;
    }

    /// All calls counted.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_reasons_is_in_the_order_of_the_enum() {
        for (index, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index, "{reason:?}");
        }
    }

    #[test]
    fn a_duration_on_a_bound_belongs_to_that_bucket() {
        let mut histogram = DurationHistogram::default();
        histogram.observe(Duration::from_millis(100));
        histogram.observe(Duration::from_secs(61));
        assert_eq!(histogram.buckets[1], 1);
        assert_eq!(histogram.buckets[DURATION_BUCKETS.len()], 1);
        assert_eq!(histogram.count(), 2);
    }
}
