//! Plain tables for a terminal: columns by spaces, numbers to the right, so that `awk` reads them too.

use comfy_table::{CellAlignment, Table, presets};

/// A table with these column titles; a title that starts with `>` is for numbers.
pub(super) fn with_columns(titles: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(titles.iter().map(|title| title.trim_start_matches('>')));
    for (column, title) in table.column_iter_mut().zip(titles) {
        column.set_padding((0, 2));
        if title.starts_with('>') {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
