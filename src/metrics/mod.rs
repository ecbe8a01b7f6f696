//! From snapshots to the text that Prometheus reads.
//!
//! - `definitions`: the table of metrics; a metric is one row of it.
//! - `sample`: what a row hands over: label values and numbers.
//! - `exposition`: one family as `OpenMetrics`; `text004`: its metadata in the older format.
//! - `page`: the whole page in both formats, rendered and compressed when something changes, not when scraped.
//! - `pieces`: text of any length without copies; `gzip`: one gzip member made of parts that were compressed apart.
//! - `recording`: the page at many moments, for a database of history.
//! - `own`, `process`: what the exporter knows of itself.
//! - `catalogue`: the table for people and for programs.
//!
//! Nothing here polls, and nothing outside knows prometheus-client.

pub mod catalogue;
mod definitions;
mod exporter_info;
mod exposition;
mod family;
#[cfg(test)]
mod fixture;
mod gzip;
mod page;
mod pieces;
mod process;
mod recording;
mod report_table;
mod sample;
mod text004;

pub use exporter_info::ExporterInfo;
pub use exposition::{Encoding, Format};
pub use page::{Page, PageBody};
pub use recording::Recording;
pub use report_table::{Column, ColumnSource, ReportTable, Value, report_tables};
