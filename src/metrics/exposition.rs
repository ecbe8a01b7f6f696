//! Families as `OpenMetrics` 1.0.0, written by prometheus-client's encoder. A family without samples is left out.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::encoding::text::encode_registry;
use prometheus_client::registry::{Registry, Unit};

use super::definitions::{Definition, Table};
use super::pieces::Pieces;
use super::sample::Sink;
use super::text004;

/// The end of a page in `OpenMetrics`.
pub(super) const END: &str = "# EOF\n";

/// FamilyCollector family, all operations under it.
#[derive(Debug)]
pub(super) struct Block {
    /// Metadata lines of `OpenMetrics`.
    pub(super) openmetrics: Bytes,
    /// Metadata lines of text 0.0.4.
    pub(super) text004: Bytes,
    /// Sample lines, the same in both formats.
    pub(super) samples: Vec<Bytes>,
}

/// Every family of `tables` that has samples.
pub(super) fn blocks<S>(tables: &'static [Table<S>], subject: &Arc<S>) -> impl Iterator<Item = Block>
where
    S: fmt::Debug + Send + Sync + 'static,
{
    tables.iter().flat_map(|table| table.rows).filter_map(|row| block(row, Arc::clone(subject)))
}

fn block<S>(definition: &'static Definition<S>, subject: Arc<S>) -> Option<Block>
where
    S: fmt::Debug + Send + Sync + 'static,
{
    let mut registry = Registry::default();
    registry.register_collector(Box::new(FamilyCollector { definition, subject }));
    let mut text = Pieces::default();
    if let Err(fmt::Error) = encode_registry(&mut text, &registry) {
        // Writing to memory does not fail; if the encoder ever refuses a family, the others are worth having.
        tracing::error!(family = definition.family.name, "a family could not be written and is left out");
        return None;
    }
    let mut samples = text.finish();
    let first = samples.first_mut()?;
    let lines = first.split_inclusive(|byte| *byte == b'\n');
    let metadata = lines.take_while(|line| line.starts_with(b"#")).map(<[u8]>::len).sum();
    let openmetrics = first.split_to(metadata);
    let text004 = Bytes::from(text004::metadata(&String::from_utf8_lossy(&openmetrics)));
    (metadata > 0).then_some(Block { openmetrics, text004, samples })
}

/// FamilyCollector row of the table and what to read it from, as prometheus-client wants to be given it.
struct FamilyCollector<S: 'static> {
    definition: &'static Definition<S>,
    subject: Arc<S>,
}

impl<S> fmt::Debug for FamilyCollector<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.definition.family.name)
    }
}

impl<S: fmt::Debug + Send + Sync> Collector for FamilyCollector<S> {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Definition { family, read } = self.definition;
        let unit = family.unit().map(|unit| Unit::Other(unit.to_owned()));
        let mut sink = Sink::new(family, read.labels(), unit.as_ref(), &mut encoder);
        read.samples(&self.subject, &mut sink);
        sink.finish()
    }
}
