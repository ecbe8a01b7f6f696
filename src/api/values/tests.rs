//! The table of value forms, by example and by property.

use proptest::prelude::*;

use super::*;

fn count(text: &str) -> FieldValue<u64> {
    map(FieldValue::<Count>::of_text(text), |Count(n)| n)
}

fn ratio(text: &str) -> FieldValue<f64> {
    map(FieldValue::<Percentage>::of_text(text), |p| p.ratio)
}

fn duration(text: &str) -> FieldValue<f64> {
    map(FieldValue::<ClockDuration>::of_text(text), |ClockDuration(n)| n)
}

fn seconds(text: &str) -> FieldValue<f64> {
    map(FieldValue::<Seconds>::of_text(text), |Seconds(n)| n)
}

fn map<T, U>(value: FieldValue<T>, f: impl Fn(T) -> U) -> FieldValue<U> {
    match value {
        FieldValue::Absent => FieldValue::Absent,
        FieldValue::Value(value) => FieldValue::Value(f(value)),
        FieldValue::Unreadable(shape) => FieldValue::Unreadable(shape),
    }
}

fn json<T: FieldFormat>(text: &str) -> FieldValue<T> {
    crate::api::lenient::read(text.as_bytes(), std::marker::PhantomData).unwrap().document
}

#[track_caller]
fn refused<T: fmt::Debug>(value: &FieldValue<T>) {
    assert!(matches!(value, FieldValue::Unreadable(_)), "{value:?}");
}

#[test]
fn counts_are_read_in_every_format() {
    for (text, expected) in [
        ("0", 0),
        ("428", 428),
        ("1,204", 1204),
        ("12,345,678", 12_345_678),
        (" 7 ", 7),
        ("10.0", 10),
        ("1,204.00", 1204),
    ] {
        assert_eq!(count(text), FieldValue::Value(expected), "{text}");
    }
    for (document, expected) in [("428", 428), ("10.0", 10), ("1e3", 1000), ("0.0", 0)] {
        assert_eq!(json::<Count>(document), FieldValue::Value(Count(expected)), "{document}");
    }
}

#[test]
fn other_texts_are_not_counts() {
    for text in [
        "-3",
        "+3",
        "1.5",
        "1.",
        "1.00000000000000000000000000000000000000",
        "1,20",
        "1,2040",
        ",204",
        "1204,",
        "1,,204",
        "12a",
        "NaN",
        "1e3",
        "١",
        "99999999999999999999",
        "1 204",
    ] {
        refused(&count(text));
    }
    for document in ["-1", "1.5", "-0.0", "1e-3", "1e300", "true", "[1]", "{\"a\": 1}", "18446744073709551615"] {
        refused(&json::<Count>(document));
    }
}

#[test]
fn percentages_in_every_format_become_exact_ratios() {
    for (text, expected) in [
        ("85.71 %", 0.8571),
        ("35 %", 0.35),
        ("0 %", 0.0),
        ("100.00%", 1.0),
        ("9,336.00 %", 93.36),
        ("1,234,567 %", 12345.67),
        ("85.71", 0.8571),
        ("7.3 %", 0.073),
        ("85.714285714286 %", 0.857_142_857_142_86),
        ("75.5000000000000071", 0.755_000_000_000_000_1),
        ("1.2345678", 0.012_345_678),
        ("0.33333333333333331483 %", 0.003_333_333_333_333_333),
    ] {
        assert_eq!(ratio(text), FieldValue::Value(expected), "{text}");
    }
}

#[test]
fn a_percentage_has_the_precision_of_its_rounding() {
    let decimals = |text| FieldValue::<Percentage>::of_text(text).value().map(|p| p.decimals);
    assert_eq!((decimals("85.71 %"), decimals("35 %")), (Some(2), Some(0)));
    assert_eq!(decimals("85.714285714286 %"), Some(6));
}

#[test]
fn other_texts_are_not_percentages() {
    for text in [
        "85,71",
        "85,71 %",
        "85,714 %",
        "9,336",
        "-5 %",
        "5 % %",
        "%",
        "85.",
        "85. %",
        ".5",
        "8.5.1",
        "abc",
        "NaN",
        "inf",
        "1.000000000000000000000000000000001",
        "% 85",
        "85 percent",
        "1,23.00 %",
    ] {
        refused(&ratio(text));
    }
    // A bare number may be a ratio as well as a percentage.
    refused(&json::<Percentage>("85.71"));
    refused(&json::<Percentage>("1"));
}

#[test]
fn durations_have_unbounded_hours() {
    for (text, expected) in [
        ("00:06:01", 361.0),
        ("100:15:09", 360_909.0),
        ("00:00:00", 0.0),
        ("1,204:00:00", 4_334_400.0),
        ("00:02:45.3333", 165.3333),
    ] {
        assert_eq!(duration(text), FieldValue::Value(expected), "{text}");
    }
}

