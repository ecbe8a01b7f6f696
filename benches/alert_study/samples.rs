//! What Prometheus has stored of one skill: the samples of a day and of the same day of the week before.

use jiff::{SignedDuration, Timestamp};
use wolkvox_simulator::world::{Ending, World};

/// The scraped metrics that the expressions of the study read. A counter with a threshold is that of the target.
pub(crate) const METRICS: [&str; 12] = [
    "wolkvox_skill_inbound_calls_total",
    "wolkvox_skill_answered_calls_total",
    "wolkvox_skill_abandoned_calls_total",
    "wolkvox_skill_answered_within_calls_total",
    "wolkvox_skill_calls_in_queue",
    "wolkvox_collector_last_success_timestamp_seconds",
    "wolkvox_collector_interval_seconds",
    "wolkvox_skill_service_level_target_ratio",
    "wolkvox_skill_abandon_target_ratio",
    "wolkvox_skill_service_level_ratio",
    "wolkvox_skill_open",
    "wolkvox_skill_info",
];

/// The metrics with a value of their own at each poll: the first ones of [`METRICS`]. The others are constant.
const POLLED: usize = 6;

/// Targets of the exporter's defaults: 80 % within 20 s, 5 % abandoned.
const THRESHOLD: SignedDuration = SignedDuration::from_secs(20);
const SERVICE_LEVEL_TARGET: f64 = 0.8;
const ABANDON_TARGET: f64 = 0.05;

/// Seconds between two scrapes, and from midnight to the first scrape.
pub(crate) const SCRAPE: i64 = 30;
const FIRST_SCRAPE: i64 = 5;
/// How far back Prometheus looks for the newest sample.
const LOOKBACK: i64 = 300;
const DAY: i64 = 24 * 3600;
const WEEK: i64 = 7 * DAY;

/// What the counters have counted before the first day. It is so large that Prometheus does not assume that they began
/// within a window.
const COUNTED_BEFORE: f64 = 100_000.0;

/// When the exporter polls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Polls {
    /// Seconds between two polls.
    pub(crate) interval: i64,
    /// Seconds from midnight to the first poll.
    pub(crate) first: i64,
}

/// The samples of a day.
#[derive(Clone, Debug)]
pub(crate) struct Day {
    /// Midnight, as Unix time.
    midnight: i64,
    polls: Polls,
    /// The values of each poll, for the metrics that change.
    values: Vec<[f64; POLLED]>,
}

impl Day {
    /// The day of the skill at this place of the world that begins at `midnight`.
    pub(crate) fn of(world: &World, skill: usize, midnight: Timestamp, polls: Polls) -> Self {
        let seconds = |at: Timestamp| at.duration_since(midnight).as_secs_f64();
        let (mut arrived, mut answered, mut in_time, mut abandoned) = (vec![], vec![], vec![], vec![]);
        world.each_call(skill, midnight, midnight + SignedDuration::from_secs(DAY - 1), |call| {
            arrived.push(seconds(call.arrived));
            match call.ending {
                Ending::Answered { at, .. } => {
                    answered.push(seconds(at));
                    if at.duration_since(call.arrived) <= THRESHOLD {
                        in_time.push(seconds(at));
                    }
                }
                Ending::Abandoned { at } => abandoned.push(seconds(at)),
            }
        });
        for moments in [&mut answered, &mut in_time, &mut abandoned] {
            moments.sort_by(f64::total_cmp);
        }
        let midnight = midnight.as_second();
        let values = (0..).map(|number| polls.first + number * polls.interval).take_while(|poll| *poll < DAY);
        let values = values.map(|poll| {
            let until = |moments: &[f64]| moments.partition_point(|moment| *moment <= poll as f64) as f64;
            let [inbound, answered, abandoned, in_time] =
                [&arrived, &answered, &abandoned, &in_time].map(|moments| until(moments));
            [
                COUNTED_BEFORE + inbound,
                COUNTED_BEFORE + answered,
                COUNTED_BEFORE + abandoned,
                COUNTED_BEFORE + in_time,
                inbound - answered - abandoned,
                (midnight + poll) as f64,
            ]
        });
        Self { midnight, polls, values: values.collect() }
    }

