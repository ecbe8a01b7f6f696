//! The promise of the pages: how seldom they are false and how soon they come. It is measured on simulated days of single
//! skills.

use std::collections::BTreeMap;

use crate::bound;
use crate::rules::SHIPPED;
use crate::skill_days::{PAGING, Page, PagingRules, Setting};
use crate::worlds::{AGENT_LEAVES, HARDER_LIMIT, SHIFT, TROUBLES, Trouble, WORLDS, World, one_agent, skills};

/// Seeds of the incidents begin here, so that their days are not those of the healthy days.
const INCIDENT_SEEDS: u64 = 1_000_000;
/// Worlds have this distance between their first seeds.
const WORLD_SEEDS: u64 = 10_000;

/// With polls every five minutes, a median may be this much longer.
const LONGER_WITH_5_MINUTES: f64 = 6.0;

/// Quantile of the normal distribution for 95 % confidence intervals.
const Z: f64 = 1.96;
/// The same for 99.9 %. With few samples, a promise is judged by this: of some dozen figures, one in twenty is outside of
/// its 95 % interval by chance.
const Z_OF_FEW: f64 = 3.29;

/// How many days are simulated for each size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Days {
    pub(crate) plain: usize,
    pub(crate) harder: usize,
    pub(crate) incident: usize,
}

/// Skill-days and how many of them had at least one page.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rate {
    pub(crate) days: usize,
    pub(crate) paged: usize,
}

impl Rate {
    /// Of the pages of each day.
    fn of(by_day: &[Vec<Page>]) -> Self {
        Self { days: by_day.len(), paged: by_day.iter().filter(|pages| !pages.is_empty()).count() }
    }

    /// Whether it is above the limit. With few samples it is only if chance does not explain it.
    fn exceeds(self, limit: f64, whole: bool) -> bool {
        let share = if whole { self.share() } else { self.interval_with(Z_OF_FEW).0 };
        share > limit
    }

    pub(crate) fn share(self) -> f64 {
        self.paged as f64 / self.days as f64
    }

    /// Wilson's 95 % confidence interval.
    pub(crate) fn interval(self) -> (f64, f64) {
        self.interval_with(Z)
    }

    /// Wilson's confidence interval with this quantile of the normal distribution.
    fn interval_with(self, z: f64) -> (f64, f64) {
        let (n, p) = (self.days as f64, self.share());
        let middle = p + z * z / (2.0 * n);
        let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z * z / n;
        (((middle - spread) / scale).max(0.0), (middle + spread) / scale)
    }
}

/// Counts pages by the place of their alert in [`PAGING`].
fn count_by_alert<'a>(by_alert: &mut [usize; PAGING.len()], pages: impl Iterator<Item = &'a Page>) {
    for page in pages {
        by_alert[page.alert] += 1;
    }
}

/// The false pages of one world.
pub(crate) struct FalsePages {
    pub(crate) world: &'static World,
    /// By calls a day.
    pub(crate) by_size: BTreeMap<u32, Rate>,
    /// Pages by the place of their alert in [`PAGING`].
    pub(crate) by_alert: [usize; PAGING.len()],
}

impl FalsePages {
    fn of(rules: &PagingRules, place: usize, interval: i64, seed: u64, days: Days) -> Self {
        let world = &WORLDS[place];
        let count = if place == 0 { days.plain } else { days.harder };
        let (mut by_size, mut by_alert) = (BTreeMap::new(), [0; PAGING.len()]);
        for (size, skill) in skills() {
            let seed = seed + WORLD_SEEDS * place as u64;
            let setting = Setting { skill, conditions: world.conditions, interval, seed };
            let by_day = setting.healthy(rules, count);
            by_size.insert(size, Rate::of(&by_day));
            count_by_alert(&mut by_alert, by_day.iter().flatten());
        }
        Self { world, by_size, by_alert }
    }

