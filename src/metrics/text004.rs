//! Metadata in the text format 0.0.4, for scrapers that do not ask for `OpenMetrics`.
//!
//! The sample lines of both formats are the same. The metadata differ: 0.0.4 names counters and infos by their samples,
//! knows neither infos nor units, and has no end mark.

use std::fmt::Write;

/// The metadata lines of one family, rewritten. `openmetrics` holds its `# HELP`, `# TYPE` and `# UNIT` lines.
pub(super) fn metadata(openmetrics: &str) -> String {
    let kind =
        openmetrics.lines().find_map(|line| line.strip_prefix("# TYPE ")?.rsplit_once(' ')).map(|(_, kind)| kind);
    let (suffix, kind) = match kind {
        Some("counter") => ("_total", "counter"),
        Some("info") => ("_info", "gauge"),
        Some(other) => ("", other),
        None => ("", "untyped"),
    };
    let mut text = String::with_capacity(openmetrics.len() + 2 * suffix.len());
    for line in openmetrics.lines() {
        // Writing to a string cannot fail.
        let _ = if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) {
            writeln!(text, "# HELP {name}{suffix} {help}")
        } else if let Some((name, _)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            writeln!(text, "# TYPE {name}{suffix} {kind}")
        } else {
            Ok(())
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::metadata;

    #[test]
    fn a_counter_is_named_by_its_samples() {
        assert_eq!(metadata("# HELP x Calls.\n# TYPE x counter\n"), "# HELP x_total Calls.\n# TYPE x_total counter\n");
    }

    #[test]
    fn an_info_becomes_a_gauge() {
        assert_eq!(metadata("# HELP x Names.\n# TYPE x info\n"), "# HELP x_info Names.\n# TYPE x_info gauge\n");
    }

    #[test]
    fn a_unit_is_dropped() {
        let openmetrics = "# HELP x_seconds Long.\n# TYPE x_seconds gauge\n# UNIT x_seconds seconds\n";
        assert_eq!(metadata(openmetrics), "# HELP x_seconds Long.\n# TYPE x_seconds gauge\n");
    }

    #[test]
    fn help_may_hold_any_words() {
        let openmetrics = "# HELP x The # TYPE of a counter.\n# TYPE x histogram\n";
        assert_eq!(metadata(openmetrics), openmetrics);
    }
}
