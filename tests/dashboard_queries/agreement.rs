//! What panels show is what happened, by the simulator's own account of the same time.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp, ToSpan as _, Zoned};
use wolkvox_simulator::Settings;
use wolkvox_simulator::world::{AgentTruth, Calendar, CallCounts, Choice, World, demo};

use super::GOOD;
use super::asking::{ALL, Chosen};
use super::looks::{look, panel};
use super::past::{BUSY, IDLE, UNTOLD, at};
use super::support::dashboard::{files, folder, list};
use super::support::prometheus::Prometheus;

/// A figure of a panel: board, kind, title, and the how manieth it is.
type Figure = (&'static str, &'static str, &'static str, usize);

/// What the simulator says.
struct Account {
    world: World,
    /// The ends of the last good polls of `skills`, `dnis`, `agents_kpi`, `ivr` and `transfers`.
    polled: [Timestamp; 5],
    /// The end of the poll of `skills` that recorded series know.
    recorded: Timestamp,
}

fn last_poll(collector: &str) -> String {
    format!("wolkvox_collector_last_success_timestamp_seconds{{collector=\"{collector}\"}}")
}

/// The moment that a query answers with, asked at `time`.
async fn moment(prometheus: &Prometheus, query: &str, time: &str) -> Timestamp {
    let answer = prometheus.api("/api/v1/query", &[("query", query), ("time", time)]).await;
    let answer = answer.expect("the query is right");
    let seconds = list(&answer, "result")[0]["value"][1].as_str().expect("a value is a text");
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs_f64(seconds.parse().expect("a value is a number"))
}

impl Account {
    async fn of(prometheus: &Prometheus) -> Self {
        let settings = Settings::default();
        let world = World::new(settings.seed, Calendar::real_hours(settings.zone), demo());
        let good = at(GOOD).as_second().to_string();
        let mut polled = [Timestamp::UNIX_EPOCH; 5];
        for (when, collector) in polled.iter_mut().zip(["skills", "dnis", "agents_kpi", "ivr", "transfers"]) {
            *when = moment(prometheus, &last_poll(collector), &good).await;
        }
        // Rules are evaluated between two scrapes, so what they record may be of the poll before.
        let evaluated = "max(timestamp(operation_skill:wolkvox_skill_calls_in_queue:max))";
        let evaluated = moment(prometheus, evaluated, &good).await;
        let recorded = moment(prometheus, &last_poll("skills"), &evaluated.to_string()).await;
        Self { world, polled, recorded }
    }

    fn local(moment: Timestamp) -> Zoned {
        moment.to_zoned(Settings::default().zone)
    }

    fn skill(&self, id: &str, moment: Timestamp) -> CallCounts {
        let all = self.world.skills_at(&Self::local(moment));
        all.into_iter().find(|skill| skill.id.to_string() == id).expect("the simulator has the skill").today
    }

    /// What a skill's day grew by in the samples of a window of so many minutes: one each minute, so the first of them is a
    /// minute younger than the window is long.
    fn grown(&self, id: &str, minutes: i64, of: fn(&CallCounts) -> u64) -> f64 {
        let now = self.recorded;
        let before = self.skill(id, now - (minutes - 1).minutes());
        of(&self.skill(id, now)) as f64 - of(&before) as f64
    }

    /// Figures of one skill that is open and called.
    fn of_skill(&self, id: &str) -> Vec<(Figure, RangeInclusive<f64>)> {
        let now = self.recorded;
        let today = self.skill(id, now);
        // These are shown as they come.
        let raw = self.skill(id, self.polled[0]);
        let grown = |of| self.grown(id, 30, of);
        let inbound = grown(|calls| calls.inbound);
        let in_time = grown(|calls| calls.answered_within(20));
        let level = of(today.answered_within(20)) / of(today.inbound);
        let recover = ((0.8 - level).max(0.0) * of(today.inbound) / 0.2).ceil();
        // By Little's law: the mean queue of 15 minutes, and arrivals in a second.
        let queue: u64 = (0..15).map(|minute| self.skill(id, now - minute.minutes()).waiting).sum();
        let arrivals = stretched(self.grown(id, 15, |calls| calls.inbound), 15.0) / 900.0;
        let skill = |kind, title, index| ("wolkvox-skill", kind, title, index);
        vec![
            (skill("stat", "Waiting now", 0), exactly(today.waiting)),
            (skill("timeseries", "Calls today", 0), exactly(raw.inbound)),
            (skill("timeseries", "Calls today", 1), exactly(raw.answered())),
            (skill("timeseries", "Calls today", 2), exactly(raw.abandoned())),
            // wolkvox rounds to hundredths of a per cent.
            (skill("stat", "Service level today", 0), about(level, 0.000_06)),
            (skill("stat", "Calls to recover", 0), about(recover, 1.0)),
            (skill("timeseries", "Calls received, 30 min", 0), about(stretched(inbound, 30.0), ROUNDED)),
            // Calls in time are counted from rounded shares.
            (skill("stat", "Service level, 30 min", 0), about(in_time / inbound, 1.0 / inbound)),
            (skill("stat", "Abandoned, 30 min", 0), about(grown(CallCounts::abandoned) / inbound, ROUNDED)),
            // A caller may come or go between a poll and the minute of it.
            (skill("stat", "Estimated wait", 0), about(of(queue) / 15.0 / arrivals, 1.0 / 15.0 / arrivals + ROUNDED)),
        ]
    }

    /// Figures of all chosen skills together.
    fn of_wall(&self) -> Vec<(Figure, RangeInclusive<f64>)> {
        let now = self.recorded;
        let grown = |of| -> f64 { BUSY.map(|id| self.grown(id, 30, of)).iter().sum() };
        let inbound = grown(|calls| calls.inbound);
        assert!(inbound > 50.0, "{inbound} calls prove nothing");
        let in_time = grown(|calls| calls.answered_within(20));
        let tile = |title| ("wolkvox-wall", "stat", title, 0);
        vec![
            (tile("Waiting now"), exactly(BUSY.map(|id| self.skill(id, now).waiting).iter().sum())),
            (tile("Calls received, 30 min"), about(stretched(inbound, 30.0), ROUNDED)),
            (tile("Service level, 30 min"), about(in_time / inbound, 1.0 / inbound)),
            (tile("Abandoned, 30 min"), about(grown(CallCounts::abandoned) / inbound, ROUNDED)),
        ]
    }

    /// Whether there was a moment within a quarter of an hour before the poll at which the numbers had exactly these figures:
    /// received, abandoned ÷ received, numbers. wolkvox makes that report anew about every ten minutes.
    fn had(&self, shown: [f64; 3]) -> bool {
        let [_, dnis, ..] = self.polled;
        (0..900).map(|second| Self::local(dnis - second.seconds())).any(|moment| {
            let midnight = moment.start_of_day().expect("the day has a beginning");
            let then = self.world.dnis_between(None, &midnight, &moment, &moment);
            let calls: u64 = then.iter().map(|one| one.calls.inbound).sum();
            let lost: u64 = then.iter().map(|one| one.calls.abandoned()).sum();
            let figures = [of(calls), of(lost) / of(calls), of(then.len() as u64)];
            figures.iter().zip(shown).all(|(figure, shown)| (figure - shown).abs() < ROUNDED)
        })
    }

    /// Figures of the other reports, which wolkvox shows late: the truth lies between then and now.
    fn of_reports(&self) -> Vec<(Figure, RangeInclusive<f64>)> {
        let [.., agents, ivr, transfers] = self.polled;
        let midnight = Self::local(agents).start_of_day().expect("the day has a beginning");
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
        let handed_on = |now: &Zoned| of(self.world.transfers_between(&midnight, now, now).len() as u64);
        let stat = |board, title| (board, "stat", title, 0);
        vec![
            (stat("wolkvox-agents", "Calls"), within(agents, 15, &answers)),
            (stat("wolkvox-agents", "Handling time"), about(handling, 0.03 * handling)),
            (stat("wolkvox-agents", "Occupancy"), about(occupancy, 0.03)),
            (stat("wolkvox-ivr-transfers", "Choices in menus"), within(ivr, 15, &|now| of(pressed(now, false)))),
            (stat("wolkvox-ivr-transfers", "No choice at all"), about(of(pressed(&now, true)) / all, 0.01)),
            (stat("wolkvox-ivr-transfers", "Time in menus"), about(in_menus / all, 1.0)),
            // Some are shown two hours late.
            (stat("wolkvox-ivr-transfers", "Transfers today"), within(transfers, 150, &handed_on)),
        ]
    }
}

/// What arithmetic may be off by.
const ROUNDED: f64 = 1e-6;

/// Prometheus takes the growth between the first and the last sample for that of the whole window.
fn stretched(grown: f64, minutes: f64) -> f64 {
    grown * minutes / (minutes - 1.0)
}

fn of(calls: u64) -> f64 {
    calls as f64
}

fn about(truth: f64, off: f64) -> RangeInclusive<f64> {
    truth - off..=truth + off
}

fn exactly(calls: u64) -> RangeInclusive<f64> {
    about(of(calls), 0.0)
}

/// The figures that are not what the simulator says.
pub(crate) async fn disagreements(prometheus: &Prometheus) -> Vec<String> {
    let account = Account::of(prometheus).await;
    let boards = files(&folder());
    let mut expected: Vec<(String, (Figure, RangeInclusive<f64>))> = Vec::new();
    for id in BUSY {
        expected.extend(account.of_skill(id).into_iter().map(|figure| (id.to_owned(), figure)));
    }
    for id in [IDLE, UNTOLD] {
        let waiting = account.skill(id, account.recorded).waiting;
        expected.push((id.to_owned(), (("wolkvox-skill", "stat", "Waiting now", 0), exactly(waiting))));
    }
    let busy = BUSY.join("|");
    expected.extend(account.of_wall().into_iter().map(|figure| (busy.clone(), figure)));
    expected.extend(account.of_reports().into_iter().map(|figure| (String::new(), figure)));
    let mut found = Vec::new();
    let dnis = &boards["wolkvox-dnis"];
    let mut numbers = [0.0; 3];
    for (figure, title) in numbers.iter_mut().zip(["Calls received", "Abandoned", "Numbers"]) {
        *figure = look(prometheus, dnis, panel(dnis, "stat", title), ALL, at(GOOD)).await.figures[0];
    }
    if !account.had(numbers) {
        found.push(format!("the dialled numbers never had {numbers:?}"));
    }
    for (skills, ((board, kind, title, index), truth)) in expected {
        let one = [("skill_id", skills.as_str())];
        let chosen: Chosen = if skills.is_empty() { ALL } else { &one };
        let panel = panel(&boards[board], kind, title);
        let shown = look(prometheus, &boards[board], panel, chosen, at(GOOD)).await;
        if !shown.figures.get(index).is_some_and(|figure| truth.contains(figure)) {
            found.push(format!("{board}, {title} of {skills}: {shown:?} at {index} is not in {truth:?}"));
        }
    }
    found
}
