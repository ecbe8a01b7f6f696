//! What is done to the exporters in random order, and how often.

use std::time::Duration;

use jiff::SignedDuration;

use crate::findings::Findings;
use crate::subject::{DAY, Edition, Subject};

/// The shortest and the longest time between two disturbances.
const BETWEEN: std::ops::Range<u64> = 2..10;

/// The times for which connections are refused.
const REFUSED: std::ops::Range<u64> = 1..5;

/// Before midnight, so that the exporter polls on both days.
const BEFORE_MIDNIGHT: SignedDuration = SignedDuration::from_secs(8);

/// How long a clock stays wrong.
const WRONG: Duration = Duration::from_secs(25);

/// One disturbance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disturbance {
    Restart,
    Kill,
    DayAhead,
    DayBack,
    OverMidnight,
    Reload,
}

const ALL: [Disturbance; 6] = [
    Disturbance::Restart,
    Disturbance::Kill,
    Disturbance::DayAhead,
    Disturbance::DayBack,
    Disturbance::OverMidnight,
    Disturbance::Reload,
];

/// A clock that is wrong.
#[derive(Clone, Copy, Debug)]
struct WrongClock {
    until: Duration,
    /// When midnight passes, if it does.
    midnight: Option<Duration>,
}

/// The disturbances so far.
#[derive(Debug)]
pub(crate) struct Disturbances {
    random: fastrand::Rng,
    next: Duration,
    /// A disturbance that waits until it can be made.
    pending: Option<Disturbance>,
    wrong: [Option<WrongClock>; 2],
    /// The calls of each server at the last step of the clock of the restarted exporter.
    calls_at_step: Vec<u64>,
    listen_again: Vec<(String, Duration)>,
    restarts: u64,
    reloads: u64,
    refused_reloads: u64,
    kills: u64,
    steps: u64,
    midnights: u64,
    refusals: u64,
    longest_stop: Duration,
}

