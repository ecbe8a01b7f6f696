//! A valid configuration gives the documented values. An invalid one is rejected with a message that names the error,
//! its place and the expected form.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use wolkvox_exporter::config::collectors::{DnisMask, TimeUnit};
use wolkvox_exporter::config::{
    self, Config, ConfigErrors, SingleOperation, SkillSelection, Sources, Window, WindowSpan,
};
use wolkvox_exporter::model::{Collector, ServiceLevelTarget};

const FIXTURES: &str = "tests/fixtures/config";

fn environment(name: &str) -> Option<String> {
    match name {
        "FIRST_TOKEN" => Some("hush-first".to_owned()),
        "SECOND_TOKEN" => Some("hush-second".to_owned()),
        _ => None,
    }
}

fn file(name: &str) -> Sources {
    Sources { file: Some(PathBuf::from(FIXTURES).join(name)), ..Sources::default() }
}

fn valid(name: &str) -> Config {
    config::load(&file(name), &environment).unwrap_or_else(|errors| panic!("{errors}"))
}

/// One operation from flags, with its token in the environment.
fn single(operation: SingleOperation) -> Result<Config, ConfigErrors> {
    let token = |name: &str| (name == "WOLKVOX_TOKEN").then(|| "hush-single".to_owned());
    config::load(&Sources { operation, ..Sources::default() }, &token)
}

fn server() -> SingleOperation {
    SingleOperation { server: Some("0010".into()), ..SingleOperation::default() }
}

fn error_of(operation: SingleOperation) -> String {
    single(operation).expect_err("it must be refused").to_string()
}

/// The names of the invalid files.
fn invalid() -> Vec<String> {
    let entries = fs::read_dir(FIXTURES).expect("the fixtures are part of the repository").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|name| name.starts_with("invalid-")).collect();
    names.sort();
    names
}

/// The expected messages of a file, without its path: the lines `# => …` at its end. `<collectors>` stands for the names
/// of all collectors.
fn expected(name: &str) -> Vec<String> {
    let names = Collector::ALL.map(Collector::name);
    let (last, others) = names.split_last().expect("there are collectors");
    let collectors = format!("{} or {last}", others.join(", "));
    let text = fs::read_to_string(PathBuf::from(FIXTURES).join(name)).expect("the file was just listed");
    text.lines()
        .filter_map(|line| line.strip_prefix("# => "))
        .map(|line| line.replace("<collectors>", &collectors))
        .collect()
}

#[test]
fn every_invalid_file_is_refused_with_the_messages_at_its_end() {
    let mut differences = Vec::new();
    for name in invalid() {
        let message = match config::load(&file(&name), &environment) {
            Ok(_) => "accepted".to_owned(),
            Err(errors) => errors.to_string(),
        };
        let prefix = format!("{FIXTURES}/{name}:");
        let found: Vec<_> = message.lines().map(|line| line.strip_prefix(&prefix).unwrap_or(line).trim()).collect();
        if found != expected(&name) {
            differences.push(format!("{name}\n# => {}", found.join("\n# => ")));
        }
    }
    assert!(differences.is_empty(), "found, but not expected:\n{}", differences.join("\n"));
}

