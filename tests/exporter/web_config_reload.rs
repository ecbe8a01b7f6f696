//! The web configuration is read again when one of its files changes, without a failed scrape. A broken one changes
//! nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::authority::{Authority, Issued};
use crate::support::exporter::eventually;
use crate::support::http;
use crate::support::page::value;
use crate::support::tls_client::{Http, TlsClient, TlsConnection, basic};
use crate::support::web::{WebExporter, WebFiles, hash};

const SUCCESS: &str = "wolkvox_exporter_web_config_last_reload_successful";

const KEPT: &str = "the web configuration in use stays";
const READ_AGAIN: &str = "the web configuration was read again";

fn config(users: &str) -> String {
    format!(
        "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  client_auth_type: \
         RequireAndVerifyClientCert\n  client_ca_file: clients.pem\nbasic_auth_users: {{{users}}}\n"
    )
}

fn user(name: &str, password: &str) -> String {
    format!("{name}: '{}'", hash(password))
}

/// A scraper that uses new and open connections in turn and is entitled to every scrape.
#[derive(Default)]
struct Scraper {
    /// Scrapes that have ended, by version of HTTP.
    ended: [AtomicUsize; 2],
    failures: parking_lot::Mutex<Vec<String>>,
    stop: AtomicBool,
}

/// What a scraper shows at the moment.
type Credentials = Arc<parking_lot::Mutex<(TlsClient, String)>>;