impl Disturbances {
    /// None. `run` is the time since the start of the run.
    pub(crate) fn new(seed: u64, run: Duration) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            next: run + Duration::from_secs(10),
            pending: None,
            wrong: [None; 2],
            calls_at_step: Vec::new(),
            listen_again: Vec::new(),
            restarts: 0,
            reloads: 0,
            refused_reloads: 0,
            kills: 0,
            steps: 0,
            midnights: 0,
            refusals: 0,
            longest_stop: Duration::ZERO,
        }
    }

    /// Makes what is due.
    pub(crate) async fn make_due(
        &mut self,
        run: Duration,
        steady: &mut Subject,
        restarted: &mut Subject,
        findings: &Findings,
    ) {
        self.end_refusals(run, [steady, restarted]);
        for (place, subject) in [&mut *steady, &mut *restarted].into_iter().enumerate() {
            self.correct_clock(run, place, subject);
        }
        if run < self.next {
            return;
        }
        let disturbance = *self.pending.get_or_insert_with(|| ALL[self.random.usize(..ALL.len())]);
        let ends_process = matches!(disturbance, Disturbance::Restart | Disturbance::Kill);
        if ends_process && !self.has_called_since_step(restarted) {
            return;
        }
        self.pending = None;
        self.next = run + Duration::from_secs(self.random.u64(BETWEEN));
        match disturbance {
            Disturbance::Restart => {
                let took = restarted.restart(findings).await;
                self.longest_stop = self.longest_stop.max(took);
                self.restarts += 1;
            }
            Disturbance::Kill => {
                restarted.kill(findings).await;
                self.kills += 1;
            }
            Disturbance::Reload => self.reload(steady, findings).await,
            Disturbance::DayAhead | Disturbance::DayBack | Disturbance::OverMidnight => {
                let place = self.random.usize(..2);
                let subject = if place == 0 { steady } else { restarted };
                self.step(run, place, subject, disturbance);
            }
        }
    }

    /// Reads a configuration again: as it is, changed or broken. After a broken one comes one that is right.
    async fn reload(&mut self, subject: &mut Subject, findings: &Findings) {
        let before = subject.edition();
        let edition = [Edition::First, Edition::Changed, Edition::Fewer, Edition::Broken][self.random.usize(..4)];
        let after = (edition == Edition::Broken).then_some(before);
        for edition in [Some(edition), after].into_iter().flatten() {
            subject.write(edition);
            match subject.reload(self.random.bool()).await {
                Ok(true) => self.reloads += 1,
                Ok(false) => self.refused_reloads += 1,
                Err(error) => findings.add(&error),
            }
        }
    }

    /// Whether every server of this exporter was called after the last step of its clock. A process that starts with
    /// another date than that of the last call cannot know that the clock was set.
    fn has_called_since_step(&self, subject: &Subject) -> bool {
        let called = |(now, then): (u64, &u64)| now > *then + 1;
        self.calls_at_step.is_empty() || subject.calls_by_server().into_iter().zip(&self.calls_at_step).all(called)
    }

    fn note_step(&mut self, place: usize, subject: &Subject) {
        if place == 1 {
            self.calls_at_step = subject.calls_by_server();
        }
        self.steps += 1;
    }

    fn step(&mut self, run: Duration, place: usize, subject: &mut Subject, disturbance: Disturbance) {
        if self.wrong[place].is_some() {
            return;
        }
        let (off, midnight) = match disturbance {
            Disturbance::DayAhead => (DAY, None),
            Disturbance::DayBack => (-DAY, None),
            _ => {
                let now = subject.local_time();
                let midnight = now.tomorrow().and_then(|tomorrow| tomorrow.start_of_day());
                let left = midnight.map_or(SignedDuration::ZERO, |midnight| midnight.duration_since(&now));
                let passes = Duration::try_from(BEFORE_MIDNIGHT).expect("it is positive");
                (left - BEFORE_MIDNIGHT, Some(run + passes))
            }
        };
        subject.clock_file.set(off);
        self.wrong[place] = Some(WrongClock { until: run + WRONG, midnight });
        self.note_step(place, subject);
    }

    /// Sets a clock right that was wrong for long enough, and notices midnights.
    fn correct_clock(&mut self, run: Duration, place: usize, subject: &mut Subject) {
        let Some(wrong) = &mut self.wrong[place] else { return };
        // From a little before midnight on, calls may be counted for the one day or for the other.
        if let Some(midnight) = wrong.midnight
            && run + Duration::from_secs(1) >= midnight
        {
            subject.start_day();
            if run >= midnight + Duration::from_secs(3) {
                wrong.midnight = None;
                self.midnights += 1;
            }
        }
        if run >= wrong.until && wrong.midnight.is_none() {
            self.wrong[place] = None;
            subject.clock_file.set(SignedDuration::ZERO);
            self.note_step(place, subject);
        }
    }

    /// Lets servers listen again that have refused connections for long enough.
    fn end_refusals(&mut self, run: Duration, subjects: [&Subject; 2]) {
        for server in subjects.into_iter().flat_map(Subject::refusing) {
            match self.listen_again.iter().position(|(name, _)| *name == server.operation) {
                None => {
                    let time = Duration::from_secs(self.random.u64(REFUSED));
                    self.listen_again.push((server.operation.clone(), run + time));
                }
                Some(place) if run >= self.listen_again[place].1 => {
                    self.listen_again.swap_remove(place);
                    self.refusals += 1;
                    server.listen_again();
                }
                Some(_) => {}
            }
        }
    }

    /// Sets the clocks right.
    pub(crate) async fn settle(&mut self, steady: &mut Subject, restarted: &mut Subject, findings: &Findings) {
        for subject in [steady, restarted] {
            subject.clock_file.set(SignedDuration::ZERO);
            subject.look(findings).await;
        }
    }

    /// Prints how many there were.
    pub(crate) fn print(&self) {
        println!("restarts             {}, the longest stop {:.2} s", self.restarts, self.longest_stop.as_secs_f64());
        println!("reloads              {}, and {} of a broken configuration", self.reloads, self.refused_reloads);
        println!("kills                {}", self.kills);
        println!("clock steps          {}, over midnight {}", self.steps, self.midnights);
        println!("refused connections  {} times", self.refusals);
    }
}
