//! The page at many moments as one document: `OpenMetrics` with timestamps, as a database takes in history.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use super::definitions::{POLLED, RenderInput, SCRAPED, SelfMetrics};
use super::exporter_info::ExporterInfo;
use super::exposition::{self, Block, END};
use crate::clock::Clock;
use crate::model::Snapshot;

/// What Prometheus adds of its own to each scrape.
const UP: &str = "up";

/// Pages of one target, family by family. Families stay in the order in which they first appear.
#[derive(Debug)]
pub struct Recording<'a> {
    /// The names of those to be kept; none means all.
    wanted: &'a BTreeSet<&'a str>,
    /// What Prometheus would add to each sample, `job="x",instance="y"`.
    target: String,
    families: Vec<Recorded>,
}

#[derive(Debug)]
struct Recorded {
    metadata: String,
    samples: String,
}

impl<'a> Recording<'a> {
    /// An empty recording of a target; `labels` are those that Prometheus gives it, `job` and `instance` as a rule. Only the
    /// families `wanted` are kept, by the names of their samples; if it is empty, all.
    pub fn of(labels: &[(String, String)], wanted: &'a BTreeSet<&'a str>) -> Self {
        let escaped = |value: &str| value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n");
        let target: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        Self { wanted, target: target.join(","), families: Vec::new() }
    }

    /// Records the page of `snapshots` as it is now. The process is left out: it is not the one that will be watched.
    pub fn record(&mut self, snapshots: &Arc<Vec<Arc<Snapshot>>>, own: &ExporterInfo, clock: &Clock) {
        let moment =
            Arc::new(RenderInput { snapshots: Arc::clone(snapshots), instant: clock.instant(), now: clock.now() });
        let itself = Arc::new(SelfMetrics { own: own.state(), process: None });
        let at = clock.wall().as_duration().as_secs_f64();
        for block in exposition::blocks(POLLED, &moment).chain(exposition::blocks(SCRAPED, &itself)) {
            self.add(&block, at);
        }
        let up = format!("{UP} 1\n");
        let metadata = format!("# HELP {UP} Whether the target was scraped.\n# TYPE {UP} gauge\n");
        self.write(&metadata, &up, at);
    }

    /// How many bytes of samples there are.
    pub fn size(&self) -> usize {
        self.families.iter().map(|family| family.samples.len()).sum()
    }

    /// The document.
    pub fn finish(self) -> String {
        let mut text = String::with_capacity(self.size() + self.families.len() * 256);
        for family in self.families.into_iter().filter(|family| !family.samples.is_empty()) {
            text.push_str(&family.metadata);
            text.push_str(&family.samples);
        }
        text.push_str(END);
        text
    }

    fn add(&mut self, block: &Block, at: f64) {
        let metadata = String::from_utf8_lossy(&block.openmetrics);
        // A line may begin in one piece and end in the next.
        let samples = block.samples.concat();
        self.write(&metadata, &String::from_utf8_lossy(&samples), at);
    }

    fn write(&mut self, metadata: &str, samples: &str, at: f64) {
        let place = self.families.iter().position(|family| family.metadata == metadata);
        let place = place.unwrap_or_else(|| {
            self.families.push(Recorded { metadata: metadata.to_owned(), samples: String::new() });
            self.families.len() - 1
        });
        let into = &mut self.families[place].samples;
        for line in samples.lines() {
            let name = line.split(['{', ' ']).next().unwrap_or_default();
            if !self.wanted.is_empty() && !self.wanted.contains(name) {
                continue;
            }
            // Label values are quoted and may hold blanks; the value is what follows the last one.
            let Some((series, value)) = line.rsplit_once(' ') else { continue };
            // Writing to a string cannot fail.
            let _ = match series.split_once('{') {
                _ if self.target.is_empty() => writeln!(into, "{series} {value} {at}"),
                Some((name, labels)) => writeln!(into, "{name}{{{},{labels} {value} {at}", self.target),
                None => writeln!(into, "{series}{{{}}} {value} {at}", self.target),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::fixture;
    use crate::model::SnapshotStore;

    #[tokio::test(start_paused = true)]
    async fn samples_of_a_family_stand_together_with_the_labels_of_the_target_and_their_times() {
        let clock = fixture::clock();
        let store = SnapshotStore::new(vec![fixture::unpolled("a \"b\" {c}")]);
        let own = ExporterInfo::started(clock.wall());
        let all = BTreeSet::new();
        let mut recording = Recording::of(&[("job".to_owned(), "wolk\"vox".to_owned())], &all);
        recording.record(&store.current(), &own, &clock);
        let first = clock.wall();
        clock.set(first + jiff::SignedDuration::from_secs(60));
        recording.record(&store.current(), &own, &clock);
        let text = recording.finish();
        let seconds = first.as_second();
        let up: Vec<&str> = text.lines().filter(|line| line.starts_with("wolkvox_up")).collect();
        let series = r#"wolkvox_up{job="wolk\"vox",operation="a \"b\" {c}"} 0"#;
        assert_eq!(up, [format!("{series} {seconds}"), format!("{series} {}", seconds + 60)]);
        assert_eq!(text.matches("# TYPE wolkvox_up gauge\n").count(), 1);
        assert!(text.contains(&format!("\nup{{job=\"wolk\\\"vox\"}} 1 {seconds}\n")));
        assert!(text.ends_with("\n# EOF\n") && !text.contains("process_"));
    }
}
