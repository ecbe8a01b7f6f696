//! Which reports and fields the simulator has. A report or a field may be added to the exporter before its simulation.

use wolkvox_exporter::collect;
use wolkvox_exporter::model::Collector;
use wolkvox_simulator::Endpoint;

/// The code that writes the rows of the simulator. Each field is in it as a text.
const ROWS: &str = include_str!("../../crates/wolkvox_simulator/src/dialect/rows.rs");

/// The collectors whose report the simulator has.
pub(crate) fn collectors() -> Vec<Collector> {
    Collector::ALL.into_iter().filter(|collector| Endpoint::exists(collect::endpoint(*collector))).collect()
}

/// Whether a page can have the family of this collector, if all reports that the simulator has are polled. A help text
/// ends with the field of wolkvox in parentheses.
pub(crate) fn has_family(collector: &str, help: &str) -> bool {
    let Some(collector) = Collector::from_name(collector) else { return true };
    let field = help.trim_end_matches(").").rsplit('(').next().unwrap_or_default();
    // Some families have several fields or a pattern of fields, which are not looked for.
    let is_field = field.chars().all(|c| c.is_ascii_lowercase() || c == '_') && field != "configuration";
    collectors().contains(&collector) && (!is_field || ROWS.contains(&format!("\"{field}\"")))
}
