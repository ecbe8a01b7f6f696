//! docs/metrics.md is the output of `wolkvox_exporter metrics`.

use wolkvox_exporter::metrics::catalogue;

#[test]
fn the_reference_page_is_the_catalogue() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md");
    let page = std::fs::read_to_string(path).unwrap_or_default();
    // Without assert_eq, because its message would contain both pages.
    assert!(page == catalogue::markdown(), "docs/metrics.md differs from the table of metrics: run `make docs`");
}
