//! What several rows of the DNIS report are together: service levels weighted by calls received, ASA by calls answered,
//! ATA by calls abandoned.

use std::cmp::Ordering;
use std::sync::Arc;

use super::merge::{Merge, OTHER, mean, sum};
use crate::model::{DnisFigures, ServiceLevel};

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
        let mut thresholds: Vec<u32> =
            parts.iter().flat_map(|part| part.service_levels.iter().map(|level| level.threshold_seconds)).collect();
        thresholds.sort_unstable();
        thresholds.dedup();
        let level_of = |part: &Self, threshold| {
            part.service_levels.iter().find(|level| level.threshold_seconds == threshold).map(|level| level.ratio)
        };
        let first = &parts[0];
        Self {
            skill_id: Arc::clone(&first.skill_id),
            window: Arc::clone(&first.window),
            dnis: first.dnis.clone(),
            inbound: sum(parts, |part| part.inbound),
            answered: sum(parts, |part| part.answered),
            abandoned: sum(parts, |part| part.abandoned),
            service_levels: thresholds
                .into_iter()
                .filter_map(|threshold_seconds| {
                    let ratio = mean(parts, |part| part.inbound, |part| level_of(part, threshold_seconds))?;
                    Some(ServiceLevel { threshold_seconds, ratio })
                })
                .collect(),
            abandon_ratio: mean(parts, |part| part.inbound, |part| part.abandon_ratio),
            average_speed_of_answer: mean(parts, |part| part.answered, |part| part.average_speed_of_answer),
            average_time_to_abandon: mean(parts, |part| part.abandoned, |part| part.average_time_to_abandon),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::dnis_mask::Mask;
    use crate::collect::merge::bounded;
    use crate::config::DnisMask;

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
            average_time_to_abandon: None,
        }
    }

    #[test]
    fn below_the_cap_nothing_is_merged_and_the_busiest_is_first() {
        let (rows, merged) = bounded(vec![row("1", 5, 5, 1.0, None), row("2", 9, 9, 1.0, None)], 2);
        assert_eq!(rows.iter().map(|row| &*row.dnis).collect::<Vec<_>>(), ["2", "1"]);
        assert_eq!(merged, 0);
    }

    #[test]
    fn beyond_the_cap_counts_are_summed_and_ratios_weighted() {
        let rows = vec![
            row("1", 100, 90, 0.9, Some(10.0)),
            row("2", 30, 20, 0.5, Some(30.0)),
            row("3", 10, 10, 1.0, Some(6.0)),
        ];
        let (rows, merged) = bounded(rows, 1);
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
    fn a_part_that_weighs_nothing_needs_no_value() {
        let (rows, _) =
            bounded(vec![row("1", 3, 3, 1.0, None), row("2", 2, 0, 0.0, None), row("3", 1, 1, 1.0, Some(5.0))], 1);
        assert_eq!(rows[1].average_speed_of_answer, Some(5.0));
    }

    #[test]
    fn a_sum_with_an_unknown_part_is_unknown() {
        let unknown = DnisFigures { inbound: None, ..row("3", 1, 1, 1.0, Some(5.0)) };
        let (rows, _) = bounded(vec![row("1", 3, 3, 1.0, None), row("2", 2, 2, 0.5, Some(4.0)), unknown], 1);
        assert_eq!((rows[1].inbound, rows[1].answered), (None, Some(3)));
        assert!(rows[1].service_levels.is_empty() && rows[1].abandon_ratio.is_none());
        assert!(rows[1].average_speed_of_answer.is_some());
    }

    #[test]
    fn a_sum_beyond_all_sense_is_as_large_as_can_be() {
        let most = |dnis| row(dnis, u64::MAX, u64::MAX, 1.0, None);
        let (rows, _) = bounded(vec![most("1"), most("2"), most("3")], 1);
        assert_eq!(rows[1].inbound, Some(u64::MAX));
    }

    #[test]
    fn a_number_called_other_joins_the_merged_ones() {
        let (rows, merged) =
            bounded(vec![row("other", 9, 9, 1.0, None), row("1", 5, 5, 1.0, None), row("2", 1, 1, 1.0, None)], 2);
        assert_eq!(rows.iter().filter(|row| &*row.dnis == "other").count(), 1);
        assert_eq!((rows[1].inbound, merged), (Some(10), 1));
    }

    #[test]
    fn numbers_masked_alike_become_one_row() {
        let mask = Mask::new(DnisMask::Last4, "token");
        let masked = |dnis: &str, calls| row(&mask.label(dnis.into()), calls, calls, 1.0, None);
        let (rows, merged) =
            bounded(vec![masked("6015550101", 2), masked("6045550101", 3), masked("6015550102", 1)], 10);
        assert_eq!(
            rows.iter().map(|row| (&*row.dnis, row.inbound)).collect::<Vec<_>>(),
            [("***0101", Some(5)), ("***0102", Some(1))]
        );
        assert_eq!(merged, 0);
    }
}
