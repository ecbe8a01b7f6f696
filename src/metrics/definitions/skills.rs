//! Skills in real time: queue, day totals, service level and targets.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use jiff::Zoned;
use jiff::civil::Time;

use super::{Definition, Owner, Read, RenderInput, Table, counter, gauge, info, newest_skills};
use crate::metrics::sample::Number::{self, Count, Real};
use crate::metrics::sample::{Label, Sink};
use crate::model::{Collector, Skill, SkillsReport, Snapshot, Target};

/// Families that are read from the report of the collector `skills`.
pub(super) const TABLE: Table<RenderInput> = Table { owner: Owner::Collector(Collector::Skills), rows: ROWS };

const ROWS: &[Definition<RenderInput>] = &[
    info(
        "wolkvox_skill_info",
        "Name of the skill (skill_name) and the team responsible for it (configuration).",
        &SkillInfo,
    ),
    gauge(
        "wolkvox_skill_calls_in_queue",
        "Calls waiting in queue (calls_in_queue_now).",
        &PerSkill(|it| it.skill.calls_in_queue.map(Count)),
    ),
    gauge(
        "wolkvox_skill_inbound_calls_today",
        "Calls received today (stat_inbound).",
        &PerSkill(|it| it.skill.inbound.map(Count)),
    ),
    gauge(
        "wolkvox_skill_answered_calls_today",
        "Calls answered today (stat_answer).",
        &PerSkill(|it| it.skill.answered.map(Count)),
    ),
    gauge(
        "wolkvox_skill_abandoned_calls_today",
        "Calls abandoned today (stat_abandon).",
        &PerSkill(|it| it.skill.abandoned.map(Count)),
    ),
    gauge(
        "wolkvox_skill_service_level_ratio",
        "Share of today's calls answered within the threshold, 0 to 1 (service_level_NNseg).",
        &PerThreshold(|it, each| {
            for level in &it.skill.service_levels {
                each(level.threshold_seconds, Real(level.ratio));
            }
        }),
    ),
    gauge(
        "wolkvox_skill_abandon_ratio",
        "Share of today's calls abandoned, 0 to 1 (by_abandon).",
        &PerSkill(|it| it.skill.abandon_ratio.map(Real)),
    ),
    counter(
        "wolkvox_skill_inbound_calls_total",
        "Calls received, counted from the increments of the day total (stat_inbound).",
        &PerSkill(|it| it.skill.counters.inbound.map(Count)),
    ),
    counter(
        "wolkvox_skill_answered_calls_total",
        "Calls answered, counted from the increments of the day total (stat_answer).",
        &PerSkill(|it| it.skill.counters.answered.map(Count)),
    ),
    counter(
        "wolkvox_skill_abandoned_calls_total",
        "Calls abandoned, counted from the increments of the day total (stat_abandon).",
        &PerSkill(|it| it.skill.counters.abandoned.map(Count)),
    ),
    counter(
        "wolkvox_skill_answered_within_calls_total",
        "Calls answered within the threshold, counted from the day totals (service_level_NNseg times its denominator).",
        &PerThreshold(|it, each| {
            for (threshold, calls) in &it.skill.counters.answered_within {
                each(*threshold, Count(*calls));
            }
        }),
    ),
    counter(
        "wolkvox_skill_corrections_total",
        "Late corrections: decreases of a day total other than the daily reset (stat_inbound, stat_answer, stat_abandon).",
        &PerSkill(|it| Some(Count(it.skill.counters.corrections))),
    ),
    gauge(
        "wolkvox_skill_service_level_target_ratio",
        "Target for the share of calls answered within the threshold, 0 to 1 (configuration).",
        &PerThreshold(|it, each| {
            if let Some(level) = it.target().and_then(|target| target.service_level) {
                each(level.threshold_seconds, Real(level.ratio));
            }
        }),
    ),
    gauge(
        "wolkvox_skill_abandon_target_ratio",
        "Target for the share of calls abandoned, as a maximum, 0 to 1 (configuration).",
        &PerSkill(|it| it.target()?.abandon_ratio.map(Real)),
    ),
    gauge(
        "wolkvox_skill_open",
        "1 during the opening hours of the skill, else 0; always 1 for a target without opening hours (configuration).",
        &PerSkill(|it| {
            let hours = it.target()?.open.as_ref();
            Some(Number::flag(hours.is_none_or(|hours| hours.is_open(it.local))))
        }),
    ),
    gauge(
        "wolkvox_skill_service_level_target_measurable",
        "1 if wolkvox sends the service level within the threshold of a target, else 0 (service_level_NNseg).",
        &TargetThresholds,
    ),
    gauge(
        "wolkvox_skill_daily_reset_time_of_day_seconds",
        "Local time of the day of the first poll after wolkvox's daily reset, as seconds since midnight; absent until it was observed on several days (stat_inbound).",
        &DailyReset,
    ),
    info(
        "wolkvox_skill_service_level_denominator_info",
        "Denominator of the service level, and whether it is assumed, inferred or contradictory (service_level_NNseg).",
        &DenominatorInfo,
    ),
];

/// A skill with the values of its operation.
#[derive(Debug)]
struct SkillContext<'a> {
    skill: &'a Skill,
    snapshot: &'a Snapshot,
    /// The operation's local time.
    local: &'a Zoned,
    target: OnceCell<Option<&'a Target>>,
}

impl<'a> SkillContext<'a> {
    fn target(&self) -> Option<&'a Target> {
        *self.target.get_or_init(|| self.snapshot.targets.of(&self.skill.id))
    }
}

