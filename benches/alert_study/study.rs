//! Runs the simulations and compares the results with the targets of the study.

use std::collections::{BTreeMap, BTreeSet};

use wolkvox_simulator::world::demo;

use crate::evaluation::{FiredAlert, Inhibition, fired_alerts};
use crate::history::{SimulatedDays, add_days, day_start, new_database, start_prometheus};
use crate::promise::{self, CurvePoint, Days, Delays, Promise};
use crate::rules::{self, RuleFiles, Rules};
use crate::scenarios::{Expected, SCENARIOS};
use crate::skill_days::PagingRules;
use crate::staffing::{self, Staffing};

/// Number of healthy days. They include the week before the scenarios, which some rules compare with.
pub(crate) const HEALTHY_DAYS: i64 = 14;

const HOUR: f64 = 3600.0;

/// The rules that paged before the present ones.
const BEFORE: RuleFiles =
    RuleFiles { recording: "benches/alert_study/rules_before.yml", alerts: "benches/alert_study/rules_before.yml" };

/// Highest number of warnings per skill and healthy day.
pub(crate) const MAX_WARNINGS: f64 = 0.05;

/// Size of the study.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Whether the samples are large enough to judge each figure. Otherwise only a clear difference is a broken promise.
    pub(crate) whole: bool,
    pub(crate) days: Days,
    /// Whether the whole operation is measured too.
    pub(crate) operation: bool,
    pub(crate) staffing: staffing::Size,
}

impl Plan {
    pub(crate) fn whole(seed: u64) -> Self {
        let days = Days { plain: 6000, harder: 2000, incident: 1000 };
        let staffing = staffing::Size { operations: 8, healthy_weeks: 1 };
        Self { seed, whole: true, days, operation: true, staffing }
    }

    pub(crate) fn quick(seed: u64) -> Self {
        let days = Days { plain: 360, harder: 108, incident: 60 };
        let staffing = staffing::Size { operations: 4, healthy_weeks: 1 };
        Self { seed, whole: false, days, operation: true, staffing }
    }
}

/// All results.
pub(crate) struct Study {
    pub(crate) plan: Plan,
    pub(crate) results: Vec<IntervalResult>,
    pub(crate) staffing: Vec<Staffing>,
    pub(crate) promises: Vec<Promise>,
    /// The rules before, with polls every minute. Absent in a short study.
    pub(crate) before: Option<Promise>,
    /// Empty in a short study.
    pub(crate) curve: Vec<CurvePoint>,
    pub(crate) bound: BTreeMap<u32, Delays>,
    /// What could not be measured, and why.
    pub(crate) not_measured: Vec<String>,
}

/// Results for one poll interval.
pub(crate) struct IntervalResult {
    pub(crate) interval: &'static str,
    pub(crate) healthy: Vec<FiredAlert>,
    pub(crate) scenarios: Vec<ScenarioResult>,
}

/// Alerts and pages of one scenario.
pub(crate) struct ScenarioResult {
    pub(crate) expected: &'static Expected,
    pub(crate) firings: Vec<FiredAlert>,
    /// Critical alerts that are sent, after inhibition.
    pub(crate) pages: Vec<FiredAlert>,
    /// Start of the incident as Unix time.
    pub(crate) incident: i64,
}

/// Calls a day of each skill with calls, by skill id.
pub(crate) fn sizes() -> BTreeMap<String, u32> {
    let busy = demo().into_iter().filter(|skill| skill.calls_a_day > 0.0);
    busy.map(|skill| (skill.id.to_string(), skill.calls_a_day as u32)).collect()
}

impl Study {
    pub(crate) async fn of(plan: Plan) -> Self {
        let curve = if plan.whole { promise::curve(plan.seed, plan.days) } else { Vec::new() };
        let bound = promise::bound(plan.seed, plan.days.incident);
        let shipped = PagingRules::of(rules::SHIPPED);
        let promises = [60, 300].map(|interval| Promise::of(&shipped, interval, plan.seed, plan.days)).into();
        let before = plan.whole.then(|| {
            let days = Days { plain: plan.days.harder, ..plan.days };
            Promise::of(&PagingRules::of(BEFORE), 60, plan.seed, days)
        });
        let intervals = if plan.operation { &["1m", "5m"][..] } else { &[] };
        let runs: Vec<_> =
            intervals.iter().map(|interval| tokio::spawn(IntervalResult::of(plan.clone(), interval))).collect();
        let (mut results, mut not_measured) = (Vec::new(), Vec::new());
        for (run, interval) in runs.into_iter().zip(intervals) {
            // A query that fails on a busy machine must not lose what has been measured.
            match run.await {
                Ok(result) => results.push(result),
                Err(error) => not_measured.push(format!("{interval}: the scenarios were not measured: {error}")),
            }
        }
        let staffing = if plan.operation { staffing::measure(plan.seed, plan.staffing).await } else { Vec::new() };
        Self { plan, results, staffing, promises, before, curve, bound, not_measured }
    }

