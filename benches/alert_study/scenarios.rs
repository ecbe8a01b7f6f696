//! The scenarios, with the alerts that each one must raise and may raise.

/// One scenario of the study. Its incident is on the Monday after the 14 healthy days.
pub(crate) struct Expected {
    /// Value of `--scenario`.
    pub(crate) name: &'static str,
    /// Time from midnight to the incident, and its length if it is not the default.
    pub(crate) trouble: (&'static str, Option<&'static str>),
    /// Alerts that must fire.
    pub(crate) must: &'static [&'static str],
    /// Alerts that may fire as a consequence of the same incident.
    pub(crate) may: &'static [&'static str],
    /// Alerts that may page after inhibition. Any other page is wrong.
    pub(crate) pages: &'static [&'static str],
}

const FAST: &str = "WolkvoxServiceLevelFastBurn";
const SLOW: &str = "WolkvoxServiceLevelSlowBurn";
const LOW: &str = "WolkvoxServiceLevelLowTraffic";
const ABANDON: &str = "WolkvoxAbandonmentHigh";
const STUCK: &str = "WolkvoxQueueStuck";
const NO_CALLS: &str = "WolkvoxNoCalls";
const DNIS_LEVEL: &str = "WolkvoxDnisServiceLevelLow";
const DNIS_ABANDON: &str = "WolkvoxDnisAbandonmentHigh";
const STALE: &str = "WolkvoxDataStale";
const TOKEN: &str = "WolkvoxUnauthorized";
const QUOTA: &str = "WolkvoxQuotaExhausted";
const PARSE: &str = "WolkvoxParseErrors";
const TRUNCATED: &str = "WolkvoxResultTruncated";
const DOUBTFUL: &str = "WolkvoxServiceLevelDefinitionDoubtful";

pub(crate) const SCENARIOS: [Expected; 9] = [
    Expected {
        name: "rush",
        trouble: ("10h", None),
        must: &[FAST, SLOW, ABANDON],
        may: &[LOW, DNIS_LEVEL, DNIS_ABANDON],
        pages: &[FAST, ABANDON],
    },
    Expected {
        name: "understaffed",
        trouble: ("10h", None),
        must: &[FAST, SLOW, ABANDON],
        may: &[LOW, DNIS_LEVEL, DNIS_ABANDON],
        pages: &[FAST, ABANDON],
    },
    Expected {
        name: "slow-decay",
        trouble: ("9h", None),
        must: &[SLOW],
        may: &[FAST, LOW, ABANDON, DNIS_LEVEL, DNIS_ABANDON],
        pages: &[FAST, ABANDON],
    },
    Expected { name: "trunk-down", trouble: ("10h", None), must: &[NO_CALLS], may: &[], pages: &[NO_CALLS] },
    Expected {
        name: "stuck-queue",
        trouble: ("10h", None),
        must: &[STUCK],
        may: &[FAST, SLOW, LOW, ABANDON, DNIS_LEVEL, DNIS_ABANDON],
        pages: &[STUCK, FAST, ABANDON],
    },
    Expected { name: "api-down", trouble: ("10h", Some("1h")), must: &[STALE], may: &[TRUNCATED], pages: &[STALE] },
    Expected { name: "bad-token", trouble: ("10h", None), must: &[TOKEN, STALE], may: &[], pages: &[TOKEN] },
    Expected { name: "quota", trouble: ("10h", None), must: &[QUOTA, STALE], may: &[], pages: &[QUOTA] },
    // The day totals fall and rise again, so the few calls of a small skill may count twice or as answered too late.
    Expected { name: "bad-data", trouble: ("10h", None), must: &[PARSE], may: &[DOUBTFUL, TRUNCATED, LOW], pages: &[] },
];
