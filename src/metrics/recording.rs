//! The page at many times as one document: `OpenMetrics` with timestamps, which Prometheus imports as history.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use super::definitions::{POLLED, RenderInput, SCRAPED, SelfMetrics};
use super::exporter_info::ExporterInfo;
use super::exposition::{self, Block, END};
use crate::clock::Clock;
use crate::model::Snapshots;

/// The series that Prometheus adds to each scrape.
const UP: &str = "up";

/// The pages of one target by family, in the order in which the families first appear.
#[derive(Debug)]
pub struct Recording<'a> {
    /// The names of the samples to keep; an empty set keeps all.
    wanted: &'a BTreeSet<&'a str>,
    /// The labels that Prometheus would add to each sample: `job="x",instance="y"`.
    target: String,
    families: Vec<Recorded>,
}

#[derive(Debug)]
struct Recorded {
    metadata: String,
    samples: String,
}

impl<'a> Recording<'a> {
    /// An empty recording of a target. `labels` are the labels that Prometheus gives the target, usually `job` and
    /// `instance`. Only samples with a name in `wanted` are kept; an empty set keeps all.
    pub fn of(labels: &[(String, String)], wanted: &'a BTreeSet<&'a str>) -> Self {
        let escaped = |value: &str| value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n");
        let target: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        Self { wanted, target: target.join(","), families: Vec::new() }
    }

    /// Records the page of `snapshots` at the current time. The metrics of the process are left out, because this is
    /// not the process that Prometheus will scrape.
    pub fn record(&mut self, snapshots: &Arc<Snapshots>, info: &ExporterInfo, clock: &Clock) {
        let input =
            Arc::new(RenderInput { snapshots: Arc::clone(snapshots), instant: clock.instant(), now: clock.now() });
        let metrics = Arc::new(SelfMetrics { info: info.clone(), process: None });
        let at = clock.wall().as_duration().as_secs_f64();
        for block in exposition::blocks(POLLED, &input).chain(exposition::blocks(SCRAPED, &metrics)) {
            self.add(&block, at);
        }
        let up = format!("{UP} 1\n");
        let metadata = format!("# HELP {UP} Whether the target was scraped.\n# TYPE {UP} gauge\n");
        self.write(&metadata, &up, at);
    }

    /// The number of bytes of all samples.
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
        // A line can begin in one piece and end in the next.
        let samples = block.samples.concat();
        self.write(&metadata, &String::from_utf8_lossy(&samples), at);
    }

    fn write(&mut self, metadata: &str, samples: &str, at: f64) {
        let index = self.families.iter().position(|family| family.metadata == metadata);
        let index = index.unwrap_or_else(|| {
            self.families.push(Recorded { metadata: metadata.to_owned(), samples: String::new() });
            self.families.len() - 1
        });
        let text = &mut self.families[index].samples;
        for line in samples.lines() {
            let name = line.split(['{', ' ']).next().unwrap_or_default();
            if !self.wanted.is_empty() && !self.wanted.contains(name) {
                continue;
            }
            // Label values can contain spaces, so the value starts after the last space.
            let Some((series, value)) = line.rsplit_once(' ') else { continue };
            // Writing to a string cannot fail.
            let _ = match series.split_once('{') {
                _ if self.target.is_empty() => writeln!(text, "{series} {value} {at}"),
                Some((name, labels)) => writeln!(text, "{name}{{{},{labels} {value} {at}", self.target),
                None => writeln!(text, "{series}{{{}}} {value} {at}", self.target),
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
    async fn samples_of_a_family_are_together_with_timestamps_and_the_labels_of_the_target() {
        let clock = fixture::clock();
        let store = SnapshotStore::new(vec![fixture::unpolled("a \"b\" {c}")]);
        let info = ExporterInfo::started(clock.wall());
        let all = BTreeSet::new();
        let mut recording = Recording::of(&[("job".to_owned(), "wolk\"vox".to_owned())], &all);
        recording.record(&store.current(), &info, &clock);
        let first = clock.wall();
        clock.set(first + jiff::SignedDuration::from_secs(60));
        recording.record(&store.current(), &info, &clock);
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