impl Scraper {
    async fn scrape(self: Arc<Self>, credentials: Credentials, http: Http) {
        let mut open: Option<TlsConnection> = None;
        let ended = &self.ended[http as usize];
        while !self.stop.load(Ordering::Relaxed) {
            let (client, authorization) = credentials.lock().clone();
            // Each fourth scrape makes a new connection, as after a restart of the scraper.
            let number = ended.load(Ordering::Relaxed);
            let connection = match open.take().filter(|_| !number.is_multiple_of(4)) {
                Some(connection) => Ok(connection),
                None => client.connect(http).await,
            };
            let result = match connection {
                Ok(mut connection) => {
                    let response = connection.get("/metrics", &[("authorization", &authorization)]).await;
                    open = Some(connection);
                    response
                }
                Err(error) => Err(error),
            };
            match result {
                Ok(response) if response.status == 200 => {}
                Ok(response) => self.failures.lock().push(format!("{http:?}: {}", response.status)),
                Err(error) => {
                    open = None;
                    self.failures.lock().push(format!("{http:?}: {error}"));
                }
            }
            ended.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn ended(&self) -> [usize; 2] {
        self.ended.each_ref().map(|ended| ended.load(Ordering::Relaxed))
    }

    /// Waits until both versions have made so many more scrapes. All of them began with the present credentials, and none
    /// with others is left.
    async fn more(&self, count: usize) {
        let before = self.ended();
        let are_done = async || self.ended().iter().zip(before).all(|(now, before)| *now > before + count);
        eventually("more scrapes", are_done).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_authorities_and_passwords_change_without_a_failed_scrape() {
    let mut files = WebFiles::new();
    let first = Authority::new("first authority of clients");
    let second = Authority::new("second authority of clients");
    let issue = |authority: &Authority| authority.issue("prometheus.example.com", |_| {});
    let (first_client, second_client) = (issue(&first), issue(&second));
    files.write("clients.pem", &first.pem());
    let mut web = WebExporter::start(&files, &config(&user("ana", "uno")), &[]).await;
    let shows = |files: &WebFiles, web: &WebExporter, client: &Issued, password: &str| {
        (web.client(files, Some(client)), basic("ana", password))
    };
    let credentials: Credentials = Arc::new(parking_lot::Mutex::new(shows(&files, &web, &first_client, "uno")));
    let scraper = Arc::new(Scraper::default());
    let scraping: Vec<_> = Http::ALL
        .into_iter()
        .map(|http| tokio::spawn(Arc::clone(&scraper).scrape(Arc::clone(&credentials), http)))
        .collect();
    scraper.more(20).await;

    for round in 0..3 {
        // A new certificate of the server. For a moment, its key belongs to the old one.
        let renewed = files.authority.issue("127.0.0.1", |_| {});
        files.write("server.pem", &renewed.certificate_pem());
        web.wait_for_line("belongs to another one").await;
        scraper.more(10).await;
        files.write("server.key", &renewed.key_pem());
        let renewed_is_used = async || {
            let stream = web.client(&files, Some(&first_client)).stream(Http::One).await;
            stream.is_ok_and(|stream| {
                stream.get_ref().1.peer_certificates().is_some_and(|chain| chain[0] == renewed.certificate())
            })
        };
        eventually("the new certificate is used", renewed_is_used).await;
        files.server = renewed;
        scraper.more(10).await;

        // Both authorities, then the other client, then only its authority.
        let (client, old) =
            if round % 2 == 0 { (&second_client, &first_client) } else { (&first_client, &second_client) };
        files.write("clients.pem", &format!("{}{}", first.pem(), second.pem()));
        // A new authority is known at once.
        let is_known = async || {
            let response = web.client(&files, Some(client)).get(Http::One, "/-/ready", &[]).await;
            response.is_ok_and(|response| response.status == 401)
        };
        assert!(web.at_once(is_known).await, "{}", web.exporter.process.stderr());
        let before = if round == 0 { "uno".to_owned() } else { format!("clave{}", round - 1) };
        *credentials.lock() = shows(&files, &web, client, &before);
        scraper.more(10).await;
        files.write("clients.pem", &if round % 2 == 0 { second.pem() } else { first.pem() });
        let refused = async || web.client(&files, Some(old)).get(Http::One, "/-/ready", &[]).await.is_err();
        eventually("the old client is refused", refused).await;
        scraper.more(10).await;

        // A broken file.
        let wrong = web.lines_with(KEPT);
        files.write("web.yml", "basic_auth_users: {ana: \n");
        scraper.more(10).await;
        eventually("the broken file is reported", async || web.lines_with(KEPT) > wrong).await;
        let scraper_client = web.client(&files, Some(client));
        let authorization = basic("ana", &before);
        let page = scraper_client.get(Http::One, "/metrics", &[("authorization", &authorization)]).await.unwrap();
        assert_eq!(value(page.text(), SUCCESS), Some(0.0));
        scraper.more(10).await;
        assert_eq!(web.lines_with(KEPT), wrong + 1, "{}", web.exporter.process.stderr());

        // A second user, then the new password of the first one. Both are valid at once.
        let new = format!("clave{round}");
        let users = format!("{}, {}", user("ana", &before), user("luis", &new));
        files.write("web.yml", &config(&users));
        let client = scraper_client;
        let is_served = async |user: &str| {
            let response = client.get(Http::Two, "/metrics", &[("authorization", &basic(user, &new))]).await.unwrap();
            response.status == 200 && value(response.text(), SUCCESS) == Some(1.0)
        };
        assert!(web.at_once(async || is_served("luis").await).await, "{}", web.exporter.process.stderr());
        // From now on scrapes with the old password are not entitled.
        credentials.lock().1 = basic("luis", &new);
        scraper.more(10).await;
        files.write("web.yml", &config(&format!("{}, {}", user("ana", &new), user("luis", &new))));
        assert!(web.at_once(async || is_served("ana").await).await, "{}", web.exporter.process.stderr());
        let old_password = async || {
            let response = client.get(Http::One, "/metrics", &[("authorization", &basic("ana", &before))]).await;
            response.is_ok_and(|response| response.status == 401)
        };
        eventually("the old password is refused", old_password).await;
        credentials.lock().1 = basic("ana", &new);
        scraper.more(10).await;
    }
    scraper.stop.store(true, Ordering::Relaxed);
    for task in scraping {
        task.await.unwrap();
    }
    let failures = scraper.failures.lock();
    assert!(failures.is_empty(), "{failures:?}\n{}", web.exporter.process.stderr());
    assert!(scraper.ended().iter().all(|ended| *ended > 150), "{:?}", scraper.ended());
}

#[tokio::test]
async fn every_problem_is_logged_once_and_the_end_of_it_too() {
    let files = WebFiles::new();
    let good = format!("basic_auth_users: {{{}}}\n", user("ana", "uno"));
    let mut web = WebExporter::start(&files, &good, &[]).await;
    let url = format!("{}/metrics", web.exporter.url);
    let authorization = basic("ana", "uno");
    let success = async || {
        let response = http::get_with(&url, &[("authorization", &authorization)]).await;
        assert_eq!(response.status, 200, "{}", response.text());
        value(response.text(), SUCCESS)
    };
    assert_eq!(success().await, Some(1.0));
    for (broken, words) in [
        (Some("a: 1\n"), "unknown key"),
        (Some("basic_auth_users: {ana: x}\n"), "invalid password hash"),
        // Protection is not switched off by a file that was only half written.
        (Some(""), "basic_auth_users is missing; restart the exporter to remove it"),
        (Some("basic_auth_users:\n"), ""),
        (None, "cannot read the file: No such file"),
    ] {
        match broken {
            Some(text) => files.write("web.yml", text),
            None => std::fs::remove_file(files.path("web.yml")).unwrap(),
        }
        if !words.is_empty() {
            web.wait_for_line(words).await;
        }
        // Requests without the password look at the files again each time.
        for _ in 0..20 {
            assert_eq!(http::get(&url).await.status, 401);
        }
        assert_eq!(success().await, Some(0.0));
    }
    assert_eq!(web.lines_with(KEPT), 4, "{}", web.exporter.process.stderr());
    files.write("web.yml", &good);
    eventually("the end of the problem", async || success().await == Some(1.0)).await;
    web.wait_for_line(READ_AGAIN).await;
    assert_eq!((web.lines_with(KEPT), web.lines_with(READ_AGAIN)), (4, 1), "{}", web.exporter.process.stderr());
}

#[tokio::test]
async fn tls_passwords_and_limits_can_be_added_to_a_running_exporter_but_not_removed() {
    let files = WebFiles::new();
    let mut web = WebExporter::start(&files, "", &[]).await;
    let plain = format!("{}/-/healthy", web.exporter.url);
    assert_eq!(http::get(&plain).await.status, 200);
    let tls = "tls_server_config: {cert_file: server.pem, key_file: server.key}\n";
    let all =
        format!("{tls}basic_auth_users: {{{}}}\nrate_limit: {{interval: 1ms, burst: 10000}}\n", user("ana", "uno"));
    files.write("web.yml", &all);
    let is_refused = async || http::get(&plain).await.status == 400;
    eventually("TLS is used", is_refused).await;
    let client = web.client(&files, None);
    let status = async |authorization: &[(&str, &str)]| {
        client.get(Http::Two, "/-/healthy", authorization).await.map(|response| response.status)
    };
    assert_eq!(status(&[]).await, Ok(401));
    let good = basic("ana", "uno");
    assert_eq!(status(&[("authorization", &good)]).await, Ok(200));
    for (less, missing) in [
        (all.replace(tls, ""), "tls_server_config is missing"),
        (tls.to_owned(), "basic_auth_users is missing"),
        (all.split("rate_limit").next().unwrap().to_owned(), "rate_limit is missing"),
    ] {
        files.write("web.yml", &less);
        web.wait_for_line(missing).await;
        assert_eq!(status(&[]).await, Ok(401));
        assert_eq!(status(&[("authorization", &good)]).await, Ok(200));
    }
}
