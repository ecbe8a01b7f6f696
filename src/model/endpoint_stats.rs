//! Statistics of the calls to each endpoint of wolkvox: requests, failures, parse errors.

use std::time::Duration;

/// Why a call failed, or why its response may be incomplete. The names are label values that users rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// No connection: refused, unreachable, name not found, or this machine's address is not on the allow-list.
    Connect,
    /// No complete response within the time limit of a call.
    Timeout,
    /// The TLS handshake failed, or the server's certificate was refused.
    Tls,
    /// An HTTP status that wolkvox does not document as a response.
    HttpStatus,
    /// The token is missing, wrong or disabled.
    Unauthorized,
    /// wolkvox reports that the quota of the day is used up.
    Quota,
    /// wolkvox reports too many simultaneous calls of this token.
    Concurrency,
    /// wolkvox refuses calls for a while: backup or maintenance.
    Maintenance,
    /// The body is larger than the limit.
    TooLarge,
    /// The body is not JSON, not even after the known repair.
    BadJson,
    /// The JSON is not wolkvox's envelope.
    BadEnvelope,
    /// The response is incomplete: the connection ended before its end, or it has the maximum number of rows.
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

/// Statistics of one endpoint since the start of the process.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointStats {
    /// wolkvox's name of the report (`api=` in the URL).
    pub endpoint: &'static str,
    /// Calls made.
    pub requests: u64,
    /// Calls by reason of failure, in the order of [`Reason::ALL`].
    pub failures: [u64; Reason::ALL.len()],
    /// Responses without rows: a 404 of wolkvox, or an empty list.
    pub empty_answers: u64,
    /// Responses that could be parsed only after a repair.
    pub json_repairs: u64,
    /// Rows with the same key as an earlier row of the same response.
    pub duplicate_rows: u64,
    /// Values that could not be parsed, per field. Every field of the report is listed from the start.
    pub parse_errors: Vec<(&'static str, u64)>,
    /// Durations of the calls.
    pub duration: DurationHistogram,
}

impl EndpointStats {
    /// All zero; `fields` are the fields of the report.
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

    /// Counts one failed call or incomplete response.
    pub fn count_failure(&mut self, reason: Reason) {
        self.failures[reason as usize] += 1;
    }
}

/// Upper bounds in seconds. wolkvox answers in tenths of a second, large reports take tens of seconds, and the client
/// stops after 60 s.
pub const DURATION_BUCKETS: [f64; 10] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Durations of calls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DurationHistogram {
    /// Calls per bucket of [`DURATION_BUCKETS`], not cumulative. The last is for longer calls.
    pub buckets: [u64; DURATION_BUCKETS.len() + 1],
    /// Sum of all durations. A whole number of nanoseconds does not depend on the order of a sum, as a floating-point
    /// number would, so the sum over all operations never falls.
    pub sum: Duration,
}

impl DurationHistogram {
    /// Counts one call.
    pub fn observe(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        self.buckets[DURATION_BUCKETS.partition_point(|bound| *bound < seconds)] += 1;
        self.sum = self.sum.saturating_add(took);
    }

    /// Adds the calls of another histogram.
    pub fn merge(&mut self, other: &Self) {
        for (own, others) in self.buckets.iter_mut().zip(other.buckets) {
            *own += others;
        }
        self.sum = self.sum.saturating_add(other.sum);
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
    fn all_reasons_are_listed_in_the_order_of_the_enum() {
        for (index, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index, "{reason:?}");
        }
    }

    #[test]
    fn a_duration_equal_to_a_bound_is_in_that_bucket() {
        let mut histogram = DurationHistogram::default();
        histogram.observe(Duration::from_millis(100));
        histogram.observe(Duration::from_secs(61));
        assert_eq!(histogram.buckets[1], 1);
        assert_eq!(histogram.buckets[DURATION_BUCKETS.len()], 1);
        assert_eq!(histogram.count(), 2);
    }

    #[test]
    fn a_sum_is_the_same_in_every_order() {
        let histogram = |nanoseconds| {
            let mut histogram = DurationHistogram::default();
            histogram.observe(Duration::from_nanos(nanoseconds));
            histogram
        };
        let parts = [100_000_000, 200_000_000, 300_000_000].map(histogram);
        let merged = |order: [usize; 3]| {
            let mut all = DurationHistogram::default();
            for index in order {
                all.merge(&parts[index]);
            }
            all.sum.as_secs_f64()
        };
        // As floating-point numbers, the two sums would differ.
        assert_eq!(merged([0, 1, 2]).to_bits(), merged([2, 1, 0]).to_bits());
    }
}
