//! README.md, CHANGELOG.md and the documents in docs/ describe the program as it is: flags, variables, metrics, files,
//! commands, configuration, exit codes.
//!
//! A check takes a document, or the rows of a reference table, and returns what is wrong. Every check is also tried
//! with a false claim, because a check that finds nothing would pass for ever.

#[path = "../support/mod.rs"]
mod support;

mod claims;
mod commands;
mod pages;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use reqwest::Method;

use claims::{
    PageCheck, broken_links, missing_files, poor_pictures, unknown_flags, unknown_labels, unknown_metrics,
    unknown_variables, untested_yaml,
};
use commands::{commands, wrong_commands};
use pages::{Page, pages, reference};
use support::http;
use support::markdown::code;
use support::process::{POLL, Process, exporter};
use tables::{RowsCheck, wrong_exit_code_rows, wrong_flag_rows, wrong_reason_rows, wrong_scenario_rows};

const LIMIT: Duration = Duration::from_secs(60);

fn assert_right(check: PageCheck) {
    let findings: BTreeMap<_, _> = pages().iter().map(|page| (page.path.clone(), check(page))).collect();
    assert!(findings.values().all(Vec::is_empty), "{findings:#?}");
}

fn assert_rows_are_right(title: &str, check: RowsCheck) {
    let findings = check(&reference(title));
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn every_flag_exists() {
    assert_right(unknown_flags);
}

#[test]
fn every_environment_variable_exists() {
    assert_right(unknown_variables);
}

#[test]
fn every_metric_exists() {
    assert_right(unknown_metrics);
}

#[test]
fn every_label_of_a_metric_exists() {
    assert_right(unknown_labels);
}

#[test]
fn every_file_exists() {
    assert_right(missing_files);
}

#[test]
fn every_link_leads_somewhere() {
    assert_right(broken_links);
}

#[test]
fn every_picture_has_a_text_and_is_small() {
    let pictures: usize = pages().iter().map(|page| page.text.matches("![").count()).sum();
    assert!(pictures > 3, "only {pictures} pictures were found");
    assert_right(poor_pictures);
}

#[test]
fn every_command_is_accepted() {
    let all: usize = pages().iter().map(|page| commands(page).len()).sum();
    assert!(all > 20, "only {all} commands were found");
    assert_right(wrong_commands);
}

#[test]
fn the_examples_of_the_configuration_are_tested() {
    for (path, blocks) in [("README.md", 2), ("docs/configuration.md", 3), ("docs/web-configuration.md", 2)] {
        let page = Page::read(path);
        assert_eq!(page.document.blocks_of("yaml").count(), blocks, "{path}");
        assert_eq!(untested_yaml(&page), [""; 0], "{path}");
    }
}

#[test]
fn a_false_claim_is_found() {
    let cases: [(PageCheck, &str, &str); 23] = [
        (unknown_flags, "Start it with `--web.listen-adress`.", "there is no flag --web.listen-adress"),
        (unknown_flags, "never --wolkvox.token", "there is no flag --wolkvox.token"),
        (unknown_variables, "WOLKVOX_TOKEN=t WOLKVOX_SERVR=1", "there is no variable WOLKVOX_SERVR"),
        (unknown_metrics, "`wolkvox_skill_queue` waits", "there is no metric wolkvox_skill_queue"),
        (unknown_metrics, "process_open_files", "there is no metric process_open_files"),
        (unknown_metrics, "`wolkvox_skills_*`", "there is no metric wolkvox_skills_"),
        (unknown_metrics, "`a:wolkvox_b:c`: it", "no rule records a:wolkvox_b:c"),
        (unknown_labels, r#"wolkvox_up{operation=~"a|b",skill_id="1"} 1"#, "wolkvox_up has no label skill_id"),
        (missing_files, "`src/nothing.rs`", "there is no file src/nothing.rs"),
        (missing_files, "`docs/<report>.md`", "there is no file docs/<report>.md"),
        (broken_links, "[a](LICENCE)", "there is nothing at LICENCE"),
        (broken_links, "[a](#gone)\n## Here", "there is nothing at #gone"),
        (broken_links, "[a](docs/metrics.md#gone)", "there is nothing at docs/metrics.md#gone"),
        (poor_pictures, "![ ](docs/pictures/days.png)", "the picture docs/pictures/days.png has no text"),
        (wrong_commands, "`wolkvox_exporter checkconfig`", "`wolkvox_exporter checkconfig` is refused"),
        (wrong_commands, "```sh\nA=1 wolkvox_exporter \\\n  dmo\n```", "`wolkvox_exporter dmo` is refused"),
        (wrong_commands, "```sh\ncargo run -- demo --speed\n```", "`cargo run -- demo --speed` is refused"),
        (wrong_commands, "`make tset`", "there is no `make tset`"),
        (wrong_commands, "`make fuzz SECOND=1`", "there is no `make SECOND=1`"),
        (wrong_commands, "```sh\ndocker compose logs snik\n```", "compose.yaml has no snik"),
        (wrong_commands, "```sh\nkubectl apply -k deploy/kubernets\n```", "there is no deploy/kubernets"),
        (wrong_commands, "```sh\nrm -rf .\n```", "this test does not know the program of `rm -rf .`"),
        (untested_yaml, "```yaml\noperations: [1]\n```", "no example contains operations: [1]\n"),
    ];
    for (check, text, finding) in cases {
        assert_eq!(check(&Page::new("README.md", text)), [finding], "{text}");
    }
}

#[test]
fn the_tables_of_flags_are_complete_and_right() {
    assert_rows_are_right("Flag", wrong_flag_rows);
}

#[test]
fn the_table_of_scenarios_is_complete_and_right() {
    assert_rows_are_right("Scenario", wrong_scenario_rows);
}

#[test]
fn the_table_of_reasons_is_complete() {
    assert_rows_are_right("Reason", wrong_reason_rows);
}

#[test]
fn the_exit_codes_are_those_of_the_examples() {
    let rows = reference("Exit code");
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<BTreeSet<_>>(), BTreeSet::from(["0", "1", "2"]));
    assert_rows_are_right("Exit code", wrong_exit_code_rows);
}

#[test]
fn a_false_row_is_found() {
    /// A check, the first title of its table, the row and the cell to change, the new text, and the start of each
    /// finding.
    type Case = (RowsCheck, &'static str, usize, usize, &'static str, &'static [&'static str]);
    let cases: [Case; 6] = [
        (wrong_flag_rows, "Flag", 2, 1, "`WOLKVOX_LISTEN`", &["--web.listen-address has "]),
        (wrong_flag_rows, "Flag", 2, 2, "`:80`", &["--web.listen-address has "]),
        (wrong_flag_rows, "Flag", 0, 0, "`--file`", &["--file has []", "--config.file has no row"]),
        (wrong_scenario_rows, "Scenario", 1, 2, "3h", &["rush lasts 2h"]),
        (wrong_reason_rows, "Reason", 0, 0, "`network`", &["connect has no row", "there is no reason network"]),
        (wrong_exit_code_rows, "Exit code", 0, 0, "1", &["`wolkvox_exporter metrics` ends with Some(0)"]),
    ];
    for (check, title, row, cell, text, expected) in cases {
        let mut rows = reference(title);
        text.clone_into(&mut rows[row][cell]);
        let findings = check(&rows);
        let found = findings.len() == expected.len() && findings.iter().zip(expected).all(|(a, b)| a.starts_with(b));
        assert!(found, "{title}, {text}: {findings:?}");
    }
}

