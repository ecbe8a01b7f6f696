//! The samples that the rows of an answer stand for. It shares no code with the readers of the exporter.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::support::wolkvox::Request;

/// Values by series, each series written as on a page in text 0.0.4.
pub(crate) type Samples = BTreeMap<String, f64>;

/// The values that one request shows on a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    /// The report, as the label `endpoint` has it.
    pub(crate) report: String,
    /// The label `window`; empty for a report without one.
    pub(crate) window: &'static str,
}

/// The families that are compared, by report. The others depend on the configuration or on many answers.
const FAMILIES: [(&str, &[&str]); 5] = [
    (
        "skills",
        &[
            "wolkvox_skill_info",
            "wolkvox_skill_calls_in_queue",
            "wolkvox_skill_inbound_calls_today",
            "wolkvox_skill_answered_calls_today",
            "wolkvox_skill_abandoned_calls_today",
            "wolkvox_skill_service_level_ratio",
            "wolkvox_skill_abandon_ratio",
        ],
    ),
    (
        "skill_6",
        &[
            "wolkvox_dnis_inbound_calls",
            "wolkvox_dnis_answered_calls",
            "wolkvox_dnis_abandoned_calls",
            "wolkvox_dnis_service_level_ratio",
            "wolkvox_dnis_abandon_ratio",
            "wolkvox_dnis_average_speed_of_answer_seconds",
            "wolkvox_dnis_average_time_to_abandon_seconds",
        ],
    ),
    (
        "agents_kpi",
        &[
            "wolkvox_agent_points_today",
            "wolkvox_agent_hits_today",
            "wolkvox_agent_calls_today",
            "wolkvox_agent_average_handling_time_seconds",
            "wolkvox_agent_after_call_work_seconds",
            "wolkvox_agent_occupancy_ratio",
            "wolkvox_agent_login_time_seconds",
        ],
    ),
    ("chat_9", &["wolkvox_transfers_today", "wolkvox_agent_transfers_today"]),
    ("diagram_1_3", &["wolkvox_ivr_option_calls", "wolkvox_ivr_option_time_seconds"]),
];

impl Part {
    /// The part that the answer to a request belongs to.
    pub(crate) fn of(request: &Request) -> Self {
        let report = request.report();
        let window = match report.as_str() {
            "skill_6" | "diagram_1_3" if request.parameter("date_ini").ends_with("000000") => "today",
            "skill_6" | "diagram_1_3" => "30m",
            _ => "",
        };
        Self { report, window }
    }

    /// Whether a series of a page belongs to it, and is compared.
    pub(crate) fn has(&self, series: &str, value: f64) -> bool {
        let family = series.split('{').next().unwrap_or_default();
        let compared = FAMILIES.iter().find(|(report, _)| *report == self.report).map(|(_, families)| *families);
        // A kind of transfer stays with 0 when it had no transfer today.
        let is_blank = value == 0.0 && self.report == "chat_9";
        !is_blank
            && compared.is_some_and(|families| families.contains(&family))
            && (self.window.is_empty() || series.contains(&format!("window=\"{}\"", self.window)))
    }

    /// The samples of an answer to `request` with these rows.
    pub(crate) fn samples(&self, operation: &str, request: &Request, rows: &[Value]) -> Samples {
        let mut samples = Sink { operation, samples: Samples::new() };
        match self.report.as_str() {
            "chat_9" => samples.transfers(rows, &request.parameter("date_end")),
            "agents_kpi" => {
                let today: String = request.parameter("date_end").chars().take(8).collect();
                for row in rows {
                    samples.agent(row, &today);
                }
            }
            report => {
                for row in rows {
                    match report {
                        "skills" => samples.skill(row),
                        "skill_6" => samples.number(row, self.window),
                        _ => samples.option(row, self.window),
                    }
                }
            }
        }
        samples.samples
    }
}

struct Sink<'a> {
    operation: &'a str,
    samples: Samples,
}

