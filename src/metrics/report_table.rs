//! The values of reports as tables, for people and programs that read them without Prometheus.
//!
//! The columns come from the table of metrics, so a new metric is a new column and a new report is a new table. Metrics
//! with the same labels share one table: one row for each label set, one column for each metric. The labels of an info
//! metric become columns of text.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::definitions::{Definition, Owner, POLLED, RenderInput};
use super::family::Kind;
use super::sample::{Label, Number, Sink};
use crate::clock::Clock;
use crate::model::{DurationHistogram, Snapshot, Snapshots};

/// The label of the operation. It is the same in all rows, so it is not a column.
const OPERATION: &str = "operation";

/// The label that becomes columns instead of rows, because thresholds are few and people compare them side by side.
const THRESHOLD: &str = "threshold_seconds";

/// One table of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportTable {
    /// The collector. Further tables of the same collector have their labels added: `dnis_by_skill_id_window`.
    pub name: String,
    /// Labels first, then metrics in the order of the metrics page.
    pub columns: Vec<Column>,
    /// One value for each column; `None` where wolkvox sent none.
    pub rows: Vec<Vec<Option<Value>>>,
}

/// One column of a [`ReportTable`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name of the label, or the name of the metric without the prefix that all metrics of the collector share. A
    /// column of one threshold ends in it: `service_level_ratio_20s`.
    pub name: String,
    /// Where the values come from.
    pub source: ColumnSource,
}

/// Where the values of a [`Column`] come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnSource {
    /// A label: text.
    Label,
    /// A gauge and its unit: numbers.
    Gauge(Option<&'static str>),
    /// A counter: numbers.
    Counter,
}

/// One value of a [`ReportTable`].
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// The value of a label.
    Text(String),
    /// A whole number.
    Count(u64),
    /// Any finite number.
    Real(f64),
}

/// The tables of all reports of `snapshot` that are fresh. A collector with a fresh report has at least one table, even
/// if the report has no rows.
pub fn report_tables(snapshot: &Arc<Snapshot>, clock: &Clock) -> Vec<ReportTable> {
    let input = RenderInput {
        snapshots: Arc::new(Snapshots::from(vec![Arc::clone(snapshot)])),
        instant: clock.instant(),
        now: clock.now(),
    };
    let fresh: BTreeSet<String> = snapshot.fresh(input.instant).map(|report| report.collector.to_string()).collect();
    let owned = POLLED.iter().filter(|table| matches!(table.owner, Owner::Collector(_)));
    let named = owned.map(|table| (table.owner.to_string(), table.rows));
    named.filter(|(name, _)| fresh.contains(name)).flat_map(|(name, rows)| tables(&name, rows, &input)).collect()
}

/// Metrics with the same labels.
#[derive(Debug)]
struct Group {
    labels: Vec<&'static str>,
    text_columns: Vec<Column>,
    columns: Vec<Column>,
    row_of: HashMap<Vec<String>, usize>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    labels: Vec<String>,
    texts: Vec<Option<Value>>,
    values: Vec<Option<Value>>,
}

/// Keeps samples instead of writing them.
#[derive(Debug, Default)]
struct Samples(Vec<(Vec<String>, Number)>);

impl Sink for Samples {
    fn sample(&mut self, values: &[Label<'_>], number: Option<Number>) {
        let Some(number) = number.filter(Number::is_finite) else { return };
        self.0.push((values.iter().map(ToString::to_string).collect(), number));
    }

    fn histogram(&mut self, _values: &[Label<'_>], _histogram: &DurationHistogram) {
        // A histogram does not fit into one column. No report has one.
    }
}

fn tables(collector: &str, rows: &'static [Definition<RenderInput>], input: &RenderInput) -> Vec<ReportTable> {
    let prefix = common_prefix(rows.iter().map(|row| row.family.name));
    let (infos, numbers): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.family.kind == Kind::Info);
    let mut groups: Vec<Group> = Vec::new();
    for definition in numbers {
        let labels = definition.read.labels().iter().copied().filter(|label| ![OPERATION, THRESHOLD].contains(label));
        let labels: Vec<_> = labels.collect();
        let index = groups.iter().position(|group| group.labels == labels).unwrap_or_else(|| {
            groups.push(Group::new(labels));
            groups.len() - 1
        });
        groups[index].add_metric(definition, &prefix, input);
    }
    for definition in infos {
        let labels = definition.read.labels();
        let fits = |group: &Group| group.labels.iter().all(|label| labels.contains(label));
        // An info of the operation alone joins its other metrics; any other info has a group with more labels.
        let best =
            (0..groups.len()).filter(|index| fits(&groups[*index])).max_by_key(|index| groups[*index].labels.len());
        let index = best.unwrap_or_else(|| {
            groups.push(Group::new(Vec::new()));
            groups.len() - 1
        });
        groups[index].add_info(definition, input);
    }
    let tables = groups.into_iter().enumerate().map(|(index, group)| group.finish(collector, index == 0));
    tables.enumerate().filter(|(index, table)| *index == 0 || !table.rows.is_empty()).map(|(_, table)| table).collect()
}

/// The part before the first difference, up to and including an underscore.
fn common_prefix(names: impl Iterator<Item = &'static str>) -> String {
    let common = names.reduce(|common, name| {
        let same = common.bytes().zip(name.bytes()).take_while(|(one, other)| one == other).count();
        &common[..same]
    });
    let common = common.unwrap_or_default();
    common.rfind('_').map_or(String::new(), |underscore| common[..=underscore].to_owned())
}

impl Group {
    fn new(labels: Vec<&'static str>) -> Self {
        Self { labels, text_columns: Vec::new(), columns: Vec::new(), row_of: HashMap::new(), rows: Vec::new() }
    }