/// One sample for each skill.
#[derive(Debug)]
struct PerSkill(fn(&SkillContext<'_>) -> Option<Number>);

/// One sample for each skill and threshold in seconds.
#[derive(Debug)]
struct PerThreshold(fn(&SkillContext<'_>, &mut dyn FnMut(u32, Number)));

/// One sample for each skill.
#[derive(Debug)]
struct SkillInfo;

/// One sample for each threshold of the targets of an operation. It is 0 if the response to one request lacks it.
#[derive(Debug)]
struct TargetThresholds;

/// One sample for each operation whose time of the daily reset is known.
#[derive(Debug)]
struct DailyReset;

/// One sample for each operation.
#[derive(Debug)]
struct DenominatorInfo;

fn each_skill(input: &RenderInput, mut visit: impl FnMut(&str, &SkillContext<'_>)) {
    for (snapshot, report) in input.reports::<SkillsReport>() {
        let local = input.now.to_zoned(snapshot.timezone.clone());
        for skill in &report.skills {
            visit(&snapshot.operation, &SkillContext { skill, snapshot, local: &local, target: OnceCell::new() });
        }
    }
}

impl Read<RenderInput> for PerSkill {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "skill_id"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        each_skill(input, |operation, it| {
            sink.sample(&[operation.into(), (&*it.skill.id).into()], (self.0)(it));
        });
    }
}

impl Read<RenderInput> for PerThreshold {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "skill_id", "threshold_seconds"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        each_skill(input, |operation, it| {
            (self.0)(it, &mut |threshold, number| {
                let labels = [operation.into(), (&*it.skill.id).into(), Label::Number(threshold)];
                sink.sample(&labels, Some(number));
            });
        });
    }
}

impl Read<RenderInput> for SkillInfo {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "skill_id", "skill_name", "team"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        each_skill(input, |operation, it| {
            let name = it.skill.name.as_deref().unwrap_or_default();
            let team = it.target().and_then(|target| target.team.as_deref()).unwrap_or_default();
            sink.sample(&[operation.into(), (&*it.skill.id).into(), name.into(), team.into()], Some(Count(1)));
        });
    }
}

impl Read<RenderInput> for TargetThresholds {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "threshold_seconds"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for snapshot in input.snapshots.iter() {
            let mut thresholds = BTreeMap::new();
            for report in snapshot.reports_of::<SkillsReport>(input.instant) {
                for threshold in &report.target_thresholds {
                    *thresholds.entry(threshold.threshold_seconds).or_insert(true) &= threshold.is_sent;
                }
            }
            for (seconds, is_sent) in thresholds {
                let labels = [(&*snapshot.operation).into(), Label::Number(seconds)];
                sink.sample(&labels, Some(Number::flag(is_sent)));
            }
        }
    }
}

impl Read<RenderInput> for DailyReset {
    fn labels(&self) -> &'static [&'static str] {
        &["operation"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for snapshot in input.snapshots.iter() {
            let report = newest_skills(snapshot, input);
            let since_midnight =
                report.and_then(|report| report.daily_reset).map(|time| time.duration_since(Time::midnight()));
            sink.sample(
                &[(&*snapshot.operation).into()],
                since_midnight.map(|duration| Count(duration.as_secs() as u64)),
            );
        }
    }
}

impl Read<RenderInput> for DenominatorInfo {
    fn labels(&self) -> &'static [&'static str] {
        &["operation", "denominator", "evidence"]
    }

    fn samples(&self, input: &RenderInput, sink: &mut dyn Sink) {
        for snapshot in input.snapshots.iter() {
            let Some(report) = newest_skills(snapshot, input) else { continue };
            let labels =
                [(&*snapshot.operation).into(), report.denominator.as_str().into(), report.evidence.as_str().into()];
            sink.sample(&labels, Some(Count(1)));
        }
    }
}

/// A skill with all values, one with unusual values, and one with almost no values.
#[cfg(test)]
pub(super) fn example() -> crate::model::Report {
    use super::example_levels as levels;
    use crate::model::{Denominator, Evidence, Report, SkillCounters, TargetThreshold};

    let full = Skill {
        id: "4173".into(),
        name: Some("Atención  Señal \"VIP\" \\ Cali\nSur".into()),
        calls_in_queue: Some(3),
        inbound: Some(428),
        answered: Some(400),
        abandoned: Some(28),
        service_levels: levels(&[(10, 0.7), (20, 0.8571), (30, 1.0)]),
        abandon_ratio: Some(0.0654),
        counters: SkillCounters {
            inbound: Some(100),
            answered: Some(93),
            abandoned: Some(7),
            answered_within: vec![(10, 70), (20, 85), (30, 93)],
            corrections: 1,
        },
    };
    let unusual = Skill {
        id: "4180".into(),
        name: Some("Soporte".into()),
        calls_in_queue: Some(0),
        inbound: Some(0),
        service_levels: levels(&[(20, 93.36)]),
        abandon_ratio: Some(1e-7),
        counters: SkillCounters { inbound: Some(0), ..SkillCounters::default() },
        ..Skill::default()
    };
    let empty = Skill { id: "9".into(), abandon_ratio: Some(f64::NAN), ..Skill::default() };
    let target_threshold =
        |threshold_seconds, is_sent| TargetThreshold { skill_id: "all".into(), threshold_seconds, is_sent };
    Report::Skills(SkillsReport {
        skills: vec![full, unusual, empty],
        target_thresholds: vec![target_threshold(20, true), target_threshold(300, false)],
        denominator: Denominator::Inbound,
        evidence: Evidence::Inferred,
        daily_reset: Some(jiff::civil::time(0, 1, 30, 0)),
    })
}
