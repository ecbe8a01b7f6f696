//! The state that survives a restart: the quota of the day and the state of collectors. One JSON file, replaced
//! atomically.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::quota::QuotaUsage;

/// The state file. If none is configured, nothing is kept.
#[derive(Debug, Default)]
pub struct StateFile {
    path: Option<PathBuf>,
    document: Mutex<Versioned>,
    /// The version on disk. Locked during a write, so that a waiting writer can find that its change was written
    /// already.
    written: tokio::sync::Mutex<u64>,
    /// Whether the last write failed.
    failing: Mutex<bool>,
    /// Held for its lock: two processes with one file would overwrite the calls that the other counted.
    _lock: Option<fs::File>,
}

#[derive(Debug, Default)]
struct Versioned {
    version: u64,
    document: Document,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Document {
    operations: BTreeMap<String, OperationState>,
}

/// The state of one operation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct OperationState {
    /// Calls of the day.
    pub(super) quota: Option<QuotaUsage>,
    /// The state of each collector, by its name.
    #[serde(default)]
    pub(super) collectors: BTreeMap<String, Box<RawValue>>,
}

/// The state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateFileError {
    /// It cannot be read or created.
    #[error(
        "state file {}: {source}; set --state.file to a path in a folder that the exporter may write to",
        path.display()
    )]
    Inaccessible {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// Another process uses it.
    #[error(
        "state file {}: another exporter uses it; give each exporter its own file, and run probe without --state.file while \
         the exporter is running",
        path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
}

