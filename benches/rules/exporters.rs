//! The pages of several exporters, served on loopback.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wolkvox_exporter::clock::Clock;

use crate::series::{Series, exporters, instance};

/// A server with one page for each exporter. It ends when the value is dropped.
pub(crate) struct Exporters {
    address: String,
    count: usize,
    serving: JoinHandle<()>,
}

impl Exporters {
    pub(crate) async fn start(series: &Arc<Vec<Series>>, skills: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let pages: Arc<Vec<Vec<(String, usize)>>> = Arc::new(pages(series, exporters(skills)));
        let series = Arc::clone(series);
        let clock = Clock::system();
        let page = async move |Path(exporter): Path<usize>| {
            let mut page = String::new();
            for (prefix, index) in pages.get(exporter).map_or(&[][..], Vec::as_slice) {
                let value = series[*index].value(clock.now().as_second());
                let _ = writeln!(page, "{prefix} {value}");
            }
            page
        };
        let router = Router::new().route("/{exporter}", axum::routing::get(page));
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { address, count: exporters(skills), serving }
    }

    /// A scrape configuration with the interval of the README. The labels of the target are those of its history.
    pub(crate) fn scrape_config(&self) -> String {
        let mut config =
            "scrape_configs:\n  - job_name: wolkvox\n    honor_labels: true\n    static_configs:\n".to_owned();
        for exporter in 0..self.count {
            let Self { address, .. } = self;
            let instance = instance(exporter);
            let labels = format!("{{__metrics_path__: /{exporter}, instance: '{instance}'}}");
            let _ = writeln!(config, "      - {{targets: ['{address}'], labels: {labels}}}");
        }
        config
    }
}

impl Drop for Exporters {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The samples of each exporter's page: the series as it is written there, and its index.
fn pages(series: &[Series], exporters: usize) -> Vec<Vec<(String, usize)>> {
    let mut pages = vec![Vec::new(); exporters];
    for (index, one) in series.iter().enumerate().filter(|(_, one)| !one.is_recorded()) {
        let labels = one.labels.iter().filter(|(name, _)| !["instance", "job"].contains(name));
        let labels: Vec<_> = labels.map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        pages[one.exporter].push((format!("{}{{{}}}", one.name, labels.join(",")), index));
    }
    pages
}
