//! Samples: label values and a number.
//!
//! A row of the table of metrics passes each of its samples to a [`Sink`]. [`TextSink`] writes them at once with
//! prometheus-client's encoder.

use std::fmt;

use prometheus_client::encoding::{
    CounterValueEncoder, DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, EncodeLabelKey, EncodeLabelSet,
    EncodeLabelValue, GaugeValueEncoder, LabelSetEncoder, LabelValueEncoder, MetricEncoder, NoLabelSet,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use super::family::{Family, Kind};
use crate::model::{DURATION_BUCKETS, DurationHistogram};

/// The value of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    /// A whole number.
    Count(u64),
    /// Any number. A number that is not finite has no sample.
    Real(f64),
}

/// 2^53. Larger integers are not always exact as f64.
const MAX_EXACT_INTEGER: f64 = 9_007_199_254_740_992.0;

impl Number {
    /// 1 for true, 0 for false.
    pub(super) fn flag(value: bool) -> Self {
        Self::Count(u64::from(value))
    }

    pub(super) fn is_finite(&self) -> bool {
        match self {
            Self::Count(_) => true,
            Self::Real(value) => value.is_finite(),
        }
    }
}

impl EncodeGaugeValue for Number {
    fn encode(&self, encoder: &mut GaugeValueEncoder<'_>) -> fmt::Result {
        match *self {
            Self::Count(value) => EncodeGaugeValue::encode(&value, encoder),
            // "5" instead of "5.0", because it is shorter and other exporters do the same.
            Self::Real(value) if value.fract() == 0.0 && value.abs() < MAX_EXACT_INTEGER => {
                EncodeGaugeValue::encode(&(value as i64), encoder)
            }
            Self::Real(value) => EncodeGaugeValue::encode(&value, encoder),
        }
    }
}

impl EncodeCounterValue for Number {
    fn encode(&self, encoder: &mut CounterValueEncoder<'_>) -> fmt::Result {
        match *self {
            Self::Count(value) => EncodeCounterValue::encode(&value, encoder),
            Self::Real(value) => EncodeCounterValue::encode(&value, encoder),
        }
    }
}

/// The value of a label.
#[derive(Clone, Copy, Debug)]
pub(super) enum Label<'a> {
    /// A text. The encoder escapes it.
    Text(&'a str),
    /// A whole number.
    Number(u32),
}

impl<'a> From<&'a str> for Label<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
        }
    }
}

impl EncodeLabelValue for Label<'_> {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => EncodeLabelValue::encode(text, encoder),
            Self::Number(number) => EncodeLabelValue::encode(number, encoder),
        }
    }
}

/// The labels of one sample: names and values in the same order.
#[derive(Debug)]
struct Labels<'a> {
    names: &'static [&'static str],
    values: &'a [Label<'a>],
}

impl EncodeLabelSet for Labels<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        // With a missing value, later values would get the wrong label. Then the family is left out instead.
        if self.names.len() != self.values.len() {
            return Err(fmt::Error);
        }
        for (name, value) in self.names.iter().zip(self.values) {
            let mut label = encoder.encode_label();
            let mut key = label.encode_label_key()?;
            EncodeLabelKey::encode(name, &mut key)?;
            let mut text = key.encode_label_value()?;
            EncodeLabelValue::encode(value, &mut text)?;
            text.finish()?;
        }
        Ok(())
    }
}

/// Receives the samples of one family. Label values are in the order of the row's labels.
pub(super) trait Sink {
    /// Adds one sample, unless there is no number (wolkvox did not send it) or it is not finite.
    fn sample(&mut self, values: &[Label<'_>], number: Option<Number>);

    /// Adds one histogram.
    fn histogram(&mut self, values: &[Label<'_>], histogram: &DurationHistogram);
}

/// Writes the samples of one family as text. It writes the metadata before the first sample, so that a family without
/// samples is left out.
#[derive(Debug)]
pub(super) struct TextSink<'e, 'w> {
    family: &'static Family,
    labels: &'static [&'static str],
    unit: Option<&'e Unit>,
    // Used by the first sample.
    descriptor: Option<&'e mut DescriptorEncoder<'w>>,
    encoder: Option<MetricEncoder<'e>>,
    result: fmt::Result,
}

impl<'e, 'w> TextSink<'e, 'w> {
    pub(super) fn new(
        family: &'static Family,
        labels: &'static [&'static str],
        unit: Option<&'e Unit>,
        descriptor: &'e mut DescriptorEncoder<'w>,
    ) -> Self {
        Self { family, labels, unit, descriptor: Some(descriptor), encoder: None, result: Ok(()) }
    }

    /// Whether everything was written.
    pub(super) fn finish(self) -> fmt::Result {
        self.result
    }

    fn write(&mut self, write: impl FnOnce(&mut MetricEncoder<'e>) -> fmt::Result) {
        if self.result.is_err() {
            return;
        }
        if let Some(descriptor) = self.descriptor.take() {
            match descriptor.encode_descriptor(
                self.family.stem(),
                self.family.help,
                self.unit,
                self.family.kind.metric_type(),
            ) {
                Ok(encoder) => self.encoder = Some(encoder),
                Err(error) => self.result = Err(error),
            }
        }
        if let Some(encoder) = &mut self.encoder {
            self.result = write(encoder);
        }
    }
}

impl Sink for TextSink<'_, '_> {
    fn sample(&mut self, values: &[Label<'_>], number: Option<Number>) {
        let Some(number) = number.filter(Number::is_finite) else { return };
        let (kind, names) = (self.family.kind, self.labels);
        self.write(|encoder| {
            let labels = Labels { names, values };
            if kind == Kind::Info {
                return encoder.encode_info(&labels);
            }
            // Without this case, the encoder would write `{}`.
            if names.is_empty() {
                number.encode_as(kind, encoder)
            } else {
                number.encode_as(kind, &mut encoder.encode_family(&labels)?)
            }
        });
    }

    fn histogram(&mut self, values: &[Label<'_>], histogram: &DurationHistogram) {
        let bounds = DURATION_BUCKETS.into_iter().chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = bounds.zip(histogram.buckets).collect();
        let names = self.labels;
        self.write(|encoder| {
            encoder.encode_family(&Labels { names, values })?.encode_histogram::<NoLabelSet>(
                histogram.sum.as_secs_f64(),
                histogram.count(),
                &buckets,
                None,
            )
        });
    }
}

impl Number {
    fn encode_as(self, kind: Kind, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        match kind {
            Kind::Counter => encoder.encode_counter::<NoLabelSet, Self, f64>(&self, None),
            Kind::Gauge | Kind::Info | Kind::Histogram => encoder.encode_gauge(&self),
        }
    }
}

impl Kind {
    fn metric_type(self) -> MetricType {
        match self {
            Self::Gauge => MetricType::Gauge,
            Self::Counter => MetricType::Counter,
            Self::Info => MetricType::Info,
            Self::Histogram => MetricType::Histogram,
        }
    }
}
