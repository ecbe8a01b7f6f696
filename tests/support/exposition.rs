//! Reads pages with the reference parsers (`prometheus-client` for Python), not with code of this project.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::peers::python;
use super::process::run;

/// The formats of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// `OpenMetrics` 1.0.0, read by the strict parser.
    OpenMetrics,
    /// Text 0.0.4.
    Text,
}

/// A family of metrics.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Family {
    /// Its name as in its `# TYPE` line, but without `_total` for a counter, as both parsers return it.
    pub(crate) name: String,
    /// `gauge`, `counter`, `histogram`, `info`, …; `unknown` without a `# TYPE` line.
    pub(crate) kind: String,
    /// The help text, unescaped.
    pub(crate) help: String,
    /// The unit; empty in text 0.0.4.
    pub(crate) unit: String,
    /// Its samples, in the order of the page.
    pub(crate) samples: Vec<Sample>,
}

/// A sample.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    /// The name on its line.
    pub(crate) name: String,
    /// Its labels, unescaped.
    pub(crate) labels: BTreeMap<String, String>,
    /// Its value.
    pub(crate) value: f64,
    /// Its timestamp in seconds, if it has one.
    pub(crate) timestamp: Option<f64>,
}

/// Reads a page.
///
/// # Errors
/// When the parser refuses the page: its message.
pub(crate) fn parse(format: Format, page: &str) -> Result<Vec<Family>, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/parse_exposition.py");
    let format = match format {
        Format::OpenMetrics => "openmetrics",
        Format::Text => "text",
    };
    let output = run(python().arg(script).arg(format), page);
    if !output.status.success() {
        return Err(output.stderr);
    }
    let families: Value = output.stdout.parse().expect("the script writes JSON");
    Ok(list(&families).iter().map(family).collect())
}

fn family(family: &Value) -> Family {
    Family {
        name: text(&family["name"]),
        kind: text(&family["kind"]),
        help: text(&family["help"]),
        unit: text(&family["unit"]),
        samples: list(&family["samples"]).iter().map(sample).collect(),
    }
}

fn sample(sample: &Value) -> Sample {
    let labels = sample["labels"].as_object().expect("labels are an object");
    Sample {
        name: text(&sample["name"]),
        labels: labels.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        value: number(&sample["value"]).expect("a sample has a value"),
        timestamp: number(&sample["timestamp"]),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("the script writes a list here")
}

fn text(value: &Value) -> String {
    value.as_str().expect("the script writes text here").to_owned()
}

fn number(value: &Value) -> Option<f64> {
    Some(value.as_str()?.parse().expect("the script writes numbers that Rust reads"))
}
