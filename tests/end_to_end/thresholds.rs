//! Service levels within thresholds that wolkvox sends only if it is asked for them, against the simulated world.

use jiff::Timestamp;
use wolkvox_exporter::clock::Clock;
use wolkvox_simulator::Settings;

use crate::programs::{Simulated, TOKEN, time_of};
use crate::support::exporter::{Configuration, Exporter, Operation};
use crate::support::page;

/// Only the first skill has a target of its own, with a threshold of its own.
fn configuration(wolkvox: &Simulated, skill_id: u32) -> Configuration {
    let more = [
        "targets:".to_owned(),
        format!(r#"  - {{skill_ids: ["{skill_id}"], service_level: {{threshold_seconds: 45, ratio: 0.8}}}}"#),
        "  - {service_level: {threshold_seconds: 120, ratio: 0.9}}".to_owned(),
    ];
    Configuration::of(&[Operation {
        token: TOKEN.to_owned(),
        more: more.to_vec(),
        ..Operation::of_skills("ventas", &wolkvox.url)
    }])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_skill_has_the_service_level_within_the_threshold_of_its_target() {
    let at: Timestamp = "2026-11-24T15:00:00-05".parse().unwrap();
    let clock = Clock::manual(at);
    let settings = Settings { time: time_of(&clock), daily_quota: Some(u64::MAX), ..Settings::default() };
    let now = at.to_zoned(settings.zone.clone());
    let wolkvox = Simulated::start(settings).await;
    let truth = wolkvox.simulation.world().skills_at(&now);
    let exporter = Exporter::serve(&mut configuration(&wolkvox, truth[0].id).command()).await;
    let polled = |page: &str| page::value(page, r#"wolkvox_up{operation="ventas"}"#) == Some(1.0);
    let page = exporter.metrics_when("a poll", polled).await;
    let level = |id: u32, seconds: u32| {
        let labels = format!(r#"operation="ventas",skill_id="{id}",threshold_seconds="{seconds}""#);
        page::value(&page, &format!("wolkvox_skill_service_level_ratio{{{labels}}}"))
    };
    let with_calls = truth.iter().enumerate().filter(|(_, skill)| skill.today.inbound > 0);
    assert!(with_calls.clone().count() > 3, "{truth:?}");
    for (index, skill) in with_calls {
        let (own, of_others) = if index == 0 { (45, 120) } else { (120, 45) };
        let expected = skill.today.answered_within(own) as f64 / skill.today.inbound as f64;
        let found = level(skill.id, own).unwrap_or_else(|| panic!("{} has no {own}:\n{page}", skill.id));
        // A percentage has two decimals.
        assert!((found - expected).abs() < 0.000_051, "{}: {found} instead of {expected}", skill.id);
        assert_eq!(level(skill.id, of_others), None, "{}", skill.id);
    }
    for seconds in [45, 120] {
        let labels = format!(r#"operation="ventas",threshold_seconds="{seconds}""#);
        let series = format!("wolkvox_skill_service_level_target_measurable{{{labels}}}");
        assert_eq!(page::value(&page, &series), Some(1.0), "{page}");
    }
}
