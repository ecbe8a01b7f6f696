//! nginx, which serves files: the measure of how fast a page of the same size can be sent.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::exporter::LIMIT;
use crate::support::http;
use crate::support::process::Process;

/// A running nginx with its files.
pub(crate) struct Nginx {
    /// Its address.
    pub(crate) address: String,
    _process: Process,
    _folder: TempDir,
}

/// Its configuration. The folder is only for the user who runs the bench, so nginx stays this user.
fn configuration(folder: &Path, address: &str) -> String {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let paths = temporary.map(|name| format!("{name}_temp_path {}/{name};", folder.display())).join(" ");
    format!(
        "daemon off;\nuser root;\nworker_processes auto;\npid {folder}/pid;\nevents {{}}\n\
         http {{\n{paths}\naccess_log off;\nsendfile on;\nkeepalive_requests 1000000;\ndefault_type text/plain;\n\
         server {{ listen {address}; root {folder}; }}\n}}\n",
        folder = folder.display()
    )
}

impl Nginx {
    /// Serves these files, each at its name.
    ///
    /// # Panics
    /// When nginx is missing or does not start.
    pub(crate) async fn start(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).expect("the folder can be written to");
        }
        // nginx has to be told a port. Nobody else takes this one in the moment between.
        let free = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = free.local_addr().expect("it is bound").to_string();
        drop(free);
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration(folder.path(), &address)).expect("the folder can be written to");
        let known = Command::new("nginx").arg("-v").output().is_ok();
        assert!(known, "nginx is missing: install it, for example with apt-get install nginx-light");
        let process = Process::spawn("nginx", Command::new("nginx").args(["-e", "stderr", "-c"]).arg(&file));
        let first = format!("http://{address}/{}", files[0].0);
        http::wait_until_ok(&first, LIMIT).await.unwrap_or_else(|error| panic!("{error}: {}", process.output()));
        Self { address, _process: process, _folder: folder }
    }
}
