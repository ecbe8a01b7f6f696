//! The collector `ivr`.

use super::*;
use crate::config::collectors::{IvrSettings, TimeUnit};
use crate::model::IvrReport;

fn ivr(windows: Vec<Window>, max_options: usize, time_unit: TimeUnit) -> Operation {
    let settings = IvrSettings { cadence: Cadence::every(MINUTE), windows, max_options, time_unit };
    operation(config::CollectorSettings { ivr: Some(settings), ..config::CollectorSettings::default() })
}

fn option(rp_id: &str, option: &str, calls: &str, time: &str) -> String {
    format!(r#"{{"rp_id": "{rp_id}", "calls": "{calls}", "time": "{time}", "cod_opc_menu": "{option}"}}"#)
}

async fn read(operation: Operation, response: Result<Response, ApiError>) -> (Arc<Snapshot>, IvrReport) {
    let running = start(operation, &Script::new([response]));
    minutes(0.5).await;
    let snapshot = running.snapshot();
    let report = snapshot.report::<IvrReport>(running.clock.instant()).unwrap().clone();
    (snapshot, report)
}

fn figures(report: &IvrReport) -> Vec<(&str, &str, Option<u64>, Option<f64>)> {
    report.options.iter().map(|o| (&*o.rp_id, &*o.option, o.calls, o.time)).collect()
}

#[tokio::test(start_paused = true)]
async fn the_vendors_blank_example_gives_no_options_and_no_error() {
    let (snapshot, report) =
        read(ivr(vec![Window::today()], 10, TimeUnit::Minutes), response(200, &vendors_example("ivr"))).await;
    assert_eq!(figures(&report), []);
    assert!(snapshot.endpoints[0].parse_errors.iter().all(|(_, count)| *count == 0));
}

#[tokio::test(start_paused = true)]
async fn options_keep_their_names_and_times_are_read_in_both_formats() {
    let lines = [
        option("900", "1", "40", "00:10:00"),
        option("900", "PULSE", "4", "1.5"),
        option("901", "Otra  opción", "1", "-"),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let (_, report) = read(ivr(vec![Window::today()], 10, TimeUnit::Minutes), rows(&lines)).await;
    let expected = [
        ("900", "1", Some(40), Some(600.0)),
        ("900", "PULSE", Some(4), Some(90.0)),
        ("901", "Otra  opción", Some(1), None),
    ];
    assert_eq!(figures(&report), expected);
    let (_, report) = read(ivr(vec![Window::today()], 10, TimeUnit::Seconds), rows(&lines)).await;
    assert_eq!(report.options[1].time, Some(1.5));
}

#[tokio::test(start_paused = true)]
async fn each_window_is_queried_separately() {
    let windows = vec![Window::today(), Window::rolling("1h", MINUTE * 60)];
    let line = option("900", "1", "40", "00:10:00");
    let running = start(ivr(windows, 10, TimeUnit::Minutes), &Script::new([rows(&[&line])]));
    minutes(0.5).await;
    let snapshot = running.snapshot();
    let options = snapshot.reports_of::<IvrReport>(running.clock.instant()).flat_map(|report| &report.options);
    assert_eq!(options.map(|option| &*option.window).collect::<Vec<_>>(), ["today", "1h"]);
    assert_eq!(snapshot.quota.used, 2);
}

#[tokio::test(start_paused = true)]
async fn options_beyond_the_limit_become_one_row() {
    let lines: Vec<String> =
        (1..=5).map(|n| option("900", &n.to_string(), &(n * 10).to_string(), "00:01:00")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let (_, report) = read(ivr(vec![Window::today()], 2, TimeUnit::Minutes), rows(&lines)).await;
    let expected = [
        ("900", "5", Some(50), Some(60.0)),
        ("900", "4", Some(40), Some(60.0)),
        ("other", "other", Some(60), Some(180.0)),
    ];
    assert_eq!(figures(&report), expected);
    assert_eq!(report.merged, [("today".into(), 3)]);
}

#[tokio::test(start_paused = true)]
async fn a_bad_field_drops_one_sample_and_a_row_without_a_routing_point_is_counted() {
    let lines =
        [option("900", "1", "forty", "00:10:00"), option("-", "2", "4", "5"), option("900", "1", "41", "00:10:00")];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let (snapshot, report) = read(ivr(vec![Window::today()], 10, TimeUnit::Minutes), rows(&lines)).await;
    assert_eq!(figures(&report), [("900", "1", Some(41), Some(600.0))]);
    let errors: Vec<_> = snapshot.endpoints[0].parse_errors.iter().copied().filter(|(_, count)| *count > 0).collect();
    assert_eq!(errors, [("rp_id", 1), ("calls", 1)]);
    assert_eq!(snapshot.endpoints[0].duplicate_rows, 1);
}
