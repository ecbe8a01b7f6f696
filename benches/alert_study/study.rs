//! What is simulated, and what is promised of it.

use std::collections::{BTreeMap, BTreeSet};

use wolkvox_simulator::world::demo;

use crate::judge::{Firing, Inhibition, firings};
use crate::past::{Wanted, add, database, day, served};
use crate::rules::Rules;
use crate::scenarios::{Expected, SCENARIOS};

/// Healthy days; what the scenarios' days are compared with a week before is among them.
pub(crate) const HEALTHY_DAYS: i64 = 14;

/// Of the warnings, on healthy days, for each skill and day.
pub(crate) const MOST_WARNINGS: f64 = 0.05;

/// Skills from this size on have to page when half the agents are gone, calls a day.
pub(crate) const LARGE: u32 = 600;

/// Half the agents go at this hour, when most people call.
pub(crate) const BUSIEST: &str = "10h";

const FAST: &str = "WolkvoxServiceLevelFastBurn";
const HOUR: f64 = 3600.0;

/// How much is simulated.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Days with half the agents, for each hour.
    pub(crate) delay_seeds: u64,
    /// Hours at which they go.
    pub(crate) hours: &'static [&'static str],
    /// Healthy fortnights behind each point of the curve.
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

/// All that came out.
pub(crate) struct Study {
    pub(crate) plan: Plan,
    pub(crate) polls: Vec<Polls>,
}

/// What came out at one interval of polls.
pub(crate) struct Polls {
    pub(crate) interval: &'static str,
    /// The median delay of a page that is promised, minutes.
    pub(crate) promised: f64,
    pub(crate) healthy: Vec<Firing>,
    pub(crate) scenarios: Vec<Raised>,
    pub(crate) delays: Vec<Delays>,
    pub(crate) curve: Vec<Point>,
}

/// What a scenario raised.
pub(crate) struct Raised {
    pub(crate) expected: &'static Expected,
    pub(crate) firings: Vec<Firing>,
    /// Those of the criticals that somebody is told.
    pub(crate) pages: Vec<Firing>,
    /// When the trouble began, Unix time.
    pub(crate) trouble: i64,
}

/// Minutes from the moment at which half the agents went to the page; `None` where none came that day.
pub(crate) struct Delays {
    pub(crate) hour: &'static str,
    pub(crate) by_size: BTreeMap<u32, Vec<Option<f64>>>,
}

/// The fast alert with its limits times `factor`.
pub(crate) struct Point {
    pub(crate) factor: f64,
    /// On healthy days, for each skill and day.
    pub(crate) false_pages: f64,
    pub(crate) median: f64,
    pub(crate) missed: usize,
}

/// Calls a day of each skill that has any, by its id.
pub(crate) fn sizes() -> BTreeMap<String, u32> {
    let busy = demo().into_iter().filter(|skill| skill.calls_a_day > 0.0);
    busy.map(|skill| (skill.id.to_string(), skill.calls_a_day as u32)).collect()
}

impl Study {
    pub(crate) async fn of(plan: Plan) -> Self {
        let runs = [("1m", 30.0), ("5m", 40.0)]
            .map(|(interval, promised)| tokio::spawn(Polls::of(plan.clone(), interval, promised)));
        let mut polls = Vec::new();
        for run in runs {
            polls.push(run.await.expect("the study does not panic"));
        }
        Self { plan, polls }
    }

    /// What should hold and does not.
    pub(crate) fn broken_promises(&self) -> Vec<String> {
        self.polls.iter().flat_map(Polls::broken_promises).collect()
    }
}