    /// The start of the day as Unix time.
    pub(crate) fn midnight(&self) -> i64 {
        self.midnight
    }

    /// The time of the scrape with this number.
    fn scrape(&self, number: i64) -> i64 {
        self.midnight + FIRST_SCRAPE + number * SCRAPE
    }

    /// The number of the last scrape at or before `at`.
    fn scrape_before(&self, at: i64) -> i64 {
        (at - self.midnight - FIRST_SCRAPE).div_euclid(SCRAPE)
    }

    /// The value of a scrape; `None` before the first poll.
    fn value(&self, metric: usize, scrape: i64) -> Option<f64> {
        let since = self.scrape(scrape) - self.midnight - self.polls.first;
        if !(0..DAY).contains(&since) {
            return None;
        }
        if metric < POLLED {
            return self.values.get((since / self.polls.interval) as usize).map(|values| values[metric]);
        }
        Some(match METRICS[metric] {
            "wolkvox_collector_interval_seconds" => self.polls.interval as f64,
            "wolkvox_skill_service_level_target_ratio" => SERVICE_LEVEL_TARGET,
            "wolkvox_skill_abandon_target_ratio" => ABANDON_TARGET,
            // Only its existence matters.
            _ => 1.0,
        })
    }
}

/// The samples of a skill.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Samples<'a> {
    pub(crate) today: &'a Day,
    /// `None` if Prometheus has no data of the week before.
    pub(crate) week_before: Option<&'a Day>,
}

impl Samples<'_> {
    fn day(&self, at: i64) -> Option<&Day> {
        if at > self.today.midnight - WEEK / 2 { Some(self.today) } else { self.week_before }
    }

    /// The newest sample at `at`.
    pub(crate) fn newest(&self, metric: usize, at: i64) -> Option<f64> {
        let day = self.day(at)?;
        let scrape = day.scrape_before(at);
        day.value(metric, scrape).filter(|_| at - day.scrape(scrape) < LOOKBACK)
    }

    /// The numbers of the first and the last scrape after `from` and not after `until` that have a value.
    fn scrapes(&self, from: i64, until: i64) -> Option<(&Day, i64, i64)> {
        let day = self.day(until)?;
        let first_with_value = (day.polls.first - FIRST_SCRAPE).max(0).unsigned_abs().div_ceil(SCRAPE.unsigned_abs());
        let (first, last) = (day.scrape_before(from) + 1, day.scrape_before(until));
        let first = first.max(i64::try_from(first_with_value).ok()?);
        (first <= last).then_some((day, first, last))
    }

    /// `increase` of a counter that was not reset, extrapolated as Prometheus does.
    pub(crate) fn increase(&self, metric: usize, from: i64, until: i64) -> Option<f64> {
        let (day, first, last) = self.scrapes(from, until)?;
        if first == last {
            return None;
        }
        let grown = day.value(metric, last)? - day.value(metric, first)?;
        let sampled = ((last - first) * SCRAPE) as f64;
        let beyond = |gap: i64| if gap as f64 >= SCRAPE as f64 * 1.1 { SCRAPE as f64 / 2.0 } else { gap as f64 };
        let whole = sampled + beyond(day.scrape(first) - from) + beyond(until - day.scrape(last));
        Some(grown * (whole / sampled))
    }

    /// `avg_over_time`.
    pub(crate) fn average(&self, metric: usize, from: i64, until: i64) -> Option<f64> {
        let (day, first, last) = self.scrapes(from, until)?;
        let sum: f64 = (first..=last).filter_map(|scrape| day.value(metric, scrape)).sum();
        Some(sum / (last - first + 1) as f64)
    }

    /// `min_over_time`.
    pub(crate) fn minimum(&self, metric: usize, from: i64, until: i64) -> Option<f64> {
        let (day, first, last) = self.scrapes(from, until)?;
        (first..=last).filter_map(|scrape| day.value(metric, scrape)).min_by(f64::total_cmp)
    }
}