    /// Over all sizes.
    pub(crate) fn whole(&self) -> Rate {
        self.by_size
            .values()
            .fold(Rate::default(), |sum, rate| Rate { days: sum.days + rate.days, paged: sum.paged + rate.paged })
    }
}

/// Minutes from an incident to the first page, one entry for each simulated day.
#[derive(Clone, Debug)]
pub(crate) struct Delays {
    /// Ascending; infinite if there was no page.
    minutes: Vec<f64>,
    /// First pages by the place of their alert in [`PAGING`].
    pub(crate) by_alert: [usize; PAGING.len()],
}

impl Delays {
    fn of(pages: &[Option<Page>]) -> Self {
        let mut by_alert = [0; PAGING.len()];
        count_by_alert(&mut by_alert, pages.iter().flatten());
        let delay = |page: &Option<Page>| page.map_or(f64::INFINITY, Page::minutes);
        Self::sorted(pages.iter().map(delay).collect(), by_alert)
    }

    pub(crate) fn sorted(mut minutes: Vec<f64>, by_alert: [usize; PAGING.len()]) -> Self {
        minutes.sort_by(f64::total_cmp);
        Self { minutes, by_alert }
    }

    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let place = (share * self.minutes.len() as f64) as usize;
        self.minutes[place.min(self.minutes.len() - 1)]
    }

    /// Share of the days without a page.
    pub(crate) fn never(&self) -> f64 {
        self.minutes.iter().filter(|minutes| minutes.is_infinite()).count() as f64 / self.minutes.len() as f64
    }

    /// The lower end of a 99.9 % confidence interval of the median, from the order of the values.
    pub(crate) fn least_median(&self) -> f64 {
        self.quantile(0.5 - Z_OF_FEW / 2.0 / (self.minutes.len() as f64).sqrt())
    }
}

/// The delays of one incident by calls a day.
pub(crate) struct IncidentDelays {
    pub(crate) trouble: &'static Trouble,
    pub(crate) by_size: BTreeMap<u32, Delays>,
}

impl IncidentDelays {
    fn of(rules: &PagingRules, trouble: &'static Trouble, interval: i64, seed: u64, days: usize) -> Self {
        let by_size = skills().into_iter().map(|(size, skill)| {
            let seed = seed + INCIDENT_SEEDS;
            let setting = Setting { skill, conditions: trouble.conditions, interval, seed };
            (size, Delays::of(&setting.delays(rules, days, trouble.effect, trouble.lasts)))
        });
        Self { trouble, by_size: by_size.collect() }
    }
}

/// The skill of [`one_agent`]: its healthy days, and the days on which its agent leaves.
pub(crate) struct OneAgent {
    pub(crate) false_pages: Rate,
    pub(crate) delays: Delays,
}

impl OneAgent {
    fn of(rules: &PagingRules, interval: i64, seed: u64, days: Days) -> Self {
        let (skill, conditions) = one_agent();
        let healthy = Setting { skill, conditions, interval, seed };
        let false_pages = Rate::of(&healthy.healthy(rules, days.harder));
        let leaves = Setting { seed: seed + INCIDENT_SEEDS, ..healthy };
        let delays = leaves.delays(rules, days.incident, AGENT_LEAVES, SHIFT);
        Self { false_pages, delays: Delays::of(&delays) }
    }
}

/// One point of the curve of false pages against the delay: the limit of `WolkvoxAbandonmentHigh` times a factor.
pub(crate) struct CurvePoint {
    pub(crate) factor: f64,
    pub(crate) false_pages: Rate,
    pub(crate) medians: BTreeMap<u32, f64>,
}

/// All measurements for one poll interval.
pub(crate) struct Promise {
    /// Seconds between two polls.
    pub(crate) interval: i64,
    pub(crate) false_pages: Vec<FalsePages>,
    pub(crate) delays: Vec<IncidentDelays>,
    pub(crate) one_agent: OneAgent,
}