impl Sink<'_> {
    /// Adds a sample, with the labels in the order of the page.
    fn put(&mut self, family: &str, labels: &[(&str, &str)], value: Option<f64>) {
        let Some(value) = value else { return };
        self.samples.insert(series(family, self.operation, labels), value);
    }

    fn skill(&mut self, row: &Value) {
        let id = text(&row["skill_id"]);
        let skill = [("skill_id", id.as_str())];
        let name = text(&row["skill_name"]);
        self.put("wolkvox_skill_info", &[skill[0], ("skill_name", &name), ("team", "")], Some(1.0));
        for (family, field) in [
            ("wolkvox_skill_calls_in_queue", "calls_in_queue_now"),
            ("wolkvox_skill_inbound_calls_today", "stat_inbound"),
            ("wolkvox_skill_answered_calls_today", "stat_answer"),
            ("wolkvox_skill_abandoned_calls_today", "stat_abandon"),
        ] {
            self.put(family, &skill, number(&row[field]));
        }
        self.put("wolkvox_skill_abandon_ratio", &skill, share(&row["by_abandon"]));
        for seconds in ["10", "20", "30"] {
            let level = share(&row[format!("service_level_{seconds}seg")]);
            self.put("wolkvox_skill_service_level_ratio", &[skill[0], ("threshold_seconds", seconds)], level);
        }
    }

    fn number(&mut self, row: &Value, window: &str) {
        let dnis = text(&row["dnis"]);
        let labels = [("skill_id", "all"), ("dnis", dnis.as_str()), ("window", window)];
        for (family, field) in [
            ("wolkvox_dnis_inbound_calls", "inbound_calls"),
            ("wolkvox_dnis_answered_calls", "answer_calls"),
            ("wolkvox_dnis_abandoned_calls", "abandon_calls"),
            ("wolkvox_dnis_average_speed_of_answer_seconds", "asa"),
            ("wolkvox_dnis_average_time_to_abandon_seconds", "ata"),
        ] {
            self.put(family, &labels, number(&row[field]));
        }
        self.put("wolkvox_dnis_abandon_ratio", &labels, share(&row["abandon"]));
        for seconds in ["10", "20", "30"] {
            let level = share(&row[format!("service_level_{seconds}seg")]);
            let labels = [labels[0], labels[1], labels[2], ("threshold_seconds", seconds)];
            self.put("wolkvox_dnis_service_level_ratio", &labels, level);
        }
    }

    fn agent(&mut self, row: &Value, today: &str) {
        let id = text(&row["agent_id"]);
        let agent = [("agent_id", id.as_str())];
        let days = row["stats"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(day) = days.iter().find(|day| text(&day["date"]) == today) else { return };
        for (family, field) in [
            ("wolkvox_agent_points_today", "points"),
            ("wolkvox_agent_hits_today", "hits"),
            ("wolkvox_agent_calls_today", "calls"),
            ("wolkvox_agent_average_handling_time_seconds", "aht_time"),
            ("wolkvox_agent_after_call_work_seconds", "acw_time"),
            ("wolkvox_agent_login_time_seconds", "login_time"),
        ] {
            self.put(family, &agent, number(&day[field]));
        }
        self.put("wolkvox_agent_occupancy_ratio", &agent, share(&day["occupancy"]));
    }

    fn transfers(&mut self, rows: &[Value], until: &str) {
        for row in rows {
            let at = text(&row["date"]);
            let day: String = at.chars().take(10).filter(char::is_ascii_digit).collect();
            if at.is_empty() || !until.starts_with(&day) {
                continue;
            }
            let receiver = if text(&row["receiver_agent_name"]) == "SKILL" { "skill" } else { "agent" };
            let (channel, agent) = (text(&row["channel"]), text(&row["transfer_agent_id"]));
            let kind = [("channel", channel.as_str()), ("receiver_type", receiver)];
            for (family, labels) in [
                ("wolkvox_transfers_today", &kind[..]),
                ("wolkvox_agent_transfers_today", &[("agent_id", agent.as_str()), kind[0], kind[1]]),
            ] {
                *self.samples.entry(series(family, self.operation, labels)).or_default() += 1.0;
            }
        }
    }

    fn option(&mut self, row: &Value, window: &str) {
        let (point, option) = (text(&row["rp_id"]), text(&row["cod_opc_menu"]));
        let labels = [("rp_id", point.as_str()), ("option", option.as_str()), ("window", window)];
        self.put("wolkvox_ivr_option_calls", &labels, number(&row["calls"]));
        let time = number(&row["time"]);
        // A number without colons is in minutes.
        let minutes = if text(&row["time"]).contains(':') { 1.0 } else { 60.0 };
        self.put("wolkvox_ivr_option_time_seconds", &labels, time.map(|time| time * minutes));
    }
}

/// A series as on a page.
pub(crate) fn series(family: &str, operation: &str, labels: &[(&str, &str)]) -> String {
    let mut text = format!("{family}{{operation=\"{operation}\"");
    for (name, value) in labels {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let _ = write!(text, ",{name}=\"{value}\"");
    }
    text + "}"
}

/// A value as text, empty if there is none.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// A count, a number of seconds or a duration in the forms of the simulator.
pub(crate) fn number(value: &Value) -> Option<f64> {
    let text = text(value);
    if text.chars().all(|c| c == '-') {
        return None;
    }
    if text.contains(':') {
        let parts: Vec<f64> = text.split(':').filter_map(|part| part.parse().ok()).collect();
        return (parts.len() == 3).then(|| parts[0] * 3600.0 + parts[1] * 60.0 + parts[2]);
    }
    text.replace(',', "").parse().ok()
}

/// A percentage as a share.
fn share(value: &Value) -> Option<f64> {
    let text = text(value);
    let text = text.trim_end_matches('%').trim_end();
    let percentage: f64 = text.replace(',', "").parse().ok()?;
    Some(percentage / 100.0)
}
