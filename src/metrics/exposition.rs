//! Families as text, written by prometheus-client's encoder. A family without samples is left out.
//!
//! The sample lines of `OpenMetrics` 1.0.0 and text 0.0.4 are the same; the metadata lines differ.

use std::fmt;
use std::iter;
use std::sync::Arc;

use bytes::Bytes;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::encoding::text::encode_registry;
use prometheus_client::registry::{Registry, Unit};

use super::definitions::{Definition, Table};
use super::pieces::Pieces;
use super::sample::TextSink;

/// The end of a page in `OpenMetrics`.
pub(super) const END: &str = "# EOF\n";

/// The two text formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `OpenMetrics` 1.0.0.
    OpenMetrics,
    /// The Prometheus text format 0.0.4.
    Text004,
}

impl Format {
    pub(super) const ALL: [Self; 2] = [Self::OpenMetrics, Self::Text004];
}

/// How the bytes are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Not at all.
    Identity,
    /// As one gzip member.
    Gzip,
}

/// One family, with the samples of all operations.
#[derive(Debug)]
pub(super) struct Block {
    /// Metadata lines of `OpenMetrics`.
    pub(super) openmetrics: Bytes,
    /// Metadata lines of text 0.0.4.
    pub(super) text004: Bytes,
    /// Sample lines, the same in both formats.
    pub(super) samples: Vec<Bytes>,
}

impl Block {
    pub(super) fn metadata(&self, format: Format) -> &Bytes {
        match format {
            Format::OpenMetrics => &self.openmetrics,
            Format::Text004 => &self.text004,
        }
    }

    pub(super) fn lines(&self, format: Format) -> impl Iterator<Item = &Bytes> {
        iter::once(self.metadata(format)).chain(&self.samples)
    }
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
    let family = &definition.family;
    if let Err(fmt::Error) = encode_registry(&mut text, &registry) {
        // A defect of the row, for example a missing label value. The other families are still correct.
        tracing::error!(family = family.name, "a family could not be written and is left out");
        return None;
    }
    let mut samples = text.finish();
    // Nothing is written for a family without samples.
    let first = samples.first_mut()?;
    let openmetrics = family.openmetrics_metadata();
    if !first.starts_with(openmetrics.as_bytes()) {
        tracing::error!(family = family.name, "a family has unexpected metadata and is left out");
        return None;
    }
    let openmetrics = first.split_to(openmetrics.len());
    Some(Block { openmetrics, text004: Bytes::from(family.text004_metadata()), samples })
}

/// One row of the table and the values that it reads, in the form that prometheus-client needs.
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
        let mut sink = TextSink::new(family, read.labels(), unit.as_ref(), &mut encoder);
        read.samples(&self.subject, &mut sink);
        sink.finish()
    }
}
