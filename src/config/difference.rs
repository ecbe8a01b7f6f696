//! What another configuration changes, by operation.

use std::fmt;
use std::sync::Arc;

use super::operation::Operation;

/// The names of the operations that are not the same in two configurations, in the order of the newer one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Only the new configuration has them.
    pub added: Vec<Arc<str>>,
    /// Only the old configuration has them.
    pub removed: Vec<Arc<str>>,
    /// Both have them, with other settings.
    pub changed: Vec<Arc<str>>,
    /// How many are the same in both.
    pub unchanged: usize,
}

impl Difference {
    /// Compares two configurations. An operation with another name is another operation.
    pub fn between(old: &[Operation], new: &[Operation]) -> Self {
        let mut difference = Self::default();
        for operation in new {
            match old.iter().find(|old| old.name == operation.name) {
                Some(old) if old == operation => difference.unchanged += 1,
                Some(_) => difference.changed.push(Arc::clone(&operation.name)),
                None => difference.added.push(Arc::clone(&operation.name)),
            }
        }
        let is_gone = |old: &&Operation| new.iter().all(|new| new.name != old.name);
        difference.removed.extend(old.iter().filter(is_gone).map(|old| Arc::clone(&old.name)));
        difference
    }
}

/// One line, such as `1 operation added ("norte"), 2 unchanged`.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("added", &self.added), ("removed", &self.removed), ("changed", &self.changed)];
        for (what, names) in parts.into_iter().filter(|(_, names)| !names.is_empty()) {
            write!(f, "{} {what} (", names.len())?;
            for (index, name) in names.iter().enumerate() {
                write!(f, "{}{name:?}", if index == 0 { "" } else { ", " })?;
            }
            f.write_str("), ")?;
        }
        write!(f, "{} unchanged", self.unchanged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load};

    /// The operations of a file whose tokens are in variables.
    fn operations(entries: &str) -> Vec<Operation> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wolkvox.yml");
        std::fs::write(&path, format!("operations:\n{entries}")).unwrap();
        let sources = Sources { file: Some(path), ..Sources::default() };
        load(&sources, &|name| Some(format!("token-of-{name}"))).unwrap().operations
    }

    fn entry(name: &str, more: &str) -> String {
        format!("  - {{name: {name}, server: \"1\", token_env: {name}{more}}}\n")
    }

    #[test]
    fn operations_stay_change_come_and_go() {
        let old = operations(&[entry("a", ""), entry("b", ""), entry("c", "")].concat());
        let new = operations(&[entry("d", ""), entry("c", ", licenses: 50"), entry("a", "")].concat());
        let difference = Difference::between(&old, &new);
        assert_eq!(difference.to_string(), r#"1 added ("d"), 1 removed ("b"), 1 changed ("c"), 1 unchanged"#);
        assert_eq!(Difference::between(&old, &old), Difference { unchanged: 3, ..Difference::default() });
    }

    #[test]
    fn every_setting_of_an_operation_is_compared() {
        let old = operations(&entry("a", ""));
        for more in [
            ", base_url: \"http://127.0.0.1:1\"",
            ", timezone: America/Lima",
            ", licenses: 50",
            ", collectors: {ivr: true}",
            ", collectors: {dnis: false}",
            ", collectors: {skills: {interval: 1m}}",
            ", collectors: {skills: {max_age: 1h}}",
            ", collectors: {skills: {skill_ids: [\"1\"]}}",
            ", collectors: {dnis: {windows: [today]}}",
            ", collectors: {dnis: {max_dnis: 7}}",
            ", collectors: {dnis: {mask: hash}}",
            ", targets: [{team: sur}]",
            ", targets: [{service_level: {threshold_seconds: 20, ratio: 0.8}}]",
            ", targets: [{open: {hours: [\"mon 07:00-20:00\"]}}]",
        ] {
            let difference = Difference::between(&old, &operations(&entry("a", more)));
            assert_eq!(difference.to_string(), r#"1 changed ("a"), 0 unchanged"#, "{more}");
        }
        let other_token =
            old.iter().cloned().map(|old| Operation { token: super::super::Token::new("x".into()), ..old });
        assert_eq!(Difference::between(&old, &other_token.collect::<Vec<_>>()).changed.len(), 1);
    }

    #[test]
    fn settings_that_are_written_in_another_way_are_the_same() {
        let old = operations(&entry("a", ", collectors: {skills: {interval: 5m}}"));
        let new = operations(&entry("a", ", collectors: {skills: {interval: 300s, max_age: 15m}}, targets: []"));
        assert_eq!(Difference::between(&old, &new).to_string(), "1 unchanged");
    }
}
