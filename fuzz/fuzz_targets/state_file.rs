#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wolkvox_exporter_fuzz::run("state_file", input));
