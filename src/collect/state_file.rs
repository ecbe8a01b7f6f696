//! The state that survives a restart: the quota of the day and the state of collectors. One JSON file, replaced
//! atomically and written through to the disk.
//!
//! What cannot be trusted is never taken for zero calls: the calls of a damaged quota, and those since the last write
//! if the exporter did not end in an orderly way, are assumed as the plan would have made them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{fs, io};

use jiff::Timestamp;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::quota::QuotaUsage;

/// How long [`StateFile::close`] waits for the disk. It is well below the time in which the exporter must end.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// The state file. If none is configured, nothing is kept.
#[derive(Debug, Default)]
pub struct StateFile {
    disk: Option<Arc<Disk>>,
    document: Mutex<Versioned>,
    /// The version on disk. Locked during a write, so that a waiting writer can find that its change was written
    /// already.
    written: tokio::sync::Mutex<u64>,
    /// Operations whose quota was damaged when the file was opened.
    damaged: Damaged,
    /// The time of the last write before the file was opened, if it was not closed after it.
    lost_since: Option<Timestamp>,
}

/// The file on disk.
#[derive(Debug)]
struct Disk {
    path: PathBuf,
    /// Beside the file, because the file itself is replaced by every write. Two processes with one file would overwrite
    /// the calls that the other counted. The system releases the lock when the process ends.
    lock: fs::File,
    /// The version that was written last. A write that comes late must not replace a newer one.
    version: Mutex<u64>,
    /// Whether the last write succeeded.
    is_written: AtomicBool,
}

#[derive(Debug, Default)]
struct Versioned {
    version: u64,
    document: Document,
}

#[derive(Debug, Default, Serialize)]
struct Document {
    operations: BTreeMap<String, OperationState>,
    /// Whether the exporter ended in an orderly way after it wrote this.
    closed: bool,
}

/// The state of one operation.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct OperationState {
    /// Calls of the day.
    pub(super) quota: Option<QuotaUsage>,
    /// The state of each collector, by its name.
    pub(super) collectors: BTreeMap<String, Box<RawValue>>,
}

/// The document as it is read: what is damaged in one operation does not concern the others.
#[derive(Deserialize)]
struct SavedDocument {
    operations: BTreeMap<String, Box<RawValue>>,
    #[serde(default)]
    closed: bool,
}

#[derive(Deserialize)]
struct SavedOperation {
    quota: Option<Box<RawValue>>,
    #[serde(default)]
    collectors: BTreeMap<String, Box<RawValue>>,
}

