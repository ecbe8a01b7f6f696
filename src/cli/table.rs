//! Plain tables for a terminal. Columns are separated by spaces, so that `awk` can read them too.

use comfy_table::{CellAlignment, Table, presets};

/// A table with these column titles. A title that starts with `>` is for numbers, which are aligned to the right.
pub(super) fn with_columns(titles: &[impl AsRef<str>]) -> Table {
    let mut table = Table::new();
    let titles = titles.iter().map(AsRef::as_ref);
    table.load_style(presets::NOTHING).set_header(titles.clone().map(|title| title.trim_start_matches('>')));
    for (column, title) in table.column_iter_mut().zip(titles) {
        column.set_padding((0, 2));
        if title.starts_with('>') {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
