//! docs/metrics.md is what the table of metrics says.

use wolkvox_exporter::metrics::catalogue;

#[test]
fn the_reference_page_is_the_catalogue() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md");
    let page = std::fs::read_to_string(path).unwrap_or_default();
    // Not assert_eq: nobody reads two pages in one line.
    assert!(page == catalogue::markdown(), "docs/metrics.md is not what the table of metrics says: run `make docs`");
}
