//! The clock of a process, which libfaketime reads from a file. Its monotonic time is always right.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::SignedDuration;

/// A file with the difference from the right time.
#[derive(Debug)]
pub(crate) struct ClockFile {
    path: PathBuf,
    /// The difference.
    pub(crate) off: SignedDuration,
}

impl ClockFile {
    /// A clock that is right.
    pub(crate) fn new(path: PathBuf) -> Self {
        let mut file = Self { path, off: SignedDuration::ZERO };
        file.set(SignedDuration::ZERO);
        file
    }

    /// Sets the clock.
    pub(crate) fn set(&mut self, off: SignedDuration) {
        // The process may read the file at any moment, so it is replaced.
        let next = self.path.with_extension("next");
        std::fs::write(&next, format!("{:+}", off.as_secs())).expect("the folder can be written to");
        std::fs::rename(next, &self.path).expect("the folder can be written to");
        self.off = off;
    }

    /// The command with this clock.
    ///
    /// # Panics
    /// When libfaketime is not there.
    pub(crate) fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join(".peers/faketime/libfaketimeMT.so.1");
        assert!(library.is_file(), "{} is missing; run: make peers", library.display());
        command
            .env("LD_PRELOAD", library)
            .env("FAKETIME_TIMESTAMP_FILE", &self.path)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("DONT_FAKE_MONOTONIC", "1")
    }
}