#[test]
fn other_texts_are_not_durations() {
    for text in [
        "06:01",
        "00:60:00",
        "00:00:60",
        "1:2:3",
        "00:00:00:00",
        "-00:00:01",
        "00:00:1.5",
        "00:00:01.",
        "00:0.5:01",
        "361",
        "99999999999:00:00",
    ] {
        refused(&duration(text));
    }
}

#[test]
fn seconds_are_plain_or_a_duration() {
    for (text, expected) in [
        ("12", 12.0),
        ("12.5", 12.5),
        ("00:00:12", 12.0),
        ("0", 0.0),
        ("27,554.56", 27_554.56),
        ("1,204.00", 1204.0),
        ("1,234", 1234.0),
        ("00:02:45.25", 165.25),
    ] {
        assert_eq!(seconds(text), FieldValue::Value(expected), "{text}");
    }
    assert_eq!(json::<Seconds>("12"), FieldValue::Value(Seconds(12.0)));
    assert_eq!(json::<Seconds>("12.5"), FieldValue::Value(Seconds(12.5)));
}

#[test]
fn other_texts_are_not_seconds() {
    for text in ["12,5", "12,50", "1,20.5", "1234,567", "-1", "12.", ".5", "1e2", "inf", "nan", "12 s", "00:12"] {
        refused(&seconds(text));
    }
}

#[test]
fn days_and_times_are_local_and_in_the_vendors_two_formats() {
    let day = |text| FieldValue::<Day>::of_text(text).value().map(|Day(date)| date.to_string());
    let moment = |text| FieldValue::<LocalDateTime>::of_text(text).value().map(|LocalDateTime(at)| at.to_string());
    assert_eq!(day("20230123").as_deref(), Some("2023-01-23"));
    assert_eq!(moment("2023-01-23 10:15:30").as_deref(), Some("2023-01-23T10:15:30"));
    assert_eq!(moment("20230123101530").as_deref(), Some("2023-01-23T10:15:30"));
    for text in ["2023-01-23", "20230230", "2023123", "230123", "-2023123", "abcdefgh"] {
        refused(&FieldValue::<Day>::of_text(text));
    }
    for text in
        ["2023-01-23", "2023-02-30 10:00:00", "2023-01-23 25:00:00", "23/01/2023 10:15:30", "2023-01-23T10:15:30"]
    {
        refused(&FieldValue::<LocalDateTime>::of_text(text));
    }
}

#[test]
fn a_length_of_time_is_a_duration_or_a_number_without_a_unit() {
    assert_eq!(FieldValue::of_text("01:00:05"), FieldValue::Value(TimeSpent::Seconds(3605.0)));
    assert_eq!(FieldValue::of_text("1,234.5"), FieldValue::Value(TimeSpent::Plain(1234.5)));
    assert_eq!(json::<TimeSpent>("3"), FieldValue::Value(TimeSpent::Plain(3.0)));
    assert_eq!(FieldValue::of_text("12.5"), FieldValue::Value(TimeSpent::Plain(12.5)));
    assert_eq!(FieldValue::of_text("12"), FieldValue::Value(TimeSpent::Plain(12.0)));
    for text in ["12,5", "12 min", "-1", "00:12"] {
        refused(&FieldValue::<TimeSpent>::of_text(text));
    }
}

#[test]
fn a_text_too_long_for_a_label_is_refused() {
    assert!(FieldValue::<Text>::of_text(&"x".repeat(256)).value().is_some());
    refused(&FieldValue::<Text>::of_text(&"x".repeat(257)));
}

#[test]
fn blanks_are_absent_and_not_an_error() {
    for text in ["", " ", "-", "--", "----", "\t", " - ", "–", "——", "−"] {
        assert_eq!(count(text), FieldValue::Absent, "{text:?}");
        assert_eq!(ratio(text), FieldValue::Absent, "{text:?}");
        assert_eq!(duration(text), FieldValue::Absent, "{text:?}");
        assert_eq!(seconds(text), FieldValue::Absent, "{text:?}");
        assert_eq!(FieldValue::<Text>::of_text(text), FieldValue::Absent, "{text:?}");
    }
    assert_eq!(json::<Count>("null"), FieldValue::Absent);
}

#[test]
fn identifiers_are_texts_or_bare_numbers() {
    assert_eq!(json::<Text>("\"4173\""), FieldValue::Value(Text("4173".into())));
    assert_eq!(json::<Text>("4173"), FieldValue::Value(Text("4173".into())));
    assert_eq!(json::<Text>("4173.0"), FieldValue::Value(Text("4173".into())));
    refused(&json::<Text>("41.5"));
    refused(&json::<Text>("-5"));
}

#[test]
fn names_keep_accents_double_spaces_and_quotes() {
    let name = "Atención  «VIP» \"Ñuñoa\"";
    assert_eq!(FieldValue::<Text>::of_text(name), FieldValue::Value(Text(name.into())));
}

