//! The series that the rules read, as a healthy exporter exports them, with a value for each moment.
//!
//! A rule costs as much as the series and samples that it reads. Therefore the labels, the number of series of a skill
//! and how often values change are those of the exporter; the calls themselves need not be plausible.

/// Skills of one operation.
pub(crate) const SKILLS_OF_OPERATION: usize = 50;

/// Operations that one exporter polls.
const OPERATIONS_OF_EXPORTER: usize = 10;

/// Dialled numbers of one operation.
const NUMBERS_OF_OPERATION: usize = 10;

/// Seconds between two polls of the exporter: values change once in this time.
const POLL: i64 = 60;

/// How far the rules look back at a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LookBack {
    /// For hours or less, and for the same half-hour a week ago.
    Week,
    /// For hours.
    Hours,
    /// For days.
    Days,
    /// For the 24 hours after this time of last week, with so many seconds between two samples.
    DayOfLastWeek(i64),
}

use LookBack::{DayOfLastWeek, Days, Hours, Week};

/// What a family has one sample for.
#[derive(Clone, Copy, Debug)]
enum Each {
    Exporter,
    Operation,
    /// Each of these collectors of an operation.
    Collector(&'static [&'static str]),
    Skill,
    /// Each of these thresholds of a skill.
    Threshold(&'static [&'static str]),
    /// Each dialled number of an operation in two windows.
    Number,
    /// Each dialled number in two windows and each threshold.
    NumberThreshold,
}

/// A metric of the exporter.
struct Family {
    name: &'static str,
    each: Each,
    look_back: LookBack,
    /// The value of the series with this number at this time, in seconds.
    value: fn(u64, i64) -> f64,
}

const COLLECTORS: &[&str] = &["skills", "dnis"];
const THRESHOLDS: &[&str] = &["10", "20", "30"];
/// The threshold of the target of every skill.
const TARGET: &[&str] = &["20"];

const fn family(name: &'static str, each: Each, look_back: LookBack, value: fn(u64, i64) -> f64) -> Family {
    Family { name, each, look_back, value }
}

const FAMILIES: &[Family] = &[
    family("process_start_time_seconds", Each::Exporter, Hours, |_, _| 1.7e9),
    family("wolkvox_exporter_config_last_reload_successful", Each::Exporter, Hours, one),
    family("wolkvox_exporter_state_last_write_successful", Each::Exporter, Hours, one),
    family("wolkvox_exporter_web_config_last_reload_successful", Each::Exporter, Hours, one),
    family("wolkvox_up", Each::Operation, Days, one),
    family("wolkvox_api_quota_limit", Each::Operation, Hours, |_, _| 50_000.0),
    family("wolkvox_api_quota_used", Each::Operation, Hours, |_, at| ((at % 86_400) / POLL) as f64),
    family("wolkvox_api_quota_reset_timestamp_seconds", Each::Operation, Hours, |_, at| {
        (at / 86_400 * 86_400 + 86_400) as f64
    }),
    family("wolkvox_collector_interval_seconds", Each::Collector(COLLECTORS), Days, |_, _| POLL as f64),
    family("wolkvox_collector_last_success_timestamp_seconds", Each::Collector(COLLECTORS), Hours, |_, at| at as f64),
    family("wolkvox_collector_success", Each::Collector(COLLECTORS), Hours, one),
    family("wolkvox_skill_info", Each::Skill, Days, one),
    family("wolkvox_skill_open", Each::Skill, Hours, one),
    family("wolkvox_skill_calls_in_queue", Each::Skill, Hours, |skill, at| (noise(skill, at) % 4) as f64),
    family("wolkvox_skill_inbound_calls_today", Each::Skill, Hours, inbound_today),
    family("wolkvox_skill_inbound_calls_total", Each::Skill, Week, inbound),
    family("wolkvox_skill_answered_calls_total", Each::Skill, Week, |skill, at| (inbound(skill, at) * 0.96).floor()),
    family("wolkvox_skill_abandoned_calls_total", Each::Skill, Hours, |skill, at| (inbound(skill, at) * 0.04).floor()),
    family("wolkvox_skill_answered_within_calls_total", Each::Threshold(THRESHOLDS), Hours, |skill, at| {
        (inbound(skill, at) * service_level(skill)).floor()
    }),
    family("wolkvox_skill_service_level_ratio", Each::Threshold(THRESHOLDS), Hours, |skill, at| {
        service_level(skill) + (noise(skill, at) % 100) as f64 / 10_000.0
    }),
    family("wolkvox_skill_service_level_target_ratio", Each::Threshold(TARGET), Hours, |_, _| 0.8),
    family("wolkvox_skill_daily_reset_time_of_day_seconds", Each::Skill, Hours, |_, _| 0.0),
    family("wolkvox_skill_abandon_target_ratio", Each::Skill, Hours, |_, _| 0.05),
    family("wolkvox_dnis_inbound_calls", Each::Number, Hours, |number, at| (noise(number, at) % 60) as f64),
    family("wolkvox_dnis_abandon_ratio", Each::Number, Hours, |number, at| (noise(number, at) % 100) as f64 / 1_000.0),
    family("wolkvox_dnis_service_level_ratio", Each::NumberThreshold, Hours, |number, at| {
        0.8 + (noise(number, at) % 100) as f64 / 1_000.0
    }),
];