/// The demo serves every path of the reference, and the series that the README shows.
#[tokio::test]
async fn the_demo_serves_the_documented_pages_and_series() {
    let mut demo = exporter();
    demo.args(["demo", "--web.listen-address", "127.0.0.1:0", "--simulate.listen-address", "127.0.0.1:0"]);
    let mut demo = Process::spawn("the demo", &mut demo);
    let address = |line: &str| {
        let (address, _) = line.trim().split_once("/metrics")?;
        address.starts_with("http://").then(|| address.to_owned())
    };
    let address = demo.wait_for_line(LIMIT, address).await.unwrap();
    let of_post = |row: &[String]| row[1].starts_with("POST");
    let rows = reference("Path");
    let (changing, pages): (Vec<_>, Vec<_>) = rows.iter().partition(|row| of_post(row));
    let paths = |rows: Vec<&Vec<String>>| rows.into_iter().flat_map(|row| code(&row[0])).collect::<Vec<_>>();
    let (changing, pages) = (paths(changing), paths(pages));
    assert!(pages.len() >= 5 && changing == ["/-/reload"], "{pages:?}, {changing:?}");
    for path in pages {
        http::wait_until_ok(&format!("{address}{path}"), LIMIT).await.unwrap();
    }
    for path in changing {
        // Without its flag it is there and refuses.
        let response = http::request(Method::POST, &format!("{address}{path}"), &[]).await.unwrap();
        assert_eq!(response.status, 403, "{path}");
    }
    assert_eq!(http::get(&format!("{address}/config/nothing")).await.status, 404);
    let readme = Page::read("README.md").document;
    let shown = readme.blocks_of("text").next().unwrap().lines().filter_map(|line| line.rsplit_once(' '));
    let shown: Vec<_> = shown.map(|(series, _)| format!("{series} ")).collect();
    let complete = async {
        // The page follows the first poll, which makes the exporter ready, a moment later.
        loop {
            let metrics = http::get(&format!("{address}/metrics")).await;
            match shown.iter().find(|series| !metrics.text().contains(series.as_str())) {
                None => return,
                Some(_) => tokio::time::sleep(POLL).await,
            }
        }
    };
    let complete = tokio::time::timeout(LIMIT, complete).await;
    assert!(complete.is_ok(), "the demo does not show the series of README.md: {shown:?}");
    assert!(demo.terminate(LIMIT).await.unwrap().success());
}
