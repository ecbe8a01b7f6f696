//! The thresholds of service levels that targets need. wolkvox sends some without being asked; each other one needs a
//! call with `services_time`.

use crate::config::SkillSelection;
use crate::model::Targets;

/// The thresholds in seconds that every response has.
const ALWAYS_SENT: [u32; 3] = [10, 20, 30];

/// The thresholds that the targets of the requested skills need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Thresholds {
    /// All of them, in seconds, ascending.
    pub(super) needed: Vec<u32>,
}

impl Thresholds {
    /// Those of one request: of the target of its skill, or of every target if it asks for all skills.
    pub(super) fn of(targets: &Targets, selection: &SkillSelection) -> Self {
        let threshold = |target: &crate::model::Target| target.service_level.map(|level| level.threshold_seconds);
        let mut needed: Vec<u32> = if *selection == SkillSelection::all() {
            targets.iter().filter_map(threshold).collect()
        } else {
            targets.of(&selection.0).and_then(threshold).into_iter().collect()
        };
        needed.sort_unstable();
        needed.dedup();
        Self { needed }
    }

    /// The value of `services_time` for each call. One call gives one further threshold, and there is always one call.
    pub(super) fn calls(&self) -> Vec<Option<u32>> {
        let further: Vec<_> = self.needed.iter().copied().filter(|seconds| is_further(*seconds)).map(Some).collect();
        if further.is_empty() { vec![None] } else { further }
    }
}

/// Whether wolkvox sends the service level within this time only if it is asked for it.
pub(super) fn is_further(seconds: u32) -> bool {
    !ALWAYS_SENT.contains(&seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ServiceLevelTarget, Target};

    fn targets(entries: &[(&[&str], u32)]) -> Targets {
        let entry = |(skill_ids, threshold_seconds): &(&[&str], u32)| Target {
            skill_ids: skill_ids.iter().copied().map(Box::from).collect(),
            service_level: Some(ServiceLevelTarget { threshold_seconds: *threshold_seconds, ratio: 0.8 }),
            ..Target::default()
        };
        Targets::new(entries.iter().map(entry).collect())
    }

    #[test]
    fn without_a_further_threshold_there_is_one_plain_call() {
        let targets = targets(&[(&["1"], 10), (&[], 20)]);
        assert_eq!(Thresholds::of(&targets, &SkillSelection::all()).calls(), [None]);
        assert_eq!(Thresholds::of(&Targets::default(), &SkillSelection::all()).calls(), [None]);
    }

    #[test]
    fn all_skills_together_need_a_call_for_each_further_threshold() {
        let targets = targets(&[(&["1"], 300), (&["2"], 60), (&["3"], 300), (&[], 20)]);
        assert_eq!(Thresholds::of(&targets, &SkillSelection::all()).calls(), [Some(60), Some(300)]);
    }

    #[test]
    fn a_single_skill_needs_only_its_own_threshold() {
        let targets = targets(&[(&["1"], 300), (&["2"], 60), (&[], 20)]);
        let of = |id: &str| Thresholds::of(&targets, &SkillSelection(id.into())).calls();
        assert_eq!((of("1"), of("2"), of("3")), (vec![Some(300)], vec![Some(60)], vec![None]));
    }
}