/// The recorded series with the limit, and the number in it that the curve changes.
const LIMIT: (&str, f64) = ("operation_skill:wolkvox_skill_abandoned_calls:usual_excess_limit", 28.0);

impl Promise {
    pub(crate) fn of(rules: &PagingRules, interval: i64, seed: u64, days: Days) -> Self {
        let delays =
            TROUBLES.iter().map(|trouble| IncidentDelays::of(rules, trouble, interval, seed, days.incident)).collect();
        eprintln!("{interval} s: delays measured");
        let false_pages = (0..WORLDS.len()).map(|place| {
            let measured = FalsePages::of(rules, place, interval, seed, days);
            eprintln!(
                "{interval} s: {} of {} days: {}",
                measured.whole().paged,
                measured.whole().days,
                measured.world.name
            );
            measured
        });
        let false_pages = false_pages.collect();
        let one_agent = OneAgent::of(rules, interval, seed, days);
        Self { interval, false_pages, delays, one_agent }
    }

    /// The highest median delay that is promised for this size.
    pub(crate) fn promised(&self, minutes: f64) -> f64 {
        if self.interval > 60 { minutes + LONGER_WITH_5_MINUTES } else { minutes }
    }

    /// The promises that are broken. With few samples a promise is broken only if chance does not explain it.
    pub(crate) fn broken(&self, whole: bool) -> Vec<String> {
        let interval = self.interval;
        let mut broken = Vec::new();
        for measured in &self.false_pages {
            let (world, rate) = (measured.world, measured.whole());
            if rate.exceeds(world.limit, whole) {
                broken.push(format!("{interval} s: {:.5} false pages, world: {}", rate.share(), world.name));
            }
        }
        let false_pages = self.one_agent.false_pages;
        if false_pages.exceeds(HARDER_LIMIT, whole) {
            broken.push(format!("{interval} s: {:.5} false pages, a skill with one agent", false_pages.share()));
        }
        for measured in &self.delays {
            for (size, minutes) in measured.trouble.promise {
                let delays = &measured.by_size[size];
                let median = if whole { delays.median() } else { delays.least_median() };
                if median > self.promised(*minutes) {
                    broken.push(format!("{interval} s: median {} minutes, {size} calls", delays.median()));
                }
            }
        }
        broken
    }
}

/// The curve at one poll a minute, in the plain world.
pub(crate) fn curve(seed: u64, days: Days) -> Vec<CurvePoint> {
    [0.7, 0.8, 0.9, 1.0, 1.1, 1.2].map(|factor| curve_point(factor, seed, days)).into()
}

fn curve_point(factor: f64, seed: u64, days: Days) -> CurvePoint {
    let (name, limit) = LIMIT;
    let rules = PagingRules::changed(SHIPPED, |record, expression| {
        if record != name {
            return expression.to_owned();
        }
        let shipped = format!(" {limit} * ");
        assert!(expression.contains(&shipped), "{name}: the expression does not contain {limit}");
        expression.replace(&shipped, &format!(" {} * ", limit * factor))
    });
    let few = Days { plain: days.harder, ..days };
    let measured = FalsePages::of(&rules, 0, 60, seed, few);
    let half = IncidentDelays::of(&rules, &TROUBLES[0], 60, seed, days.incident);
    let medians = half.by_size.iter().map(|(size, delays)| (*size, delays.median())).collect();
    CurvePoint { factor, false_pages: measured.whole(), medians }
}

/// The delays of an observer who sees every call and knows the roster, when half the agents leave.
pub(crate) fn bound(seed: u64, days: usize) -> BTreeMap<u32, Delays> {
    let of = |(size, skill)| {
        let setting = Setting { skill, conditions: TROUBLES[0].conditions, interval: 60, seed: seed + INCIDENT_SEEDS };
        (size, Delays::sorted(bound::delays(&setting, days), [0; PAGING.len()]))
    };
    skills().into_iter().map(of).collect()
}
