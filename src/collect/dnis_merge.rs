//! Keeps the number of DNIS series bounded and the numbers as private as configured.
//!
//! Numbers that end up under one label (masked alike, or beyond the cap) become one row: counts summed, service levels
//! weighted by calls received, ASA by calls answered, ATA by calls abandoned. A sum of which one part is unknown is
//! unknown: better no sample than a wrong one.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use crate::config::DnisMask;
use crate::model::{DnisFigures, ServiceLevel};

/// The label of what is beyond the cap.
const OTHER: &str = "other";

/// Hexadecimal digits of a hashed number: 48 bits, so that a million numbers rarely share one.
const HASH_DIGITS: usize = 12;

/// How numbers become labels.
#[derive(Debug)]
pub(super) enum Mask {
    None,
    Last4,
    Hash { key: Box<[u8; 32]> },
}

impl Mask {
    /// The mask of an operation. The key of the hash is derived from its token: without a secret, the ten thousand
    /// million possible numbers could simply be tried.
    pub(super) fn new(mask: DnisMask, token: &str) -> Self {
        match mask {
            DnisMask::None => Self::None,
            DnisMask::Last4 => Self::Last4,
            DnisMask::Hash => Self::Hash {
                key: Box::new(blake3::derive_key("wolkvox_exporter 2026-11 DNIS label", token.as_bytes())),
            },
        }
    }

    /// The label of a number.
    pub(super) fn label(&self, dnis: Box<str>) -> Box<str> {
        match self {
            Self::None => dnis,
            Self::Last4 => {
                let characters = dnis.chars().count();
                // A short code would be shown whole.
                let shown: String =
                    if characters > 4 { dnis.chars().skip(characters - 4).collect() } else { String::new() };
                format!("***{shown}").into()
            }
            Self::Hash { key } => blake3::keyed_hash(key, dnis.as_bytes()).to_hex()[..HASH_DIGITS].into(),
        }
    }
}

/// Merges rows with the same label, then all but the `max` busiest numbers into `other`; also says how many those are.
/// Busiest first.
pub(super) fn bounded(rows: Vec<DnisFigures>, max: usize) -> (Vec<DnisFigures>, u64) {
    let mut by_label: BTreeMap<Box<str>, Merge> = BTreeMap::new();
    for row in rows {
        match by_label.entry(row.dnis.clone()) {
            Entry::Vacant(place) => drop(place.insert(Merge::of(row))),
            Entry::Occupied(mut place) => place.get_mut().add(row),
        }
    }
    let mut rows: Vec<DnisFigures> = by_label.into_values().map(Merge::done).collect();
    rows.sort_by(|a, b| b.inbound.cmp(&a.inbound).then_with(|| a.dnis.cmp(&b.dnis)));
    if rows.len() <= max {
        return (rows, 0);
    }
    let rest = rows.split_off(max);
    let merged = rest.len() as u64;
    let rest = rest.into_iter().map(|row| DnisFigures { dnis: OTHER.into(), ..row });
    // A number that is really called "other" and made it below the cap must not collide with the merged ones.
    let (namesakes, mut rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| &*row.dnis == OTHER);
    let mut rest = rest.chain(namesakes);
    if let Some(first) = rest.next() {
        let mut merge = Merge::of(first);
        rest.for_each(|row| merge.add(row));
        rows.push(merge.done());
    }
    (rows, merged)
}

/// Rows on their way to become one.
struct Merge {
    skill_id: Arc<str>,
    window: Arc<str>,
    dnis: Box<str>,
    parts: Vec<DnisFigures>,
}

impl Merge {
    fn of(row: DnisFigures) -> Self {
        Self {
            skill_id: Arc::clone(&row.skill_id),
            window: Arc::clone(&row.window),
            dnis: row.dnis.clone(),
            parts: vec![row],
        }
    }

    fn add(&mut self, row: DnisFigures) {
        self.parts.push(row);
    }

    fn done(mut self) -> DnisFigures {
        if self.parts.len() == 1
            && let Some(only) = self.parts.pop()
        {
            return only;
        }
        let parts = &self.parts;
        let mut thresholds: Vec<u32> =
            parts.iter().flat_map(|part| part.service_levels.iter().map(|level| level.threshold_seconds)).collect();
        thresholds.sort_unstable();
        thresholds.dedup();
        let level_of = |part: &DnisFigures, threshold| {
            part.service_levels.iter().find(|level| level.threshold_seconds == threshold).map(|level| level.ratio)
        };
        DnisFigures {
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
            skill_id: self.skill_id,
            window: self.window,
            dnis: self.dnis,
        }
    }
}

fn sum(parts: &[DnisFigures], value: impl Fn(&DnisFigures) -> Option<u64>) -> Option<u64> {
    parts.iter().map(value).try_fold(0_u64, |sum, calls| Some(sum.saturating_add(calls?)))
}

/// The weighted mean. A part that weighs nothing needs no value: nobody was answered, so nobody waited.
fn mean(
    parts: &[DnisFigures],
    weight: impl Fn(&DnisFigures) -> Option<u64>,
    value: impl Fn(&DnisFigures) -> Option<f64>,
) -> Option<f64> {
    let (mut weights, mut total) = (0.0, 0.0);
    for part in parts {
        match weight(part)? {
            0 => {}
            calls => {
                weights += calls as f64;
                total += calls as f64 * value(part)?;
            }
        }
    }
    (weights > 0.0).then(|| total / weights)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_short_code_is_masked_whole() {
        assert_eq!(&*Mask::Last4.label("1234".into()), "***");
    }

    #[test]
    fn a_hash_is_stable_keyed_and_does_not_show_the_number() {
        let label = |token, dnis: &str| Mask::new(DnisMask::Hash, token).label(dnis.into());
        assert_eq!(label("a", "6015550101"), label("a", "6015550101"));
        assert_ne!(label("a", "6015550101"), label("b", "6015550101"));
        assert_ne!(label("a", "6015550101"), label("a", "6015550102"));
        assert!(!label("a", "6015550101").contains("0101") && label("a", "6015550101").len() == 12);
    }
}