impl Polls {
    async fn of(plan: Plan, interval: &'static str, promised: f64) -> Self {
        let rules = Rules::shipped(|_, expression| expression.to_owned());
        let families = rules.families();
        let wanted = Wanted {
            operation: "study".to_owned(),
            seed: plan.seed,
            interval,
            scenario: "healthy",
            trouble: ("5m", None),
            from: 0,
            days: HEALTHY_DAYS,
            dnis: true,
        };
        let past = database(None);
        add(past.path(), &wanted, &families);
        let prometheus = served(database(Some(past.path()))).await;
        let (first, end) = (day(0).as_second(), day(HEALTHY_DAYS).as_second());
        let healthy = firings(&prometheus, &rules, first, end).await;
        drop(prometheus);
        eprintln!("{interval}: {} alerts on healthy days", healthy.len());

        let mut scenarios = Vec::new();
        for expected in &SCENARIOS {
            let with = database(Some(past.path()));
            let trouble = Wanted {
                scenario: expected.name,
                trouble: expected.trouble,
                from: HEALTHY_DAYS,
                days: 1,
                ..wanted.clone()
            };
            add(with.path(), &trouble, &families);
            let prometheus = served(with).await;
            let all = firings(&prometheus, &rules, end, day(HEALTHY_DAYS + 1).as_second()).await;
            scenarios.push(Raised::of(expected, all, end));
            eprintln!("{interval}: {}", expected.name);
        }

        let (delays, curve) = Self::half_the_agents(&plan, &wanted).await;
        Self { interval, promised, healthy, scenarios, delays, curve }
    }

    /// How soon the fast alert pages when half the agents go, and what that costs in false pages.
    async fn half_the_agents(plan: &Plan, wanted: &Wanted<'_>) -> (Vec<Delays>, Vec<Point>) {
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
        let days = database(None);
        for &hour in plan.hours {
            for seed in 0..plan.delay_seeds {
                let wanted = Wanted {
                    operation: format!("{hour} {seed}"),
                    seed: plan.seed + 1000 + seed,
                    scenario: "understaffed",
                    trouble: (hour, None),
                    from: 1,
                    days: 1,
                    dnis: false,
                    ..wanted.clone()
                };
                add(days.path(), &wanted, &families);
            }
        }
        let days = served(days).await;
        let delays_of = async |rules: &Rules| {
            let found = firings(&days, rules, day(1).as_second(), day(2).as_second()).await;
            plan.hours.iter().map(|&hour| Delays::of(plan, hour, &found)).collect::<Vec<_>>()
        };
        let shipped = delays_of(&fast(1.0)).await;
        let mut curve = Vec::new();
        if plan.curve_seeds > 0 {
            let fortnights = database(None);
            for seed in 0..plan.curve_seeds {
                let operation = format!("healthy {seed}");
                let wanted = Wanted { operation, seed: plan.seed + 2000 + seed, dnis: false, ..wanted.clone() };
                add(fortnights.path(), &wanted, &families);
            }
            let fortnights = served(fortnights).await;
            for factor in [0.8, 0.9, 1.0, 1.1] {
                let rules = fast(factor);
                let (first, end) = (day(0).as_second(), day(HEALTHY_DAYS).as_second());
                let pages = firings(&fortnights, &rules, first, end).await.len();
                let skill_days = plan.curve_seeds as f64 * HEALTHY_DAYS as f64 * sizes().len() as f64;
                let delays = delays_of(&rules).await;
                let large = delays[0].large();
                curve.push(Point {
                    factor,
                    false_pages: pages as f64 / skill_days,
                    median: median(&large),
                    missed: large.iter().filter(|delay| delay.is_none()).count(),
                });
            }
        }
        (shipped, curve)
    }

    /// Warnings on healthy days, for each skill and day.
    pub(crate) fn warnings(&self) -> f64 {
        let warnings = self.healthy.iter().filter(|firing| firing.rule.severity == "warning").count();
        warnings as f64 / (HEALTHY_DAYS as f64 * sizes().len() as f64)
    }

