//! Says which variable leads to no CA certificate, because the TLS library does not name the file or folder.

use std::path::Path;
use std::{env, fs};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// The variables that replace the certificates of the system.
const FILE: &str = "SSL_CERT_FILE";
const FOLDERS: &str = "SSL_CERT_DIR";

/// What to do if there is no certificate at all.
pub(super) fn advice() -> String {
    let problems = problems();
    if problems.is_empty() {
        return format!("install CA certificates (the package ca-certificates), or name a file of them in {FILE}");
    }
    format!("{}; without these variables, the certificates of the system are used", problems.join("; "))
}

/// Each file and folder of the variables that leads to no certificate.
pub(super) fn problems() -> Vec<String> {
    let file = env::var_os(FILE).and_then(|file| {
        let problem = problem_of_file(Path::new(&file))?;
        Some(invalid(FILE, Path::new(&file), "a file of CA certificates in PEM form", &problem))
    });
    let folders = env::var_os(FOLDERS);
    let folders = folders.iter().flat_map(env::split_paths).filter(|folder| !folder.as_os_str().is_empty());
    let folders = folders.filter_map(|folder| {
        let problem = problem_of_folder(&folder)?;
        Some(invalid(FOLDERS, &folder, "a folder with files of CA certificates in PEM form", &problem))
    });
    file.into_iter().chain(folders).collect()
}

fn invalid(variable: &str, path: &Path, expected: &str, problem: &str) -> String {
    format!("invalid {variable} {:?}: expected {expected}, but it {problem}", path.display().to_string())
}

fn problem_of_file(file: &Path) -> Option<String> {
    match fs::read(file) {
        Ok(text) if has_certificate(&text) => None,
        Ok(_) => Some("contains no valid certificate".to_owned()),
        Err(error) => Some(format!("cannot be read ({error})")),
    }
}

fn problem_of_folder(folder: &Path) -> Option<String> {
    let mut files = match fs::read_dir(folder) {
        Ok(files) => files.flatten(),
        Err(error) => return Some(format!("cannot be read ({error})")),
    };
    let is_usable = |file: fs::DirEntry| fs::read(file.path()).is_ok_and(|text| has_certificate(&text));
    if files.any(is_usable) { None } else { Some("contains no file with a valid certificate".to_owned()) }
}

fn has_certificate(text: &[u8]) -> bool {
    let mut roots = rustls::RootCertStore::empty();
    CertificateDer::pem_slice_iter(text).flatten().any(|certificate| roots.add(certificate).is_ok())
}
