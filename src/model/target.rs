//! Targets and opening hours per skill, from the configuration.

use std::sync::Arc;

use jiff::Zoned;

use super::OpeningHours;

/// Targets in the order of the configuration. The first that names a skill is used; one without skills is the default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Targets(Vec<Target>);

/// One entry of the configuration's `targets`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// Its skills; empty means every skill that no entry names.
    pub skill_ids: Vec<Box<str>>,
    /// The team that is responsible for them.
    pub team: Option<Arc<str>>,
    /// The target of the service level.
    pub service_level: Option<ServiceLevelTarget>,
    /// The highest acceptable abandon ratio, 0–1.
    pub abandon_ratio: Option<f64>,
    /// The opening hours; `None` means always open.
    pub open: Option<OpeningHours>,
}

/// "80 % within 20 seconds".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceLevelTarget {
    /// The time within which calls should be answered, in seconds.
    pub threshold_seconds: u32,
    /// The share of calls that should be answered within it, 0–1.
    pub ratio: f64,
}

impl Target {
    /// The default target: 80 % within 20 seconds, at most 5 % abandoned, always open. This is a convention, not a
    /// standard.
    pub fn conventional() -> Self {
        Self {
            service_level: Some(ServiceLevelTarget { threshold_seconds: 20, ratio: 0.8 }),
            abandon_ratio: Some(0.05),
            ..Self::default()
        }
    }

    /// Whether it is open at `now`, in the zone of `now`. Always true without opening hours.
    pub fn is_open(&self, now: &Zoned) -> bool {
        self.open.as_ref().is_none_or(|hours| hours.is_open(now))
    }
}

impl Targets {
    /// Targets in the order of the configuration.
    pub fn new(entries: Vec<Target>) -> Self {
        Self(entries)
    }

    /// The target of a skill: the first entry that names it, otherwise the first entry without skills.
    pub fn of(&self, skill_id: &str) -> Option<&Target> {
        self.0
            .iter()
            .find(|target| target.skill_ids.iter().any(|id| **id == *skill_id))
            .or_else(|| self.0.iter().find(|target| target.skill_ids.is_empty()))
    }

    /// Every entry, in the order of the configuration.
    pub fn iter(&self) -> impl Iterator<Item = &Target> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn entry(skill_ids: &[&str], team: &str) -> Target {
        let skill_ids = skill_ids.iter().copied().map(Box::from).collect();
        Target { skill_ids, team: Some(Arc::from(team)), ..Target::default() }
    }

    fn team<'a>(targets: &'a Targets, skill_id: &str) -> Option<&'a str> {
        targets.of(skill_id).and_then(|target| target.team.as_deref())
    }

    #[test]
    fn the_first_entry_that_names_the_skill_is_used() {
        let targets = Targets::new(vec![entry(&["1", "2"], "first"), entry(&["2"], "second")]);
        assert_eq!(team(&targets, "2"), Some("first"));
    }

    #[test]
    fn the_default_is_for_skills_that_no_entry_names_at_any_position() {
        let targets = Targets::new(vec![entry(&[], "default"), entry(&["2"], "second")]);
        assert_eq!(team(&targets, "2"), Some("second"));
        assert_eq!(team(&targets, "3"), Some("default"));
    }

    #[test]
    fn without_a_default_a_skill_may_have_no_target() {
        assert_eq!(Targets::new(vec![entry(&["2"], "second")]).of("3"), None);
    }

    #[test]
    fn a_target_without_opening_hours_is_always_open() {
        let sunday_night = date(2026, 11, 1).at(3, 0, 0, 0).in_tz("America/Bogota").unwrap();
        assert!(Target::default().is_open(&sunday_night));
        let closed = Target { open: Some(OpeningHours::default()), ..Target::default() };
        assert!(!closed.is_open(&sunday_night));
    }
}
