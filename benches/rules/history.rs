//! Three days of the series in Prometheus's database, as if it had scraped them.
//!
//! promtool's import of `OpenMetrics` needs an hour for the samples of ten thousand skills. Prometheus accepts samples of
//! any age by remote write as long as they arrive in their order, and makes blocks of them as usual.

use std::sync::Arc;

use wolkvox_exporter::clock::Clock;

use crate::remote_write::{Request, Sending};
use crate::series::{LookBack, Series};

/// Seconds between two scrapes, as in the README.
pub(crate) const SCRAPE: i64 = 30;

/// Seconds between two samples of a series at times at which no rule looks at it.
const THIN: i64 = 900;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Seconds between two evaluations of the rules that record series.
const RECORD: i64 = 60;

/// The rules look back at what they have recorded for 2 hours at most, and a head block has up to 3.
const RECENT: i64 = 5 * HOUR;

/// The history is longer than the day that boards remember.
const HISTORY: i64 = 3 * DAY;

/// Seconds in one request. Prometheus accepts samples that are less than an hour older than the newest ones.
const SLICE: i64 = HOUR / 2;

/// Series in one request.
const BATCH: usize = 2_000;

/// Writes the history of `series` until now. The time goes on meanwhile, so there is a gap of seconds at the end.
pub(crate) async fn write(url: &str, series: &Arc<Vec<Series>>) {
    let start = now();
    // The same half-hour of last week, until the bench has ended, and the day from then on.
    let last_week = start - 7 * DAY;
    let mut from = last_week - SLICE;
    while from < last_week + DAY + SLICE {
        let is_same_time = from < last_week + SLICE;
        let step = |one: &Series| match one.look_back {
            LookBack::Week => is_same_time.then_some(SCRAPE),
            LookBack::DayOfLastWeek(step) => Some(step),
            LookBack::Hours | LookBack::Days => None,
        };
        write_slice(url, series, from, from + SLICE, step).await;
        from += SLICE;
    }
    from = start - HISTORY;
    while from + SCRAPE < now() {
        let until = (from + SLICE).min(now());
        let is_recent = until > start - RECENT;
        let step = |one: &Series| match (one.is_recorded(), is_recent || one.look_back == LookBack::Days) {
            (true, _) if matches!(one.look_back, LookBack::DayOfLastWeek(_)) => None,
            (true, _) => Some(if is_recent { RECORD } else { THIN }),
            (false, is_dense) => Some(if is_dense { SCRAPE } else { THIN }),
        };
        write_slice(url, series, from, until, step).await;
        from = until;
    }
}

fn now() -> i64 {
    Clock::system().now().as_second()
}

/// Writes the samples from one time until another. `step` gives the seconds between two samples of a series.
async fn write_slice(
    url: &str,
    series: &Arc<Vec<Series>>,
    from: i64,
    until: i64,
    step: impl Fn(&Series) -> Option<i64>,
) {
    let mut sending = Sending::to(url);
    for batch in series.chunks(BATCH) {
        let mut request = Request::default();
        for one in batch {
            if let Some(step) = step(one) {
                let name = [("__name__", one.name)];
                let labels = name.into_iter().chain(one.labels.iter().map(|(name, value)| (*name, value.as_str())));
                request.add(labels, samples(one, from, until, step));
            }
        }
        sending.send(request).await;
    }
    sending.end().await;
}

/// The samples of a series, as milliseconds and values.
fn samples(series: &Series, from: i64, until: i64, step: i64) -> impl Iterator<Item = (i64, f64)> {
    // All slices together have one grid, so that the distance is the same over their borders.
    let first = (from + step - 1) / step * step;
    (0..)
        .map(move |number| first + number * step)
        .take_while(move |at| *at < until)
        .map(|at| (at * 1_000, series.value(at)))
}
