//! Runs the simulations and compares the results with the targets of the study.

use std::collections::{BTreeMap, BTreeSet};

use wolkvox_simulator::world::demo;

use crate::evaluation::{FiredAlert, Inhibition, fired_alerts};
use crate::history::{SimulatedDays, add_days, day_start, new_database, start_prometheus};
use crate::rules::Rules;
use crate::scenarios::{Expected, SCENARIOS};

/// Number of healthy days. They include the week before the scenarios, which some rules compare with.
pub(crate) const HEALTHY_DAYS: i64 = 14;

/// Highest number of warnings per skill and healthy day.
pub(crate) const MAX_WARNINGS: f64 = 0.05;

/// Calls a day from which a skill is large. Large skills must page when half the agents leave.
pub(crate) const LARGE: u32 = 600;

/// The hour with the most calls. Half the agents leave at this hour.
pub(crate) const BUSIEST: &str = "10h";

const FAST: &str = "WolkvoxServiceLevelFastBurn";
const HOUR: f64 = 3600.0;

/// Size of the study.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Days with half the agents, per hour.
    pub(crate) delay_seeds: u64,
    /// Hours at which the agents leave.
    pub(crate) hours: &'static [&'static str],
    /// Healthy periods of 14 days for each row of the sensitivity table.
    pub(crate) curve_seeds: u64,
}

impl Plan {
    pub(crate) fn whole(seed: u64) -> Self {
        Self { seed, delay_seeds: 24, hours: &[BUSIEST, "9h", "15h"], curve_seeds: 4 }
    }

    pub(crate) fn quick(seed: u64) -> Self {
        Self { seed, delay_seeds: 4, hours: &[BUSIEST], curve_seeds: 0 }
    }
}

/// All results.
pub(crate) struct Study {
    pub(crate) plan: Plan,
    pub(crate) results: Vec<IntervalResult>,
}

/// Results for one poll interval.
pub(crate) struct IntervalResult {
    pub(crate) interval: &'static str,
    /// Highest median delay of a page, in minutes.
    pub(crate) delay_target: f64,
    pub(crate) healthy: Vec<FiredAlert>,
    pub(crate) scenarios: Vec<ScenarioResult>,
    pub(crate) delays: Vec<PageDelays>,
    pub(crate) curve: Vec<CurvePoint>,
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

/// Minutes from the time at which half the agents left to the page; `None` if there was no page on that day.
pub(crate) struct PageDelays {
    pub(crate) hour: &'static str,
    pub(crate) by_size: BTreeMap<u32, Vec<Option<f64>>>,
}

/// Results of the fast alert with its limits multiplied by `factor`.
pub(crate) struct CurvePoint {
    pub(crate) factor: f64,
    /// False pages per skill and healthy day.
    pub(crate) false_pages: f64,
    pub(crate) median: f64,
    pub(crate) missed: usize,
}

/// Calls a day of each skill with calls, by skill id.
pub(crate) fn sizes() -> BTreeMap<String, u32> {
    let busy = demo().into_iter().filter(|skill| skill.calls_a_day > 0.0);
    busy.map(|skill| (skill.id.to_string(), skill.calls_a_day as u32)).collect()
}

impl Study {
    pub(crate) async fn of(plan: Plan) -> Self {
        let runs = [("1m", 30.0), ("5m", 40.0)]
            .map(|(interval, delay_target)| tokio::spawn(IntervalResult::of(plan.clone(), interval, delay_target)));
        let mut results = Vec::new();
        for run in runs {
            results.push(run.await.expect("the study does not panic"));
        }
        Self { plan, results }
    }

    /// Descriptions of all targets that are not met.
    pub(crate) fn missed_targets(&self) -> Vec<String> {
        self.results.iter().flat_map(IntervalResult::missed_targets).collect()
    }
}

impl IntervalResult {
    async fn of(plan: Plan, interval: &'static str, delay_target: f64) -> Self {
        let rules = Rules::shipped(|_, expression| expression.to_owned());
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

        let (delays, curve) = Self::half_the_agents(&plan, &days).await;
        Self { interval, delay_target, healthy, scenarios, delays, curve }
    }

