//! The section `targets` of an operation: what was promised, and when it is open.

use std::sync::Arc;

use jiff::civil::Date;

use super::cursor::{Field, Section};
use super::raw::Value;
use super::values;
use crate::model::{OpeningHours, ServiceLevelTarget, Shift, Target, Targets};

/// An hour: a call that waits longer was not served.
const THRESHOLD_SECONDS: std::ops::RangeInclusive<u32> = 1..=3600;

/// Reads the section.
pub(super) fn read(at: &Field<'_>) -> Option<Targets> {
    const KEYS: [&str; 5] = ["skill_ids", "team", "service_level", "abandon_ratio", "open"];
    let mut good: Vec<(Target, Section<'_>)> = Vec::new();
    let items = at.items()?;
    for item in &items {
        let Some(section) = item.section(&KEYS) else { continue };
        let Some(target) = target(&section) else { continue };
        refuse_repetition(&target, &section, &good);
        good.push((target, section));
    }
    (good.len() == items.len()).then(|| Targets::new(good.into_iter().map(|(target, _)| target).collect()))
}

/// Since the first entry wins, a skill named again and a second default would do nothing.
fn refuse_repetition(target: &Target, section: &Section<'_>, earlier: &[(Target, Section<'_>)]) {
    let Some(ids) = section.get("skill_ids").and_then(|at| at.items()) else {
        if let Some((_, first)) = earlier.iter().find(|(first, _)| first.skill_ids.is_empty()) {
            let first = first.at().key();
            section.at().error(format!("{first} is the default already: name the skills of all entries but one"));
        }
        return;
    };
    for (id, at) in target.skill_ids.iter().zip(ids) {
        if let Some((_, first)) = earlier.iter().find(|(first, _)| first.skill_ids.contains(id)) {
            at.error(format!("{} names the skill {id:?} already, and the first entry wins", first.at().key()));
        }
    }
}

fn target(section: &Section<'_>) -> Option<Target> {
    let skill_ids = section.optional("skill_ids", |at| {
        at.items_that("name the skills, or leave the key out to make this the default", PartialEq::eq, |item| {
            item.text_that(|text| values::skill_id(text).map(Box::from))
        })
    });
    let team = section.optional("team", |at| at.text_that(team));
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

fn team(text: &str) -> Result<Arc<str>, String> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err("the team is empty or holds control characters: a short name such as ventas is right".to_owned());
    }
    Ok(Arc::from(text))
}

fn service_level(at: &Field<'_>) -> Option<ServiceLevelTarget> {
    let section = at.section(&["threshold_seconds", "ratio"])?;
    let threshold = section.required("threshold_seconds", "the seconds within which calls are to be answered");
    let ratio_at = section.required("ratio", "the share of calls to be answered within them, such as 0.80");
    let threshold = threshold.and_then(|at| at.whole(THRESHOLD_SECONDS));
    let ratio = ratio_at.and_then(|at| ratio(&at));
    Some(ServiceLevelTarget { threshold_seconds: threshold?, ratio: ratio? })
}

/// A share; who writes a percentage is told the ratio.
fn ratio(at: &Field<'_>) -> Option<f64> {
    if let Value::Text(text) = at.value()
        && let Some(Ok(percent)) = text.trim().strip_suffix('%').map(|number| number.trim().parse::<f64>())
    {
        at.error(format!("{text:?} is a percentage: a ratio is right, {}", percent / 100.0));
        return None;
    }
    let number = at.number()?;
    if number > 0.0 && number <= 1.0 {
        return Some(number);
    }
    at.error(if number > 1.0 && number <= 100.0 {
        format!("{number} is more than 1: if {number} % is meant, {} is right", number / 100.0)
    } else {
        format!("{number} is no ratio: more than 0 and at most 1 is right")
    });
    None
}

fn open(at: &Field<'_>) -> Option<OpeningHours> {
    let section = at.section(&["hours", "holidays"])?;
    let shifts = section.optional("hours", shifts);
    let holidays = section.optional("holidays", |at| {
        at.items_that("name the days, or leave the key out", PartialEq::eq, |item| item.text_that(holiday))
    });
    let holidays = holidays?.unwrap_or_default();
    Some(match shifts? {
        Some(shifts) => OpeningHours { shifts, holidays },
        None => OpeningHours::around_the_clock(holidays),
    })
}

fn shifts(at: &Field<'_>) -> Option<Vec<Shift>> {
    // Entries that are the same overlap, which is said below with the same words.
    let entries = at.items_that(
        "name the hours, or leave the key out for round the clock",
        |_, _| false,
        |item| Some((item.text_that(super::hours::parse)?, item.clone())),
    )?;
    let mut all: Vec<(Shift, &Field<'_>)> = Vec::new();
    let mut good = true;
    for (shifts, item) in &entries {
        for shift in shifts {
            if let Some((_, other)) = all.iter().find(|(earlier, _)| earlier.overlaps(shift)) {
                item.error(format!("overlaps {}: write each hour of a day once", other.key()));
                good = false;
                break;
            }
            all.push((*shift, item));
        }
    }
    good.then(|| all.into_iter().map(|(shift, _)| shift).collect())
}

fn holiday(text: &str) -> Result<Date, String> {
    let shaped = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date = text.parse::<Date>().ok().filter(|_| shaped);
    date.ok_or_else(|| format!("{text:?} is no date: year, month and day are right, for example 2026-12-25"))
}
