//! One test per status and per shape of the envelope.

use std::time::Duration;

use super::*;
use crate::api::wire::SkillRow;

fn response(status: u16, body: &str) -> Result<ParsedResponse<Vec<SkillRow>>, ApiError> {
    read(&Response { status, retry_after: None, body: body.as_bytes().to_vec() }, &Vec::new(), &[token()])
}

fn token() -> Token {
    Token::new("sesame-0815".to_owned())
}

#[track_caller]
fn reason(status: u16, body: &str) -> Reason {
    response(status, body).unwrap_err().reason
}

const ONE_ROW: &str = r#"{"code": 200, "error": null, "msg": "1 records were found", "data": [{"skill_id": "1"}]}"#;

#[test]
fn a_code_may_be_a_number_or_a_string() {
    assert_eq!(response(200, ONE_ROW).unwrap().rows.len(), 1);
    assert_eq!(response(200, &ONE_ROW.replace("200", "\"200\"")).unwrap().rows.len(), 1);
}

#[test]
fn data_may_be_an_empty_list_null_missing_or_one_object() {
    for (data, rows) in [("[]", 0), ("null", 0), (r#"{"skill_id": "1"}"#, 1)] {
        let body = format!(r#"{{"code": "200", "data": {data}}}"#);
        assert_eq!(response(200, &body).unwrap().rows.len(), rows, "{data}");
    }
    assert_eq!(response(200, r#"{"code": "200"}"#).unwrap().rows.len(), 0);
}

#[test]
fn a_list_that_lost_an_element_is_a_list() {
    for (data, rows, not_rows) in [
        (r#"{"0": {"skill_id": "1"}, "2": {"skill_id": "3"}}"#, 2, 0),
        (r#"{"7": {"skill_id": "1"}}"#, 1, 0),
        (r#"{"0": {"skill_id": "1"}, "total": 3, "1": 4}"#, 1, 2),
        ("{}", 0, 0),
    ] {
        let response = response(200, &format!(r#"{{"code": "200", "data": {data}}}"#)).unwrap();
        assert_eq!((response.rows.len(), response.not_rows), (rows, not_rows), "{data}");
    }
}

#[test]
fn an_object_or_a_list_without_a_row_of_the_report_is_a_bad_envelope() {
    for data in [r#"{"total": 12}"#, r#"{"0": {"total": 12}}"#, r#"[{"campaign": "A"}, {"campaign": "B"}]"#, "[1, 2]"] {
        assert_eq!(reason(200, &format!(r#"{{"code": 200, "data": {data}}}"#)), Reason::BadEnvelope, "{data}");
    }
    // A row of blanks, and an object without fields, mean no data.
    for data in [r#"[{"skill_id": ""}]"#, "[{}]"] {
        assert!(response(200, &format!(r#"{{"code": 200, "data": {data}}}"#)).is_ok(), "{data}");
    }
}

#[test]
fn data_of_another_kind_is_a_bad_envelope() {
    for data in ["3", "\"rows\"", "true"] {
        assert_eq!(reason(200, &format!(r#"{{"code": 200, "data": {data}}}"#)), Reason::BadEnvelope, "{data}");
    }
}

#[test]
fn an_element_that_is_not_an_object_is_left_out_and_counted() {
    let rows =
        response(200, r#"{"code": 200, "data": [{"skill_id": "1"}, 3, "x", [], null, {"skill_id": "2"}]}"#).unwrap();
    assert_eq!((rows.rows.len(), rows.not_rows), (2, 4));
}

#[test]
fn elements_beyond_the_maximum_are_not_kept() {
    let body = format!(r#"{{"code": 200, "data": [{}{{}}]}}"#, "{},".repeat(2 * MAX_ROWS));
    assert_eq!(response(200, &body).unwrap().rows.len(), MAX_ROWS);
}

#[test]
fn no_records_is_a_success_by_status_or_by_code() {
    let body = r#"{"code": "404", "error": "x", "msg": "Validate dates entered", "data": []}"#;
    for status in [404, 200] {
        let rows = response(status, body).unwrap();
        assert!(rows.no_records && rows.rows.is_empty());
    }
}

#[test]
fn a_404_that_is_not_wolkvox_is_a_failure() {
    assert_eq!(reason(404, "<html>Not Found</html>"), Reason::HttpStatus);
    assert_eq!(reason(404, "[]"), Reason::HttpStatus);
    assert_eq!(reason(404, r#"{"message": "no Route matched with those values"}"#), Reason::HttpStatus);
    for code in ["20404", "0", "-1", "\"NOT_FOUND\"", "null"] {
        assert_eq!(reason(404, &format!(r#"{{"code": {code}, "message": "x"}}"#)), Reason::HttpStatus, "{code}");
    }
}

#[test]
fn the_four_meanings_of_403_are_distinguished_in_any_case() {
    for (message, expected) in [
        ("TOKEN LIMIT EXCEEDED", Reason::Quota),
        ("token limit exceeded", Reason::Quota),
        ("EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)", Reason::Concurrency),
        ("PLEASE VALIDATE TOKEN", Reason::Unauthorized),
        ("Disabled Token", Reason::Unauthorized),
        ("SERVER BACKUP IN PROGRESS", Reason::Maintenance),
        ("", Reason::Maintenance),
    ] {
        let body = format!(r#"{{"code": "403", "error": null, "msg": "{message}", "data": null}}"#);
        assert_eq!(reason(403, &body), expected, "{message}");
        assert_eq!(reason(200, &body), expected, "{message}, with HTTP 200");
    }
    let in_error = r#"{"code": 403, "error": "PLEASE VALIDATE TOKEN", "msg": null}"#;
    assert_eq!(reason(403, in_error), Reason::Unauthorized);
}

#[test]
fn a_403_page_of_another_program_is_not_a_bad_token() {
    assert_eq!(reason(403, "<html>token forbidden by firewall</html>"), Reason::HttpStatus);
}

#[test]
fn a_missing_token_is_unauthorized() {
    assert_eq!(reason(401, r#"{"code": 401, "msg": "TOKEN REQUIRED"}"#), Reason::Unauthorized);
    assert_eq!(reason(200, r#"{"code": "401", "msg": "TOKEN REQUIRED"}"#), Reason::Unauthorized);
    assert_eq!(reason(401, "no"), Reason::Unauthorized);
}

#[test]
fn every_other_status_is_reported_with_its_number() {
    for status in [301, 302, 400, 405, 407, 408, 418, 429, 500, 502, 503, 504] {
        for body in ["", "<html>", ONE_ROW, r#"{"code": 400, "msg": "SOME PARAMETERS ARE REQUIRED"}"#] {
            let failure = response(status, body).unwrap_err();
            assert_eq!(failure.reason, Reason::HttpStatus);
            assert!(failure.message.contains(&status.to_string()), "{failure}");
        }
    }
}

#[test]
fn a_code_that_is_an_error_counts_even_with_http_200() {
    let failure = response(200, r#"{"code": "400", "msg": "SOME PARAMETERS ARE REQUIRED", "data": []}"#).unwrap_err();
    assert_eq!(failure.reason, Reason::HttpStatus);
    assert_eq!(failure.message, "wolkvox answered 400: \"SOME PARAMETERS ARE REQUIRED\"");
}

#[test]
fn html_with_http_200_is_bad_json_and_is_not_quoted() {
    let failure = response(200, "<html>secret</html>").unwrap_err();
    assert_eq!(failure.reason, Reason::BadJson);
    assert!(!failure.message.contains("secret"));
}

#[test]
fn an_incomplete_body_is_bad_json() {
    assert_eq!(reason(200, &ONE_ROW[..60]), Reason::BadJson);
}

#[test]
fn json_without_an_envelope_is_a_bad_envelope() {
    for body in ["[]", "{}", "3", "null", "\"ok\"", r#"{"data": []}"#, r#"{"code": "fine", "data": []}"#] {
        assert_eq!(reason(200, body), Reason::BadEnvelope, "{body}");
    }
}

#[test]
fn a_200_with_an_error_and_no_data_fails_for_the_reason_in_its_text() {
    for data in ["null", "[]", "\"\"", "{}"] {
        for (error, expected) in [
            ("no service", Reason::BadEnvelope),
            ("TOKEN LIMIT EXCEEDED", Reason::Quota),
            ("PLEASE VALIDATE TOKEN", Reason::Unauthorized),
        ] {
            let body = format!(r#"{{"code": 200, "error": "{error}", "data": {data}}}"#);
            assert_eq!(reason(200, &body), expected, "{body}");
        }
    }
    let with_rows = ONE_ROW.replace("\"error\": null", "\"error\": \"partial\"");
    assert_eq!(response(200, &with_rows).unwrap().rows.len(), 1);
}

#[test]
fn a_blank_error_or_the_word_null_is_no_error() {
    for error in ["null", "\"null\"", "\"NULL\"", "\"\"", "\"-\""] {
        let rows = response(200, &format!(r#"{{"code": "200", "error": {error}, "data": null}}"#)).unwrap();
        assert!(rows.no_records && rows.rows.is_empty(), "{error}");
    }
}

#[test]
fn an_empty_list_is_counted_as_no_records() {
    assert!(response(200, r#"{"code": "200", "data": []}"#).unwrap().no_records);
    assert!(!response(200, ONE_ROW).unwrap().no_records);
}

#[test]
fn the_requested_delay_is_kept() {
    let response = Response { status: 503, retry_after: Some(Duration::from_secs(120)), body: Vec::new() };
    let failure = read(&response, &Vec::<SkillRow>::new(), &[token()]).unwrap_err();
    assert_eq!(failure.retry_after, Some(Duration::from_secs(120)));
}

#[test]
fn the_vendors_message_is_quoted_shortened_and_on_one_line() {
    let body = format!(r#"{{"code": 403, "msg": "BACKUP\n{}"}}"#, "x".repeat(500));
    let message = response(403, &body).unwrap_err().message;
    assert!(!message.contains('\n') && message.len() < 220, "{message}");
}

#[test]
fn the_vendors_message_is_cut_between_words_never_within_a_token() {
    let message = format!("{}sesame-0815 is unknown", "xxxx ".repeat(23));
    let body = format!(r#"{{"code": 403, "msg": "{message}", "data": null}}"#);
    let message = response(403, &body).unwrap_err().message;
    assert!(message.contains("xxx") && !message.contains("sesa"), "{message}");
}

#[test]
fn a_word_that_does_not_fit_is_left_out_completely() {
    for message in [format!("{}sesame", "wo ".repeat(39)), format!("sesame{}", "x".repeat(120)), "sesame ".repeat(40)] {
        let message = response(500, &format!(r#"{{"code": 500, "msg": "{message}"}}"#)).unwrap_err().message;
        assert!(!message.replace("sesame", "").contains("ses"), "{message}");
    }
}

#[test]
fn a_token_that_wolkvox_repeats_is_not_in_the_error() {
    for message in ["PLEASE VALIDATE TOKEN sesame-0815", "TOKEN SESAME-0815 IS DISABLED"] {
        let error = response(403, &format!(r#"{{"code": "403", "msg": "{message}"}}"#)).unwrap_err();
        assert!(!error.message.to_lowercase().contains("sesame"), "{error}");
        assert!(error.message.contains("[…]"), "{error}");
    }
}

#[test]
fn only_the_start_of_a_long_message_is_kept() {
    let message = Message::from_text(&"ñ".repeat(1_000_000)).unwrap();
    assert_eq!(message.0.len(), LONGEST_MESSAGE);
}
