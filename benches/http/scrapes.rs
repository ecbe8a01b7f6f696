//! Scrapes of an exporter at rest and of one that polls, beside a file of the same size that nginx serves.

use std::time::Duration;

use super::nginx::Nginx;
use super::subject::{AT_REST, POLLING, Subject};
use crate::measure::headlines;
use crate::measure::load::{Load, Outcome};
use crate::measure::requests::text;
use crate::measure::table::{Table, mebibytes, significant};
use crate::measure::usage::cpu;
use crate::support::http;

const SCRAPERS: [usize; 3] = [1, 8, 32];
const ENCODINGS: [(&str, &str); 2] = [("gzip", "/page.gz"), ("identity", "/page.txt")];

/// How long new scrapes of one kind begin, with and without polls.
const AT_REST_LENGTH: Duration = Duration::from_secs(2);
const POLLING_LENGTH: Duration = Duration::from_secs(20);

/// The scrapers of the figure that the README shows.
const OF_THE_HEADLINE: usize = 8;

const TITLES: [&str; 9] =
    ["Connection", "Scrapers", "Scrapes", "Failed", "50 %", "99 %", "CPU a scrape, ms", "Scrapes/s", "of nginx"];

pub(crate) async fn measure() {
    let subject = Subject::start(AT_REST, 1).await;
    let gzip =
        http::get_with(&format!("{}/metrics", subject.polled.exporter.url), &[("accept-encoding", "gzip")]).await;
    let nginx = Nginx::start(&[("page.txt", subject.page.as_bytes()), ("page.gz", &gzip.body)]).await;
    for (encoding, file) in ENCODINGS {
        let mut table = Table::new(&TITLES);
        let mut size = 0;
        for keeps_connection in [false, true] {
            for scrapers in SCRAPERS {
                let load = Load { keeps_connection, ..subject.load(encoding, scrapers, AT_REST_LENGTH) };
                let (outcome, used) = measured(&subject, &load).await;
                let of_file = Load { address: nginx.address.clone(), path: file.to_owned(), ..load.clone() };
                let share = outcome.rate() / of_file.run().await.rate();
                size = outcome.body();
                table.push(cells(&load, &outcome, used, format!("{:.0} %", share * 100.0)));
            }
        }
        println!("At rest, {encoding}, {} MiB a scrape:\n\n{table}", mebibytes(size));
    }
    drop((subject, nginx));
    while_polling().await;
}

async fn while_polling() {
    let subject = Subject::start(POLLING, 2).await;
    let mut table = Table::new(&TITLES);
    for (encoding, _) in ENCODINGS {
        let load = subject.load(encoding, OF_THE_HEADLINE, POLLING_LENGTH);
        let (outcome, used) = measured(&subject, &load).await;
        if encoding == "gzip" {
            let latency = format!("{}, {} failed", text(outcome.requests.within(0.99)), outcome.requests.failed());
            let figure = "99 % of scrapes of 540,000 series in gzip, by 8 scrapers while the exporter polls, within";
            headlines::note(figure, &latency, "make bench-http ARGS=scrapes");
        }
        table.push(cells(&load, &outcome, used, String::new()));
    }
    println!(
        "While it polls 60,000 rows every 5 seconds, gzip and then identity. The time of the polls is in that of \
              the scrapes:\n\n{table}"
    );
}

/// The scrapes, and the processor time of the exporter meanwhile.
async fn measured(subject: &Subject, load: &Load) -> (Outcome, Duration) {
    let before = cpu(subject.process());
    let outcome = load.run().await;
    (outcome, cpu(subject.process()).saturating_sub(before))
}

fn cells(load: &Load, outcome: &Outcome, used: Duration, share: String) -> [String; 9] {
    let connection = if load.keeps_connection { "kept" } else { "new" };
    let requests = &outcome.requests;
    [
        connection.to_owned(),
        load.scrapers.to_string(),
        requests.answered().to_string(),
        requests.failed().to_string(),
        text(requests.within(0.5)),
        text(requests.within(0.99)),
        significant(used.as_secs_f64() * 1e3 / requests.answered().max(1) as f64),
        significant(outcome.rate()),
        share,
    ]
}
