//! Texts of the notifications, in both languages and for every service in the example routing.

mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use support::alertmanager::Alertmanager;
use support::peers::AlertmanagerVersion;
use support::process::{POLL, run};
use support::routing::{Routing, TEMPLATES};
use support::sink::{Post, Sink};

const LIMIT: Duration = Duration::from_secs(300);

/// The templates that receivers use, and whether they are HTML.
const MESSAGES: [(&str, bool); 8] = [
    ("wolkvox.title", false),
    ("wolkvox.text", false),
    ("wolkvox.slack.title", false),
    ("wolkvox.slack.color", false),
    ("wolkvox.slack.text", false),
    ("wolkvox.teams.text", false),
    ("wolkvox.pagerduty.severity", false),
    ("wolkvox.email.html", true),
];

/// Content of `wolkvox.translate` for each language, as the template file documents it.
const SPANISH: &str = "{{ or (index . 0) (index . 1) }}";
const ENGLISH: &str = "{{ or (index . 1) (index . 0) }}";
const BOTH: &str = "{{ index . 0 }} / {{ index . 1 }}";

/// A folder with the templates in another language.
fn templates_in(language: &str) -> TempDir {
    let define = |language: &str| format!("{{{{ define \"wolkvox.translate\" }}}}{language}{{{{ end }}}}");
    assert_eq!(TEMPLATES.1.matches(&define(SPANISH)).count(), 1, "the shipped templates are in Spanish");
    for language in [SPANISH, ENGLISH, BOTH] {
        assert!(TEMPLATES.1.contains(&format!(" {language}\n")), "the file does not document {language}");
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    std::fs::write(folder.path().join("wolkvox.tmpl"), TEMPLATES.1.replace(&define(SPANISH), &define(language)))
        .expect("a file can be written");
    folder
}

fn rendered(folder: &Path, template: &str, html: bool, group: &Value) -> String {
    let data = folder.join("data.json");
    std::fs::write(&data, group.to_string()).expect("a file can be written");
    let mut amtool = AlertmanagerVersion::New.amtool();
    amtool.args(["template", "render", "--template.type", if html { "html" } else { "text" }]);
    amtool.arg(format!("--template.glob={}", folder.join("*.tmpl").display()));
    amtool.arg(format!("--template.text={{{{ template {template:?} . }}}}"));
    let finished = run(amtool.arg(format!("--template.data={}", data.display())), "");
    assert!(finished.status.success(), "{template}: {finished:?}");
    finished.stdout
}

fn alert(status: &str, labels: &Value, annotations: &Value) -> Value {
    let end = if status == "firing" { "0001-01-01T00:00:00Z" } else { "2026-11-24T15:40:00Z" };
    json!({"status": status, "labels": labels, "annotations": annotations,
        "startsAt": "2026-11-24T15:05:00Z", "endsAt": end})
}

fn group(status: &str, labels: &Value, annotations: &Value, alerts: &[Value]) -> Value {
    json!({"receiver": "ventas-page", "status": status, "groupLabels": {}, "commonLabels": labels,
        "commonAnnotations": annotations, "externalURL": "http://alertmanager.invalid", "alerts": alerts})
}

/// An alert about a skill. Its name has characters that are markup in HTML, Slack and Markdown.
fn of_skill(status: &str, skill: &str, name: &str) -> Value {
    alert(
        status,
        &json!({"alertname": "WolkvoxServiceLevelFastBurn", "severity": "critical", "category": "service_level",
            "operation": "ventas-co", "team": "ventas", "skill_id": skill, "skill_name": name}),
        &json!({"summary": "The service level falls fast.", "summary_es": "El nivel de servicio cae rápido.",
            "description": format!("{name}: 38 % of 41 calls within 20 s, target 80 %, 6 in queue."),
            "description_es": format!("{name}: 38 % de 41 llamadas en 20 s, meta 80 %, 6 en cola."),
            "runbook_url": "https://runbooks.invalid/fast-burn",
            "dashboard_url": format!("https://grafana.invalid/d/skill?var-operation=ventas-co&var-skill={skill}")}),
    )
}

/// Groups of alerts as Alertmanager passes them to templates, each with a name.
fn groups() -> [(&'static str, Value); 4] {
    let skills = json!({"alertname": "WolkvoxServiceLevelFastBurn", "severity": "critical", "category": "service_level",
        "operation": "ventas-co", "team": "ventas"});
    let common = json!({"summary": "The service level falls fast.", "summary_es": "El nivel de servicio cae rápido.",
        "runbook_url": "https://runbooks.invalid/fast-burn"});
    let vip = of_skill("firing", "4173", "Ventas <VIP> & \"Ñandú\"");
    let down = json!({"alertname": "WolkvoxExporterDown", "severity": "critical", "category": "exporter",
        "job": "wolkvox", "instance": "127.0.0.1:9909"});
    // From a rule that the user wrote, in one language and without links.
    let own = json!({"alertname": "WolkvoxOfOurOwn", "severity": "warning", "category": "exporter", "operation": "ventas-co",
        "endpoint": "skills", "field": "by_abandon"});
    let ended = of_skill("resolved", "4173", "Ventas <VIP> & \"Ñandú\"");
    [
        (
            "two firing, one resolved",
            group(
                "firing",
                &skills,
                &common,
                &[of_skill("resolved", "4190", "Cobros"), vip, of_skill("firing", "4180", "Atención  al Cliente")],
            ),
        ),
        (
            "one skill, resolved",
            group("resolved", &ended["labels"], &ended["annotations"], std::slice::from_ref(&ended)),
        ),
        (
            "no skill and no operation",
            group(
                "firing",
                &down,
                &json!({"summary": "The exporter cannot be scraped."}),
                &[alert(
                    "firing",
                    &down,
                    &json!({"summary": "The exporter cannot be scraped.",
                    "description": "127.0.0.1:9909 has not answered for 2 minutes.",
                    "description_es": "127.0.0.1:9909 no responde desde hace 2 minutos."}),
                )],
            ),
        ),
        (
            "one language, no links",
            group("firing", &own, &json!({}), &[alert("firing", &own, &json!({"description": "Only this."}))]),
        ),
    ]
}

/// Every message of every group.
fn all_in(language: &str) -> String {
    let folder = templates_in(language);
    let mut all = String::new();
    for (what, group) in groups() {
        for (template, html) in MESSAGES {
            let text = rendered(folder.path(), template, html, &group);
            assert!(!text.contains("no value") && !text.contains("ZgotmplZ"), "{what}, {template}: {text}");
            if template.ends_with("text") || html {
                for alert in group["alerts"].as_array().expect("it has alerts") {
                    for link in ["runbook_url", "dashboard_url"] {
                        let link = alert["annotations"][link].as_str().unwrap_or_default();
                        let link = if html { link.replace('&', "&amp;") } else { link.to_owned() };
                        assert!(text.contains(&link), "{what}, {template} has no {link}: {text}");
                    }
                }
            }
            let _ = writeln!(all, "=== {what}: {template}\n{}\n", text.trim_end());
        }
    }
    all
}

#[test]
#[ignore = "needs the peers: make test"]
fn messages_in_spanish_have_the_problem_the_place_and_the_time() {
    insta::assert_snapshot!("messages_es", all_in(SPANISH));
}

#[test]
#[ignore = "needs the peers: make test"]
fn messages_in_english_have_the_same_content() {
    insta::assert_snapshot!("messages_en", all_in(ENGLISH));
}

#[test]
#[ignore = "needs the peers: make test"]
fn messages_in_both_languages_have_spanish_first() {
    let all = all_in(BOTH);
    assert!(all.contains("CRÍTICA / CRITICAL · ventas-co"), "{all}");
    assert!(all.contains("6 en cola. / "), "{all}");
}

#[test]
fn every_template_that_a_receiver_uses_is_tested() {
    let shipped = Routing::shipped().text().replace("\\\"", "\"");
    let named = shipped.split("{{ template \"").skip(1).filter_map(|rest| rest.split('"').next());
    let others = ["wolkvox.runbook", "wolkvox.text.list"];
    let mut count = 0;
    for name in named {
        count += 1;
        assert!(MESSAGES.iter().any(|(known, _)| *known == name) || others.contains(&name), "{name}");
    }
    assert!(count > 20, "{count} templates are named");
}

/// Waits for the first post that matches `wanted` and returns its body.
async fn posted(sink: &Sink, wanted: impl Fn(&Post) -> bool) -> Value {
    let found = tokio::time::timeout(LIMIT, async {
        loop {
            if let Some(post) = sink.posts().into_iter().find(&wanted) {
                return post.body;
            }
            tokio::time::sleep(POLL).await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("no matching post; received {:#?}", sink.posts()))
}

/// Uses the shipped receivers. Only the addresses in the secret files point to the test server.
#[tokio::test]
#[ignore = "needs the peers: make test"]
async fn pagerduty_slack_and_teams_get_a_message_in_their_format() {
    let sink = Sink::start().await;
    let secrets = tempfile::tempdir().unwrap();
    let names = ["slack-monitoring", "slack-soporte", "teams-ventas", "webhook-journal"];
    for name in names {
        std::fs::write(secrets.path().join(name), format!("{}/{name}", sink.url())).unwrap();
    }
    for name in ["monitoring", "telephony", "ventas", "soporte", "supervisors"] {
        std::fs::write(secrets.path().join(format!("pagerduty-{name}")), format!("key-of-{name}\n")).unwrap();
    }
    let folder = secrets.path().display().to_string();
    let routing = Routing::shipped().with_services_of(&sink, &folder).hurry();
    let alertmanager = Alertmanager::start(AlertmanagerVersion::New, &routing.text(), &[TEMPLATES]).await;
    let fired = |labels: Value, like: &Value| json!({"labels": labels, "annotations": like["annotations"]});
    let skill = of_skill("firing", "4173", "Ventas <VIP> & \"Ñandú\"");
    let mut of_soporte = skill["labels"].clone();
    of_soporte["team"] = json!("soporte");
    of_soporte["skill_id"] = json!("4190");
    let alerts = json!([fired(skill["labels"].clone(), &skill), fired(of_soporte, &skill)]);
    alertmanager.post(&alerts).await;

    let page = posted(&sink, |post| post.body["routing_key"] == "key-of-ventas").await;
    assert_eq!(page["event_action"], "trigger");
    let payload = &page["payload"];
    assert_eq!(payload["severity"], "critical");
    assert_eq!(
        payload["summary"],
        "CRÍTICA · ventas-co · Ventas <VIP> & \"Ñandú\" · ventas: El nivel de servicio cae rápido."
    );
    assert_eq!([&payload["class"], &payload["component"], &payload["group"]], ["service_level", "ventas-co", "ventas"]);
    assert!(payload["custom_details"].to_string().contains("6 en cola"), "{payload}");
    assert_eq!(page["links"], json!([{"href": "https://runbooks.invalid/fast-burn", "text": "Guía"}]));

    let slack = posted(&sink, |post| post.path == "/slack-soporte").await;
    let message = &slack["attachments"][0];
    assert_eq!(slack["channel"], "#soporte");
    assert!(message["title"].as_str().unwrap().contains("Ventas &lt;VIP&gt; &amp; \"Ñandú\""), "{message}");
    assert!(message["text"].as_str().unwrap().contains("<https://runbooks.invalid/fast-burn|Guía>"), "{message}");
    assert_eq!(message["color"], "danger");

    let teams = posted(&sink, |post| post.path == "/teams-ventas").await.to_string();
    for part in ["AdaptiveCard", "CRÍTICA · ventas-co", "6 en cola", "[Guía](https://runbooks.invalid/fast-burn)"] {
        assert!(teams.contains(part), "{part} is not in {teams}");
    }
    assert!(!alertmanager.log().contains("level=ERROR"), "{}", alertmanager.log());
}
