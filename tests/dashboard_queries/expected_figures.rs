//! Compares the figures on the panels with the simulator's own figures of the same time.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp, ToSpan as _, Zoned};
use wolkvox_simulator::Settings;
use wolkvox_simulator::world::{AgentTruth, Calendar, CallCounts, Choice, World, demo};

use super::GOOD;
use super::asking::{ALL, Chosen};
use super::displayed::{display, panel};
use super::history::{BUSY, IDLE, NO_LEVEL, at};
use super::support::dashboard::{files, folder, list};
use super::support::prometheus::Prometheus;

/// A figure of a panel: dashboard, panel type, title, and the index of the figure.
type Figure = (&'static str, &'static str, &'static str, usize);

/// The expected figures, from the simulator's world.
struct ExpectedFigures {
    world: World,
    /// The ends of the last successful polls of `skills`, `dnis`, `agents_kpi`, `ivr` and `transfers`.
    polled: [Timestamp; 5],
    /// The end of the poll of `skills` that the recorded series are based on.
    recorded: Timestamp,
}

/// The ends of the last polls of `skills` before the end of the time range and before the end of the half-hour after
/// it.
struct HalfHourEnds {
    last: Timestamp,
    next: Timestamp,
}

impl HalfHourEnds {
    async fn of(prometheus: &Prometheus) -> Self {
        let query = last_success_query("skills");
        let before = async |time: Timestamp| timestamp(prometheus, &query, &time.as_second().to_string()).await;
        Self { last: before(at(GOOD)).await, next: before(at(GOOD) + 30.minutes()).await }
    }
}

fn last_success_query(collector: &str) -> String {
    format!("wolkvox_collector_last_success_timestamp_seconds{{collector=\"{collector}\"}}")
}

/// The value of a query at `time`, as a timestamp.
async fn timestamp(prometheus: &Prometheus, query: &str, time: &str) -> Timestamp {
    let answer = prometheus.api("/api/v1/query", &[("query", query), ("time", time)]).await;
    let answer = answer.expect("the query is valid");
    let seconds = list(&answer, "result")[0]["value"][1].as_str().expect("a value is a string");
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs_f64(seconds.parse().expect("a value is a number"))
}

impl ExpectedFigures {
    async fn of(prometheus: &Prometheus) -> Self {
        let settings = Settings::default();
        let world = World::new(settings.seed, Calendar::real_hours(settings.zone), demo());
        let good = at(GOOD).as_second().to_string();
        let mut polled = [Timestamp::UNIX_EPOCH; 5];
        for (when, collector) in polled.iter_mut().zip(["skills", "dnis", "agents_kpi", "ivr", "transfers"]) {
            *when = timestamp(prometheus, &last_success_query(collector), &good).await;
        }
        // Rules are evaluated between two scrapes, so recorded series can be based on the poll before.
        let evaluated = "max(timestamp(operation_skill:wolkvox_skill_calls_in_queue:max))";
        let evaluated = timestamp(prometheus, evaluated, &good).await;
        let recorded = timestamp(prometheus, &last_success_query("skills"), &evaluated.to_string()).await;
        Self { world, polled, recorded }
    }

    fn local(moment: Timestamp) -> Zoned {
        moment.to_zoned(Settings::default().zone)
    }

    fn skill(&self, id: &str, moment: Timestamp) -> CallCounts {
        let all = self.world.skills_at(&Self::local(moment));
        all.into_iter().find(|skill| skill.id.to_string() == id).expect("the simulator has the skill").today
    }

    /// The growth of a skill's day total between the first and the last sample of a window.
    ///
    /// There is one sample per minute, so the first sample is one minute younger than the beginning of the window.
    fn growth(&self, id: &str, minutes: i64, of: fn(&CallCounts) -> u64) -> f64 {
        let now = self.recorded;
        let before = self.skill(id, now - (minutes - 1).minutes());
        of(&self.skill(id, now)) as f64 - of(&before) as f64
    }

    /// Figures of one skill that is open and has calls.
    fn of_skill(&self, id: &str) -> Vec<(Figure, RangeInclusive<f64>)> {
        let now = self.recorded;
        let today = self.skill(id, now);
        // The panels show these series of the exporter directly.
        let raw = self.skill(id, self.polled[0]);
        let growth = |of| self.growth(id, 30, of);
        let inbound = growth(|calls| calls.inbound);
        let in_time = growth(|calls| calls.answered_within(20));
        let level = of(today.answered_within(20)) / of(today.inbound);
        let recover = ((0.8 - level).max(0.0) * of(today.inbound) / 0.2).ceil();
        // Little's law: the mean queue of 15 minutes and the arrivals per second.
        let queue: u64 = (0..15).map(|minute| self.skill(id, now - minute.minutes()).waiting).sum();
        let arrivals = extrapolated(self.growth(id, 15, |calls| calls.inbound), 15.0) / 900.0;
        let skill = |kind, title, index| ("wolkvox-skill", kind, title, index);
        vec![
            (skill("stat", "Waiting now", 0), exactly(today.waiting)),
            (skill("stat", "Calls today", 0), exactly(raw.inbound)),
            (skill("stat", "Calls today", 1), exactly(raw.answered())),
            (skill("stat", "Calls today", 2), exactly(raw.abandoned())),
            // wolkvox rounds to 0.01 %.
            (skill("stat", "Service level today", 0), about(level, 0.000_06)),
            // The history has no week before, so this is the only figure of the panel.
            (skill("stat", "Forecast until the end of the day", 0), about(recover, 1.0)),
            (skill("timeseries", "Calls, 30 min", 0), about(extrapolated(inbound, 30.0), TOLERANCE)),
            // The calls within the threshold are computed from rounded shares.
            (skill("stat", "Service level, 30 min", 0), about(in_time / inbound, 1.0 / inbound)),
            (skill("stat", "Abandoned, 30 min", 0), about(growth(CallCounts::abandoned) / inbound, TOLERANCE)),
            // A caller can arrive or leave between a poll and its minute.
            (skill("stat", "Estimated wait", 0), about(of(queue) / 15.0 / arrivals, 1.0 / 15.0 / arrivals + TOLERANCE)),
        ]
    }

    /// Figures of the manager's dashboard, for all selected skills together: exactly those of the simulator, because the
    /// half-hours are not extrapolated. The morning is the whole time range, and the first calls are in it. Only the
    /// counter of the calls in time begins with the first percentage of a skill, so the first call of each can be missing.
    fn of_days(&self, ends: &HalfHourEnds) -> Vec<(Figure, RangeInclusive<f64>)> {
        let day = |of: fn(&CallCounts) -> u64| -> u64 { BUSY.iter().map(|id| of(&self.skill(id, ends.last))).sum() };
        let in_last_half_hour = |of: fn(&CallCounts) -> u64| -> u64 {
            BUSY.iter().map(|id| of(&self.skill(id, ends.next)) - of(&self.skill(id, ends.last))).sum()
        };
        let (inbound, in_time) = (day(|calls| calls.inbound), day(|calls| calls.answered_within(20)));
        let level = about(of(in_time) / of(inbound), of(BUSY.len() as u64) / of(inbound));
        let days = |kind, title, index| ("wolkvox-day", kind, title, index);
        vec![
            (days("stat", "Calls received", 0), exactly(inbound)),
            (days("stat", "Service level", 0), level.clone()),
            (days("stat", "SL 7 days", 0), level.clone()),
            (days("stat", "SL this month", 0), level),
            (days("stat", "Abandoned", 0), about(of(day(CallCounts::abandoned)) / of(inbound), TOLERANCE)),
            // The half-hour that begins at the end of the range.
            (days("timeseries", "Calls by half-hour", 0), exactly(in_last_half_hour(|calls| calls.inbound))),
            (days("timeseries", "Calls by half-hour", 1), exactly(in_last_half_hour(CallCounts::abandoned))),
        ]
    }

    /// Figures of the wallboard, for all selected skills together.
    fn of_wallboard(&self) -> Vec<(Figure, RangeInclusive<f64>)> {
        let now = self.recorded;
        let growth = |of| -> f64 { BUSY.map(|id| self.growth(id, 30, of)).iter().sum() };
        let inbound = growth(|calls| calls.inbound);
        assert!(inbound > 50.0, "{inbound} calls are too few to compare");
        let in_time = growth(|calls| calls.answered_within(20));
        let tile = |title| ("wolkvox-wall", "stat", title, 0);
        vec![
            (tile("Waiting now"), exactly(BUSY.map(|id| self.skill(id, now).waiting).iter().sum())),
            (tile("Calls received, 30 min"), about(extrapolated(inbound, 30.0), TOLERANCE)),
            (tile("Service level, 30 min"), about(in_time / inbound, 1.0 / inbound)),
            (tile("Abandoned, 30 min"), about(growth(CallCounts::abandoned) / inbound, TOLERANCE)),
        ]
    }

    /// Whether the dialled numbers had exactly these figures at some time in the 15 minutes before the poll: calls
    /// received, abandoned ÷ received, and how many numbers there are. wolkvox updates this report about every ten
    /// minutes.
    fn had_recently(&self, shown: [f64; 3]) -> bool {
        let [_, dnis, ..] = self.polled;
        (0..900).map(|second| Self::local(dnis - second.seconds())).any(|moment| {
            let midnight = moment.start_of_day().expect("the day has a start");
            let then = self.world.dnis_between(None, &midnight, &moment, &moment);
            let calls: u64 = then.iter().map(|one| one.calls.inbound).sum();
            let lost: u64 = then.iter().map(|one| one.calls.abandoned()).sum();
            let figures = [of(calls), of(lost) / of(calls), of(then.len() as u64)];
            figures.iter().zip(shown).all(|(figure, shown)| (figure - shown).abs() < TOLERANCE)
        })
    }

    /// Figures of the other reports. wolkvox shows them late, so the expected range covers the time of the delay.
    fn of_reports(&self) -> Vec<(Figure, RangeInclusive<f64>)> {
        let [.., agents, ivr, transfers] = self.polled;
        let midnight = Self::local(agents).start_of_day().expect("the day has a start");
        let within = |until: Timestamp, minutes: i64, of: &dyn Fn(&Zoned) -> f64| {
            let (then, now) = (Self::local(until - minutes.minutes()), Self::local(until));
            of(&then)..=of(&now)
        };
        let staff = |now: &Zoned| self.world.agents_on(now.date(), now);
        let choices = |now: &Zoned| self.world.ivr_between(&midnight, now, now);
        let pressed = |now: &Zoned, nothing: bool| -> u64 {
            choices(now).iter().filter(|one| !nothing || one.choice == Choice::Nothing).map(|one| one.calls).sum()
        };
        let crew = staff(&Self::local(agents));
        let seconds =
            |of: fn(&AgentTruth) -> SignedDuration| -> f64 { crew.iter().map(|agent| of(agent).as_secs_f64()).sum() };
        let answered: u64 = crew.iter().map(|agent| agent.calls).sum();
        let handling = seconds(|one| one.handling) / of(answered);
        let occupancy = seconds(|one| one.busy) / seconds(|one| one.logged_in);
        let now = Self::local(ivr);
        let all = of(pressed(&now, false));
        let in_menus: f64 = choices(&now).iter().map(|one| one.time.as_secs_f64()).sum();
        let answers = |now: &Zoned| staff(now).iter().map(|one| of(one.calls)).sum();
        let transferred = |now: &Zoned| of(self.world.transfers_between(&midnight, now, now).len() as u64);
        let stat = |board, title| (board, "stat", title, 0);
        vec![
            (stat("wolkvox-agents", "Calls"), within(agents, 15, &answers)),
            (stat("wolkvox-agents", "Handling time"), about(handling, 0.03 * handling)),
            (stat("wolkvox-agents", "Occupancy"), about(occupancy, 0.03)),
            (stat("wolkvox-ivr-transfers", "Choices in menus"), within(ivr, 15, &|now| of(pressed(now, false)))),
            (stat("wolkvox-ivr-transfers", "No option chosen"), about(of(pressed(&now, true)) / all, 0.01)),
            (stat("wolkvox-ivr-transfers", "Time in menus"), about(in_menus / all, 1.0)),
            // wolkvox shows some transfers two hours late.
            (stat("wolkvox-ivr-transfers", "Transfers today"), within(transfers, 150, &transferred)),
        ]
    }
}

/// The tolerance for floating-point errors.
const TOLERANCE: f64 = 1e-6;

/// The increase that Prometheus computes: it extrapolates the growth between the first and the last sample to the whole
/// window.
fn extrapolated(growth: f64, minutes: f64) -> f64 {
    growth * minutes / (minutes - 1.0)
}

fn of(calls: u64) -> f64 {
    calls as f64
}

fn about(expected: f64, tolerance: f64) -> RangeInclusive<f64> {
    expected - tolerance..=expected + tolerance
}

fn exactly(calls: u64) -> RangeInclusive<f64> {
    about(of(calls), 0.0)
}

/// The figures that differ from the simulator's.
pub(crate) async fn wrong_figures(prometheus: &Prometheus) -> Vec<String> {
    let expected_figures = ExpectedFigures::of(prometheus).await;
    let boards = files(&folder());
    let mut expected: Vec<(String, (Figure, RangeInclusive<f64>))> = Vec::new();
    for id in BUSY {
        expected.extend(expected_figures.of_skill(id).into_iter().map(|figure| (id.to_owned(), figure)));
    }
    for id in [IDLE, NO_LEVEL] {
        let waiting = expected_figures.skill(id, expected_figures.recorded).waiting;
        expected.push((id.to_owned(), (("wolkvox-skill", "stat", "Waiting now", 0), exactly(waiting))));
    }
    let busy = BUSY.join("|");
    expected.extend(expected_figures.of_wallboard().into_iter().map(|figure| (busy.clone(), figure)));
    let ends = HalfHourEnds::of(prometheus).await;
    expected.extend(expected_figures.of_days(&ends).into_iter().map(|figure| (busy.clone(), figure)));
    expected.extend(expected_figures.of_reports().into_iter().map(|figure| (String::new(), figure)));
    let mut found = Vec::new();
    let dnis = &boards["wolkvox-dnis"];
    let mut numbers = [0.0; 3];
    for (figure, title) in numbers.iter_mut().zip(["Calls received", "Abandoned", "Numbers"]) {
        *figure = display(prometheus, dnis, panel(dnis, "stat", title), ALL, at(GOOD)).await.figures[0];
    }
    if !expected_figures.had_recently(numbers) {
        found.push(format!("the dialled numbers did not have {numbers:?} in the last 15 minutes"));
    }
    for (skills, ((board, kind, title, index), range)) in expected {
        let one = [("skill_id", skills.as_str())];
        let chosen: Chosen = if skills.is_empty() { ALL } else { &one };
        let panel = panel(&boards[board], kind, title);
        let shown = display(prometheus, &boards[board], panel, chosen, at(GOOD)).await;
        if !shown.figures.get(index).is_some_and(|figure| range.contains(figure)) {
            found.push(format!("{board}, {title} of {skills}: figure {index} of {shown:?} is not in {range:?}"));
        }
    }
    found
}
