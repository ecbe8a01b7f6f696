//! Names and messages from wolkvox that attack those who read them: the log, the metrics, and the overview page.

use crate::support::exporter::{Configuration, Exporter, Operation, until};
use crate::support::exposition::{self, Format};
use crate::support::http;
use crate::support::wolkvox::{Reply, Wolkvox, skill};

/// Names as JSON writes them, and the text that they mean.
const NAMES: [(&str, &str); 10] = [
    (r#"\"} 1\nplanted_total 5"#, "\"} 1\nplanted_total 5"),
    (r#"Ventas\",skill_id=\"9"#, "Ventas\",skill_id=\"9"),
    (r"back\\slash\\", r"back\slash\"),
    (r"a\nlevel=error msg=planted", "a\nlevel=error msg=planted"),
    (r"a\r\nb\u0000\u0007c", "a\r\nb\0\u{7}c"),
    (r"\u001b[2J\u001b]0;planted\u0007", "\u{1b}[2J\u{1b}]0;planted\u{7}"),
    ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ("{{ template }} ${x} %s %n", "{{ template }} ${x} %s %n"),
    (r"\u202egnp.exe\u2066", "\u{202e}gnp.exe\u{2066}"),
    ("# EOF", "# EOF"),
];

/// Skills with these names.
fn rows() -> Vec<String> {
    let row = |(number, (name, _)): (usize, &(&str, &str))| {
        skill(&(4000 + number).to_string(), 100).replace("Atención  \\\"Ñ\\\"", name)
    };
    NAMES.iter().enumerate().map(row).collect()
}

#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn a_name_stays_one_label_in_both_formats() {
    let wolkvox = Wolkvox::start(|_| Reply::rows(&rows()));
    let configuration = Configuration::of(&[Operation::of_skills("ventas", &wolkvox.url())]);
    let exporter = Exporter::serve(&mut configuration.command()).await;
    exporter.metrics_when("the skills", |page| page.contains("wolkvox_skill_info{")).await;
    for (format, accept) in
        [(Format::OpenMetrics, "application/openmetrics-text;version=1.0.0"), (Format::Text, "text/plain")]
    {
        let page = http::get_with(&format!("{}/metrics", exporter.url), &[("accept", accept)]).await;
        let families = exposition::parse(format, page.text()).unwrap();
        assert!(families.iter().all(|family| !family.name.contains("planted")), "{}", page.text());
        let names: Vec<String> = families
            .iter()
            .flat_map(|family| &family.samples)
            .filter(|sample| sample.name == "wolkvox_skill_info")
            .map(|sample| sample.labels["skill_name"].clone())
            .collect();
        let expected: Vec<&str> = NAMES.iter().map(|(_, text)| *text).collect();
        assert_eq!(names, expected, "{format:?}");
    }
}

#[tokio::test]
async fn a_message_stays_one_line_of_the_log_and_text_on_the_overview_page() {
    for format in ["logfmt", "json"] {
        let servers: Vec<Wolkvox> =
            NAMES.iter().map(|(name, _)| Wolkvox::start(move |_| Reply::envelope(500, name, "null"))).collect();
        let operations: Vec<Operation> = servers
            .iter()
            .enumerate()
            .map(|(number, server)| Operation::of_skills(&format!("op{number}"), &server.url()))
            .collect();
        let configuration = Configuration::of(&operations);
        let mut command = configuration.command();
        let exporter = Exporter::serve(command.args(["--log.format", format, "--log.level", "trace"])).await;
        until("a poll of every operation failed", || {
            let log = exporter.process.stderr();
            (0..NAMES.len()).all(|number| {
                log.lines().any(|line| line.contains("poll failed") && line.contains(&format!("op{number}")))
            })
        })
        .await;
        let log = exporter.process.stderr();
        for line in log.lines() {
            let is_start = if format == "json" { line.starts_with('{') } else { line.starts_with("ts=") };
            assert!(is_start && !line.starts_with("level=error"), "not the start of a message: {line:?}");
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
        let page = exporter.page("/").await;
        assert!(!page.contains("<script") && !page.contains('\u{1b}'), "{page}");
    }
}
