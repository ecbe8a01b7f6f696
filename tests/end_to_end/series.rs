//! Values by series: as Prometheus has them, as a page says them, as they are expected.

use std::collections::BTreeMap;

use crate::support::exposition::Family;
use crate::support::prometheus::Prometheus;

/// A metric's name and its labels.
pub(crate) type Name = (String, BTreeMap<String, String>);

/// Values of series.
pub(crate) type Values = BTreeMap<Name, f64>;

/// A series' name and labels. To Prometheus, an empty label is one that is not there.
pub(crate) fn name(metric: &str, labels: &[(&str, &str)]) -> Name {
    let given = labels.iter().filter(|(_, value)| !value.is_empty());
    (metric.to_owned(), given.map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect())
}

/// What Prometheus has now of a job; its own labels `job` and `instance` are left out.
pub(crate) async fn stored(prometheus: &Prometheus, job: &str) -> Values {
    let found = prometheus.query(&format!("{{job=\"{job}\"}}")).await.unwrap();
    let mut values = Values::new();
    for series in found {
        let mut labels = series.labels;
        let metric = labels.remove("__name__").expect("a stored series has a name");
        labels.retain(|label, _| label != "job" && label != "instance");
        assert!(values.insert((metric, labels), series.value).is_none(), "{job}: one series twice");
    }
    values
}

/// What a page says.
pub(crate) fn values_of(families: &[Family]) -> Values {
    let mut values = Values::new();
    for sample in families.iter().flat_map(|family| &family.samples) {
        let mut labels = sample.labels.clone();
        labels.retain(|_, value| !value.is_empty());
        let name = (sample.name.clone(), labels);
        assert!(values.insert(name.clone(), sample.value).is_none(), "{name:?} is there twice");
    }
    values
}

/// Only what reports of wolkvox say.
pub(crate) fn of_reports(mut values: Values) -> Values {
    values.retain(|(metric, _), _| metric.starts_with("wolkvox_skill_") || metric.starts_with("wolkvox_dnis_"));
    values
}

/// The value of one series.
///
/// # Panics
/// When it is not there.
pub(crate) fn value(values: &Values, metric: &str, labels: &[(&str, &str)]) -> f64 {
    *values.get(&name(metric, labels)).unwrap_or_else(|| panic!("there is no {metric} {labels:?}"))
}

/// What is missing, what is too much, and what is otherwise than expected; empty when all is well.
pub(crate) fn differences(found: &Values, expected: &Values) -> Vec<String> {
    let mut differences = Vec::new();
    for (name, expected) in expected {
        match found.get(name) {
            None => differences.push(format!("missing: {name:?} {expected}")),
            // A percentage may have been divided in another order.
            Some(found) if (found - expected).abs() > 1e-12 * expected.abs() => {
                differences.push(format!("{found} instead of {expected}: {name:?}"));
            }
            Some(_) => {}
        }
    }
    let surplus = found.iter().filter(|(name, _)| !expected.contains_key(*name));
    differences.extend(surplus.map(|(name, found)| format!("surplus: {name:?} {found}")));
    differences
}