#[test]
fn no_message_contains_a_secret() {
    for name in invalid() {
        let message = config::load(&file(&name), &environment).unwrap_err().to_string();
        assert!(!message.contains("hush"), "{message}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let errors = config::load(&file("nowhere.yml"), &environment).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "tests/fixtures/config/nowhere.yml: cannot read the file: No such file or directory (os error 2)"
    );
}

#[test]
fn the_documented_file_gives_the_documented_values() {
    let config = valid("valid.yml");
    let [operation] = &config.operations[..] else { panic!("one operation is expected") };
    assert_eq!(&*operation.name, "ventas-co");
    assert_eq!(operation.base_url.as_str(), "https://wv0010.wolkvox.com/");
    assert_eq!(operation.token.expose(), "hush-ventas");
    assert_eq!(operation.timezone.iana_name(), Some("America/Bogota"));
    assert_eq!(operation.licenses, Some(50));

    let skills = operation.collectors.skills.as_ref().unwrap();
    assert_eq!((skills.cadence.interval, skills.cadence.max_age), (Duration::from_secs(60), Duration::from_secs(180)));
    assert_eq!(skills.skill_ids, [SkillSelection::all()]);
    let dnis = operation.collectors.dnis.as_ref().unwrap();
    assert_eq!(dnis.cadence.interval, Duration::from_secs(300));
    assert_eq!(dnis.windows, [Window::today(), Window::rolling("30m", Duration::from_secs(1800))]);
    assert_eq!((dnis.max_dnis, dnis.mask), (1000, DnisMask::None));
    let quarter = Duration::from_secs(900);
    let agents = operation.collectors.agents_kpi.as_ref().unwrap();
    assert_eq!((agents.cadence.interval, agents.agent_names), (quarter, false));
    assert_eq!(operation.collectors.transfers.as_ref().unwrap().cadence.interval, quarter);
    let ivr = operation.collectors.ivr.as_ref().unwrap();
    assert_eq!((ivr.cadence.interval, &ivr.windows[..]), (quarter, &[Window::today()][..]));
    assert_eq!((ivr.max_options, ivr.time_unit), (1000, TimeUnit::Minutes));

    let service_level = Some(ServiceLevelTarget { threshold_seconds: 20, ratio: 0.8 });
    let named = operation.targets.of("4180").unwrap();
    assert_eq!(
        (named.team.as_deref(), named.service_level, named.abandon_ratio),
        (Some("ventas"), service_level, Some(0.05))
    );
    let open = named.open.as_ref().unwrap();
    assert_eq!((open.shifts.len(), open.holidays.len()), (6, 2));
    let default = operation.targets.of("1").unwrap();
    assert_eq!((&default.team, default.service_level, &default.open), (&None, service_level, &None));
}

#[test]
fn each_operation_of_a_file_has_its_own_settings() {
    let config = valid("valid-several.yml");
    let [first, second] = &config.operations[..] else { panic!("two operations are expected") };
    assert_eq!((first.token.expose(), second.token.expose()), ("hush-first", "hush-second"));
    assert_eq!(second.base_url.as_str(), "http://127.0.0.1:9910/");
    assert_eq!(&*second.name, "Cobranza São Paulo");

    let skills = first.collectors.skills.as_ref().unwrap();
    assert_eq!((skills.cadence.interval, skills.cadence.max_age), (Duration::from_secs(90), Duration::from_secs(600)));
    assert_eq!(skills.skill_ids.len(), 2);
    assert!(first.collectors.dnis.is_none());
    let dnis = second.collectors.dnis.as_ref().unwrap();
    assert_eq!(dnis.windows[0].span, WindowSpan::Rolling(Duration::from_secs(5400)));
    assert_eq!((dnis.max_dnis, dnis.mask), (5, DnisMask::Hash));
}

#[test]
fn holidays_without_hours_close_a_skill_that_is_always_open() {
    let config = valid("valid-several.yml");
    let target = config.operations[0].targets.of("7").unwrap();
    assert!(target.is_open(&"2026-12-24T03:00[America/Mexico_City]".parse().unwrap()));
    assert!(!target.is_open(&"2026-12-25T12:00[America/Mexico_City]".parse().unwrap()));
}

#[test]
fn without_a_default_target_a_skill_that_no_target_lists_has_none() {
    let config = valid("valid-several.yml");
    assert!(config.operations[1].targets.of("ventas_1").is_some());
    assert!(config.operations[1].targets.of("ventas_2").is_none());
}

#[test]
fn missing_keys_have_defaults() {
    let config = valid("valid-shortest.yml");
    let operation = &config.operations[0];
    assert_eq!(operation.timezone.iana_name(), Some("America/Bogota"));
    assert_eq!(operation.licenses, None);
    let skills = operation.collectors.skills.as_ref().unwrap();
    assert_eq!((skills.cadence.interval, skills.cadence.max_age), (Duration::from_secs(300), Duration::from_secs(900)));
    let dnis = operation.collectors.dnis.as_ref().unwrap();
    assert_eq!((dnis.windows.len(), dnis.max_dnis, dnis.mask), (2, 1000, DnisMask::None));
    assert!(operation.targets.of("1").is_none());
}

#[test]
fn plain_http_to_another_machine_needs_the_flag() {
    let sources = Sources { allow_plain_http: true, ..file("invalid-base-url-plain-http.yml") };
    assert!(config::load(&sources, &environment).is_ok());
}

#[test]
fn server_and_token_are_enough_without_a_file() {
    let config = single(server()).unwrap();
    let [operation] = &config.operations[..] else { panic!("one operation is expected") };
    assert_eq!(&*operation.name, "wv0010");
    assert_eq!(operation.base_url.as_str(), "https://wv0010.wolkvox.com/");
    assert_eq!(operation.token.expose(), "hush-single");
    assert_eq!(operation.timezone.iana_name(), Some("America/Bogota"));
    let (skills, dnis) = (&operation.collectors.skills, &operation.collectors.dnis);
    assert_eq!(skills.as_ref().unwrap().cadence.interval, Duration::from_secs(300));
    assert_eq!(dnis.as_ref().unwrap().cadence.interval, Duration::from_secs(300));
}

#[test]
fn flags_configure_the_operation() {
    let config = single(SingleOperation {
        name: Some("ventas".into()),
        timezone: Some("America/Lima".into()),
        licenses: Some("7".into()),
        skill_ids: vec!["1".into(), "2".into()],
        base_url: Some("http://127.0.0.1:9910".into()),
        interval: Some("30s".into()),
        collectors: vec![(Collector::Dnis, false)],
        ..server()
    })
    .unwrap();
    let operation = &config.operations[0];
    assert_eq!((&*operation.name, operation.licenses), ("ventas", Some(7)));
    assert_eq!(operation.base_url.as_str(), "http://127.0.0.1:9910/");
    assert!(operation.collectors.dnis.is_none());
    let skills = operation.collectors.skills.as_ref().unwrap();
    assert_eq!((skills.cadence.interval, skills.skill_ids.len()), (Duration::from_secs(30), 2));
}

#[test]
fn a_token_file_replaces_the_variable() {
    let operation = SingleOperation { token_file: Some(format!("{FIXTURES}/secrets/ventas.token").into()), ..server() };
    let sources = Sources { operation: operation.clone(), ..Sources::default() };
    let config = config::load(&sources, &|_| None).unwrap();
    assert_eq!(config.operations[0].token.expose(), "hush-ventas");
    assert_eq!(config.operations[0].token_file, operation.token_file);
    assert_eq!(
        error_of(operation),
        "--wolkvox.token-file (WOLKVOX_TOKEN_FILE): invalid combination: use either --wolkvox.token-file or WOLKVOX_TOKEN, not both"
    );
}

#[test]
fn all_errors_of_the_flags_are_reported_at_once() {
    let operation = SingleOperation {
        server: Some("wv0010".into()),
        timezone: Some("Bogota".into()),
        licenses: Some("-1".into()),
        skill_ids: vec!["all".into(), "1".into()],
        base_url: Some("http://10.0.0.1".into()),
        interval: Some("300".into()),
        ..SingleOperation::default()
    };
    insta::assert_snapshot!(error_of(operation));
}

#[test]
fn without_configuration_the_message_names_the_ways_to_configure() {
    let errors = config::load(&Sources::default(), &|_| None).unwrap_err();
    insta::assert_snapshot!(errors);
}

#[test]
fn a_missing_token_is_reported_with_the_ways_to_set_it() {
    let sources = Sources { operation: server(), ..Sources::default() };
    insta::assert_snapshot!(config::load(&sources, &|_| None).unwrap_err());
}

#[test]
fn a_missing_server_is_reported() {
    insta::assert_snapshot!(error_of(SingleOperation::default()));
}

#[test]
fn an_operation_without_name_and_server_is_named_after_its_host_and_port() {
    for (base_url, name) in [("https://example.com", "example.com"), ("http://127.0.0.1:9910", "127.0.0.1:9910")] {
        let operation = SingleOperation { base_url: Some(base_url.into()), ..SingleOperation::default() };
        let config = single(operation).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(&*config.operations[0].name, name);
    }
}

#[test]
fn collectors_that_are_all_off_are_refused() {
    let off = |collector| (collector, false);
    let operation = SingleOperation { collectors: vec![off(Collector::Skills), off(Collector::Dnis)], ..server() };
    insta::assert_snapshot!(error_of(operation));
}

#[test]
fn flags_of_one_operation_together_with_a_file_are_refused() {
    let operation =
        SingleOperation { interval: Some("1m".into()), collectors: vec![(Collector::Dnis, false)], ..server() };
    let sources = Sources { operation, ..file("valid.yml") };
    insta::assert_snapshot!(config::load(&sources, &environment).unwrap_err());
}

#[test]
fn empty_variables_are_ignored() {
    let empty = || Some(String::new());
    let operation = SingleOperation {
        name: empty(),
        timezone: empty(),
        licenses: empty(),
        skill_ids: vec![String::new()],
        base_url: empty(),
        interval: empty(),
        token_file: Some(PathBuf::new()),
        ..server()
    };
    assert!(single(operation).is_ok());
}

#[test]
fn the_state_file_is_in_the_configuration() {
    let sources = Sources { state_file: Some("state.json".into()), ..file("valid-shortest.yml") };
    assert_eq!(config::load(&sources, &environment).unwrap().state_file, Some(PathBuf::from("state.json")));
}
