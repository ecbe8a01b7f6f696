//! Tests of whole responses: correct ones against the world, and corrupted ones.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::*;
use crate::world::{Calendar, Receiver, demo};

const FAITHFUL: RenderOptions = RenderOptions { denominator: Denominator::Inbound, late_corrections: false };
const SKILLS: Request = Request::Skills { skill: None, services_time: None };

fn bogota(civil: &str) -> Zoned {
    civil.parse::<DateTime>().unwrap().to_zoned(TimeZone::get("America/Bogota").unwrap()).unwrap()
}

fn world() -> World {
    World::new(1, Calendar::real_hours(TimeZone::get("America/Bogota").unwrap()), demo())
}

fn window(from: &str, until: &str) -> Window {
    Window { from: bogota(from), until: bogota(until) }
}

fn tuesday() -> Window {
    window("2026-11-17T00:00", "2026-11-17T23:59:59.999")
}

fn today() -> Request {
    Request::Dnis { skill: None, window: tuesday() }
}

/// Every report of that Tuesday.
fn all() -> [Request; 5] {
    [SKILLS, today(), Request::AgentsKpi(tuesday()), Request::Transfers(tuesday()), Request::Ivr(tuesday())]
}

/// Parses a response with the plain JSON parser, because the exporter's parser must not judge the simulator's output.
#[expect(clippy::disallowed_methods, reason = "an independent reading of the simulator's own text")]
fn read(body: &str) -> serde_json::Result<Value> {
    serde_json::from_str(body)
}

fn data(request: &Request, now: &str, options: RenderOptions) -> Vec<Value> {
    let response = Report::build(world_of_the_day(), &bogota(now), request, options).unwrap().response();
    rows_of(&response)
}

/// The rows of a response. The comma after the last row is ignored.
fn rows_of(response: &JsonResponse) -> Vec<Value> {
    read(&response.body.replace("},]}", "}]}")).unwrap()["data"].as_array().unwrap().clone()
}

/// The number in a figure, in any form; `None` for a blank.
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
fn the_code_is_a_number_in_some_reports_and_a_string_in_others() {
    let code = |request: Request| {
        let response =
            Report::build(world_of_the_day(), &bogota("2026-11-17T11:00"), &request, FAITHFUL).unwrap().response();
        read(&response.body.replace("},]}", "}]}")).unwrap()["code"].clone()
    };
    let (number, string) = (Value::from(200), Value::from("200"));
    assert_eq!(all().map(code), [number.clone(), string.clone(), string, number.clone(), number]);
}

#[test]
fn the_message_counts_the_rows() {
    let response =
        Report::build(world_of_the_day(), &bogota("2026-11-17T11:00"), &SKILLS, FAITHFUL).unwrap().response();
    assert_eq!(read(&response.body).unwrap()["msg"], "6 records were found");
}

#[test]
fn every_value_is_a_string_or_null() {
    let strings = |row: &Value| row.as_object().unwrap().values().all(|value| value.is_string() || value.is_null());
    for request in all() {
        for mut row in data(&request, "2026-11-17T11:00", FAITHFUL) {
            if let Some(stats) = row.as_object_mut().unwrap().remove("stats") {
                assert!(stats.as_array().unwrap().iter().all(strings), "{stats}");
            }
            assert!(strings(&row), "{row}");
        }
    }
}

