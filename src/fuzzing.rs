//! The fuzz targets: functions that panic when something does not hold that must hold for every input.
//!
//! Only tests and fuzzing compile this module and the modules that it names, so they are no part of the exporter. The
//! crate in `fuzz/` runs each target on inputs that libFuzzer makes (`make fuzz`). The test here runs it on the seeds
//! and on the inputs that have ever made it fail.

/// A name, and the function that is run on an input.
type Target = (&'static str, fn(&[u8]));

/// The targets by name.
pub const TARGETS: [Target; 7] = [
    ("configuration", crate::config::fuzzing::configuration),
    ("envelope", crate::api::fuzzing::envelope),
    ("lenient_json", crate::api::fuzzing::lenient_json),
    ("negotiation", crate::http::fuzzing::negotiation),
    ("state_file", crate::collect::fuzzing::state_file),
    ("values", crate::api::fuzzing::values),
    ("web_configuration", crate::config::fuzzing::web_configuration),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    /// The fixtures of other tests that are seeds too.
    const FIXTURES: [(&str, &str); 3] = [
        ("configuration", "tests/fixtures/config"),
        ("envelope", "tests/fixtures/vendor"),
        ("lenient_json", "tests/fixtures/vendor"),
    ];

    fn project() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    /// The files in a folder of the project; none if there is no such folder.
    fn files(folder: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(project().join(folder)).into_iter().flatten();
        let mut files: Vec<PathBuf> =
            entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
        files.sort();
        files
    }

    fn inputs(target: &str) -> Vec<PathBuf> {
        let fixtures = FIXTURES.iter().filter(|(of, _)| *of == target).flat_map(|(_, folder)| files(folder));
        let own = ["seeds", "findings"].map(|folder| files(&format!("fuzz/{folder}/{target}")));
        own.into_iter().flatten().chain(fixtures).collect()
    }

    /// Runs a target on all its inputs.
    fn holds(target: &str) {
        let (_, run) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
        let inputs = inputs(target);
        assert!(inputs.len() >= 5, "{target} has {} inputs", inputs.len());
        for path in inputs {
            eprintln!("{}", path.display());
            run(&fs::read(&path).unwrap());
        }
        run(b"");
    }

    #[test]
    fn every_configuration_is_accepted_with_a_plan_or_refused_with_lines() {
        holds("configuration");
    }

    #[test]
    fn every_response_is_rows_or_an_error() {
        holds("envelope");
    }

    #[test]
    fn every_document_is_read_as_serde_json_reads_it_or_repaired_once() {
        holds("lenient_json");
    }

    #[test]
    fn every_header_selects_something_that_it_names() {
        holds("negotiation");
    }

    #[test]
    fn every_state_file_is_continued_without_a_decrease() {
        holds("state_file");
    }

    #[test]
    fn every_value_is_finite_and_read_again_as_it_is() {
        holds("values");
    }

    #[test]
    fn every_web_configuration_is_accepted_with_its_protection_or_refused_with_lines() {
        holds("web_configuration");
    }

    /// The tests above have the names of the targets as texts, because each one is a test of its own.
    #[test]
    fn every_target_has_a_program_seeds_and_a_test() {
        let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
        let stem = |path: PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
        assert_eq!(files("fuzz/fuzz_targets").into_iter().map(stem).collect::<BTreeSet<_>>(), targets);
        let manifest = fs::read_to_string(project().join("fuzz/Cargo.toml")).unwrap();
        let test = fs::read_to_string(project().join(file!())).unwrap();
        let script = fs::read_to_string(project().join("scripts/fuzz.sh")).unwrap();
        for target in &targets {
            assert!(manifest.contains(&format!("name = \"{target}\"\n")), "fuzz/Cargo.toml has no {target}");
            assert!(test.contains(&format!("holds(\"{target}\")")), "{target} has no test");
        }
        for (target, folder) in FIXTURES {
            assert!(script.contains(&format!("[{target}]={folder}")), "scripts/fuzz.sh: {target} without {folder}");
        }
    }
}