/// The recorded series that rules read as they were an hour or a week ago. Prometheus has them, and no exporter.
const RECORDED: &[Family] = &[
    recorded("operation_skill:wolkvox_skill_inbound_calls:increase30m", |skill, _| a_half_hour(skill)),
    recorded("operation_skill:wolkvox_skill_answered_calls:increase30m", |skill, _| a_half_hour(skill)),
    recorded("operation_skill:wolkvox_skill_abandoned_calls:increase30m", |_, _| 1.0),
    recorded("operation_skill:wolkvox_skill_answered_in_time_calls:increase30m", |skill, _| a_half_hour(skill)),
    recorded("operation_skill:wolkvox_skill_inbound_calls:increase1h", |skill, _| 2.0 * a_half_hour(skill)),
    recorded("operation_skill:wolkvox_skill_answered_calls:increase1h", |skill, _| 2.0 * a_half_hour(skill)),
    recorded("operation_skill:wolkvox_skill_answered_in_time_calls:increase1h", |skill, _| 2.0 * a_half_hour(skill)),
    recorded("operation_skill:wolkvox_skill_answered_calls:increase2h", |skill, _| 4.0 * a_half_hour(skill)),
    family("operation_skill:wolkvox_skill_answered_calls:increase4h", Each::Skill, Week, |skill, _| {
        8.0 * a_half_hour(skill)
    }),
    recorded("operation_skill:wolkvox_skill_abandoned_calls:over_allowed15m", |_, _| -1.0),
    recorded("operation_skill:wolkvox_skill_abandoned_calls:over_allowed30m", |_, _| -1.0),
    recorded("operation_skill:wolkvox_skill_abandoned_calls:over_allowed1h", |_, _| -1.0),
    recorded("operation_skill:wolkvox_skill_abandoned_calls:over_allowed2h", |_, _| -1.0),
    recorded("operation_skill:wolkvox_skill_missed_calls:over_allowed30m", |_, _| -1.0),
    recorded("operation_skill:wolkvox_skill_missed_calls:over_allowed1h", |_, _| -1.0),
    recorded("operation_skill:wolkvox_skill_rated_calls:increase1h", |skill, _| 2.0 * a_half_hour(skill)),
    family("operation_skill:wolkvox_skill_inbound_calls:today", Each::Skill, DayOfLastWeek(300), inbound_today),
    family("operation:wolkvox_skill_last_reset:timestamp", Each::Operation, DayOfLastWeek(300), |_, at| {
        (at / 86_400 * 86_400) as f64
    }),
];

const fn recorded(name: &'static str, value: fn(u64, i64) -> f64) -> Family {
    family(name, Each::Skill, Hours, value)
}

fn one(_: u64, _: i64) -> f64 {
    1.0
}

/// A number that looks random and stays the same between two polls.
fn noise(series: u64, at: i64) -> u64 {
    fastrand::Rng::with_seed(series.wrapping_mul(1_000_003).wrapping_add((at / POLL).cast_unsigned())).u64(..)
}

/// Calls received: 3 to 120 an hour, depending on the skill.
fn inbound(skill: u64, at: i64) -> f64 {
    let an_hour = 3 + (skill * 7) % 118;
    let polled = at / POLL * POLL;
    (polled.cast_unsigned() * an_hour / 3_600) as f64
}

/// Calls received since midnight.
fn inbound_today(skill: u64, at: i64) -> f64 {
    inbound(skill, at) - inbound(skill, at / 86_400 * 86_400)
}

fn a_half_hour(skill: u64) -> f64 {
    (3 + (skill * 7) % 118) as f64 / 2.0
}