#[test]
fn skill_rows_match_the_world() {
    let truth = world_of_the_day().skills_at(&bogota("2026-11-17T17:00"));
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
fn number_rows_match_the_world() {
    let now = bogota("2026-11-17T17:00");
    let truth = world_of_the_day().dnis_between(None, &bogota("2026-11-17T00:00"), &now, &now);
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
fn service_levels_can_be_shares_of_the_answered_calls() {
    let answered = RenderOptions { denominator: Denominator::Answered, ..FAITHFUL };
    let level = |options| figure(&data(&SKILLS, "2026-11-17T17:00", options)[1]["service_level_20seg"]).unwrap();
    let today = &world().skills_at(&bogota("2026-11-17T17:00"))[1].today;
    let expected = 100.0 * today.answered_within(20) as f64 / today.answered() as f64;
    assert!((level(answered) - expected).abs() < 0.01);
    assert!(level(answered) > level(FAITHFUL));
}

#[test]
fn services_time_adds_a_field_and_without_it_there_is_one_for_zero() {
    let asked = Request::Skills { skill: None, services_time: Some(45) };
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
fn names_contain_accents_double_spaces_and_quotes() {
    let names: String =
        data(&SKILLS, "2026-11-17T17:00", FAITHFUL).iter().map(|row| row["skill_name"].to_string()).collect();
    for hard in ["ó", "ñ", "Ñ", "  ", "\\\""] {
        assert!(names.contains(hard), "{hard}");
    }
}

#[test]
fn every_value_form_appears_within_a_day() {
    let mut forms = BTreeSet::new();
    for minute in (0..780).step_by(5) {
        let now = bogota("2026-11-17T07:00").checked_add(jiff::SignedDuration::from_mins(minute)).unwrap();
        for request in [SKILLS, today()] {
            let Ok(report) = Report::build(world_of_the_day(), &now, &request, FAITHFUL) else { continue };
            for row in read(&report.response().body).unwrap()["data"].as_array().unwrap() {
                for (field, value) in row.as_object().unwrap() {
                    if ["skill_id", "skill_name", "dnis"].contains(&field.as_str()) {
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
                if request == SKILLS && row.get("by_abandon").is_none() || request != SKILLS && row.get("ata").is_none()
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

/// One world for all tests, so that its day is generated only once.
fn world_of_the_day() -> &'static World {
    static WORLD: std::sync::OnceLock<World> = std::sync::OnceLock::new();
    WORLD.get_or_init(world)
}

#[test]
fn a_window_without_calls_has_no_rows() {
    let night = || window("2026-11-17T01:00", "2026-11-17T02:00");
    let numbers = Request::Dnis { skill: None, window: night() };
    for request in [numbers, Request::Transfers(night()), Request::Ivr(night())] {
        let report = Report::build(world_of_the_day(), &bogota("2026-11-17T12:00"), &request, FAITHFUL);
        assert_eq!(report.map(|_| ()), Err(Refusal::NoRows));
    }
}

#[test]
fn an_unknown_skill_has_no_rows() {
    let unknown = Request::Skills { skill: Some(9999), services_time: None };
    let report = Report::build(world_of_the_day(), &bogota("2026-11-17T12:00"), &unknown, FAITHFUL);
    assert_eq!(report.map(|_| ()), Err(Refusal::NoRows));
}

#[test]
fn no_rows_looks_like_an_error_with_a_misleading_message() {
    let response = Refusal::NoRows.response();
    assert_eq!(response.status, 404);
    assert_eq!(read(&response.body).unwrap()["msg"], "Validate dates entered");
}

#[test]
fn totals_sometimes_fall_by_one_or_two() {
    let options = RenderOptions { late_corrections: true, ..FAITHFUL };
    let (mut last, mut falls) = (0.0, Vec::new());
    for second in (0..6 * 3600).step_by(20) {
        let now = bogota("2026-11-17T08:00").checked_add(jiff::SignedDuration::from_secs(second)).unwrap();
        let report = Report::build(world_of_the_day(), &now, &SKILLS, options).unwrap().response();
        let inbound = figure(&read(&report.body).unwrap()["data"][4]["stat_inbound"]).unwrap();
        if inbound < last {
            falls.push(last - inbound);
        }
        last = inbound;
    }
    assert!((3..12).contains(&falls.len()), "{falls:?}");
    assert!(falls.iter().all(|fall| (1.0..=2.0).contains(fall)), "{falls:?}");
}

/// The first responses of `bad-data` to a request.
fn corrupted(request: &Request, responses: usize) -> Vec<(JsonResponse, Vec<Corruption>, Vec<String>)> {
    let report = Report::build(world_of_the_day(), &bogota("2026-11-17T11:00"), request, FAITHFUL).unwrap();
    (0..responses).map(|n| report.clone().corrupted_response(n)).collect()
}

#[test]
fn six_corrupted_responses_contain_every_kind_of_corruption() {
    for request in all() {
        let dealt: BTreeSet<Corruption> =
            corrupted(&request, 6).into_iter().flat_map(|(_, corruptions, _)| corruptions).collect();
        assert_eq!(dealt, BTreeSet::from(Corruption::ALL));
    }
}

#[test]
fn each_kind_of_corruption_appears_in_the_text() {
    let all: String = corrupted(&SKILLS, 6).into_iter().map(|(response, ..)| response.body).collect();
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
    for request in all() {
        let agents = matches!(request, Request::AgentsKpi(_));
        for (response, corruptions, _) in corrupted(&request, 12) {
            let damaged =
                corruptions.contains(&Corruption::TrailingComma) || corruptions.contains(&Corruption::ByteOrderMark);
            assert_eq!(read(&response.body).is_err(), damaged || agents);
        }
    }
}

#[test]
fn three_values_of_many_are_unreadable() {
    for (response, _, unreadable) in corrupted(&SKILLS, 12) {
        assert_eq!(unreadable.len(), 3);
        assert!(response.body.matches("\":").count() > 50);
    }
}

#[test]
fn the_last_of_two_rows_for_one_skill_is_the_correct_one() {
    let (response, ..) = corrupted(&SKILLS, 1).remove(0);
    let body = response.body.replace(",]}", "]}");
    let rows = read(&body).unwrap()["data"].as_array().unwrap().clone();
    assert_eq!(rows[0]["skill_id"], rows[1]["skill_id"]);
    assert_eq!(figure(&rows[0]["stat_answer"]), Some(0.0));
    assert!(figure(&rows[1]["stat_answer"]).unwrap() > 0.0);
}

#[test]
fn a_report_of_one_row_can_be_corrupted() {
    let one = Request::Skills { skill: Some(4211), services_time: None };
    assert!(corrupted(&one, 20).iter().all(|(_, _, unreadable)| !unreadable.is_empty()));
}

/// The text of the agents report on that Tuesday at 11:00.
fn agents_text() -> String {
    let request = Request::AgentsKpi(tuesday());
    Report::build(world_of_the_day(), &bogota("2026-11-17T11:00"), &request, FAITHFUL).unwrap().response().body
}

#[test]
fn the_agents_report_always_ends_with_a_comma_as_on_the_vendors_page() {
    let body = agents_text();
    assert!(read(&body).is_err());
    assert_eq!((body.matches("},]}").count(), body.matches(",]").count()), (1, 1));
}

#[test]
fn agent_fields_are_in_the_vendors_order() {
    let body = agents_text();
    let fields = ["agent_id", "agent_name", "agent_dni", "stats", "date", "points", "hits", "calls"];
    let rest = ["aht_time", "acw_time", "occupancy", "login_time"];
    let places: Vec<usize> =
        fields.iter().chain(&rest).map(|field| body.find(&format!("\"{field}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn agent_rows_match_the_world() {
    let truth = world_of_the_day().agents_on(tuesday().from.date(), &bogota("2026-11-17T17:00"));
    let rows = data(&Request::AgentsKpi(tuesday()), "2026-11-17T17:00", FAITHFUL);
    assert_eq!(rows.len(), truth.len());
    for (row, agent) in rows.iter().zip(truth) {
        assert_eq!(row["agent_id"], agent.agent.id.to_string());
        assert_eq!(row["agent_name"], agent.agent.name);
        let stats = row["stats"].as_array().unwrap();
        assert_eq!(stats.len(), 1);
        let near = |field: &str, expected: f64, within: f64| {
            let actual = figure(&stats[0][field]).unwrap();
            assert!((actual - expected).abs() <= within, "{field}: {actual}, {expected} expected");
        };
        let seconds = |time: Option<jiff::SignedDuration>| time.unwrap_or_default().as_secs_f64();
        assert_eq!(stats[0]["date"], "20261117");
        near("calls", agent.calls as f64, 0.0);
        near("points", agent.points() as f64, 0.0);
        near("hits", agent.hits() as f64, 0.0);
        near("aht_time", seconds(agent.average_handling_time()), 0.5);
        near("acw_time", seconds(agent.average_wrap_up()), 0.5);
        near("occupancy", 100.0 * agent.occupancy().unwrap_or_default(), 0.5);
        near("login_time", seconds(Some(agent.logged_in)), 60.0);
    }
}

#[test]
fn an_agents_days_are_listed_backwards_and_some_idle_days_are_missing() {
    let request = Request::AgentsKpi(window("2026-11-01T00:00", "2026-12-01T12:00"));
    let rows = data(&request, "2026-11-17T17:00", FAITHFUL);
    let mut missing = 0;
    for row in &rows {
        let stats = row["stats"].as_array().unwrap();
        let dates: Vec<&str> = stats.iter().map(|day| day["date"].as_str().unwrap()).collect();
        assert!(dates.is_sorted_by(|later, earlier| later > earlier), "{dates:?}");
        assert!(dates[0] <= "20261117", "{} has not begun", dates[0]);
        missing += 17 - dates.len();
    }
    assert!(missing > 5 && missing < rows.len() * 2, "{missing} days of {} agents", rows.len());
}

#[test]
fn a_day_without_work_is_all_zeros() {
    let request = Request::AgentsKpi(window("2026-11-14T00:00", "2026-11-16T23:59:59"));
    let rows = data(&request, "2026-11-17T17:00", FAITHFUL);
    let sunday = rows.iter().flat_map(|row| row["stats"].as_array().unwrap()).find(|day| day["date"] == "20261115");
    let expected = r#"{"acw_time":"00:00:00","aht_time":"00:00:00","calls":"0","date":"20261115","hits":"0",
        "login_time":"00:00:00","occupancy":"0 %","points":"0"}"#;
    assert_eq!(*sunday.unwrap(), read(expected).unwrap());
}

#[test]
fn on_a_sunday_there_are_no_agents() {
    let request = Request::AgentsKpi(window("2026-11-15T00:00", "2026-11-15T23:59:59"));
    let report = Report::build(world_of_the_day(), &bogota("2026-11-15T12:00"), &request, FAITHFUL);
    assert_eq!(report.map(|_| ()), Err(Refusal::NoRows));
}

/// The events in a response: contact, receiver, time.
fn events(rows: &[Value]) -> BTreeSet<(String, String, String)> {
    let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    rows.iter().map(|row| (text(row, "conn_id"), text(row, "receiver_agent_id"), text(row, "date"))).collect()
}

/// The transfers that a client receives when it requests the last half-hour every five minutes, and the transfers that
/// happened.
fn polled_and_true(world: &World, from: &str, hours: i64) -> [BTreeSet<(String, String, String)>; 2] {
    let start = bogota(from);
    let mut polled = BTreeSet::new();
    for minute in (0..=60 * hours + 20).step_by(5) {
        let now = start.checked_add(minute.minutes()).unwrap();
        let since = now.checked_sub(30.minutes()).unwrap().max(start.clone());
        let request = Request::Transfers(Window { from: since, until: now.clone() });
        if let Ok(report) = Report::build(world, &now, &request, FAITHFUL) {
            polled.extend(events(&rows_of(&report.response())));
        }
    }
    let end = start.checked_add(hours.hours()).unwrap();
    let later = end.checked_add(1.hours()).unwrap();
    let truth: Vec<Value> = world
        .transfers_between(&start, &end, &later)
        .iter()
        .map(|transfer| serde_json::to_value(rows::transfer(transfer, end.time_zone())).unwrap())
        .collect();
    let end = end.strftime("%Y-%m-%d %H:%M:%S").to_string();
    polled.retain(|(_, _, date)| *date <= end);
    [polled, events(&truth)]
}

#[test]
fn a_client_that_looks_back_over_midnight_loses_no_transfer() {
    let start = bogota("2026-11-17T23:00");
    let calendar = Calendar::busy_at(TimeZone::get("America/Bogota").unwrap(), start.timestamp());
    let world = World::new(1, calendar, demo());
    let [polled, truth] = polled_and_true(&world, "2026-11-17T22:30", 3);
    let yesterdays = |(_, _, date): &(String, String, String)| date.starts_with("2026-11-17");
    assert!(truth.iter().any(yesterdays) && !truth.iter().all(yesterdays));
    assert_eq!(polled, truth);
}

#[test]
fn transfers_of_yesterday_appear_after_midnight() {
    let start = bogota("2026-11-18T00:00");
    let calendar = Calendar::busy_at(TimeZone::get("America/Bogota").unwrap(), start.timestamp());
    let world = World::new(1, calendar, demo());
    let yesterdays = |now: &str| {
        let request = Request::Transfers(tuesday());
        rows_of(&Report::build(&world, &bogota(now), &request, FAITHFUL).unwrap().response()).len()
    };
    let counts = ["2026-11-17T23:59:59", "2026-11-18T00:05", "2026-11-18T00:13:01", "2026-11-18T09:00"].map(yesterdays);
    assert!(counts[0] < counts[1] && counts[1] < counts[2] && counts[2] == counts[3], "{counts:?}");
}

#[test]
fn transfer_rows_match_the_world() {
    let now = bogota("2026-11-17T23:00");
    let truth = world_of_the_day().transfers_between(&tuesday().from, &now, &now);
    let rows = data(&Request::Transfers(tuesday()), "2026-11-17T23:00", FAITHFUL);
    assert_eq!(rows.len(), truth.len());
    let fields = ["transfer_agent_id", "transfer_agent_name", "receiver_agent_id", "receiver_agent_name"];
    for (row, transfer) in rows.iter().zip(truth) {
        assert_eq!(row["conn_id"], transfer.conn_id);
        assert_eq!(row["channel"], transfer.channel.name());
        let (id, name) = match transfer.receiver {
            Receiver::Agent(agent) => (agent.id, agent.name),
            Receiver::Skill(id) => (id, "SKILL".to_owned()),
        };
        let sender = transfer.sender;
        let expected = [sender.id.to_string(), sender.name, id.to_string(), name];
        assert_eq!(fields.map(|field| row[field].as_str().unwrap()), expected);
        let date: DateTime = row["date"].as_str().unwrap().parse().unwrap();
        assert_eq!(date.to_zoned(now.time_zone().clone()).unwrap().timestamp(), transfer.at);
    }
}

#[test]
fn menu_rows_match_the_world() {
    let now = bogota("2026-11-17T17:00");
    let truth = world_of_the_day().ivr_between(&tuesday().from, &now, &now);
    let rows = data(&Request::Ivr(tuesday()), "2026-11-17T17:00", FAITHFUL);
    assert_eq!(rows.len(), truth.len());
    let mut in_minutes = 0;
    for (row, option) in rows.iter().zip(truth) {
        assert_eq!(row["rp_id"], option.routing_point.to_string());
        assert_eq!(row["cod_opc_menu"], option.choice.name());
        assert_eq!(figure(&row["calls"]), Some(option.calls as f64));
        let minutes = !row["time"].as_str().unwrap().contains(':');
        in_minutes += usize::from(minutes);
        let seconds = figure(&row["time"]).unwrap() * if minutes { 60.0 } else { 1.0 };
        assert!((seconds - option.time.as_secs_f64()).abs() <= 0.5, "{row}");
    }
    assert!((1..rows.len() / 2).contains(&in_minutes), "{in_minutes} of {}", rows.len());
}

#[test]
fn responses_of_a_day_have_a_realistic_size() {
    let sizes = [(5..7, 3_000), (20..60, 20_000), (40..120, 40_000), (150..350, 90_000), (15..40, 4_000)];
    for (request, (count, bytes)) in all().into_iter().zip(sizes) {
        let report = Report::build(world_of_the_day(), &bogota("2026-11-17T21:00"), &request, FAITHFUL).unwrap();
        assert!(count.contains(&report.rows.len()), "{} rows: {request:?}", report.rows.len());
        let body = report.response().body;
        assert!(body.len() < bytes, "{} bytes: {request:?}", body.len());
    }
}

#[test]
fn corruption_of_the_agents_report_changes_figures_and_no_names() {
    for (response, _, unreadable) in corrupted(&Request::AgentsKpi(tuesday()), 30) {
        for field in &unreadable {
            assert!(
                ["points", "hits", "calls", "aht_time", "acw_time", "occupancy", "login_time"]
                    .contains(&field.as_str()),
                "{field}"
            );
        }
        assert!(!response.body.contains(r#""agent_dni":{"#) && !response.body.contains(r#""stats":"sin"#));
    }
}

#[test]
fn corruption_of_a_transfer_changes_only_its_time() {
    for (_, _, unreadable) in corrupted(&Request::Transfers(tuesday()), 12) {
        assert!(unreadable.iter().all(|field| field == "date"), "{unreadable:?}");
    }
}

#[test]
fn a_duplicate_transfer_row_is_an_exact_copy() {
    let (response, corruptions, _) = corrupted(&Request::Transfers(tuesday()), 4).pop().unwrap();
    assert!(corruptions.contains(&Corruption::DuplicateRow));
    let rows = rows_of(&response);
    let twins: Vec<_> = rows.windows(2).filter(|pair| pair[0]["conn_id"] == pair[1]["conn_id"]).collect();
    assert_eq!(twins.len(), 1);
    assert!(twins[0][0]["date"].as_str().is_some_and(|date| date.starts_with("2026-11-17 ")));
}
