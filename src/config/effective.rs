//! The configuration in use as YAML: all defaults are filled in, and it contains no secret.
//!
//! A token has no key in the file, so the text names only the file or the variable that contains it. The text is a valid
//! configuration again.

use std::fmt::{Display, Write as _};
use std::path::Path;

use super::hours;
use super::operation::{Config, Operation};
use super::setting::{Setting, list, quoted};
use crate::model::Target;

impl Config {
    /// The text of the configuration in use.
    pub fn to_yaml(&self) -> String {
        let mut text = String::from("operations:\n");
        for operation in &self.operations {
            operation.write(&mut text);
        }
        text
    }
}

impl Operation {
    fn write(&self, text: &mut String) {
        line(text, 1, format_args!("- name: {}", quoted(&self.name)));
        // The URL has no user and no query, because such a URL is refused.
        line(text, 2, format_args!("base_url: {}", quoted(self.base_url.as_str())));
        if let Some(proxy) = &self.proxy {
            line(text, 2, format_args!("# Calls go through the proxy {}.", proxy.redacted()));
        }
        if let Some(path) = &self.token_file {
            line(text, 2, format_args!("token_file: {}", quoted(&absolute(path))));
        }
        if let Some(variable) = &self.token_variable {
            line(text, 2, format_args!("token_env: {}", quoted(variable)));
        }
        if let Some(zone) = self.timezone.iana_name() {
            line(text, 2, format_args!("timezone: {}", quoted(zone)));
        }
        match self.licenses {
            Some(licenses) => line(text, 2, format_args!("licenses: {licenses}")),
            None => line(text, 2, "licenses: null"),
        }
        line(text, 2, "collectors:");
        for (collector, settings) in self.collectors.to_yaml() {
            let Some(settings) = settings else {
                line(text, 3, format_args!("{collector}: false"));
                continue;
            };
            line(text, 3, format_args!("{collector}:"));
            for (key, value) in settings {
                line(text, 4, format_args!("{key}: {value}"));
            }
        }
        if self.targets.iter().next().is_none() {
            line(text, 2, "targets: []");
            return;
        }
        line(text, 2, "targets:");
        for target in self.targets.iter() {
            write_target(target, text);
        }
    }
}

fn write_target(target: &Target, text: &mut String) {
    let mut settings: Vec<Setting> = Vec::new();
    if !target.skill_ids.is_empty() {
        settings.push(("skill_ids", list(target.skill_ids.iter().map(|id| quoted(id)))));
    }
    if let Some(team) = &target.team {
        settings.push(("team", quoted(team)));
    }
    if let Some(level) = target.service_level {
        let value = format!("{{threshold_seconds: {}, ratio: {}}}", level.threshold_seconds, level.ratio);
        settings.push(("service_level", value));
    }
    if let Some(ratio) = target.abandon_ratio {
        settings.push(("abandon_ratio", ratio.to_string()));
    }
    if let Some(open) = &target.open {
        let hours = list(hours::texts(&open.shifts).iter().map(|hours| quoted(hours)));
        let holidays = list(open.holidays.iter().map(|date| quoted(&date.to_string())));
        let holidays = if open.holidays.is_empty() { String::new() } else { format!(", holidays: {holidays}") };
        settings.push(("open", format!("{{hours: {hours}{holidays}}}")));
    }
    if settings.is_empty() {
        line(text, 3, "- {}");
    }
    for (index, (key, value)) in settings.iter().enumerate() {
        line(text, 3, format_args!("{} {key}: {value}", if index == 0 { "-" } else { " " }));
    }
}

fn line(text: &mut String, level: usize, content: impl Display) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{:1$}{content}", "", level * 2);
}