/// The operations whose number of calls is not known.
#[derive(Debug, Default, PartialEq, Eq)]
enum Damaged {
    #[default]
    None,
    Some(BTreeSet<String>),
    All,
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
    /// It is a folder, a device or a named pipe.
    #[error("state file {}: it is {what}; set --state.file to the path of a file", path.display())]
    NoFile {
        /// The path.
        path: PathBuf,
        /// What it is, with its article.
        what: &'static str,
    },
    /// A container has the file itself as a mount, so it cannot be replaced.
    #[error("state file {}: it is a mount of its own and cannot be replaced; mount its folder instead", path.display())]
    Mounted {
        /// The file.
        path: PathBuf,
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
    /// must not prevent the exporter from running. A symbolic link is followed.
    pub fn open(path: Option<&Path>) -> Result<Self, StateFileError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let failed = |source| StateFileError::Inaccessible { path: path.to_owned(), source };
        let folder = folder_of(path);
        if !folder.is_dir() {
            let missing = format!("the folder {} does not exist", folder.display());
            return Err(failed(io::Error::new(io::ErrorKind::NotFound, missing)));
        }
        // Before anything is opened, because opening a named pipe would wait.
        if let Some(what) = fs::metadata(path).ok().and_then(|found| not_a_file(&found)) {
            return Err(StateFileError::NoFile { path: path.to_owned(), what });
        }
        let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let lock = lock(path)?;
        let (saved, written_at) = match fs::read(path) {
            Ok(bytes) => (parse(&bytes).unwrap_or_else(|| rename_damaged(path)), modified(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Saved::default(), None),
            Err(error) => return Err(failed(error)),
        };
        let Saved { document, damaged } = saved;
        let lost_since = written_at.filter(|_| !document.closed);
        let document = Document { closed: false, ..document };
        let disk = Disk { path: path.clone(), lock, version: Mutex::new(0), is_written: AtomicBool::new(true) };
        let text = serde_json::to_vec(&document).map_err(io::Error::from).map_err(failed)?;
        disk.replace(0, &text).map_err(|error| match error.kind() {
            io::ErrorKind::ResourceBusy => StateFileError::Mounted { path: path.clone() },
            _ => failed(error),
        })?;
        let document = Mutex::new(Versioned { version: 0, document });
        Ok(Self { disk: Some(Arc::new(disk)), document, damaged, lost_since, ..Self::default() })
    }

    /// Whether there is a file.
    pub(super) fn is_configured(&self) -> bool {
        self.disk.is_some()
    }

    /// Whether the last write succeeded; `None` if no file is configured.
    pub fn last_write_succeeded(&self) -> Option<bool> {
        self.disk.as_ref().map(|disk| disk.is_written.load(Ordering::Relaxed))
    }

    /// The state of an operation.
    pub(super) fn operation(&self, operation: &str) -> OperationState {
        let state = self.document.lock();
        state.document.operations.get(operation).cloned().unwrap_or_default()
    }

    /// Whether the file had a number of calls of this operation that could not be read.
    pub(super) fn has_damaged_quota(&self, operation: &str) -> bool {
        match &self.damaged {
            Damaged::None => false,
            Damaged::Some(operations) => operations.contains(operation),
            Damaged::All => true,
        }
    }

    /// The time from which calls may have been made that the file does not have, because the exporter did not end in an
    /// orderly way: it was killed, or the disk was full.
    pub(super) fn lost_since(&self) -> Option<Timestamp> {
        self.lost_since
    }

    /// Changes the state of an operation and returns when it is on disk. A failed write is logged once and tried again
    /// with the next change. Polling continues with the state in memory.
    pub(super) async fn update(&self, operation: &str, change: impl FnOnce(&mut OperationState)) {
        self.write(|document| change(document.operations.entry(operation.to_owned()).or_default())).await;
    }

    /// Writes that the exporter ended in an orderly way. Waits for a limited time only, because the disk may hang.
    pub async fn close(&self) {
        let write = self.write(|document| document.closed = true);
        if tokio::time::timeout(CLOSE_TIMEOUT, write).await.is_err() {
            tracing::warn!("the state file could not be written in time at the end");
        }
    }

    async fn write(&self, change: impl FnOnce(&mut Document)) {
        let Some(disk) = &self.disk else { return };
        let version = {
            let mut state = self.document.lock();
            change(&mut state.document);
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
            Ok(text) => {
                let disk = Arc::clone(disk);
                tokio::task::spawn_blocking(move || disk.replace(latest, &text))
                    .await
                    .unwrap_or_else(|error| Err(io::Error::other(error)))
            }
            Err(error) => Err(io::Error::other(error)),
        };
        if result.is_ok() {
            *written = latest;
        }
        disk.log_changes(&result);
    }
}

impl Disk {
    /// Replaces the file, unless a newer version was written.
    fn replace(&self, version: u64, text: &[u8]) -> io::Result<()> {
        let mut written = self.version.lock();
        if version < *written {
            return Ok(());
        }
        self.check_lock()?;
        let folder = folder_of(&self.path);
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text)?;
        // The content must be on the disk before the name, and the name before the next call is made.
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        fs::File::open(folder)?.sync_all()?;
        *written = version;
        Ok(())
    }