    /// The row of these labels; a new one if there is none yet.
    fn row(&mut self, names: &[&str], values: &[String]) -> &mut Row {
        let value = |label: &&str| names.iter().position(|name| name == label).map(|index| values[index].clone());
        let labels: Vec<String> = self.labels.iter().filter_map(value).collect();
        let index = *self.row_of.entry(labels).or_insert_with_key(|labels| {
            self.rows.push(Row { labels: labels.clone(), texts: Vec::new(), values: Vec::new() });
            self.rows.len() - 1
        });
        &mut self.rows[index]
    }

    /// Adds a column, or one for each threshold if the metric has that label.
    fn add_metric(&mut self, definition: &Definition<RenderInput>, prefix: &str, input: &RenderInput) {
        let Definition { family, read } = definition;
        let names = read.labels();
        let mut samples = Samples::default();
        read.samples(input, &mut samples);
        let name = family.name.strip_prefix(prefix).unwrap_or(family.name);
        let source = match family.kind {
            Kind::Counter => ColumnSource::Counter,
            Kind::Gauge | Kind::Info | Kind::Histogram => ColumnSource::Gauge(family.unit()),
        };
        let first = self.columns.len();
        let threshold = names.iter().position(|name| *name == THRESHOLD);
        let mut thresholds: Vec<u32> = Vec::new();
        if let Some(threshold) = threshold {
            thresholds = samples.0.iter().filter_map(|(values, _)| values[threshold].parse().ok()).collect();
            thresholds.sort_unstable();
            thresholds.dedup();
            let columns = thresholds.iter().map(|seconds| Column { name: format!("{name}_{seconds}s"), source });
            self.columns.extend(columns);
        } else {
            self.columns.push(Column { name: name.to_owned(), source });
        }
        for (values, number) in samples.0 {
            let seconds = threshold.and_then(|index| values[index].parse().ok());
            let offset = seconds.and_then(|seconds: u32| thresholds.binary_search(&seconds).ok()).unwrap_or_default();
            let value = match number {
                Number::Count(count) => Value::Count(count),
                Number::Real(real) => Value::Real(real),
            };
            set(&mut self.row(names, &values).values, first + offset, Some(value));
        }
    }

    /// Adds a column of text for each label that does not identify the row.
    fn add_info(&mut self, definition: &Definition<RenderInput>, input: &RenderInput) {
        let names = definition.read.labels();
        let mut samples = Samples::default();
        definition.read.samples(input, &mut samples);
        let first = self.text_columns.len();
        let texts: Vec<usize> = (0..names.len())
            .filter(|index| names[*index] != OPERATION && !self.labels.contains(&names[*index]))
            .collect();
        let columns = texts.iter().map(|index| Column { name: names[*index].to_owned(), source: ColumnSource::Label });
        self.text_columns.extend(columns);
        for (values, _) in samples.0 {
            let row = self.row(names, &values);
            for (offset, index) in texts.iter().enumerate() {
                // Prometheus makes no difference between an empty label and no label.
                let text = Some(values[*index].clone()).filter(|text| !text.is_empty());
                set(&mut row.texts, first + offset, text.map(Value::Text));
            }
        }
    }

