//! An exporter with a web configuration, and the files of that configuration.

use std::path::{Path, PathBuf};

use super::authority::{Authority, Issued};
use super::exporter::{Configuration, Exporter, LIMIT, Operation};
use super::process::POLL;
use super::tls_client::TlsClient;
use super::wolkvox::{Wolkvox, healthy};

/// A line of the log about slow files.
const NOT_WAITED: &str = "reading the web configuration takes longer";

/// The lowest cost of bcrypt, because a test makes many comparisons.
const COST: u32 = 4;

/// The bcrypt hash of a password.
pub(crate) fn hash(password: &str) -> String {
    bcrypt::hash(password, COST).expect("the cost is valid")
}

/// The lines of a text, indented as a block of YAML below a key of a section.
pub(crate) fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |block, line| block + "    " + line + "\n")
}

/// Replaces a file as a careful program does: the path has the old content until it has the new one.
pub(crate) fn replace(file: &Path, content: &str) {
    let beside = file.with_extension("new");
    std::fs::write(&beside, content).expect("the folder can be written to");
    std::fs::rename(beside, file).expect("the file can be replaced");
}

/// The folder of a web configuration, with a certificate of its own authority for 127.0.0.1.
pub(crate) struct WebFiles {
    folder: tempfile::TempDir,
    /// It has signed `server.pem`.
    pub(crate) authority: Authority,
    /// The certificate of the server.
    pub(crate) server: Issued,
}

impl WebFiles {
    /// Writes `server.pem`, `server.key` and `authority.pem`.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let authority = Authority::new("the authority of the server");
        let server = authority.issue("127.0.0.1", |_| {});
        let files = Self { folder, authority, server };
        files.write("server.pem", &files.server.certificate_pem());
        files.write("server.key", &files.server.key_pem());
        files.write("authority.pem", &files.authority.pem());
        files
    }

    /// The path of a file.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes or replaces a file.
    pub(crate) fn write(&self, name: &str, content: &str) {
        replace(&self.path(name), content);
    }

    /// Writes the certificate and the key of a client as `NAME.pem` and `NAME.key`.
    pub(crate) fn write_client(&self, name: &str, client: &Issued) {
        self.write(&format!("{name}.pem"), &client.certificate_pem());
        self.write(&format!("{name}.key"), &client.key_pem());
    }
}

/// A running exporter with a web configuration, which polls skills.
pub(crate) struct WebExporter {
    /// The exporter.
    pub(crate) exporter: Exporter,
    /// `127.0.0.1:PORT`
    pub(crate) address: String,
    _wolkvox: Wolkvox,
    _configuration: Configuration,
}

impl WebExporter {
    /// Writes `web.yml` with this text and starts the exporter with it and more arguments.
    pub(crate) async fn start(files: &WebFiles, text: &str, arguments: &[&str]) -> Self {
        files.write("web.yml", text);
        let wolkvox = Wolkvox::start(healthy);
        let configuration = Configuration::of(&[Operation::of_skills("ventas", &wolkvox.url())]);
        let mut command = configuration.command();
        command.arg("--web.config.file").arg(files.path("web.yml")).args(arguments);
        let exporter = Exporter::serve(&mut command).await;
        let address = exporter.url.trim_start_matches("http://").to_owned();
        Self { exporter, address, _wolkvox: wolkvox, _configuration: configuration }
    }

    /// A client that trusts the server.
    pub(crate) fn client(&self, files: &WebFiles, certificate: Option<&Issued>) -> TlsClient {
        TlsClient::new(&self.address, &files.authority, certificate)
    }

    /// Waits for a line of the log with these words.
    pub(crate) async fn wait_for_line(&mut self, words: &str) -> String {
        let line = |line: &str| line.contains(words).then(|| line.to_owned());
        self.exporter.process.wait_for_line(LIMIT, line).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Whether `attempt` is true at once after a change of the files. Only if the exporter writes that it did not wait for
    /// them, because the machine is too busy, it is repeated.
    pub(crate) async fn at_once<F: Future<Output = bool>>(&self, attempt: impl Fn() -> F) -> bool {
        loop {
            let before = self.lines_with(NOT_WAITED);
            if attempt().await {
                return true;
            }
            // The line may arrive a little later than the response.
            tokio::time::sleep(POLL * 10).await;
            if self.lines_with(NOT_WAITED) == before {
                return false;
            }
        }
    }

    /// The number of lines of the log with these words.
    pub(crate) fn lines_with(&self, words: &str) -> usize {
        self.exporter.process.stderr().lines().filter(|line| line.contains(words)).count()
    }
}
