//! What panels show is what happened, by the simulator's own account of the same time.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp, ToSpan as _, Zoned};
use serde_json::Value;
use wolkvox_exporter::simulator::Settings;
use wolkvox_exporter::simulator::world::{Calendar, Choice, Tally, World, demo};

use super::GOOD;
use super::asking::{ALL, Chosen};
use super::looks::look;
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
}

impl Account {
    async fn of(prometheus: &Prometheus) -> Self {
        let settings = Settings::default();
        let world = World::new(settings.seed, Calendar::real_hours(settings.zone), demo());
        let mut polled = [Timestamp::UNIX_EPOCH; 5];
        for (when, collector) in polled.iter_mut().zip(["skills", "dnis", "agents_kpi", "ivr", "transfers"]) {
            let query = format!("wolkvox_collector_last_success_timestamp_seconds{{collector=\"{collector}\"}}");
            let time = at(GOOD).as_second().to_string();
            let answer = prometheus.api("/api/v1/query", &[("query", &query), ("time", &time)]).await;
            let answer = answer.expect("the query is right");
            let seconds = list(&answer, "result")[0]["value"][1].as_str().expect("a value is a text");
            let seconds: f64 = seconds.parse().expect("a value is a number");
            *when = Timestamp::UNIX_EPOCH + SignedDuration::from_secs_f64(seconds);
        }
        Self { world, polled }
    }

    fn local(moment: Timestamp) -> Zoned {
        moment.to_zoned(Settings::default().zone)
    }

    fn skill(&self, id: &str, moment: Timestamp) -> Tally {
        let all = self.world.skills_at(&Self::local(moment));
        all.into_iter().find(|skill| skill.id.to_string() == id).expect("the simulator has the skill").today
    }

    /// Figures of one skill that is open and called.
    fn of_skill(&self, id: &str) -> Vec<(Figure, RangeInclusive<f64>)> {
        let [now, ..] = self.polled;
        let today = self.skill(id, now);
        let before = self.skill(id, now - 30.minutes());
        let inbound = of(today.inbound - before.inbound);
        let share = |now: u64, before: u64| (of(now) - of(before)) / inbound;
        let level = of(today.answered_within(20)) / of(today.inbound);
        let recover = ((0.8 - level).max(0.0) * of(today.inbound) / 0.2).ceil();
        // By Little's law, of the quarter of an hour that is seen minute by minute.
        let queue: u64 = (0..15).map(|minute| self.skill(id, now - minute.minutes()).waiting).sum();
        let quarter = of(today.inbound - self.skill(id, now - 15.minutes()).inbound);
        let wait = of(queue) / 15.0 * 900.0 / quarter;
        let skill = |kind, title, index| ("wolkvox-skill", kind, title, index);
        vec![
            // Of the moment of the poll, so there is nothing to be rounded.
            (skill("stat", "Waiting now", 0), exactly(today.waiting)),
            (skill("timeseries", "Calls today", 0), exactly(today.inbound)),
            (skill("timeseries", "Calls today", 1), exactly(today.answered())),
            (skill("timeseries", "Calls today", 2), exactly(today.abandoned())),
            // wolkvox rounds to hundredths of a per cent.
            (skill("stat", "Service level today", 0), about(level, 0.000_06)),
            (skill("stat", "Calls to recover", 0), about(recover, 1.0)),
            // Prometheus stretches what it saw to the edges of a window: a minute of thirty, one call at least.
            (skill("timeseries", "Calls received, 30 min", 0), about(inbound, 1.0 + 0.07 * inbound)),
            (
                skill("stat", "Service level, 30 min", 0),
                about(share(today.answered_within(20), before.answered_within(20)), 2.0 / inbound),
            ),
            (skill("stat", "Abandoned, 30 min", 0), about(share(today.abandoned(), before.abandoned()), 2.0 / inbound)),
            (skill("stat", "Estimated wait", 0), about(wait, 1.0 + 0.25 * wait)),
        ]
    }

    /// Figures of all chosen skills together.
    fn of_wall(&self) -> Vec<(Figure, RangeInclusive<f64>)> {
        let [now, ..] = self.polled;
        let sum =
            |moment, of: fn(&Tally) -> u64| -> f64 { BUSY.map(|id| of(&self.skill(id, moment)) as f64).iter().sum() };
        let grown = |of| sum(now, of) - sum(now - 30.minutes(), of);
        let inbound = grown(|calls| calls.inbound);
        assert!(inbound > 50.0, "{inbound} calls prove nothing");
        let tile = |title| ("wolkvox-wall", "stat", title, 0);
        vec![
            (tile("Waiting now"), about(sum(now, |calls| calls.waiting), 0.0)),
            (tile("Calls received, 30 min"), about(inbound, 0.07 * inbound)),
            (tile("Service level, 30 min"), about(grown(|calls| calls.answered_within(20)) / inbound, 0.02)),
            (tile("Abandoned, 30 min"), about(grown(Tally::abandoned) / inbound, 0.02)),
        ]
    }

