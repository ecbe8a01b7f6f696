//! The whole answers: what they say against what is true, and what is wrong with the spoilt ones.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::*;
use crate::simulator::world::{Calendar, demo};

const FAITHFUL: Manner = Manner { divisor: Divisor::Inbound, late_corrections: false };
const SKILLS: Question = Question::Skills { skill: None, services_time: None };

fn bogota(civil: &str) -> Zoned {
    civil.parse::<DateTime>().unwrap().to_zoned(TimeZone::get("America/Bogota").unwrap()).unwrap()
}

fn world() -> World {
    World::new(1, Calendar::real_hours(TimeZone::get("America/Bogota").unwrap()), demo())
}

fn today() -> Question {
    Question::Dnis { skill: None, from: bogota("2026-11-17T00:00"), until: bogota("2026-11-17T23:59:59") }
}

/// Reads an answer with the plain JSON parser: what the simulator writes is not for the exporter's reader to judge here.
#[expect(clippy::disallowed_methods, reason = "an independent reading of the simulator's own text")]
fn read(body: &str) -> serde_json::Result<Value> {
    serde_json::from_str(body)
}

fn data(question: &Question, now: &str, manner: Manner) -> Vec<Value> {
    let answer = Report::of(&world(), &bogota(now), question, manner).unwrap().answer();
    read(&answer.body).unwrap()["data"].as_array().unwrap().clone()
}

/// The number in a figure, whatever its form; `None` for the blanks.
fn figure(value: &Value) -> Option<f64> {
    let text = value.as_str()?.trim_end_matches('%').trim().replace(',', "");
    match text.split(':').collect::<Vec<_>>()[..] {
        [hours, minutes, seconds] => {
            let part = |text: &str| text.parse::<f64>().unwrap();
            Some(part(hours) * 3600.0 + part(minutes) * 60.0 + part(seconds))
        }
        _ => text.parse().ok(),
    }
}

#[test]
fn the_code_is_a_number_in_one_report_and_a_string_in_the_other() {
    let code = |question: &Question| {
        let answer = Report::of(&world(), &bogota("2026-11-17T11:00"), question, FAITHFUL).unwrap().answer();
        read(&answer.body).unwrap()["code"].clone()
    };
    assert_eq!((code(&SKILLS), code(&today())), (Value::from(200), Value::from("200")));
}

#[test]
fn the_message_counts_the_rows() {
    let answer = Report::of(&world(), &bogota("2026-11-17T11:00"), &SKILLS, FAITHFUL).unwrap().answer();
    assert_eq!(read(&answer.body).unwrap()["msg"], "6 records were found");
}

#[test]
fn every_value_is_a_string_or_null() {
    for question in [SKILLS, today()] {
        for row in data(&question, "2026-11-17T11:00", FAITHFUL) {
            assert!(row.as_object().unwrap().values().all(|value| value.is_string() || value.is_null()), "{row}");
        }
    }
}

#[test]
fn the_rows_of_skills_say_what_is_true() {
    let truth = world().skills_at(&bogota("2026-11-17T17:00"));
    for (row, skill) in data(&SKILLS, "2026-11-17T17:00", FAITHFUL).iter().zip(truth) {
        let (today, inbound) = (&skill.today, skill.today.inbound as f64);
        assert_eq!(row["skill_id"], skill.id.to_string());
        assert_eq!(row["skill_name"], skill.name);
        assert_eq!(figure(&row["calls_in_queue_now"]), Some(today.waiting as f64));
        assert_eq!(figure(&row["stat_inbound"]), Some(inbound));
        assert_eq!(figure(&row["stat_answer"]), Some(today.answered() as f64));
        assert_eq!(figure(&row["stat_abandon"]), Some(today.abandoned() as f64));
        let shares = [
            ("service_level_10seg", today.answered_within(10)),
            ("service_level_20seg", today.answered_within(20)),
            ("service_level_30seg", today.answered_within(30)),
            ("by_abandon", today.abandoned()),
        ];
        for (field, count) in shares {
            match figure(&row[field]) {
                Some(share) => assert!((share / 100.0 * inbound - count as f64).abs() < 0.2, "{field}: {share}"),
                None => assert_eq!(today.inbound, 0, "{field}"),
            }
        }
    }
}

