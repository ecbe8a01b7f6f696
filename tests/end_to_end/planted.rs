//! The problems that the scenario `bad-data` put into responses, and the ones that the exporter counted.

use std::collections::BTreeMap;

use wolkvox_simulator::{Corruption, Endpoint, RequestStats};

use crate::series::Values;

/// A report, and its label `endpoint`.
pub(crate) const ENDPOINTS: [(Endpoint, &str); 5] = [
    (Endpoint::Skills, "skills"),
    (Endpoint::Dnis, "skill_6"),
    (Endpoint::AgentsKpi, "agents_kpi"),
    (Endpoint::Transfers, "chat_9"),
    (Endpoint::Ivr, "diagram_1_3"),
];

/// The maximum of values that the simulator corrupts in one response.
pub(crate) const MAX_CORRUPTED: usize = 3;

/// Values by endpoint and field.
type ByField = BTreeMap<(String, String), u64>;

/// The values and elements of `data` that cannot be read.
pub(crate) fn planted_errors(stats: &RequestStats) -> ByField {
    let mut planted = ByField::new();
    for (endpoint, label) in ENDPOINTS {
        let of_endpoint = stats.unreadable.iter().filter(|((of, _), _)| *of == endpoint);
        planted.extend(of_endpoint.map(|((_, field), times)| ((label.to_owned(), field.clone()), *times)));
        if let Some(times) = stats.corruptions.get(&(endpoint, Corruption::StrayRecord)) {
            planted.insert((label.to_owned(), "row".to_owned()), *times);
        }
    }
    planted
}

/// The values and elements of `data` that the page counts as not readable.
pub(crate) fn counted_errors(values: &Values) -> ByField {
    let of = |labels: &BTreeMap<String, String>| (labels["endpoint"].clone(), labels["field"].clone());
    let counted = counted(values, "wolkvox_parse_errors_total").map(|(labels, times)| (of(labels), times));
    counted.filter(|(_, times)| *times > 0).collect()
}

/// The series of a counter, with their labels.
pub(crate) fn counted<'a>(
    values: &'a Values,
    metric: &'static str,
) -> impl Iterator<Item = (&'a BTreeMap<String, String>, u64)> + use<'a> {
    let of_metric = values.iter().filter(move |((name, _), _)| name == metric);
    of_metric.map(|((_, labels), value)| (labels, *value as u64))
}