    /// Figures of the reports, which wolkvox makes anew about every ten minutes: the truth lies between then and now.
    fn of_reports(&self) -> Vec<(Figure, RangeInclusive<f64>)> {
        let [_, dnis, agents, ivr, transfers] = self.polled;
        let midnight = Self::local(dnis).start_of_day().expect("the day has a beginning");
        let within = |until: Timestamp, minutes: i64, of: &dyn Fn(&Zoned) -> f64| {
            let (then, now) = (Self::local(until - minutes.minutes()), Self::local(until));
            of(&then)..=of(&now)
        };
        let numbers = |now: &Zoned| self.world.dnis_between(None, &midnight, now, now);
        let staff = |now: &Zoned| self.world.agents_on(now.date(), now);
        let choices = |now: &Zoned| self.world.ivr_between(&midnight, now, now);
        let pressed = |now: &Zoned, nothing: bool| -> u64 {
            choices(now).iter().filter(|one| !nothing || one.choice == Choice::Nothing).map(|one| one.calls).sum()
        };
        let (calls, lost) = numbers(&Self::local(dnis))
            .iter()
            .fold((0, 0), |(calls, lost), one| (calls + one.calls.inbound, lost + one.calls.abandoned()));
        let crew = staff(&Self::local(agents));
        let seconds = |of: fn(&wolkvox_exporter::simulator::world::AgentTruth) -> SignedDuration| -> f64 {
            crew.iter().map(|agent| of(agent).as_secs_f64()).sum()
        };
        let answered: u64 = crew.iter().map(|agent| agent.calls).sum();
        let now = Self::local(ivr);
        let in_menus: f64 = choices(&now).iter().map(|one| one.time.as_secs_f64()).sum();
        let stat = |board, title| (board, "stat", title, 0);
        vec![
            (
                stat("wolkvox-dnis", "Calls received"),
                within(dnis, 15, &|now| numbers(now).iter().map(|one| of(one.calls.inbound)).sum()),
            ),
            (stat("wolkvox-dnis", "Numbers"), within(dnis, 15, &|now| of(numbers(now).len() as u64))),
            (stat("wolkvox-dnis", "Abandoned"), about(of(lost) / of(calls), 0.01)),
            (
                stat("wolkvox-agents", "Calls"),
                within(agents, 15, &|now| staff(now).iter().map(|one| of(one.calls)).sum()),
            ),
            (
                stat("wolkvox-agents", "Handling time"),
                about(seconds(|one| one.handling) / of(answered), 0.03 * seconds(|one| one.handling) / of(answered)),
            ),
            (stat("wolkvox-agents", "Occupancy"), about(seconds(|one| one.busy) / seconds(|one| one.logged_in), 0.03)),
            (stat("wolkvox-ivr-transfers", "Choices in menus"), within(ivr, 15, &|now| of(pressed(now, false)))),
            (
                stat("wolkvox-ivr-transfers", "No choice at all"),
                about(of(pressed(&now, true)) / of(pressed(&now, false)), 0.01),
            ),
            (stat("wolkvox-ivr-transfers", "Time in menus"), about(in_menus / of(pressed(&now, false)), 1.0)),
            // Some are shown two hours late.
            (
                stat("wolkvox-ivr-transfers", "Transfers today"),
                within(transfers, 150, &|now| of(self.world.transfers_between(&midnight, now, now).len() as u64)),
            ),
        ]
    }
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

/// The panel of a figure.
fn panel<'a>(board: &'a Value, kind: &str, title: &str) -> &'a Value {
    let mut panels = list(board, "panels").iter();
    panels.find(|panel| panel["type"] == kind && panel["title"] == title).expect("the board has the panel")
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
        let waiting = account.skill(id, account.polled[0]).waiting;
        expected.push((id.to_owned(), (("wolkvox-skill", "stat", "Waiting now", 0), exactly(waiting))));
    }
    let busy = BUSY.join("|");
    expected.extend(account.of_wall().into_iter().map(|figure| (busy.clone(), figure)));
    expected.extend(account.of_reports().into_iter().map(|figure| (String::new(), figure)));
    let mut found = Vec::new();
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
