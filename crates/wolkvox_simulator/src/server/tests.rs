//! Tests over real HTTP on loopback: statuses, limits, failures and recovery.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;
use crate::{Endpoint, Scenario, Settings, TimeSource};

const SKILLS: &str = "real_time.php?api=skills&skill_id=all";
const DNIS: &str = "reports_manager.php?api=skill_6&skill_id=all&date_ini=20261124000000&date_end=20261124235959";
const AGENTS: &str = "gamification.php?api=agents_kpi&date_ini=20261124000000&date_end=20261124235959";
const TRANSFERS: &str = "reports_manager.php?api=chat_9&date_ini=20261124000000&date_end=20261124235959";
const IVR: &str = "reports_manager.php?api=diagram_1_3&date_ini=20261124000000&date_end=20261124235959";
const ALL: [&str; 5] = [SKILLS, DNIS, AGENTS, TRANSFERS, IVR];

/// The response to a second request of one token.
const REFUSED: &str = "403 EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)";

/// A latency that no test waits for.
const WITHOUT_END: Duration = Duration::from_secs(86_400);

/// How long a wait may last on a slow machine.
const LIMIT: Duration = Duration::from_secs(300);

/// A simulation served over HTTP. Its time is 11:00 on a Tuesday in Bogotá until [`Served::pass`] moves it.
struct Served {
    simulation: Arc<Simulation>,
    now: Arc<Mutex<Timestamp>>,
    base: String,
    client: reqwest::Client,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

fn start() -> Timestamp {
    "2026-11-24T11:00-05".parse().unwrap()
}

async fn served(choose: impl FnOnce(&mut Settings)) -> Served {
    let now = Arc::new(Mutex::new(start()));
    let shared = Arc::clone(&now);
    let time = TimeSource::new(move || *shared.lock().unwrap());
    let mut settings = Settings { latency: Duration::from_millis(1), time, ..Settings::default() };
    choose(&mut settings);
    let simulation = Simulation::new(settings);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/api/v2/", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(serve(listener, Arc::clone(&simulation), async move { _ = stopped.await }));
    // Fails if another test of this process has installed it already, which does no harm.
    _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    Served { simulation, now, base, client, stop, task }
}

impl Served {
    fn request(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(format!("{}{path}", self.base))
    }

