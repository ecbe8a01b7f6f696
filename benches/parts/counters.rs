//! The counters of skills, which each poll continues.

use wolkvox_exporter::collect::measuring::Counters;

use super::Part;
use super::polls::now;

const SKILLS: usize = 1_000;

pub(super) fn parts() -> impl Iterator<Item = Part> {
    let part = Part::new(format!("counters of {SKILLS} skills"), "skill", SKILLS, || {
        let counters = Counters::new(SKILLS, now());
        Box::new(move || {
            let mut counters = counters.clone();
            Box::new(move || counters.poll() as usize)
        })
    });
    [part].into_iter()
}
