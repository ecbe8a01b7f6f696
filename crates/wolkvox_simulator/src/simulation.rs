//! The simulated operation behind its API: decides the outcome of each request. It does not depend on HTTP.

use std::sync::Arc;

use jiff::Zoned;

use crate::dialect::{Endpoint, JsonResponse, Parameters, Refusal, RenderOptions, Report, Request};
use crate::incident_window::IncidentWindow;
use crate::outage::FAILURE_ORDER;
use crate::request_log::{RequestLog, RequestStats};
use crate::response::{Outcome, SimulatedResponse};
use crate::scenario::{ApiBehavior, Effects};
use crate::settings::{Opening, Settings};
use crate::token_limiter::TokenLimiter;
use crate::world::{Calendar, World, demo};

/// A running simulation. Share it in an `Arc` between [`serve`](crate::serve) and the code that reads its statistics.
#[derive(Debug)]
pub struct Simulation {
    settings: Settings,
    effects: Effects,
    incident_window: IncidentWindow,
    world: World,
    limiter: TokenLimiter,
    request_log: RequestLog,
}

impl Simulation {
    /// Creates a simulation that starts at the current time of `settings`.
    pub fn new(settings: Settings) -> Arc<Self> {
        let started = settings.time.now();
        let calendar = match settings.opening {
            Opening::BusyAtStart => Calendar::busy_at(settings.zone.clone(), settings.busy_at.unwrap_or(started)),
            Opening::RealHours => Calendar::real_hours(settings.zone.clone()),
        };
        let effects = settings.scenario.effects();
        let incident_window =
            IncidentWindow::new(started, settings.trouble_after, settings.trouble_for.or(effects.lasts));
        let quota = settings.daily_quota.or(effects.daily_quota).unwrap_or(u64::from(settings.licenses) * 1000);
        Arc::new(Self {
            world: World::new(settings.seed, calendar, demo()).with_incident(effects.incident, incident_window),
            limiter: TokenLimiter::new(&settings.token, quota),
            request_log: RequestLog::default(),
            settings,
            effects,
            incident_window,
        })
    }

    /// The true events of the operation.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The local time of the operation.
    pub fn now(&self) -> Zoned {
        self.settings.time.now().to_zoned(self.settings.zone.clone())
    }

    /// Statistics of requests and responses so far.
    pub fn request_stats(&self) -> RequestStats {
        self.request_log.stats()
    }

    /// The response to a request for `file` with these parameters, without HTTP.
    pub async fn respond(&self, file: &str, parameters: &[(String, String)], token: Option<&str>) -> SimulatedResponse {
        self.outcome(file, parameters, token).await.into_response()
    }

    /// The outcome of one request, after the latency. Dropping the future frees the token.
    pub(crate) async fn outcome(&self, file: &str, parameters: &Parameters, token: Option<&str>) -> Outcome {
        let endpoint = Endpoint::of(file, parameters);
        let _in_flight = self.request_log.start_request(endpoint);
        let now = self.now();
        let outcome = if self.effects.api == ApiBehavior::Failing && self.incident_window.contains(now.timestamp()) {
            tokio::time::sleep(self.settings.latency).await;
            let intended = self.rows(endpoint, parameters, &now).unwrap_or_else(Refusal::response);
            Outcome::Failed(self.request_log.next_failure(&FAILURE_ORDER), intended)
        } else {
            Outcome::Json(self.json_response(endpoint, parameters, token, &now).await.unwrap_or_else(Refusal::response))
        };
        if let Some(status) = outcome.status() {
            self.request_log.record_status(status);
        }
        outcome
    }

    async fn json_response(
        &self,
        endpoint: Option<Endpoint>,
        parameters: &Parameters,
        token: Option<&str>,
        now: &Zoned,
    ) -> Result<JsonResponse, Refusal> {
        let revoked = self.effects.api == ApiBehavior::TokenRefused && self.incident_window.contains(now.timestamp());
        let _permit = self.limiter.acquire(token, revoked, now.date())?;
        tokio::time::sleep(self.settings.latency).await;
        self.rows(endpoint, parameters, now)
    }

    fn rows(&self, endpoint: Option<Endpoint>, parameters: &Parameters, now: &Zoned) -> Result<JsonResponse, Refusal> {
        let endpoint = endpoint.ok_or(Refusal::NoSuchApi)?;
        if endpoint == Endpoint::AgentsKpi && !self.settings.gamification {
            return Err(Refusal::NoGamification);
        }
        let request = Request::parse(endpoint, parameters, &self.settings.zone)?;
        let options =
            RenderOptions { denominator: self.settings.denominator, late_corrections: self.effects.late_corrections };
        let report = Report::build(&self.world, now, &request, options)?;
        if self.effects.api != ApiBehavior::Corrupted {
            return Ok(report.response());
        }
        let (response, corruptions, unreadable) = report.corrupted_response(self.request_log.next_corrupted(endpoint));
        self.request_log.record_corruptions(endpoint, &corruptions, unreadable);
        Ok(response)
    }
}
