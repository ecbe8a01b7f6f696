//! Values by series: stored in Prometheus, on a page, or expected.

use std::collections::BTreeMap;

use crate::support::exposition::Family;
use crate::support::prometheus::Prometheus;

/// A metric's name and its labels.
pub(crate) type Name = (String, BTreeMap<String, String>);

/// Values of series.
pub(crate) type Values = BTreeMap<Name, f64>;

/// A series' name and labels, without empty labels, because Prometheus treats them as absent.
pub(crate) fn name(metric: &str, labels: &[(&str, &str)]) -> Name {
    let given = labels.iter().filter(|(_, value)| !value.is_empty());
    (metric.to_owned(), given.map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect())
}

/// The values of a job in Prometheus now, without the labels `job` and `instance`.
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

/// The values on a page.
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

/// Only the values from reports of wolkvox.
pub(crate) fn of_reports(mut values: Values) -> Values {
    values.retain(|(metric, _), _| metric.starts_with("wolkvox_skill_") || metric.starts_with("wolkvox_dnis_"));
    values
}

/// The value of one series.
///
/// # Panics
/// When there is no such series.
pub(crate) fn value(values: &Values, metric: &str, labels: &[(&str, &str)]) -> f64 {
    *values.get(&name(metric, labels)).unwrap_or_else(|| panic!("there is no {metric} {labels:?}"))
}

/// The missing, surplus and different values. Empty if all are as expected.
pub(crate) fn differences(found: &Values, expected: &Values) -> Vec<String> {
    let mut differences = Vec::new();
    for (name, expected) in expected {
        match found.get(name) {
            None => differences.push(format!("missing: {name:?} {expected}")),
            // A percentage may have been computed in another order.
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
