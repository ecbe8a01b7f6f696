//! The simulated operation behind its API: decides what each request gets. It knows no HTTP.

use std::sync::Arc;

use jiff::Zoned;

use crate::dialect::{Answer, Endpoint, Manner, Parameters, Question, Refusal, Report};
use crate::gate::Gate;
use crate::heard::Heard;
use crate::journal::{Journal, Recorder};
use crate::outage::{Failure, TURNS};
use crate::scenario::{Answers, Effects};
use crate::settings::{Opening, Settings};
use crate::trouble::Trouble;
use crate::world::{Calendar, World, demo};

/// A running simulation. Share it as an `Arc` between [`serve`](crate::serve) and whoever reads its journal.
#[derive(Debug)]
pub struct Simulation {
    settings: Settings,
    effects: Effects,
    trouble: Trouble,
    world: World,
    gate: Gate,
    recorder: Recorder,
}

/// What a request gets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reply {
    /// An answer in wolkvox's dialect.
    Answer(Answer),
    /// A failure; `Answer` is what it would have been.
    Failure(Failure, Answer),
}

impl Simulation {
    /// A simulation that starts at the current time of `settings`.
    pub fn new(settings: Settings) -> Arc<Self> {
        let started = settings.time.now();
        let calendar = match settings.opening {
            Opening::AlwaysLively => Calendar::lively(settings.zone.clone(), settings.busy_at.unwrap_or(started)),
            Opening::RealHours => Calendar::real_hours(settings.zone.clone()),
        };
        let effects = settings.scenario.effects();
        let trouble = Trouble::new(started, settings.trouble_after, settings.trouble_for.or(effects.lasts));
        let quota = settings.daily_quota.or(effects.daily_quota).unwrap_or(u64::from(settings.licences) * 1000);
        Arc::new(Self {
            world: World::new(settings.seed, calendar, demo()).disturbed(effects.strain, trouble),
            gate: Gate::new(&settings.token, quota),
            recorder: Recorder::default(),
            settings,
            effects,
            trouble,
        })
    }

    /// What really happens in the operation.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The local time of the operation.
    pub fn now(&self) -> Zoned {
        self.settings.time.now().to_zoned(self.settings.zone.clone())
    }

    /// What was asked and answered so far.
    pub fn journal(&self) -> Journal {
        self.recorder.copy()
    }

    /// What a client hears that asks for `file` with these parameters, without HTTP between them.
    pub async fn hear(&self, file: &str, parameters: &[(String, String)], token: Option<&str>) -> Heard {
        self.reply(file, parameters, token).await.heard()
    }

    /// The reply to one request, after the latency. Dropping the future frees the token.
    pub(crate) async fn reply(&self, file: &str, parameters: &Parameters, token: Option<&str>) -> Reply {
        let endpoint = Endpoint::of(file, parameters);
        let _visit = self.recorder.enter(endpoint);
        let now = self.now();
        let reply = if self.effects.answers == Answers::Withheld && self.trouble.contains(now.timestamp()) {
            tokio::time::sleep(self.settings.latency).await;
            let intended = self.rows(endpoint, parameters, &now).unwrap_or_else(Refusal::answer);
            Reply::Failure(self.recorder.next_failure(&TURNS), intended)
        } else {
            Reply::Answer(self.answer(endpoint, parameters, token, &now).await.unwrap_or_else(Refusal::answer))
        };
        if let Some(status) = reply.status() {
            self.recorder.answered(status);
        }
        reply
    }

    async fn answer(
        &self,
        endpoint: Option<Endpoint>,
        parameters: &Parameters,
        token: Option<&str>,
        now: &Zoned,
    ) -> Result<Answer, Refusal> {
        let revoked = self.effects.answers == Answers::Refused && self.trouble.contains(now.timestamp());
        let _turn = self.gate.admit(token, revoked, now.date())?;
        tokio::time::sleep(self.settings.latency).await;
        self.rows(endpoint, parameters, now)
    }

    fn rows(&self, endpoint: Option<Endpoint>, parameters: &Parameters, now: &Zoned) -> Result<Answer, Refusal> {
        let endpoint = endpoint.ok_or(Refusal::NoSuchApi)?;
        if endpoint == Endpoint::AgentsKpi && !self.settings.gamification {
            return Err(Refusal::NoGamification);
        }
        let question = Question::read(endpoint, parameters, &self.settings.zone)?;
        let manner = Manner { divisor: self.settings.divisor, late_corrections: self.effects.late_corrections };
        let report = Report::of(&self.world, now, &question, manner)?;
        if self.effects.answers != Answers::Spoilt {
            return Ok(report.answer());
        }
        let (answer, blemishes, unreadable) = report.spoilt_answer(self.recorder.next_spoilt(endpoint));
        self.recorder.spoilt(endpoint, &blemishes, unreadable);
        Ok(answer)
    }
}

impl Reply {
    /// The HTTP status, unless there is none.
    fn status(&self) -> Option<u16> {
        match self {
            Self::Answer(answer) => Some(answer.status),
            Self::Failure(Failure::Dropped, _) => None,
            Self::Failure(Failure::InternalError, _) => Some(500),
            Self::Failure(Failure::Unavailable, _) => Some(503),
            Self::Failure(Failure::Maintenance, _) => Some(403),
            Self::Failure(Failure::CutOff | Failure::HalfDocument, _) => Some(200),
        }
    }
}