#[test]
fn a_very_long_text_is_not_a_name() {
    let text = |length| FieldValue::<Text>::of_text(&"ñ".repeat(length));
    assert!(matches!(text(256), FieldValue::Value(_)));
    refused(&text(257));
    refused(&json::<Text>("1e300"));
}

#[test]
fn the_shape_of_a_value_hides_its_content() {
    let FieldValue::Unreadable(shape) = count("José 10203040-K") else { panic!("read as a count") };
    assert_eq!(shape.to_string(), "aaaa 99999999-a");
}

#[test]
fn the_shape_of_a_long_value_is_cut() {
    let FieldValue::Unreadable(shape) = count(&"x".repeat(10_000)) else { panic!("read as a count") };
    assert_eq!(shape.to_string().len(), 24);
}

/// The forms of the table, written once more as patterns: what matches none of them must not be read.
fn in_the_table(kind: &str, text: &str) -> bool {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let grouped = |s: &str| {
        let groups: Vec<&str> = s.split(',').collect();
        groups.len() > 1
            && (1..=3).contains(&groups[0].len())
            && groups.iter().all(|g| digits(g))
            && groups[1..].iter().all(|g| g.len() == 3)
    };
    let clock = |s: &str| {
        let (s, fraction) = s.split_once('.').unwrap_or((s, "0"));
        let parts: Vec<&str> = s.split(':').collect();
        parts.len() == 3
            && (digits(parts[0]) || grouped(parts[0]))
            && parts[1..].iter().all(|p| digits(p) && p.len() == 2 && *p < "60")
            && digits(fraction)
    };
    let text = text.trim();
    match kind {
        "count" => {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
            (digits(whole) || grouped(whole)) && digits(fraction) && fraction.bytes().all(|b| b == b'0')
        }
        "percentage" => {
            let number = text.strip_suffix('%').unwrap_or(text).trim_end();
            match number.split_once('.') {
                Some((whole, fraction)) => (digits(whole) || grouped(whole)) && digits(fraction),
                None => digits(number) || grouped(number) && number.matches(',').count() > 1,
            }
        }
        "duration" => clock(text),
        _ => match text.split_once('.') {
            Some((whole, fraction)) => (digits(whole) || grouped(whole)) && digits(fraction) || clock(text),
            None => digits(text) || grouped(text) || clock(text),
        },
    }
}

proptest! {
    #[test]
    fn nothing_outside_the_table_is_read(text in "[-+0-9,.:% aeN]{0,14}|\\PC{0,12}") {
        prop_assert!(in_the_table("count", &text) || count(&text).value().is_none(), "count {text:?}");
        prop_assert!(in_the_table("percentage", &text) || ratio(&text).value().is_none(), "percentage {text:?}");
        prop_assert!(in_the_table("duration", &text) || duration(&text).value().is_none(), "duration {text:?}");
        prop_assert!(in_the_table("seconds", &text) || seconds(&text).value().is_none(), "seconds {text:?}");
    }

    #[test]
    fn every_count_is_read_back_with_and_without_groups(number in 0_u64..=MAX_COUNT) {
        let plain = number.to_string();
        let mut grouped = String::new();
        for (index, digit) in plain.chars().enumerate() {
            if index > 0 && (plain.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        prop_assert_eq!(count(&plain), FieldValue::Value(number));
        prop_assert_eq!(count(&grouped), FieldValue::Value(number));
        prop_assert_eq!(json::<Count>(&plain), FieldValue::Value(Count(number)));
    }

    #[test]
    fn every_percentage_with_two_decimals_is_read_exactly(hundredths in 0_u32..2_000_000) {
        let text = format!("{}.{:02} %", hundredths / 100, hundredths % 100);
        // The nearest float to the decimal fraction, by the standard library's own parser.
        let expected: f64 = format!("{hundredths}e-4").parse().unwrap();
        prop_assert_eq!(ratio(&text), FieldValue::Value(expected));
    }

    #[test]
    fn every_duration_is_read_back(total in 0_u64..10_000_000) {
        let text = format!("{:02}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60);
        prop_assert_eq!(duration(&text), FieldValue::Value(total as f64));
        prop_assert_eq!(seconds(&text), FieldValue::Value(total as f64));
    }

    #[test]
    fn no_json_value_makes_parsing_panic(document in json_value()) {
        let _ = json::<Count>(&document);
        let _ = json::<Percentage>(&document);
        let _ = json::<Seconds>(&document);
        let _ = json::<Text>(&document);
    }
}

fn json_value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        (-1e300_f64..1e300).prop_map(|n| n.to_string()),
        "\\PC{0,12}".prop_map(|s| serde_json::Value::String(s).to_string()),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            inner.prop_map(|value| format!("{{\"k\":{value}}}")),
        ]
    })
}