    fn finish(self, collector: &str, is_first: bool) -> ReportTable {
        let name = match (is_first, self.labels.is_empty()) {
            (true, _) => collector.to_owned(),
            (false, true) => format!("{collector}_by_{OPERATION}"),
            (false, false) => format!("{collector}_by_{}", self.labels.join("_")),
        };
        let (texts, values) = (self.text_columns.len(), self.columns.len());
        let labels = self.labels.iter().map(|name| Column { name: (*name).to_owned(), source: ColumnSource::Label });
        let columns = labels.chain(self.text_columns).chain(self.columns).collect();
        let rows = self.rows.into_iter().map(|mut row| {
            row.texts.resize(texts, None);
            row.values.resize(values, None);
            let labels = row.labels.into_iter().map(|label| Some(Value::Text(label)));
            labels.chain(row.texts).chain(row.values).collect()
        });
        ReportTable { name, columns, rows: rows.collect() }
    }
}

/// Sets the element at `index`; the list grows as needed.
fn set(values: &mut Vec<Option<Value>>, index: usize, value: Option<Value>) {
    if values.len() <= index {
        values.resize(index + 1, None);
    }
    values[index] = value;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::fixture;
    use crate::model::Collector;

    fn tables() -> Vec<ReportTable> {
        let clock = fixture::clock();
        let full = fixture::operations(&clock).remove(0);
        report_tables(&Arc::new(full), &clock)
    }

    fn table(name: &str) -> ReportTable {
        tables().into_iter().find(|table| table.name == name).unwrap()
    }

    /// The value of a column in the row whose first value is `id`.
    fn value(table: &ReportTable, id: &str, column: &str) -> Option<Value> {
        let index = table.columns.iter().position(|it| it.name == column).unwrap();
        let row = table.rows.iter().find(|row| row[0] == Some(Value::Text(id.to_owned()))).unwrap();
        row[index].clone()
    }

    #[test]
    fn every_label_set_of_a_collector_has_a_table() {
        let names: Vec<String> = tables().into_iter().map(|table| table.name).collect();
        let of = |collector: Collector| -> Vec<&str> {
            names.iter().map(String::as_str).filter(|name| name.starts_with(collector.name())).collect()
        };
        assert!(Collector::ALL.into_iter().all(|collector| of(collector).contains(&collector.name())), "{names:?}");
        assert_eq!(of(Collector::Skills), ["skills", "skills_by_operation"]);
        assert_eq!(of(Collector::Dnis), ["dnis", "dnis_by_skill_id_window"]);
        assert_eq!(of(Collector::AgentsKpi), ["agents_kpi"]);
        assert_eq!(of(Collector::Transfers), ["transfers", "transfers_by_agent_id_channel_receiver_type"]);
        assert_eq!(of(Collector::Ivr), ["ivr", "ivr_by_window"]);
    }

    #[test]
    fn every_row_has_a_value_or_none_for_each_column() {
        for table in tables() {
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
        }
    }

    #[test]
    fn metrics_lose_the_prefix_they_share_and_thresholds_become_columns() {
        let names: Vec<String> = table("skills").columns.into_iter().map(|column| column.name).collect();
        assert_eq!(
            names[..12],
            [
                "skill_id",
                "skill_name",
                "team",
                "calls_in_queue",
                "inbound_calls_today",
                "answered_calls_today",
                "abandoned_calls_today",
                "service_level_ratio_10s",
                "service_level_ratio_20s",
                "service_level_ratio_30s",
                "abandon_ratio",
                "inbound_calls_total",
            ]
        );
    }

    #[test]
    fn values_are_in_the_row_of_their_labels() {
        let skills = table("skills");
        assert_eq!(value(&skills, "4173", "calls_in_queue"), Some(Value::Count(3)));
        assert_eq!(value(&skills, "4173", "service_level_ratio_10s"), Some(Value::Real(0.7)));
        assert_eq!(value(&skills, "4180", "service_level_ratio_10s"), None);
        assert_eq!(value(&skills, "4180", "service_level_ratio_20s"), Some(Value::Real(93.36)));
        assert_eq!(value(&skills, "4180", "skill_name"), Some(Value::Text("Soporte".to_owned())));
        assert_eq!(value(&skills, "4180", "team"), None);
        assert_eq!(value(&skills, "9", "abandon_ratio"), None);
    }

    #[test]
    fn what_has_only_the_operation_as_label_is_one_row() {
        let table = table("skills_by_operation");
        let texts = ["inbound", "inferred"].map(|text| Some(Value::Text(text.to_owned())));
        let [row] = &table.rows[..] else { panic!("{table:?}") };
        assert!(texts.iter().all(|text| row.contains(text)) && row.contains(&Some(Value::Count(90))), "{row:?}");
    }

    #[test]
    fn a_column_has_the_unit_of_its_metric() {
        let dnis = table("dnis");
        let column = |name: &str| dnis.columns.iter().find(|column| column.name == name).unwrap().source;
        assert_eq!(column("abandon_ratio"), ColumnSource::Gauge(Some("ratio")));
        assert_eq!(column("average_speed_of_answer_seconds"), ColumnSource::Gauge(Some("seconds")));
        assert_eq!(column("inbound_calls"), ColumnSource::Gauge(None));
    }

    #[test]
    fn a_report_that_expired_has_no_table() {
        let clock = fixture::clock();
        let mut full = fixture::operations(&clock).remove(0);
        full.reports.iter_mut().for_each(|report| report.expires = clock.instant());
        assert_eq!(report_tables(&Arc::new(full), &clock), []);
    }
}
