//! The shipped routing, `alerts/alertmanager.yml`, with the few changes that a test needs.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use serde_json::{Value, json};

use super::sink::Sink;

/// The messages' templates, by the path under which the routing names them.
pub(crate) const TEMPLATES: (&str, &str) =
    ("templates/wolkvox.tmpl", include_str!("../../alerts/templates/wolkvox.tmpl"));

const SHIPPED: &str = include_str!("../../alerts/alertmanager.yml");

/// The names of days as Alertmanager writes them.
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The names of months as Alertmanager writes them.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A configuration of Alertmanager, made from the shipped one.
#[derive(Clone, Debug)]
pub(crate) struct Routing(Value);

impl Routing {
    /// The shipped configuration.
    pub(crate) fn shipped() -> Self {
        Self(serde_saphyr::from_str(SHIPPED).expect("the file is YAML"))
    }

    /// As text: JSON, which is also YAML.
    pub(crate) fn text(&self) -> String {
        self.0.to_string()
    }

    /// The whole configuration.
    pub(crate) fn value(&self) -> &Value {
        &self.0
    }

    /// Names of its receivers.
    pub(crate) fn receivers(&self) -> Vec<String> {
        list(&self.0["receivers"]).iter().map(|receiver| text(&receiver["name"]).to_owned()).collect()
    }

    /// The number of inhibition rules.
    pub(crate) fn inhibitions(&self) -> usize {
        list(&self.0["inhibit_rules"]).len()
    }

    /// Removes one inhibition rule.
    pub(crate) fn without_inhibition(mut self, number: usize) -> Self {
        self.0["inhibit_rules"].as_array_mut().expect("it has some").remove(number);
        self
    }

    /// Replaces every receiver by a webhook of the sink with the same name. Waits are at most a second, and nothing is
    /// repeated while a test runs.
    pub(crate) fn into_sink(mut self, sink: &Sink) -> Self {
        for receiver in self.0["receivers"].as_array_mut().expect("there are receivers") {
            let name = receiver["name"].clone();
            *receiver = json!({"name": name, "webhook_configs": [{"url": sink.url()}]});
        }
        self.hurry()
    }

    /// Shortens all waits to at most a second. Nothing is repeated while a test runs.
    pub(crate) fn hurry(mut self) -> Self {
        hurry(&mut self.0["route"]);
        self
    }

    /// Reads every secret from a file in this folder, and sends pages to the sink, because the configuration has no
    /// address for them. Removes mails, because they need another kind of server.
    pub(crate) fn with_services_of(mut self, sink: &Sink, secrets: &str) -> Self {
        self.0["global"] = json!({"pagerduty_url": format!("{}/pagerduty", sink.url())});
        for receiver in self.0["receivers"].as_array_mut().expect("there are receivers") {
            receiver.as_object_mut().expect("a receiver has fields").remove("email_configs");
            for (_, integrations) in receiver.as_object_mut().expect("a receiver has fields") {
                for integration in integrations.as_array_mut().into_iter().flatten() {
                    for (key, value) in integration.as_object_mut().expect("an integration has fields") {
                        if key.ends_with("_file") {
                            *value = json!(format!("{secrets}/{}", text(value).rsplit('/').next().unwrap_or_default()));
                        }
                    }
                }
            }
        }
        self
    }

    /// Changes the time intervals so that `now` counts as `moment`, with the minutes of the real clock. Days are
    /// renamed, dates are shifted, and the time zone is one in which it is that hour. The hours of intervals stay the
    /// same.
    pub(crate) fn when_it_is(mut self, moment: DateTime, now: Timestamp) -> Self {
        let hour_of_utc = now.to_zoned(TimeZone::UTC).hour();
        let ahead = (moment.hour() - hour_of_utc + 12).rem_euclid(24) - 12;
        let today = now.to_zoned(TimeZone::fixed(Offset::constant(ahead))).date();
        let days = (today - moment.date()).get_days();
        // The signs in these names are those of POSIX: zones ahead of Greenwich have a minus.
        let zone = format!("Etc/GMT{:+}", -ahead);
        for named in self.0["time_intervals"].as_array_mut().expect("there are intervals") {
            for interval in named["time_intervals"].as_array_mut().expect("an interval has parts") {
                assert_eq!(interval["location"], "America/Bogota", "an interval is of no zone, or of another one");
                interval["location"] = json!(zone);
                if let Some(weekdays) = interval.get_mut("weekdays") {
                    *weekdays = json!(renamed(weekdays, days));
                }
                if interval.get("days_of_month").is_some() {
                    let date = the_date(interval).saturating_add(jiff::Span::new().days(days));
                    interval["years"] = json!([date.year().to_string()]);
                    interval["months"] = json!([MONTHS[usize::from(date.month().unsigned_abs()) - 1]]);
                    interval["days_of_month"] = json!([date.day().to_string()]);
                }
            }
        }
        self
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn hurry(route: &mut Value) {
    for (key, value) in route.as_object_mut().expect("a route has fields") {
        match key.as_str() {
            "group_wait" | "group_interval" => *value = json!("1s"),
            "repeat_interval" => *value = json!("1h"),
            "routes" => value.as_array_mut().expect("routes are a list").iter_mut().for_each(hurry),
            _ => {}
        }
    }
}

/// The days of `weekdays`, which are days or ranges of days, moved by this number of days.
fn renamed(weekdays: &Value, later: i32) -> Vec<&'static str> {
    let place = |name: &str| DAYS.iter().position(|day| *day == name).unwrap_or_else(|| panic!("{name} is not a day"));
    let ranges = list(weekdays).iter().map(|range| text(range).split_once(':').unwrap_or((text(range), text(range))));
    let days = ranges.flat_map(|(first, last)| place(first)..=place(last));
    let later = later.rem_euclid(7) as usize;
    days.map(|day| DAYS[(day + later) % DAYS.len()]).collect()
}

/// The one date of an interval.
fn the_date(interval: &Value) -> Date {
    let only = |key: &str| match list(&interval[key]) {
        [only] => text(only),
        other => panic!("{key} is not one value but {other:?}"),
    };
    let month = MONTHS.iter().position(|month| *month == only("months")).expect("it is a month") + 1;
    let number = |key: &str| only(key).parse::<i16>().expect("it is a number");
    Date::new(number("years"), month as i8, number("days_of_month") as i8).expect("it is a date")
}