#[test]
fn the_rows_of_numbers_say_what_is_true() {
    let now = bogota("2026-11-17T17:00");
    let truth = world().dnis_between(None, &bogota("2026-11-17T00:00"), &now, &now);
    let rows = data(&today(), "2026-11-17T17:00", FAITHFUL);
    assert_eq!(rows.len(), truth.len());
    for (row, number) in rows.iter().zip(truth) {
        assert_eq!(row["dnis"], number.dnis);
        assert_eq!(figure(&row["inbound_calls"]), Some(number.calls.inbound as f64));
        let asa = number.calls.average_speed_of_answer();
        assert_eq!(figure(&row["asa"]).is_some(), asa.is_some());
        assert!((figure(&row["asa"]).unwrap_or_default() - asa.unwrap_or_default()).abs() <= 0.5);
    }
}

#[test]
fn shares_of_the_answered_can_be_had_instead() {
    let answered = Manner { divisor: Divisor::Answered, ..FAITHFUL };
    let level = |manner| figure(&data(&SKILLS, "2026-11-17T17:00", manner)[1]["service_level_20seg"]).unwrap();
    let today = &world().skills_at(&bogota("2026-11-17T17:00"))[1].today;
    let expected = 100.0 * today.answered_within(20) as f64 / today.answered() as f64;
    assert!((level(answered) - expected).abs() < 0.01);
    assert!(level(answered) > level(FAITHFUL));
}

#[test]
fn a_threshold_that_is_asked_for_adds_a_field_and_none_adds_one_for_zero() {
    let asked = Question::Skills { skill: None, services_time: Some(45) };
    let with = &data(&asked, "2026-11-17T17:00", FAITHFUL)[0];
    let without = &data(&SKILLS, "2026-11-17T17:00", FAITHFUL)[0];
    assert!(with["service_level_45seg"].is_string() && with.get("service_level_0seg").is_none());
    assert_eq!(without["service_level_0seg"], "0 %");
}

#[test]
fn a_closed_skill_has_zeros_and_blanks() {
    let row = data(&SKILLS, "2026-11-17T17:00", FAITHFUL).pop().unwrap();
    assert_eq!(row["stat_inbound"], "0");
    assert_eq!(figure(&row["by_abandon"]), None);
}

#[test]
fn names_carry_what_makes_names_hard() {
    let names: String =
        data(&SKILLS, "2026-11-17T17:00", FAITHFUL).iter().map(|row| row["skill_name"].to_string()).collect();
    for hard in ["ó", "ñ", "Ñ", "  ", "\\\""] {
        assert!(names.contains(hard), "{hard}");
    }
}

#[test]
fn a_day_shows_every_form_of_every_kind_of_value() {
    let mut forms = BTreeSet::new();
    for minute in (0..780).step_by(5) {
        let now = bogota("2026-11-17T07:00").checked_add(jiff::SignedDuration::from_mins(minute)).unwrap();
        for question in [SKILLS, today()] {
            let Ok(report) = Report::of(world_of_the_day(), &now, &question, FAITHFUL) else { continue };
            for row in read(&report.answer().body).unwrap()["data"].as_array().unwrap() {
                for (field, value) in row.as_object().unwrap() {
                    if rows::NAMES.contains(&field.as_str()) {
                        continue;
                    }
                    forms.insert(match value.as_str() {
                        None => "null".to_owned(),
                        Some(blank @ ("" | " " | "-" | "--")) => blank.to_owned(),
                        Some(text) => text
                            .replace(|digit: char| digit.is_ascii_digit(), "9")
                            .replace("99", "9")
                            .replace("99", "9"),
                    });
                }
                if question == SKILLS && row.get("by_abandon").is_none()
                    || question != SKILLS && row.get("ata").is_none()
                {
                    forms.insert("missing".to_owned());
                }
            }
        }
    }
    for form in ["9", "9,9", "9.9 %", "9.9%", "9.9", "9 %", "9:9:9", "", " ", "-", "--", "null", "missing"] {
        assert!(forms.contains(form), "{form:?} is not among {forms:?}");
    }
}

/// One world for many questions, so that its day is generated once.
fn world_of_the_day() -> &'static World {
    static WORLD: std::sync::OnceLock<World> = std::sync::OnceLock::new();
    WORLD.get_or_init(world)
}

#[test]
fn a_window_without_calls_has_no_rows() {
    let night = Question::Dnis { skill: None, from: bogota("2026-11-17T01:00"), until: bogota("2026-11-17T02:00") };
    let report = Report::of(&world(), &bogota("2026-11-17T12:00"), &night, FAITHFUL);
    assert_eq!(report.map(|_| ()), Err(Refusal::NoRows));
}