    /// Descriptions of all targets that are not met.
    pub(crate) fn missed_targets(&self) -> Vec<String> {
        let promises = self.promises.iter().flat_map(|promise| promise.broken(self.plan.whole));
        let of_intervals = self.results.iter().flat_map(IntervalResult::missed_targets);
        let of_staffing = staffing::missed_targets(&self.staffing);
        promises.chain(self.not_measured.iter().cloned()).chain(of_intervals).chain(of_staffing).collect()
    }
}

impl IntervalResult {
    async fn of(plan: Plan, interval: &'static str) -> Self {
        let rules = Rules::shipped();
        let families = rules.families();
        let days = SimulatedDays {
            operation: "study".to_owned(),
            seed: plan.seed,
            interval,
            scenario: "healthy",
            trouble: ("5m", None),
            from: 0,
            days: HEALTHY_DAYS,
            dnis: true,
        };
        let history = new_database(None);
        add_days(history.path(), &days, &families);
        let prometheus = start_prometheus(new_database(Some(history.path()))).await;
        let (first, end) = (day_start(0).as_second(), day_start(HEALTHY_DAYS).as_second());
        let healthy = fired_alerts(&prometheus, &rules, first, end).await;
        drop(prometheus);
        eprintln!("{interval}: {} alerts on healthy days", healthy.len());

        let mut scenarios = Vec::new();
        for expected in &SCENARIOS {
            let database = new_database(Some(history.path()));
            let incident = SimulatedDays {
                scenario: expected.name,
                trouble: expected.trouble,
                from: HEALTHY_DAYS,
                days: 1,
                ..days.clone()
            };
            add_days(database.path(), &incident, &families);
            let prometheus = start_prometheus(database).await;
            let all = fired_alerts(&prometheus, &rules, end, day_start(HEALTHY_DAYS + 1).as_second()).await;
            scenarios.push(ScenarioResult::of(expected, all, end));
            eprintln!("{interval}: {}", expected.name);
        }

        Self { interval, healthy, scenarios }
    }

    /// Warnings per skill and healthy day.
    pub(crate) fn warnings(&self) -> f64 {
        let warnings = self.healthy.iter().filter(|firing| firing.rule.severity == "warning").count();
        warnings as f64 / (HEALTHY_DAYS as f64 * sizes().len() as f64)
    }

    fn missed_targets(&self) -> Vec<String> {
        let mut missed_targets = Vec::new();
        let interval = self.interval;
        for page in self.healthy.iter().filter(|firing| firing.rule.severity == "critical") {
            missed_targets.push(format!(
                "{interval}: {} of {} on a healthy day",
                page.rule.alert,
                page.label("skill_id")
            ));
        }
        if self.warnings() > MAX_WARNINGS {
            missed_targets.push(format!("{interval}: {:.3} warnings per skill and healthy day", self.warnings()));
        }
        for raised in &self.scenarios {
            let name = raised.expected.name;
            missed_targets
                .extend(raised.missing().iter().map(|alert| format!("{interval}: {name} does not raise {alert}")));
            missed_targets.extend(raised.unexpected().iter().map(|alert| format!("{interval}: {name} raises {alert}")));
            missed_targets
                .extend(raised.wrong_pages().iter().map(|alert| format!("{interval}: {name} pages for {alert}")));
        }
        missed_targets
    }
}

impl ScenarioResult {
    /// Alerts since the start of the incident. Earlier alerts belong to the healthy days.
    fn of(expected: &'static Expected, all: Vec<FiredAlert>, midnight: i64) -> Self {
        let starts_late = !matches!(expected.name, "quota" | "bad-data");
        let hours: f64 = expected.trouble.0.trim_end_matches('h').parse().expect("whole hours");
        let incident = if starts_late { midnight + (hours * HOUR) as i64 } else { midnight };
        let firings: Vec<FiredAlert> = all.into_iter().filter(|firing| firing.from >= incident).collect();
        let inhibition = Inhibition::shipped();
        let is_page =
            |firing: &&FiredAlert| firing.rule.severity == "critical" && !inhibition.inhibits(firing, &firings);
        let pages = firings.iter().filter(is_page).cloned().collect();
        Self { expected, firings, pages, incident }
    }

    fn names(firings: &[FiredAlert]) -> BTreeSet<&str> {
        firings.iter().map(|firing| firing.rule.alert.as_str()).collect()
    }

    pub(crate) fn missing(&self) -> Vec<&str> {
        let raised = Self::names(&self.firings);
        self.expected.must.iter().copied().filter(|alert| !raised.contains(alert)).collect()
    }

    pub(crate) fn unexpected(&self) -> Vec<&str> {
        let known = |alert: &&str| self.expected.must.contains(alert) || self.expected.may.contains(alert);
        Self::names(&self.firings).into_iter().filter(|alert| !known(alert)).collect()
    }

    pub(crate) fn wrong_pages(&self) -> Vec<&str> {
        Self::names(&self.pages).into_iter().filter(|alert| !self.expected.pages.contains(alert)).collect()
    }
}
