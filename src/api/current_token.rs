//! The token that calls use now. A token that came from a file is read again when the file changes.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::config::{Operation, Token, read_token_again};

/// How many earlier tokens are removed from messages, because wolkvox may repeat the token of a call in its answer. More
/// than one is needed only if the file changes several times during a call.
const EARLIER_TOKENS: usize = 8;

/// The token of an operation, and the file that it comes from.
#[derive(Debug)]
pub(super) struct CurrentToken {
    operation: Arc<str>,
    /// `None` if the token cannot be read again.
    file: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    token: Token,
    /// Tokens before this one, the newest last.
    earlier: Vec<Token>,
    /// Grows with each new token.
    number: u64,
    /// The number of the token of the last call.
    used: u64,
    /// The number of the token that wolkvox refused last.
    refused: Option<u64>,
    /// What the file was when it was read last.
    seen: Option<FileVersion>,
    /// Why the file could not be used when it was read last. It is kept so that each problem is logged once.
    problem: Option<String>,
}

/// When the file is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reread {
    /// If it is another file, or was written to.
    IfChanged,
    /// In any case, because two changes within one tick of the file system's clock look like one.
    Always,
}

/// Which file it is, and when it was written. Symbolic links are followed, because Kubernetes changes a mounted secret
/// by setting a link to another folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileVersion {
    is_file: bool,
    device: u64,
    inode: u64,
    length: u64,
    /// Seconds and nanoseconds.
    content_changed: (i64, i64),
    /// Seconds and nanoseconds. A tool that copies a file with its time of change cannot set this one.
    status_changed: (i64, i64),
}

impl FileVersion {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self {
            is_file: metadata.is_file(),
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.size(),
            content_changed: (metadata.mtime(), metadata.mtime_nsec()),
            status_changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

impl CurrentToken {
    pub(super) fn new(operation: &Operation) -> Self {
        // A pipe, such as that of a shell's `<(…)`, has no second token. Opening it again could wait for ever.
        let can_be_read_again = |path: &PathBuf| FileVersion::of(path).map_or(true, |version| version.is_file);
        Self {
            operation: Arc::clone(&operation.name),
            file: operation.token_file.clone().filter(can_be_read_again),
            state: Mutex::new(State {
                token: operation.token.clone(),
                earlier: Vec::new(),
                number: 0,
                used: 0,
                refused: None,
                // Not the file of now: it may have changed since the configuration was read.
                seen: None,
                problem: None,
            }),
        }
    }

    /// The token for the next call.
    pub(super) fn for_call(&self) -> Token {
        let state = &mut *self.state.lock();
        state.used = state.number;
        state.token.clone()
    }

    /// Every token that a message may contain.
    pub(super) fn all(&self) -> Vec<Token> {
        let state = self.state.lock();
        state.earlier.iter().chain([&state.token]).cloned().collect()
    }

    /// wolkvox refused the token of the last call. Reads the file again; true if there is another token now.
    pub(super) async fn refused(self: &Arc<Self>) -> bool {
        self.refresh(Reread::Always).await;
        let state = &mut *self.state.lock();
        state.refused = Some(state.used);
        state.number != state.used
    }

    /// Whether the token is another one than the token that wolkvox refused last.
    pub(super) async fn changed_since_refusal(self: &Arc<Self>) -> bool {
        self.refresh(Reread::IfChanged).await;
        let state = self.state.lock();
        state.refused.is_some_and(|refused| refused != state.number)
    }

    /// Reads the file again, on a thread for blocking work because it may be on another machine.
    pub(super) async fn refresh(self: &Arc<Self>, reread: Reread) {
        if self.file.is_none() {
            return;
        }
        let this = Arc::clone(self);
        // An error means that it panicked, and then the token is the same as before.
        let _ = tokio::task::spawn_blocking(move || this.read(reread)).await;
    }

    fn read(&self, reread: Reread) {
        let Some(path) = &self.file else { return };
        // Before the file is read: a change in between is then seen the next time.
        let version = FileVersion::of(path).ok();
        if reread == Reread::IfChanged && version.is_some() && version == self.state.lock().seen {
            return;
        }
        let result = match version {
            Some(version) if !version.is_file => Err("the token file is not a regular file".to_owned()),
            _ => read_token_again(path).map_err(|error| error.to_string()),
        };
        let event = self.state.lock().update(version, result);
        let (operation, path) = (&*self.operation, path.display());
        match event {
            Event::Nothing => {}
            Event::NewToken => {
                tracing::info!(%operation, file = %path, "the token was read again, because its file has changed");
            }
            Event::SameToken => {
                tracing::info!(%operation, file = %path, "the token file is valid again; it contains the same token");
            }
            Event::Problem(problem) => tracing::warn!(
                %operation, file = %path,
                "the exporter keeps the token that it has, because its file has changed and cannot be used: {problem}"
            ),
        }
    }
}

/// What a new reading of the file means for the log.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    /// The file is as before.
    Nothing,
    /// The file has another token.
    NewToken,
    /// The file could not be used before, and has the same token as earlier.
    SameToken,
    /// The file cannot be used, for this reason.
    Problem(String),
}

impl State {
    fn update(&mut self, version: Option<FileVersion>, result: Result<Token, String>) -> Event {
        self.seen = version;
        let token = match result {
            Ok(token) => token,
            Err(problem) if self.problem.as_ref() == Some(&problem) => return Event::Nothing,
            Err(problem) => {
                self.problem = Some(problem.clone());
                return Event::Problem(problem);
            }
        };
        let had_problem = self.problem.take().is_some();
        if token.expose() == self.token.expose() {
            return if had_problem { Event::SameToken } else { Event::Nothing };
        }
        self.earlier.push(std::mem::replace(&mut self.token, token));
        let surplus = self.earlier.len().saturating_sub(EARLIER_TOKENS);
        self.earlier.drain(..surplus);
        self.number += 1;
        Event::NewToken
    }
}