    /// Fails if the lock is not at its path any more, because then another exporter could use the file too.
    fn check_lock(&self) -> io::Result<()> {
        let (held, there) = (self.lock.metadata()?, fs::symlink_metadata(beside(&self.path)));
        match there {
            Ok(there) if (there.dev(), there.ino()) == (held.dev(), held.ino()) => Ok(()),
            _ => Err(io::Error::other("its lock file or its folder was replaced while the exporter runs; restart it")),
        }
    }

    fn log_changes(&self, result: &io::Result<()>) {
        match (result, self.is_written.swap(result.is_ok(), Ordering::Relaxed)) {
            (Err(error), true) => tracing::error!(
                %error,
                "cannot write the state file, so quota and counters would not survive a restart; check its folder and \
                 the free space"
            ),
            (Ok(()), false) => tracing::info!("the state file was written again"),
            _ => {}
        }
    }
}

/// A document and what was damaged in it.
#[derive(Default)]
struct Saved {
    document: Document,
    damaged: Damaged,
}

#[expect(clippy::disallowed_methods, reason = "the exporter's own file, not a response of wolkvox")]
fn parse(bytes: &[u8]) -> Option<Saved> {
    let saved: SavedDocument = serde_json::from_slice(bytes).ok()?;
    let mut damaged = BTreeSet::new();
    let mut operations = BTreeMap::new();
    for (name, operation) in saved.operations {
        let parsed = serde_json::from_str::<SavedOperation>(operation.get());
        let is_unreadable = parsed.is_err();
        let SavedOperation { quota, collectors } =
            parsed.unwrap_or(SavedOperation { quota: None, collectors: BTreeMap::new() });
        let quota = quota.filter(|quota| quota.get() != "null").map(|quota| serde_json::from_str(quota.get()));
        if is_unreadable || matches!(quota, Some(Err(_))) {
            tracing::error!(
                operation = %name,
                "the state file is damaged for this operation; its calls of today are assumed as its plan makes them"
            );
            damaged.insert(name.clone());
        }
        operations.insert(name, OperationState { quota: quota.and_then(Result::ok), collectors });
    }
    let damaged = if damaged.is_empty() { Damaged::None } else { Damaged::Some(damaged) };
    Some(Saved { document: Document { operations, closed: saved.closed }, damaged })
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What a path is that is not a file.
fn not_a_file(found: &fs::Metadata) -> Option<&'static str> {
    if found.is_file() {
        None
    } else if found.is_dir() {
        Some("a folder")
    } else {
        Some("a device or a named pipe")
    }
}

fn modified(path: &Path) -> Option<Timestamp> {
    Timestamp::try_from(fs::metadata(path).ok()?.modified().ok()?).ok()
}

/// The path of the lock of a state file.
fn beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    beside.into()
}