    /// Measures how fast the fast alert pages when half the agents leave, and how many false pages it sends.
    async fn half_the_agents(plan: &Plan, healthy: &SimulatedDays<'_>) -> (Vec<PageDelays>, Vec<CurvePoint>) {
        let fast = |factor: f64| {
            let mut rules =
                Rules::shipped(
                    |alert, expression| {
                        if alert == FAST { scaled(expression, factor) } else { expression.to_owned() }
                    },
                );
            rules.alerts.retain(|rule| rule.alert == FAST);
            rules
        };
        let families = fast(1.0).families();
        let database = new_database(None);
        for &hour in plan.hours {
            for seed in 0..plan.delay_seeds {
                let days = SimulatedDays {
                    operation: format!("{hour} {seed}"),
                    seed: plan.seed + 1000 + seed,
                    scenario: "understaffed",
                    trouble: (hour, None),
                    from: 1,
                    days: 1,
                    dnis: false,
                    ..healthy.clone()
                };
                add_days(database.path(), &days, &families);
            }
        }
        let half_staffed = start_prometheus(database).await;
        let delays_of = async |rules: &Rules| {
            let found = fired_alerts(&half_staffed, rules, day_start(1).as_second(), day_start(2).as_second()).await;
            plan.hours.iter().map(|&hour| PageDelays::of(plan, hour, &found)).collect::<Vec<_>>()
        };
        let shipped = delays_of(&fast(1.0)).await;
        let mut curve = Vec::new();
        if plan.curve_seeds > 0 {
            let database = new_database(None);
            for seed in 0..plan.curve_seeds {
                let operation = format!("healthy {seed}");
                let days = SimulatedDays { operation, seed: plan.seed + 2000 + seed, dnis: false, ..healthy.clone() };
                add_days(database.path(), &days, &families);
            }
            let healthy_periods = start_prometheus(database).await;
            for factor in [0.8, 0.9, 1.0, 1.1] {
                let rules = fast(factor);
                let (first, end) = (day_start(0).as_second(), day_start(HEALTHY_DAYS).as_second());
                let pages = fired_alerts(&healthy_periods, &rules, first, end).await.len();
                let skill_days = plan.curve_seeds as f64 * HEALTHY_DAYS as f64 * sizes().len() as f64;
                let delays = delays_of(&rules).await;
                let large = delays[0].large();
                curve.push(CurvePoint {
                    factor,
                    false_pages: pages as f64 / skill_days,
                    median: median(&large),
                    missed: large.iter().filter(|delay| delay.is_none()).count(),
                });
            }
        }
        (shipped, curve)
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
        let large = self.delays[0].large();
        let missed = large.iter().filter(|delay| delay.is_none()).count();
        if missed > 0 {
            missed_targets.push(format!(
                "{interval}: half the agents have left and {missed} of {} large skills do not page",
                large.len()
            ));
        }
        if median(&large) > self.delay_target {
            missed_targets.push(format!(
                "{interval}: with half the agents, the median delay of a page is {} minutes",
                median(&large)
            ));
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

impl PageDelays {
    fn of(plan: &Plan, hour: &'static str, found: &[FiredAlert]) -> Self {
        let hours: f64 = hour.trim_end_matches('h').parse().expect("whole hours");
        let incident = day_start(1).as_second() + (hours * HOUR) as i64;
        let mut by_size: BTreeMap<u32, Vec<Option<f64>>> = BTreeMap::new();
        for seed in 0..plan.delay_seeds {
            for (id, size) in sizes() {
                let page = found.iter().find(|firing| {
                    firing.label("operation") == format!("{hour} {seed}")
                        && firing.label("skill_id") == id
                        && firing.from >= incident
                });
                by_size.entry(size).or_default().push(page.map(|page| (page.from - incident) as f64 / 60.0));
            }
        }
        Self { hour, by_size }
    }

    /// Delays of the large skills.
    pub(crate) fn large(&self) -> Vec<Option<f64>> {
        self.by_size.range(LARGE..).flat_map(|(_, delays)| delays.iter().copied()).collect()
    }
}

/// Median delay. A page that never came counts as infinite.
pub(crate) fn median(delays: &[Option<f64>]) -> f64 {
    let mut all: Vec<f64> = delays.iter().map(|delay| delay.unwrap_or(f64::INFINITY)).collect();
    all.sort_by(f64::total_cmp);
    let middle = all.len() / 2;
    if all.len() % 2 == 1 { all[middle] } else { f64::midpoint(all[middle - 1], all[middle]) }
}

/// The expression of the fast alert with both burn rate limits multiplied by `factor`.
fn scaled(expression: &str, factor: f64) -> String {
    let mut text = expression.to_owned();
    for (rate, limit) in [("burn_least30m >= ", 2.25), ("burn_least1h >= ", 1.9)] {
        let shipped = format!("{rate}{limit}");
        assert!(text.contains(&shipped), "the expression of the fast alert does not contain {shipped}");
        text = text.replace(&shipped, &format!("{rate}{}", limit * factor));
    }
    text
}