impl StateFile {
    /// Reads `path` if it exists and checks that it can be written. A damaged file is renamed and logged, because it
    /// must not prevent the exporter from running.
    pub fn open(path: Option<&Path>) -> Result<Self, StateFileError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let failed = |source| StateFileError::Inaccessible { path: path.to_owned(), source };
        let folder = folder_of(path);
        if !folder.is_dir() {
            let missing = format!("the folder {} does not exist", folder.display());
            return Err(failed(io::Error::new(io::ErrorKind::NotFound, missing)));
        }
        let lock = lock(path)?;
        let document = match fs::read(path) {
            Ok(bytes) => parse(&bytes).or_else(|| rename_damaged(path)).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Document::default(),
            Err(error) => return Err(failed(error)),
        };
        replace(path, &document).map_err(failed)?;
        Ok(Self {
            path: Some(path.to_owned()),
            document: Mutex::new(Versioned { version: 0, document }),
            _lock: Some(lock),
            ..Self::default()
        })
    }

    /// Whether there is a file.
    pub(super) fn is_configured(&self) -> bool {
        self.path.is_some()
    }

    /// The state of an operation.
    pub(super) fn operation(&self, operation: &str) -> OperationState {
        let state = self.document.lock();
        state.document.operations.get(operation).cloned().unwrap_or_default()
    }

    /// Changes the state of an operation and returns when it is on disk. A failed write is logged once and tried again
    /// with the next change. Polling continues with the state in memory.
    pub(super) async fn update(&self, operation: &str, change: impl FnOnce(&mut OperationState)) {
        let Some(path) = self.path.clone() else { return };
        let version = {
            let mut state = self.document.lock();
            change(state.document.operations.entry(operation.to_owned()).or_default());
            state.version += 1;
            state.version
        };
        let mut written = self.written.lock().await;
        if *written >= version {
            return;
        }
        let (latest, text) = {
            let state = self.document.lock();
            (state.version, serde_json::to_vec(&state.document))
        };
        let result = match text {
            Ok(text) => tokio::task::spawn_blocking(move || replace_with(&path, &text))
                .await
                .unwrap_or_else(|error| Err(io::Error::other(error))),
            Err(error) => Err(io::Error::other(error)),
        };
        if result.is_ok() {
            *written = latest;
        }
        self.log_changes(result);
    }

    fn log_changes(&self, result: io::Result<()>) {
        let mut failing = self.failing.lock();
        match (result, *failing) {
            (Err(error), false) => {
                tracing::error!(
                    %error,
                    "cannot write the state file, so quota and counters would not survive a restart; check its folder and \
                     the free space"
                );
                *failing = true;
            }
            (Ok(()), true) => {
                tracing::info!("the state file was written again");
                *failing = false;
            }
            _ => {}
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the exporter's own file, not a response of wolkvox")]
fn parse(bytes: &[u8]) -> Option<Document> {
    serde_json::from_slice(bytes).ok()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Locks a file beside it, because the state file itself is replaced by every write. The system releases the lock when
/// the process ends.
fn lock(path: &Path) -> Result<fs::File, StateFileError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let failed = |source| StateFileError::Inaccessible { path: path.to_owned(), source };
    let file = fs::File::create(beside).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(StateFileError::InUse { path: path.to_owned() }),
        Err(fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn rename_damaged(path: &Path) -> Option<Document> {
    let mut renamed = path.as_os_str().to_owned();
    renamed.push(".unreadable");
    let kept = if fs::rename(path, &renamed).is_ok() { "renamed to *.unreadable" } else { "not kept" };
    tracing::error!(file = %path.display(), "the state file is damaged ({kept}), so quota and counters start from zero");
    None
}

fn replace(path: &Path, document: &Document) -> io::Result<()> {
    replace_with(path, &serde_json::to_vec(document)?)
}

fn replace_with(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder_of(path))?;
    file.write_all(text)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn used(state: &StateFile, operation: &str) -> Option<u64> {
        state.operation(operation).quota.map(|usage| usage.used)
    }

    #[tokio::test]
    async fn the_state_is_there_after_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.json");
        let state = StateFile::open(Some(&path)).unwrap();
        state.update("a", |s| s.quota = Some(QuotaUsage::new(date(2026, 11, 2), 7))).await;
        state
            .update("b", |s| drop(s.collectors.insert("skills".into(), RawValue::from_string("3".into()).unwrap())))
            .await;
        drop(state);

        let restarted = StateFile::open(Some(&path)).unwrap();
        assert_eq!(used(&restarted, "a"), Some(7));
        assert_eq!(restarted.operation("b").collectors["skills"].get(), "3");
    }

    #[tokio::test]
    async fn concurrent_changes_are_all_on_disk() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.json");
        let state = StateFile::open(Some(&path)).unwrap();
        let quota = |used| Some(QuotaUsage::new(date(2026, 11, 2), used));
        let names: Vec<String> = (0..50).map(|n| n.to_string()).collect();
        futures_util::future::join_all(names.iter().map(|name| state.update(name, |s| s.quota = quota(1)))).await;
        drop(state);
        let restarted = StateFile::open(Some(&path)).unwrap();
        assert!(names.iter().all(|name| used(&restarted, name) == Some(1)));
    }

    #[test]
    fn a_damaged_file_is_renamed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.json");
        fs::write(&path, "{\"operations\": ").unwrap();
        let state = StateFile::open(Some(&path)).unwrap();
        assert_eq!(used(&state, "a"), None);
        assert_eq!(fs::read_to_string(directory.path().join("state.json.unreadable")).unwrap(), "{\"operations\": ");
    }

    #[test]
    fn a_file_that_cannot_be_written_is_refused_at_start() {
        let directory = tempfile::tempdir().unwrap();
        let error = StateFile::open(Some(&directory.path().join("missing/state.json"))).unwrap_err();
        assert!(
            error.to_string().contains("--state.file") && error.to_string().contains("missing does not"),
            "{error}"
        );
    }

    #[test]
    fn a_file_that_another_exporter_uses_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.json");
        let first = StateFile::open(Some(&path)).unwrap();
        let error = StateFile::open(Some(&path)).unwrap_err();
        assert!(error.to_string().contains("another exporter uses it"), "{error}");
        drop(first);
        assert!(StateFile::open(Some(&path)).is_ok());
    }

    #[tokio::test]
    async fn without_a_file_nothing_is_written() {
        let state = StateFile::open(None).unwrap();
        state.update("a", |s| s.quota = None).await;
        assert!(!state.is_configured() && state.operation("a").quota.is_none());
    }
}
