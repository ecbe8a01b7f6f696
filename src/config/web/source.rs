//! The files of a web configuration: their content, and whether it has changed.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::config::cursor::Field;
use crate::config::errors::ConfigError;

/// The longest file, in bytes. A bundle of every public authority is shorter.
const LONGEST_FILE: u64 = 1024 * 1024;

/// What was read: each file and a hash of its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint(Vec<(PathBuf, blake3::Hash)>);

impl Fingerprint {
    /// Whether every file still has the same content. It reads the files, because their times change only a few hundred
    /// times a second, so that a second change could look like the first.
    pub fn is_current(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|(path, hash)| hash_of(&content_of(path)) == *hash)
    }
}

/// A web configuration that is being read.
#[derive(Debug)]
pub(super) struct Source<'a> {
    /// Relative paths of the file start here.
    directory: &'a Path,
    files: RefCell<Vec<(PathBuf, blake3::Hash)>>,
    warnings: RefCell<Vec<ConfigError>>,
}

impl<'a> Source<'a> {
    /// Nothing is read yet.
    pub(super) fn new(file: &'a Path) -> Self {
        let directory = file.parent().unwrap_or(Path::new(""));
        Self { directory, files: RefCell::default(), warnings: RefCell::default() }
    }

    /// The text of a file, or why it cannot be used.
    pub(super) fn text_of(&self, path: &Path) -> Result<String, String> {
        let content = self.read(path).map_err(|error| format!("cannot read the file: {error}"))?;
        String::from_utf8(content).map_err(|_| "cannot read the file: it is not a text file".to_owned())
    }

    /// The content of the file that a key names.
    pub(super) fn content_of(&self, path: &str) -> Result<Vec<u8>, String> {
        let full = self.directory.join(path);
        self.read(&full).map_err(|error| {
            let is_relative = Path::new(path).is_relative() && !self.directory.as_os_str().is_empty();
            let start = if is_relative {
                format!("; a relative path starts from {}, the folder of the file", self.directory.display())
            } else {
                String::new()
            };
            format!("cannot read the file {path:?}: {error}{start}")
        })
    }

    /// Adds a warning about a value.
    pub(super) fn warn(&self, field: &Field<'_>, message: &str) {
        self.warnings.borrow_mut().push(field.finding(message));
    }

    /// The warnings, and what was read.
    pub(super) fn finish(self) -> (Vec<ConfigError>, Fingerprint) {
        (self.warnings.into_inner(), Fingerprint(self.files.into_inner()))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let content = content_of(path);
        self.files.borrow_mut().push((path.to_owned(), hash_of(&content)));
        content
    }
}

fn content_of(path: &Path) -> io::Result<Vec<u8>> {
    // Opening a pipe would wait for a writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut content = Vec::new();
    File::open(path)?.take(LONGEST_FILE + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LONGEST_FILE {
        return Err(io::Error::other(format!("it is longer than {LONGEST_FILE} bytes")));
    }
    Ok(content)
}

fn hash_of(content: &io::Result<Vec<u8>>) -> blake3::Hash {
    match content {
        Ok(content) => blake3::hash(content),
        Err(error) => blake3::keyed_hash(&[1; blake3::KEY_LEN], error.to_string().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_any_file_is_noticed_and_an_unchanged_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("web.yml"), folder.path().join("key.pem"));
        fs::write(&first, "a").unwrap();
        let source = Source::new(&first);
        source.text_of(&first).unwrap();
        source.content_of("key.pem").unwrap_err();
        let (_, fingerprint) = source.finish();
        assert!(fingerprint.is_current());
        fs::write(&second, "").unwrap();
        assert!(!fingerprint.is_current());
        fs::remove_file(&second).unwrap();
        assert!(fingerprint.is_current());
        fs::write(&first, "b").unwrap();
        assert!(!fingerprint.is_current());
    }

    #[test]
    fn long_files_and_folders_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("web.yml");
        let source = Source::new(&file);
        assert!(source.text_of(folder.path()).unwrap_err().contains("not a regular file"));
        fs::write(&file, "x".repeat(1024 * 1024 + 1)).unwrap();
        assert!(source.text_of(&file).unwrap_err().contains("longer than 1048576 bytes"));
    }
}
