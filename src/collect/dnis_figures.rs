//! The figures of one DNIS row: how each is read from a row, and how those of several rows become one.
//!
//! Counts are summed. Ratios and times are weighted means: service levels by calls received, ASA by calls answered, ATA
//! by calls abandoned.

use std::cmp::Ordering;
use std::sync::Arc;

use super::merge::{Merge, OTHER, UNKNOWN, mean, sum};
use super::parse_errors::ParseErrors;
use crate::api::values::{Count, Percentage, Seconds, Text};
use crate::api::wire::{DnisRow, ServiceLevels};
use crate::model::{DnisFigures, ServiceLevel};

/// One line per figure: its field of [`DnisFigures`], its field of [`DnisRow`], how to convert the value, how to merge
/// it.
macro_rules! figures {
    ($($figure:ident: $field:ident, $convert:expr, $merge:tt $(by $weight:ident)?;)*) => {
        fn read(row: DnisRow, errors: &mut ParseErrors) -> DnisFigures {
            DnisFigures {
                $($figure: errors.take(stringify!($field), row.$field).map($convert),)*
                service_levels: service_levels(row.service_levels, errors),
                ..DnisFigures::default()
            }
        }

        fn merge(parts: &[DnisFigures]) -> DnisFigures {
            DnisFigures {
                $($figure: $merge(parts, $(|part| part.$weight,)? |part| part.$figure),)*
                service_levels: merged_service_levels(parts),
                ..DnisFigures::default()
            }
        }
    };
}

figures! {
    inbound: inbound_calls, count, sum;
    answered: answer_calls, count, sum;
    abandoned: abandon_calls, count, sum;
    abandon_ratio: abandon, ratio, mean by inbound;
    average_speed_of_answer: asa, seconds, mean by answered;
    average_time_to_abandon: ata, seconds, mean by abandoned;
}

fn count(Count(calls): Count) -> u64 {
    calls
}

fn ratio(Percentage { ratio, .. }: Percentage) -> f64 {
    ratio
}

fn seconds(Seconds(seconds): Seconds) -> f64 {
    seconds
}

fn service_levels(levels: ServiceLevels, errors: &mut ParseErrors) -> Vec<ServiceLevel> {
    let mut read: Vec<ServiceLevel> = Vec::new();
    for level in levels {
        if let Some(Percentage { ratio, .. }) = errors.take(level.field(), level.level) {
            read.push(ServiceLevel { threshold_seconds: level.threshold_seconds, ratio });
        }
    }
    read.sort_unstable_by_key(|level| level.threshold_seconds);
    read
}

fn merged_service_levels(parts: &[DnisFigures]) -> Vec<ServiceLevel> {
    let all = parts.iter().flat_map(|part| part.service_levels.iter().map(|level| level.threshold_seconds));
    let mut thresholds: Vec<u32> = all.collect();
    thresholds.sort_unstable();
    thresholds.dedup();
    let ratio_of = |part: &DnisFigures, threshold| {
        part.service_levels.iter().find(|level| level.threshold_seconds == threshold).map(|level| level.ratio)
    };
    let merged = thresholds.into_iter().filter_map(|threshold_seconds| {
        let ratio = mean(parts, |part| part.inbound, |part| ratio_of(part, threshold_seconds))?;
        Some(ServiceLevel { threshold_seconds, ratio })
    });
    merged.collect()
}

/// The figures of one row, with the skill and window of `query`; `None` where the row has no number. Calls to a number
/// that is blank, as when it is withheld, are those of [`UNKNOWN`].
pub(super) fn clean(mut row: DnisRow, query: &DnisFigures, errors: &mut ParseErrors) -> Option<DnisFigures> {
    let dnis = std::mem::take(&mut row.dnis);
    let figures = read(row, errors);
    let has_calls = figures.inbound.is_some() || figures.answered.is_some() || figures.abandoned.is_some();
    let dnis = if dnis.is_absent() && has_calls {
        UNKNOWN.into()
    } else {
        let Text(dnis) = errors.key("dnis", dnis, figures == DnisFigures::default())?;
        dnis
    };
    Some(DnisFigures { dnis, skill_id: Arc::clone(&query.skill_id), window: Arc::clone(&query.window), ..figures })
}

impl Merge for DnisFigures {
    fn by_label(&self, other: &Self) -> Ordering {
        self.dnis.cmp(&other.dnis)
    }

    fn calls(&self) -> Option<u64> {
        self.inbound
    }

    fn under_other(self) -> Self {
        Self { dnis: OTHER.into(), ..self }
    }

