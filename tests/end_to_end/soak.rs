//! The checks of `make soak` find planted faults.

#[path = "../../benches/soak/counters.rs"]
mod counters;

use jiff::civil::Date;

use crate::programs::OPERATION;
use crate::series::{Values, name};
use crate::support::exposition::{Family, Sample};
use counters::{Allowed, Highest};

/// A page with one counter.
fn page(value: f64) -> [Family; 1] {
    let sample = Sample { name: "a_total".to_owned(), labels: [].into(), value, timestamp: None };
    let (help, unit) = (String::new(), String::new());
    [Family { name: "a".to_owned(), kind: "counter".to_owned(), help, unit, samples: vec![sample] }]
}

#[test]
fn a_counter_that_falls_is_found_also_if_it_was_absent_in_between() {
    let mut highest = Highest::default();
    let pages = [page(2.0).to_vec(), page(2.0).to_vec(), Vec::new(), page(1.0).to_vec(), page(3.0).to_vec()];
    let falls: Vec<usize> = pages.iter().map(|page| highest.falls(page).len()).collect();
    assert_eq!(falls, [0, 0, 0, 1, 0]);
}

/// The problems of a counter of calls received, after responses of these days with these totals.
fn problems(responses: &[(&str, &str)], inbound: f64, corrections: f64) -> usize {
    let mut allowed = Allowed::default();
    for (day, total) in responses {
        let day: Date = day.parse().unwrap();
        allowed
            .read(day, &format!("\u{feff}{{\"data\":[\"x\",{{\"skill_id\":\"1\",\"stat_inbound\":\"{total}\"}},]}}"));
    }
    let skill = [("operation", OPERATION), ("skill_id", "1")];
    let page = Values::from([
        (name("wolkvox_skill_inbound_calls_total", &skill), inbound),
        (name("wolkvox_skill_corrections_total", &skill), corrections),
    ]);
    allowed.problems(&page).len()
}

#[test]
fn a_counter_that_does_not_follow_the_totals_is_found() {
    let day = "2026-11-20";
    let responses = [(day, "1,100"), (day, "1,104"), (day, "sin datos"), (day, "1,103"), (day, "1,106")];
    // The correction removed one call, and it may have come back.
    for (inbound, corrections, expected) in
        [(5.0, 0.0, 1), (6.0, 0.0, 0), (7.0, 1.0, 0), (8.0, 1.0, 1), (1106.0, 0.0, 1), (6.0, 2.0, 1)]
    {
        assert_eq!(problems(&responses, inbound, corrections), expected, "{inbound} {corrections}");
    }
    let midnight = [(day, "100"), (day, "104"), ("2026-11-21", "3")];
    assert_eq!([problems(&midnight, 7.0, 0.0), problems(&midnight, 4.0, 0.0)], [0, 1]);
}