/// 75 to 94 % of the calls are answered in time, so some skills miss their target of 80 %.
fn service_level(skill: u64) -> f64 {
    0.75 + (skill % 20) as f64 / 100.0
}

/// One series.
pub(crate) struct Series {
    pub(crate) name: &'static str,
    /// Sorted by name, as the protocols of Prometheus want them.
    pub(crate) labels: Vec<(&'static str, String)>,
    pub(crate) look_back: LookBack,
    /// The exporter whose page has it.
    pub(crate) exporter: usize,
    number: u64,
    value: fn(u64, i64) -> f64,
}

impl Series {
    /// Whether a rule records it. Otherwise an exporter exports it.
    pub(crate) fn is_recorded(&self) -> bool {
        self.name.contains(':')
    }

    /// The value at this time, in seconds.
    pub(crate) fn value(&self, at: i64) -> f64 {
        (self.value)(self.number, at)
    }
}

/// The number of exporters for that many skills.
pub(crate) fn exporters(skills: usize) -> usize {
    skills.div_ceil(SKILLS_OF_OPERATION * OPERATIONS_OF_EXPORTER)
}

/// The value of the label `instance` of an exporter.
pub(crate) fn instance(exporter: usize) -> String {
    format!("exporter-{exporter:02}:9909")
}

/// Every series of that many skills.
pub(crate) fn series(skills: usize) -> Vec<Series> {
    let operations = skills.div_ceil(SKILLS_OF_OPERATION);
    let families = FAMILIES.iter().chain(RECORDED);
    families.flat_map(|family| of_family(family, operations, exporters(skills))).collect()
}

/// The names of all families, scraped and recorded.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().chain(RECORDED).map(|family| family.name)
}

fn of_family(family: &Family, operations: usize, exporters: usize) -> Vec<Series> {
    let mut all = Vec::new();
    let mut add = |exporter: usize, number: usize, labels: Vec<(&'static str, String)>| {
        let target = [("instance", instance(exporter)), ("job", "wolkvox".to_owned())];
        let target = target.into_iter().filter(|_| !family.name.contains(':'));
        let mut labels: Vec<_> = labels.into_iter().chain(target).collect();
        labels.sort_unstable();
        let Family { name, look_back, value, .. } = *family;
        all.push(Series { name, labels, look_back, exporter, number: number as u64, value });
    };
    if matches!(family.each, Each::Exporter) {
        for exporter in 0..exporters {
            add(exporter, exporter, Vec::new());
        }
        return all;
    }
    for operation in 0..operations {
        let exporter = operation / OPERATIONS_OF_EXPORTER;
        let of_operation = || vec![("operation", format!("centro-{operation:03}"))];
        match family.each {
            Each::Exporter | Each::Operation => add(exporter, operation, of_operation()),
            Each::Collector(collectors) => {
                for collector in collectors {
                    add(exporter, operation, [of_operation(), text("collector", collector)].concat());
                }
            }
            Each::Skill | Each::Threshold(_) => {
                for skill in 0..SKILLS_OF_OPERATION {
                    let number = operation * SKILLS_OF_OPERATION + skill;
                    let mut labels = [of_operation(), vec![("skill_id", (4_000 + skill).to_string())]].concat();
                    if family.name == "wolkvox_skill_info" {
                        labels.push(("skill_name", format!("Atención al cliente {skill}")));
                        labels.push(("team", ["ventas", "soporte"][skill % 2].to_owned()));
                    }
                    let Each::Threshold(thresholds) = family.each else {
                        add(exporter, number, labels);
                        continue;
                    };
                    for threshold in thresholds {
                        add(exporter, number, [labels.clone(), text("threshold_seconds", threshold)].concat());
                    }
                }
            }
            Each::Number | Each::NumberThreshold => {
                for (number, window) in
                    (0..NUMBERS_OF_OPERATION).flat_map(|number| [(number, "30m"), (number, "today")])
                {
                    let dnis = ("dnis", format!("60155500{number:02}"));
                    let labels = [of_operation(), text("skill_id", "all"), text("window", window), vec![dnis]].concat();
                    let unique = operation * NUMBERS_OF_OPERATION + number;
                    if matches!(family.each, Each::Number) {
                        add(exporter, unique, labels);
                        continue;
                    }
                    for threshold in THRESHOLDS {
                        add(exporter, unique, [labels.clone(), text("threshold_seconds", threshold)].concat());
                    }
                }
            }
        }
    }
    all
}

fn text(name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    vec![(name, value.to_owned())]
}