    fn merged(parts: &[Self]) -> Self {
        let first = &parts[0];
        Self {
            skill_id: Arc::clone(&first.skill_id),
            window: Arc::clone(&first.window),
            dnis: first.dnis.clone(),
            ..merge(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::dnis_mask::Mask;
    use crate::collect::merge::limit;
    use crate::config::collectors::DnisMask;

    fn row(dnis: &str, inbound: u64, answered: u64, level: f64, asa: Option<f64>) -> DnisFigures {
        DnisFigures {
            skill_id: "all".into(),
            window: "today".into(),
            dnis: dnis.into(),
            inbound: Some(inbound),
            answered: Some(answered),
            abandoned: Some(inbound - answered),
            service_levels: vec![ServiceLevel { threshold_seconds: 20, ratio: level }],
            abandon_ratio: Some((inbound - answered) as f64 / inbound as f64),
            average_speed_of_answer: asa,
            ..DnisFigures::default()
        }
    }

    #[test]
    fn below_the_limit_nothing_is_merged_and_the_busiest_is_first() {
        let (rows, merged) = limit(vec![row("1", 5, 5, 1.0, None), row("2", 9, 9, 1.0, None)], 2);
        assert_eq!(rows.iter().map(|row| &*row.dnis).collect::<Vec<_>>(), ["2", "1"]);
        assert_eq!(merged, 0);
    }

    #[test]
    fn beyond_the_limit_counts_are_summed_and_ratios_are_weighted() {
        let rows = vec![
            row("1", 100, 90, 0.9, Some(10.0)),
            row("2", 30, 20, 0.5, Some(30.0)),
            row("3", 10, 10, 1.0, Some(6.0)),
        ];
        let (rows, merged) = limit(rows, 1);
        assert_eq!(merged, 2);
        let other = &rows[1];
        assert_eq!(
            (&*other.dnis, other.inbound, other.answered, other.abandoned),
            ("other", Some(40), Some(30), Some(10))
        );
        assert_eq!(other.service_levels, [ServiceLevel { threshold_seconds: 20, ratio: 0.625 }]);
        assert_eq!(other.abandon_ratio, Some(0.25));
        assert_eq!(other.average_speed_of_answer, Some(22.0));
    }

    #[test]
    fn a_part_with_weight_zero_needs_no_value() {
        let (rows, _) =
            limit(vec![row("1", 3, 3, 1.0, None), row("2", 2, 0, 0.0, None), row("3", 1, 1, 1.0, Some(5.0))], 1);
        assert_eq!(rows[1].average_speed_of_answer, Some(5.0));
    }

    #[test]
    fn a_sum_with_an_unknown_part_is_unknown() {
        let unknown = DnisFigures { inbound: None, ..row("3", 1, 1, 1.0, Some(5.0)) };
        let (rows, _) = limit(vec![row("1", 3, 3, 1.0, None), row("2", 2, 2, 0.5, Some(4.0)), unknown], 1);
        assert_eq!((rows[1].inbound, rows[1].answered), (None, Some(3)));
        assert!(rows[1].service_levels.is_empty() && rows[1].abandon_ratio.is_none());
        assert!(rows[1].average_speed_of_answer.is_some());
    }

    #[test]
    fn a_sum_that_overflows_is_the_maximum() {
        let most = |dnis| row(dnis, u64::MAX, u64::MAX, 1.0, None);
        let (rows, _) = limit(vec![most("1"), most("2"), most("3")], 1);
        assert_eq!(rows[1].inbound, Some(u64::MAX));
    }

    #[test]
    fn a_number_labelled_other_is_merged_with_the_rest() {
        let (rows, merged) =
            limit(vec![row("other", 9, 9, 1.0, None), row("1", 5, 5, 1.0, None), row("2", 1, 1, 1.0, None)], 2);
        assert_eq!(rows.iter().filter(|row| &*row.dnis == "other").count(), 1);
        assert_eq!((rows[1].inbound, merged), (Some(10), 1));
    }

    #[test]
    fn numbers_with_the_same_mask_become_one_row() {
        let mask = Mask::new(DnisMask::Last4, "token");
        let masked = |dnis: &str, calls| row(&mask.label(dnis.into()), calls, calls, 1.0, None);
        let (rows, merged) = limit(vec![masked("6015550101", 2), masked("6045550101", 3), masked("6015550102", 1)], 10);
        assert_eq!(
            rows.iter().map(|row| (&*row.dnis, row.inbound)).collect::<Vec<_>>(),
            [("***0101", Some(5)), ("***0102", Some(1))]
        );
        assert_eq!(merged, 0);
    }
}
