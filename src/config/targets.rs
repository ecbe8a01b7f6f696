//! The section `targets` of an operation: service level, abandonment, team and opening hours of its skills.

use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

use super::cursor::{Field, Section};
use super::errors::InvalidValue;
use super::raw::Value;
use super::values;
use crate::model::{OpeningHours, ServiceLevelTarget, Shift, Target, Targets};

/// At most an hour, because no contact centre has a service level for longer waits.
const THRESHOLD_SECONDS: std::ops::RangeInclusive<u32> = 1..=3600;

/// Reads the section.
pub(super) fn read(field: &Field<'_>) -> Option<Targets> {
    const KEYS: [&str; 5] = ["skill_ids", "team", "service_level", "abandon_ratio", "open"];
    let mut valid: Vec<(Target, Section<'_>)> = Vec::new();
    let items = field.items()?;
    for item in &items {
        let Some(section) = item.section(&KEYS) else { continue };
        let Some(target) = target(&section) else { continue };
        report_duplicates(&target, &section, &valid);
        valid.push((target, section));
    }
    (valid.len() == items.len()).then(|| Targets::new(valid.into_iter().map(|(target, _)| target).collect()))
}

/// Reports a skill that an earlier target lists and a second default, because only the first target applies.
fn report_duplicates(target: &Target, section: &Section<'_>, earlier: &[(Target, Section<'_>)]) {
    let Some(ids) = section.get("skill_ids").and_then(|field| field.items()) else {
        if let Some((_, first)) = earlier.iter().find(|(first, _)| first.skill_ids.is_empty()) {
            let first = first.field().key();
            section.field().error(format!(
                "duplicate default target: {first} has no skill_ids either; set skill_ids in all targets but one"
            ));
        }
        return;
    };
    for (id, field) in target.skill_ids.iter().zip(ids) {
        if let Some((_, first)) = earlier.iter().find(|(first, _)| first.skill_ids.contains(id)) {
            let first = first.field().key();
            field.error(format!(
                "duplicate skill id {id:?}: {first} lists it already, and only the first target applies"
            ));
        }
    }
}

fn target(section: &Section<'_>) -> Option<Target> {
    let skill_ids = section.optional("skill_ids", |field| {
        field.parse_items(
            "ids of skills; without the key the target applies to all other skills",
            PartialEq::eq,
            |item| item.parse_text(|text| values::skill_id(text).map(Box::from)),
        )
    });
    let team = section.optional("team", |field| field.parse_text(team));
    let service_level = section.optional("service_level", service_level);
    let abandon_ratio = section.optional("abandon_ratio", ratio);
    let open = section.optional("open", open);
    Some(Target {
        skill_ids: skill_ids?.unwrap_or_default(),
        team: team?,
        service_level: service_level?,
        abandon_ratio: abandon_ratio?,
        open: open?,
    })
}

fn team(text: &str) -> Result<Arc<str>, InvalidValue> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err(InvalidValue::without_value(
            "invalid team: expected a short name such as ventas, but it is empty or contains control characters",
        ));
    }
    Ok(Arc::from(text))
}

fn service_level(field: &Field<'_>) -> Option<ServiceLevelTarget> {
    let section = field.section(&["threshold_seconds", "ratio"])?;
    let threshold = section.required("threshold_seconds", "the seconds within which calls must be answered");
    let ratio_field = section.required("ratio", "the share of calls to answer within them, such as 0.80");
    let threshold = threshold.and_then(|field| field.integer(THRESHOLD_SECONDS));
    let ratio = ratio_field.and_then(|field| ratio(&field));
    Some(ServiceLevelTarget { threshold_seconds: threshold?, ratio: ratio? })
}

/// A ratio. If the value is a percentage, the message suggests the ratio.
fn ratio(field: &Field<'_>) -> Option<f64> {
    let invalid = |value: &dyn fmt::Display, suggestion: Option<f64>| {
        let hint = suggestion.map_or_else(String::new, |ratio| format!("; did you mean {ratio}?"));
        field.error(InvalidValue::new("ratio", value, format_args!("a number above 0 and at most 1{hint}")));
        None
    };
    if let Value::Text(text) = field.value()
        && let Some(Ok(percent)) = text.trim().strip_suffix('%').map(|number| number.trim().parse::<f64>())
    {
        return invalid(text, Some(percent / 100.0));
    }
    let number = field.number()?;
    if number > 0.0 && number <= 1.0 {
        return Some(number);
    }
    invalid(&number, (number > 1.0 && number <= 100.0).then_some(number / 100.0))
}

fn open(field: &Field<'_>) -> Option<OpeningHours> {
    let section = field.section(&["hours", "holidays"])?;
    let shifts = section.optional("hours", shifts);
    let holidays = section.optional("holidays", |field| {
        field.parse_items("dates; leave the key out if there are none", PartialEq::eq, |item| item.parse_text(holiday))
    });
    let holidays = holidays?.unwrap_or_default();
    Some(match shifts? {
        Some(shifts) => OpeningHours { shifts, holidays },
        None => OpeningHours::around_the_clock(holidays),
    })
}

fn shifts(field: &Field<'_>) -> Option<Vec<Shift>> {
    // Identical entries are not reported here, because they also overlap.
    let entries = field.parse_items(
        "opening hours; without the key the skill is always open",
        |_, _| false,
        |item| Some((item.parse_text(super::hours::parse)?, item.clone())),
    )?;
    let mut all: Vec<(Shift, &Field<'_>)> = Vec::new();
    let mut valid = true;
    for (shifts, item) in &entries {
        for shift in shifts {
            if let Some((_, other)) = all.iter().find(|(earlier, _)| earlier.overlaps(shift)) {
                item.error(format!("overlapping hours: {} contains a part of the same time", other.key()));
                valid = false;
                break;
            }
            all.push((*shift, item));
        }
    }
    valid.then(|| all.into_iter().map(|(shift, _)| shift).collect())
}

fn holiday(text: &str) -> Result<Date, InvalidValue> {
    let has_form = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date = text.parse::<Date>().ok().filter(|_| has_form);
    date.ok_or_else(|| InvalidValue::new("date", text, "year, month and day, such as 2026-12-25"))
}
