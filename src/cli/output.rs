//! Standard output.

use std::io::{self, Write as _};

/// Writes a text that somebody waits for, such as the address of a server that has started.
pub(super) fn print_flushed(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