#[test]
fn an_unknown_skill_has_no_rows() {
    let unknown = Question::Skills { skill: Some(9999), services_time: None };
    let report = Report::of(&world(), &bogota("2026-11-17T12:00"), &unknown, FAITHFUL);
    assert_eq!(report.map(|_| ()), Err(Refusal::NoRows));
}

#[test]
fn no_rows_looks_like_an_error_with_a_misleading_message() {
    let answer = Refusal::NoRows.answer();
    assert_eq!(answer.status, 404);
    assert_eq!(read(&answer.body).unwrap()["msg"], "Validate dates entered");
}

#[test]
fn now_and_then_a_total_falls_by_one_or_two() {
    let manner = Manner { late_corrections: true, ..FAITHFUL };
    let (mut last, mut falls) = (0.0, Vec::new());
    for second in (0..6 * 3600).step_by(20) {
        let now = bogota("2026-11-17T08:00").checked_add(jiff::SignedDuration::from_secs(second)).unwrap();
        let report = Report::of(world_of_the_day(), &now, &SKILLS, manner).unwrap().answer();
        let inbound = figure(&read(&report.body).unwrap()["data"][4]["stat_inbound"]).unwrap();
        if inbound < last {
            falls.push(last - inbound);
        }
        last = inbound;
    }
    assert!((3..12).contains(&falls.len()), "{falls:?}");
    assert!(falls.iter().all(|fall| (1.0..=2.0).contains(fall)), "{falls:?}");
}

/// The first answers of `bad-data` to a question.
fn spoilt(question: &Question, answers: usize) -> Vec<(Answer, Vec<Blemish>, Vec<String>)> {
    let report = Report::of(&world(), &bogota("2026-11-17T11:00"), question, FAITHFUL).unwrap();
    (0..answers).map(|n| report.clone().spoilt_answer(n)).collect()
}

#[test]
fn six_spoilt_answers_show_every_blemish() {
    for question in [SKILLS, today()] {
        let dealt: BTreeSet<Blemish> =
            spoilt(&question, 6).into_iter().flat_map(|(_, blemishes, _)| blemishes).collect();
        assert_eq!(dealt, BTreeSet::from(Blemish::ALL));
    }
}

#[test]
fn each_blemish_is_in_the_text() {
    let all: String = spoilt(&SKILLS, 6).into_iter().map(|(answer, ..)| answer.body).collect();
    let forms = [
        r#":"85,71 %""#,
        r#":"sin datos""#,
        r#":"-3""#,
        r#":"NaN""#,
        r#":{"value":"12"}"#,
        r#":["12"]"#,
        r#","no row","#,
    ];
    for form in forms.into_iter().chain(["},]}", "\u{feff}{", r#"{"skill_id":"","skill_name":"""#]) {
        assert!(all.contains(form), "{form}");
    }
}

#[test]
fn only_a_trailing_comma_or_a_byte_order_mark_keeps_the_plain_parser_from_reading() {
    for (answer, blemishes, _) in spoilt(&today(), 12) {
        let damaged = blemishes.contains(&Blemish::TrailingComma) || blemishes.contains(&Blemish::ByteOrderMark);
        assert_eq!(read(&answer.body).is_err(), damaged);
    }
}

#[test]
fn the_unreadable_values_are_few_among_many_good_ones() {
    for (answer, _, unreadable) in spoilt(&SKILLS, 12) {
        assert_eq!(unreadable.len(), 3);
        assert!(answer.body.matches("\":").count() > 50);
    }
}

#[test]
fn the_last_of_two_rows_for_one_skill_is_the_true_one() {
    let (answer, ..) = spoilt(&SKILLS, 1).remove(0);
    let body = answer.body.replace(",]}", "]}");
    let rows = read(&body).unwrap()["data"].as_array().unwrap().clone();
    assert_eq!(rows[0]["skill_id"], rows[1]["skill_id"]);
    assert_eq!(figure(&rows[0]["stat_answer"]), Some(0.0));
    assert!(figure(&rows[1]["stat_answer"]).unwrap() > 0.0);
}

#[test]
fn a_report_of_one_row_can_be_spoilt() {
    let one = Question::Skills { skill: Some(4211), services_time: None };
    assert!(spoilt(&one, 20).iter().all(|(_, _, unreadable)| !unreadable.is_empty()));
}