/// A relative path would have another meaning in a file of another folder.
fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Difference, SingleOperation, Sources, load};
    use crate::model::Collector;

    const SECRET: &str = "hush-hush";

    fn environment(name: &str) -> Option<String> {
        match name {
            "HTTPS_PROXY" => Some("http://me:hush-hush@proxy:3128".to_owned()),
            "SUR_TOKEN" => Some("hush-hush-sur".to_owned()),
            _ => None,
        }
    }

    fn read(text: &str) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wolkvox.yml");
        std::fs::write(folder.path().join("token"), SECRET).unwrap();
        std::fs::write(&path, text.replace("FOLDER", &folder.path().display().to_string())).unwrap();
        load(&Sources { file: Some(path), ..Sources::default() }, &environment).unwrap()
    }

    /// Every key of the file, with values that YAML would read as something else if they had no quotes.
    const EVERYTHING: &str = r#"
operations:
  - name: 'ventas: "norte" #1'
    server: "0010"
    token_file: token
    timezone: America/Lima
    licenses: 50
    collectors:
      skills: {interval: 90s, max_age: 10m, skill_ids: ["4173", "0x10"]}
      dnis: {interval: 1h30m, skill_ids: [all], windows: [today, 45m], max_dnis: 7, mask: last4}
      agents_kpi: {interval: 15m, agent_names: true}
      transfers: true
      ivr: {windows: [1d], max_options: 9, time_unit: seconds}
    targets:
      - skill_ids: ["4173"]
        team: "no"
        service_level: {threshold_seconds: 20, ratio: 0.8}
        abandon_ratio: 1
        open: {hours: ["mon-fri 07:00-20:30", "sat,sun 08:00-24:00"], holidays: [2026-12-08]}
      - open: {holidays: [2026-12-25]}
      - {skill_ids: ["1"]}
  - {name: sur, base_url: "http://127.0.0.1:9", token_env: SUR_TOKEN, collectors: {skills: false}}
"#;

    #[test]
    fn the_text_is_the_same_configuration_again() {
        let config = read(EVERYTHING);
        let text = config.to_yaml();
        // The token file of the first reading is gone with its folder.
        let path = config.operations[0].token_file.clone().unwrap();
        let again = read(&text.replace(&path.display().to_string(), "FOLDER/token"));
        let mut operations = again.operations.clone();
        operations[0].token_file = Some(path);
        assert_eq!(Difference::between(&config.operations, &operations).unchanged, 2, "{text}");
    }

    #[test]
    fn defaults_are_filled_in() {
        let text = read("operations: [{name: a, server: \"0010\", token_file: token}]").to_yaml();
        for part in [
            "base_url: \"https://wv0010.wolkvox.com/\"",
            "timezone: \"America/Bogota\"",
            "licenses: null",
            "    interval: 5m\n        max_age: 15m\n        skill_ids: [\"all\"]",
            "windows: [\"today\", \"30m\"]",
            "max_dnis: 1000",
            "mask: none",
            "ivr: false",
            "targets: []",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        for collector in Collector::ALL {
            assert!(text.contains(&format!("\n      {collector}:")), "{collector}: {text}");
        }
    }

    #[test]
    fn there_is_no_secret_in_the_text() {
        let text = read(EVERYTHING).to_yaml();
        assert!(!text.contains("hush") && !text.contains("/me"), "{text}");
        assert!(text.contains("# Calls go through the proxy http://<secret>@proxy:3128 of HTTPS_PROXY."), "{text}");
        assert!(text.contains("token_env: \"SUR_TOKEN\""), "{text}");
    }

    #[test]
    fn one_operation_of_flags_is_a_valid_file() {
        let single = SingleOperation { server: Some("0010".to_owned()), ..SingleOperation::default() };
        let token = |name: &str| (name == "WOLKVOX_TOKEN").then(|| SECRET.to_owned());
        let config = load(&Sources { operation: single, ..Sources::default() }, &token).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wolkvox.yml");
        std::fs::write(&path, config.to_yaml()).unwrap();
        let again = load(&Sources { file: Some(path), ..Sources::default() }, &token).unwrap();
        assert_eq!(Difference::between(&config.operations, &again.operations).unchanged, 1, "{}", config.to_yaml());
    }
}