    async fn ask(&self, path: &str) -> (u16, String) {
        let response = self.request(path).header("wolkvox-token", "demo-token").send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Status and message of a response, or how the request failed.
    async fn outcome(&self, path: &str) -> String {
        match self.request(path).header("wolkvox-token", "demo-token").send().await {
            Err(_) => "no response".to_owned(),
            Ok(response) => {
                let status = response.status().as_u16();
                match response.text().await {
                    Err(_) => format!("{status} cut off"),
                    Ok(body) => match read(&body) {
                        Ok(envelope) => format!("{status} {}", envelope["msg"].as_str().unwrap_or_default()),
                        Err(_) if body.starts_with("<!DOCTYPE") => format!("{status} page"),
                        Err(_) if body.is_empty() => format!("{status} empty"),
                        Err(_) => format!("{status} no JSON"),
                    },
                }
            }
        }
    }

    /// The number of requests received so far.
    fn received(&self) -> u64 {
        self.simulation.request_stats().requests.values().sum()
    }

    /// Waits until it has received so many requests.
    async fn has_got(&self, requests: u64) {
        let received = async {
            while self.received() < requests {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        assert!(tokio::time::timeout(LIMIT, received).await.is_ok(), "no {requests} requests within {LIMIT:?}");
    }

    fn pass(&self, minutes: i64) {
        *self.now.lock().unwrap() += SignedDuration::from_mins(minutes);
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap().unwrap();
    }
}

#[expect(clippy::disallowed_methods, reason = "an independent reading of the simulator's own text")]
fn read(body: &str) -> serde_json::Result<Value> {
    serde_json::from_str(body)
}

#[tokio::test]
async fn every_report_is_served_as_chunked_json() {
    let served = served(|_| {}).await;
    for path in ALL {
        let response = served.request(path).header("wolkvox-token", "demo-token").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
        assert_eq!(response.content_length(), None);
        // The agents report has a comma after the last row, as on the vendor's page.
        let body = response.text().await.unwrap().replace("},]}", "}]}");
        assert!(read(&body).unwrap()["data"].as_array().unwrap().len() > 5);
    }
    served.stop().await;
}

#[tokio::test]
async fn the_same_seed_gives_the_same_answers() {
    let (one, two) = (served(|_| {}).await, served(|_| {}).await);
    let other = served(|settings| settings.seed = 2).await;
    for path in ALL {
        let response = one.ask(path).await;
        assert_eq!(response, two.ask(path).await);
        assert_ne!(response, other.ask(path).await);
    }
    for served in [one, two, other] {
        served.stop().await;
    }
}

#[tokio::test]
async fn unknown_reports_and_invalid_parameters_are_refused() {
    let served = served(|_| {}).await;
    for (path, expected) in [
        ("real_time.php?api=nothing&skill_id=all", "400 THE API YOU WANT TO CONSULT DOES NOT EXIST"),
        ("real_time.php?api=skill_6&skill_id=all", "400 THE API YOU WANT TO CONSULT DOES NOT EXIST"),
        ("real_time.php", "400 THE API YOU WANT TO CONSULT DOES NOT EXIST"),
        ("real_time.php?api=skills", "400 SOME PARAMETERS ARE REQUIRED"),
        ("reports_manager.php?api=skill_6&skill_id=all&date_ini=20261124000000", "400 SOME PARAMETERS ARE REQUIRED"),
        ("reports_manager.php?api=agents_kpi", "400 THE API YOU WANT TO CONSULT DOES NOT EXIST"),
        ("gamification.php?api=agents_kpi", "400 SOME PARAMETERS ARE REQUIRED"),
        ("reports_manager.php?api=chat_9&date_ini=20261124000000", "400 SOME PARAMETERS ARE REQUIRED"),
        ("reports_manager.php?api=diagram_1_3&date_end=20261124235959", "400 SOME PARAMETERS ARE REQUIRED"),
        (
            "gamification.php?api=agents_kpi&date_ini=20261001000000&date_end=20261102000000",
            "404 Validate dates entered",
        ),
        ("real_time.php?api=skills&skill_id=1", "404 Validate dates entered"),
        (
            "reports_manager.php?api=skill_6&skill_id=4211&date_ini=20261124000000&date_end=20261124235959",
            "404 Validate dates entered",
        ),
    ] {
        assert_eq!(served.outcome(path).await, expected, "{path}");
    }
    served.stop().await;
}

#[tokio::test]
async fn without_gamification_only_the_agents_report_is_refused() {
    let served = served(|settings| settings.gamification = false).await;
    assert_eq!(served.outcome(AGENTS).await, "400 THE OPERATION DOES NOT HAVE THE GAMIFICATION SERVICE");
    for path in [SKILLS, DNIS, TRANSFERS, IVR] {
        assert_eq!(served.ask(path).await.0, 200);
    }
    served.stop().await;
}

#[tokio::test]
async fn the_agents_report_covers_a_month() {
    let served = served(|_| {}).await;
    let month = "gamification.php?api=agents_kpi&date_ini=20261025000000&date_end=20261124235959";
    let (status, body) = served.ask(month).await;
    assert_eq!(status, 200);
    assert!((200_000..1_000_000).contains(&body.len()), "{} bytes", body.len());
    served.stop().await;
}

#[tokio::test]
async fn without_the_token_header_the_status_is_401() {
    let served = served(|_| {}).await;
    assert_eq!(served.request(SKILLS).send().await.unwrap().status(), 401);
    served.stop().await;
}

#[tokio::test]
async fn a_wrong_token_is_refused() {
    let served = served(|settings| settings.token = "another".to_owned()).await;
    assert_eq!(served.outcome(SKILLS).await, "403 PLEASE VALIDATE TOKEN");
    served.stop().await;
}

#[tokio::test]
async fn a_second_request_in_flight_is_refused() {
    let served = served(|settings| settings.latency = WITHOUT_END).await;
    let second = async {
        served.has_got(1).await;
        served.outcome(DNIS).await
    };
    tokio::select! {
        outcome = served.outcome(SKILLS) => panic!("the first request was answered: {outcome}"),
        outcome = second => assert_eq!(outcome, REFUSED),
    }
    assert_eq!(served.simulation.request_stats().max_in_flight, 2);
    served.stop().await;
}

#[tokio::test]
async fn sequential_requests_are_never_in_flight_together() {
    let served = served(|_| {}).await;
    for _ in 0..5 {
        assert_eq!(served.ask(SKILLS).await.0, 200);
    }
    assert_eq!(served.simulation.request_stats().max_in_flight, 1);
    served.stop().await;
}

#[tokio::test]
async fn a_client_that_goes_away_frees_its_token() {
    let served = served(|settings| settings.latency = WITHOUT_END).await;
    tokio::select! {
        outcome = served.outcome(SKILLS) => panic!("the first request was answered: {outcome}"),
        () = served.has_got(1) => {}
    }
    // The server notices later that the connection is closed. Until then it refuses others, which the statistics show
    // as soon as the request is.
    let refused = || served.simulation.request_stats().statuses.get(&403).copied();
    let admitted = async {
        loop {
            let (requests, before) = (served.received(), refused());
            tokio::select! {
                outcome = served.outcome(DNIS) => assert_eq!(outcome, REFUSED),
                () = served.has_got(requests + 1) => if refused() == before { return },
            }
        }
    };
    assert!(tokio::time::timeout(LIMIT, admitted).await.is_ok(), "the token was not free within {LIMIT:?}");
    served.stop().await;
}

#[tokio::test]
async fn the_quota_resets_at_local_midnight() {
    let served = served(|settings| settings.daily_quota = Some(2)).await;
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        outcomes.push(served.outcome(SKILLS).await);
    }
    assert_eq!(outcomes, ["200 6 records were found", "200 6 records were found", "403 TOKEN LIMIT EXCEEDED"]);
    served.pass(13 * 60);
    assert_eq!(served.outcome(SKILLS).await, "200 6 records were found");
    served.stop().await;
}

#[tokio::test]
async fn the_quota_scenario_uses_up_its_quota() {
    let served = served(|settings| settings.scenario = Scenario::Quota).await;
    for _ in 0..60 {
        assert_eq!(served.ask(SKILLS).await.0, 200);
    }
    assert_eq!(served.outcome(SKILLS).await, "403 TOKEN LIMIT EXCEEDED");
    served.stop().await;
}

#[tokio::test]
async fn in_bad_token_the_token_is_valid_at_first() {
    let served = served(|settings| settings.scenario = Scenario::BadToken).await;
    assert_eq!(served.ask(SKILLS).await.0, 200);
    for minutes in [6, 600] {
        served.pass(minutes);
        assert_eq!(served.outcome(SKILLS).await, "403 PLEASE VALIDATE TOKEN");
    }
    served.stop().await;
}

#[tokio::test]
async fn in_api_down_every_kind_of_failure_occurs_and_then_the_api_recovers() {
    let served = served(|settings| settings.scenario = Scenario::ApiDown).await;
    assert_eq!(served.ask(SKILLS).await.0, 200);
    served.pass(5);
    let mut outcomes = Vec::new();
    for _ in 0..6 {
        outcomes.push(served.outcome(SKILLS).await);
    }
    assert_eq!(
        outcomes,
        [
            "no response",
            "500 empty",
            "503 page",
            "200 cut off",
            "403 SERVER IN BACKUP, PLEASE TRY AGAIN LATER",
            "200 no JSON"
        ]
    );
    served.pass(10);
    assert_eq!(served.ask(SKILLS).await.0, 200);
    served.stop().await;
}

#[tokio::test]
async fn the_settings_decide_when_the_incident_starts_and_ends() {
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    for scenario in [Scenario::BadToken, Scenario::ApiDown] {
        let served = served(|settings| {
            settings.scenario = scenario;
            (settings.trouble_after, settings.trouble_for) = (minutes(2), Some(minutes(30)));
        })
        .await;
        let mut well = Vec::new();
        for pause in [1, 1, 29, 1] {
            served.pass(pause);
            well.push(served.outcome(SKILLS).await == "200 6 records were found");
        }
        assert_eq!(well, [true, false, false, true], "{scenario:?}");
        served.stop().await;
    }
}

#[tokio::test]
async fn an_incident_in_the_contact_centre_changes_the_figures_and_not_the_api() {
    let served = served(|settings| settings.scenario = Scenario::TrunkDown).await;
    let mut inbound = Vec::new();
    for pause in [5, 80, 30] {
        served.pass(pause);
        let (status, body) = served.ask("real_time.php?api=skills&skill_id=4180").await;
        assert_eq!(status, 200);
        let written = read(&body).unwrap()["data"][0]["stat_inbound"].as_str().unwrap().replace(',', "");
        inbound.push(written.parse::<u64>().unwrap());
    }
    assert!(inbound[0] == inbound[1] && inbound[1] + 20 < inbound[2], "{inbound:?}");
    served.stop().await;
}

#[tokio::test]
async fn the_statistics_count_requests_and_statuses() {
    let served = served(|_| {}).await;
    for path in [SKILLS, SKILLS, DNIS, AGENTS, TRANSFERS, IVR, "real_time.php?api=nothing"] {
        served.ask(path).await;
    }
    let stats = served.simulation.request_stats();
    let requests = [
        (None, 1),
        (Some(Endpoint::Skills), 2),
        (Some(Endpoint::Dnis), 1),
        (Some(Endpoint::AgentsKpi), 1),
        (Some(Endpoint::Transfers), 1),
        (Some(Endpoint::Ivr), 1),
    ];
    assert_eq!(stats.requests, requests.into());
    assert_eq!(stats.statuses, [(200, 6), (400, 1)].into());
    served.stop().await;
}

#[tokio::test]
async fn the_statistics_count_corruptions() {
    let served = served(|settings| settings.scenario = Scenario::BadData).await;
    for path in ALL {
        for _ in 0..6 {
            assert_eq!(served.ask(path).await.0, 200);
        }
    }
    let stats = served.simulation.request_stats();
    for endpoint in [Endpoint::Skills, Endpoint::Dnis, Endpoint::AgentsKpi, Endpoint::Transfers, Endpoint::Ivr] {
        let unreadable = stats.unreadable.iter().filter(|((of, _), _)| *of == endpoint);
        assert_eq!(unreadable.map(|(_, values)| values).sum::<u64>(), 18, "{endpoint:?}");
        let corruptions = stats.corruptions.keys().filter(|(of, _)| *of == endpoint);
        assert_eq!(corruptions.count(), crate::Corruption::ALL.len(), "{endpoint:?}");
    }
    served.stop().await;
}
