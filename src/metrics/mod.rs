//! Turns snapshots into the text that Prometheus reads.
//!
//! - `definitions`: the table of metrics. A metric is one row.
//! - `family`: name, kind, help and unit of a metric, and its metadata lines in both formats.
//! - `sample`: label values and numbers, and their way into the text.
//! - `exposition`: one family as text.
//! - `page`: the complete page in both formats. It is rendered and compressed when a value changes, not for each
//!   scrape.
//! - `pieces` and `gzip`: make a scrape cheap even if the page has megabytes.
//! - `recording`: the page at many times, for a database of history.
//! - `report_table`: the values of reports as plain tables, for `probe`.
//! - `exporter_info`, `process`: facts about the running exporter.
//! - `catalogue`: the table of metrics as a document.
//!
//! This module does not poll. No other module uses prometheus-client.

pub mod catalogue;
mod definitions;
mod exporter_info;
mod exposition;
mod family;
#[cfg(test)]
mod fixture;
mod gzip;
#[cfg(feature = "measuring")]
pub mod measuring;
mod page;
mod pieces;
mod process;
mod recording;
mod report_table;
mod sample;

pub use exporter_info::{ExporterInfo, LastReload, RunningExporter};
pub use exposition::{Encoding, Format};
pub use page::{Page, PageBody};
pub use recording::Recording;
pub use report_table::{Column, ColumnSource, ReportTable, Value, report_tables};