fn lock(path: &Path) -> Result<fs::File, StateFileError> {
    let beside = beside(path);
    let failed = |source| StateFileError::Inaccessible { path: path.to_owned(), source };
    // A link could lead to a file of another program.
    if fs::symlink_metadata(&beside).is_ok_and(|found| !found.is_file()) {
        let what = format!("{} is not a file but a link or something else; remove it", beside.display());
        return Err(failed(io::Error::other(what)));
    }
    let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(beside).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(StateFileError::InUse { path: path.to_owned() }),
        Err(fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn rename_damaged(path: &Path) -> Saved {
    let mut renamed = path.as_os_str().to_owned();
    renamed.push(".unreadable");
    let kept = if fs::rename(path, &renamed).is_ok() { "renamed to *.unreadable" } else { "not kept" };
    tracing::error!(
        file = %path.display(),
        "the state file is damaged ({kept}), so counters start from zero, and the calls of today are assumed as the plan \
         makes them"
    );
    Saved { document: Document::default(), damaged: Damaged::All }
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

    #[test]
    fn a_damaged_operation_does_not_reset_the_others() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.json");
        let quota = r#"{"date": "2026-11-02", "used": 7}"#;
        let text = format!(
            r#"{{"operations": {{"a": {{"quota": {quota}, "collectors": {{}}}}, "b": {{"quota": {{"date": "today"}},
            "collectors": {{"skills": 3}}}}, "c": [], "d": {{"quota": null, "collectors": {{}}}}}}}}"#
        );
        fs::write(&path, text).unwrap();
        let state = StateFile::open(Some(&path)).unwrap();
        assert_eq!(used(&state, "a"), Some(7));
        assert_eq!(state.operation("b").collectors["skills"].get(), "3");
        let damaged = ["a", "b", "c", "d", "e"].map(|operation| state.has_damaged_quota(operation));
        assert_eq!(damaged, [false, true, true, false, false]);
    }

    #[tokio::test]
    async fn a_file_that_was_not_closed_may_lack_calls() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.json");
        let first = StateFile::open(Some(&path)).unwrap();
        assert_eq!(first.lost_since(), None, "there was no file");
        first.update("a", |s| s.quota = Some(QuotaUsage::new(date(2026, 11, 2), 7))).await;
        drop(first);
        let second = StateFile::open(Some(&path)).unwrap();
        assert!(second.lost_since().is_some());
        second.close().await;
        drop(second);
        let third = StateFile::open(Some(&path)).unwrap();
        assert_eq!((third.lost_since(), used(&third, "a")), (None, Some(7)));
        drop(third);
        assert!(StateFile::open(Some(&path)).unwrap().lost_since().is_some(), "the mark is removed at the start");
    }

    #[test]
    fn only_files_are_used_and_a_link_to_one_is_followed() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::create_dir(at("folder")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(made.success());
        for (name, word) in [("folder", "a folder"), ("pipe", "a named pipe")] {
            let error = StateFile::open(Some(&at(name))).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
        fs::write(at("real.json"), r#"{"operations": {}}"#).unwrap();
        std::os::unix::fs::symlink(at("real.json"), at("link.json")).unwrap();
        drop(StateFile::open(Some(&at("link.json"))).unwrap());
        assert!(fs::symlink_metadata(at("link.json")).unwrap().is_symlink());
        assert!(fs::read_to_string(at("real.json")).unwrap().contains("closed"));
    }

    #[test]
    fn a_lock_that_is_a_link_is_refused_and_its_target_stays() {
        let directory = tempfile::tempdir().unwrap();
        let (path, other) = (directory.path().join("state.json"), directory.path().join("other"));
        fs::write(&other, "of another program").unwrap();
        std::os::unix::fs::symlink(&other, directory.path().join("state.json.lock")).unwrap();
        let error = StateFile::open(Some(&path)).unwrap_err().to_string();
        assert!(error.contains("state.json.lock"), "{error}");
        assert_eq!(fs::read_to_string(&other).unwrap(), "of another program");
    }

    #[tokio::test]
    async fn a_lock_or_folder_that_was_replaced_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().join("state");
        fs::create_dir(&folder).unwrap();
        let path = folder.join("state.json");
        let state = StateFile::open(Some(&path)).unwrap();
        let write = async || state.update("a", |_| {}).await;
        write().await;
        assert_eq!(state.last_write_succeeded(), Some(true));
        fs::rename(&folder, directory.path().join("moved")).unwrap();
        fs::create_dir(&folder).unwrap();
        write().await;
        assert_eq!(state.last_write_succeeded(), Some(false));
        fs::remove_dir(&folder).unwrap();
        fs::rename(directory.path().join("moved"), &folder).unwrap();
        write().await;
        assert_eq!(state.last_write_succeeded(), Some(true));
        fs::remove_file(folder.join("state.json.lock")).unwrap();
        fs::write(folder.join("state.json.lock"), "").unwrap();
        write().await;
        assert_eq!(state.last_write_succeeded(), Some(false));
    }

    #[tokio::test]
    async fn without_a_file_nothing_is_written() {
        let state = StateFile::open(None).unwrap();
        state.update("a", |s| s.quota = None).await;
        assert!(!state.is_configured() && state.operation("a").quota.is_none());
    }
}