    fn broken_promises(&self) -> Vec<String> {
        let mut broken = Vec::new();
        let interval = self.interval;
        for page in self.healthy.iter().filter(|firing| firing.rule.severity == "critical") {
            broken.push(format!("{interval}: {} of {} on a healthy day", page.rule.alert, page.label("skill_id")));
        }
        if self.warnings() > MOST_WARNINGS {
            broken.push(format!("{interval}: {:.3} warnings for each healthy skill and day", self.warnings()));
        }
        for raised in &self.scenarios {
            let name = raised.expected.name;
            broken.extend(raised.missing().iter().map(|alert| format!("{interval}: {name} does not raise {alert}")));
            broken.extend(raised.unexpected().iter().map(|alert| format!("{interval}: {name} raises {alert}")));
            broken.extend(raised.wrong_pages().iter().map(|alert| format!("{interval}: {name} pages for {alert}")));
        }
        let large = self.delays[0].large();
        let missed = large.iter().filter(|delay| delay.is_none()).count();
        if missed > 0 {
            broken.push(format!(
                "{interval}: half the agents are gone and {missed} of {} large skills do not page",
                large.len()
            ));
        }
        if median(&large) > self.promised {
            broken.push(format!("{interval}: with half the agents a page takes {} minutes (median)", median(&large)));
        }
        broken
    }
}

impl Raised {
    /// What was raised because of the trouble; what fired before it is a matter of healthy days.
    fn of(expected: &'static Expected, all: Vec<Firing>, midnight: i64) -> Self {
        let waits = !matches!(expected.name, "quota" | "bad-data");
        let hours: f64 = expected.trouble.0.trim_end_matches('h').parse().expect("whole hours");
        let trouble = if waits { midnight + (hours * HOUR) as i64 } else { midnight };
        let firings: Vec<Firing> = all.into_iter().filter(|firing| firing.from >= trouble).collect();
        let inhibition = Inhibition::shipped();
        let is_page = |firing: &&Firing| firing.rule.severity == "critical" && !inhibition.silences(firing, &firings);
        let pages = firings.iter().filter(is_page).cloned().collect();
        Self { expected, firings, pages, trouble }
    }

    fn names(firings: &[Firing]) -> BTreeSet<&str> {
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

impl Delays {
    fn of(plan: &Plan, hour: &'static str, found: &[Firing]) -> Self {
        let hours: f64 = hour.trim_end_matches('h').parse().expect("whole hours");
        let trouble = day(1).as_second() + (hours * HOUR) as i64;
        let mut by_size: BTreeMap<u32, Vec<Option<f64>>> = BTreeMap::new();
        for seed in 0..plan.delay_seeds {
            for (id, size) in sizes() {
                let page = found.iter().find(|firing| {
                    firing.label("operation") == format!("{hour} {seed}")
                        && firing.label("skill_id") == id
                        && firing.from >= trouble
                });
                by_size.entry(size).or_default().push(page.map(|page| (page.from - trouble) as f64 / 60.0));
            }
        }
        Self { hour, by_size }
    }

    /// Those of large skills.
    pub(crate) fn large(&self) -> Vec<Option<f64>> {
        self.by_size.range(LARGE..).flat_map(|(_, delays)| delays.iter().copied()).collect()
    }
}

/// The middle; what never came counts as endless.
pub(crate) fn median(delays: &[Option<f64>]) -> f64 {
    let mut all: Vec<f64> = delays.iter().map(|delay| delay.unwrap_or(f64::INFINITY)).collect();
    all.sort_by(f64::total_cmp);
    let middle = all.len() / 2;
    if all.len() % 2 == 1 { all[middle] } else { f64::midpoint(all[middle - 1], all[middle]) }
}

/// The fast alert with other limits of its two burn rates.
fn scaled(expression: &str, factor: f64) -> String {
    let mut text = expression.to_owned();
    for (rate, limit) in [("burn_least30m >= ", 2.25), ("burn_least1h >= ", 1.9)] {
        let shipped = format!("{rate}{limit}");
        assert!(text.contains(&shipped), "the fast alert has no {shipped} any more");
        text = text.replace(&shipped, &format!("{rate}{}", limit * factor));
    }
    text
}
