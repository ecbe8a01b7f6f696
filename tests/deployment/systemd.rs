//! deploy/systemd: the unit starts the exporter with settings that it knows, systemd accepts the files, and the unit
//! restricts the exporter.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use clap::{CommandFactory as _, Parser as _};
use tempfile::TempDir;
use wolkvox_exporter::cli::Args;

use crate::read;
use crate::support::peers::systemd;
use crate::support::process::{Finished, exporter, run};

const SERVICE: &str = "wolkvox_exporter.service";
const SOCKET: &str = "wolkvox_exporter.socket";
const DROP_INS: [&str; 2] = ["socket.conf", "several-operations.conf"];

/// The highest exposure that `systemd-analyze security` may compute, in tenths. systemd calls up to 2.0 "safe enough":
/// what remains is that the exporter uses the network.
const MAX_EXPOSURE: &str = "12";

fn file(name: &str) -> String {
    read(&format!("deploy/systemd/{name}"))
}

/// The values of a setting in the unit and then in drop-ins, in order. An empty value removes the earlier ones.
fn values(key: &str, drop_ins: &[&str]) -> Vec<String> {
    let texts = [SERVICE].iter().chain(drop_ins).map(|name| file(name)).collect::<String>();
    let mut values = Vec::new();
    for value in texts.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')) {
        if value.is_empty() {
            values.clear();
        } else {
            values.push(value.to_owned());
        }
    }
    values
}

/// The environment that systemd makes, with `credentials` for `%d` and `state` for `%S`.
fn environment(drop_ins: &[&str], credentials: &str, state: &str) -> BTreeMap<String, String> {
    let unset = values("UnsetEnvironment", drop_ins);
    let set = values("Environment", drop_ins);
    let pairs = set.iter().map(|pair| pair.split_once('=').unwrap_or_else(|| panic!("{pair} has no value")));
    pairs
        .filter(|(name, _)| !unset.iter().any(|unset| unset == name))
        .map(|(name, value)| (name.to_owned(), value.replace("%d", credentials).replace("%S", state)))
        .collect()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// `check-config` with the settings of the unit, and with tokens where systemd would put its copies of them.
fn check_config(drop_ins: &[&str], settings: &[(&str, &str)], configuration: Option<&str>) -> Finished {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for credential in values("LoadCredential", drop_ins) {
        let (name, source) = credential.split_once(':').expect("it has a name and a source");
        assert!(source.starts_with("/etc/wolkvox_exporter/"), "{source}");
        fs::write(folder.path().join(name), "hush").expect("the folder can be written to");
    }
    let mut command = exporter();
    command.arg("check-config").envs(settings.iter().copied());
    for (name, value) in environment(drop_ins, text(folder.path()), text(folder.path())) {
        if name == "WOLKVOX_EXPORTER_CONFIG_FILE" {
            assert_eq!(value, "/etc/wolkvox_exporter/wolkvox.yml");
            let file = folder.path().join("wolkvox.yml");
            let credentials = "/run/credentials/wolkvox_exporter.service";
            let text = configuration.expect("a configuration is named").replace(credentials, text(folder.path()));
            fs::write(&file, text).expect("the folder can be written to");
            command.env(name, file);
        } else {
            command.env(name, value);
        }
    }
    run(&mut command, "")
}

#[test]
fn the_unit_starts_the_exporter_with_its_settings() {
    let start = values("ExecStart", &[]);
    assert_eq!(start.len(), 1, "{start:?}");
    assert!(Args::try_parse_from(start[0].split(' ')).is_ok(), "{start:?}");

    let check = check_config(&[], &[("WOLKVOX_SERVER", "0010")], None);
    assert!(check.status.success() && check.stdout.contains("wv0010"), "{check:?}");
    // Without the variables of the unit there is no token.
    let check = run(exporter().arg("check-config").env("WOLKVOX_SERVER", "0010"), "");
    assert!(!check.status.success() && check.stderr.contains("WOLKVOX_TOKEN"), "{check:?}");
}

#[test]
fn the_file_for_several_operations_replaces_the_token_by_a_configuration() {
    let several = ["several-operations.conf"];
    let advice = file("several-operations.conf");
    let token = advice.lines().find_map(|line| line.strip_prefix("#   token_file: ")).expect("it shows the path");
    let configuration = format!(
        "operations:\n  - name: ventas\n    server: \"0010\"\n    token_file: {token}\n  - name: soporte\n    server: \
         \"0012\"\n    token_file: {}\n",
        token.replace("ventas", "soporte")
    );
    let check = check_config(&several, &[], Some(&configuration));
    assert!(check.status.success() && check.stdout.contains("2 operations"), "{check:?}");
}

#[test]
fn every_variable_of_the_files_exists() {
    let known: Vec<String> = Args::command()
        .get_arguments()
        .filter_map(|argument| argument.get_env().map(|name| name.to_string_lossy().into_owned()))
        .collect();
    let set = environment(&DROP_INS, "", "");
    assert!(set.len() > 3, "{set:?}");
    for name in set.keys().filter(|name| name.starts_with("WOLKVOX")) {
        assert!(known.contains(name), "{name}");
    }
    let unset = values("UnsetEnvironment", &DROP_INS);
    assert!(unset.iter().all(|name| known.contains(name)), "{unset:?}");
}

/// The unit makes every other folder read-only.
#[test]
fn the_state_file_is_in_the_folder_that_systemd_makes() {
    let folders = values("StateDirectory", &[]);
    let file = &environment(&[], "", "/var/lib")["WOLKVOX_EXPORTER_STATE_FILE"];
    assert_eq!(Path::new(file).parent(), Some(Path::new("/var/lib").join(&folders[0]).as_path()));
}

#[test]
fn the_socket_is_at_the_port_of_the_exporter_and_its_file_sets_the_flag() {
    assert!(file(SOCKET).contains("\nListenStream=9909\n"));
    assert_eq!(environment(&["socket.conf"], "", "")["WOLKVOX_EXPORTER_WEB_SYSTEMD_SOCKET"], "true");
    assert!(!environment(&[], "", "").contains_key("WOLKVOX_EXPORTER_WEB_SYSTEMD_SOCKET"));
}

/// The files as they are installed, where systemd-analyze finds them. `plant` changes the text of each file. The
/// programs that the unit starts are replaced, because they need not be installed on this machine.
fn install(drop_ins: &[&str], plant: impl Fn(&str, String) -> String) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let below = folder.path().join(format!("{SERVICE}.d"));
    fs::create_dir(&below).expect("the folder can be written to");
    let program = folder.path().join("program");
    fs::write(&program, "").expect("the folder can be written to");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("its owner can do that");
    let program = text(&program);
    let service = file(SERVICE).replace("/usr/local/bin/wolkvox_exporter", program).replace("/bin/kill", program);
    assert_eq!(service.matches(program).count(), 3, "in a comment, in ExecStart and in ExecReload");
    let write = |path: &Path, name: &str, text: String| {
        fs::write(path.join(name), plant(name, text)).expect("the folder can be written to");
    };
    write(folder.path(), SERVICE, service);
    write(folder.path(), SOCKET, file(SOCKET));
    for name in drop_ins {
        write(&below, name, file(name));
    }
    folder
}

fn analyze(folder: &TempDir, arguments: &[&str], units: &[&str]) -> Finished {
    let mut command: Command = systemd("systemd-analyze", folder.path());
    command.args(arguments);
    command.args(units.iter().map(|unit| folder.path().join(unit)));
    run(&mut command, "")
}

fn verify(folder: &TempDir) -> Finished {
    analyze(folder, &["verify", "--man=no", "--recursive-errors=yes"], &[SERVICE, SOCKET])
}

#[test]
#[ignore = "needs the peers: make test"]
fn systemd_accepts_the_files() {
    for drop_ins in [&[][..], &DROP_INS[..1], &DROP_INS[1..], &DROP_INS] {
        let output = verify(&install(drop_ins, |_, text| text));
        assert!(output.status.success() && output.stderr.is_empty(), "{drop_ins:?}: {output:?}");
    }
}

#[test]
#[ignore = "needs the peers: make test"]
fn an_error_in_one_of_the_files_is_found() {
    for (name, right, wrong, message) in [
        (SERVICE, "\nPrivateTmp=yes", "\nPrivateTemp=yes", "Unknown key"),
        (SERVICE, "\nType=notify", "\nType=notified", "Failed to parse service type"),
        (SERVICE, "\nSystemCallFilter=@system-service", "\nSystemCallFilter=@system-services", "Unknown system call"),
        (SERVICE, "\nWatchdogSec=1min", "\nWatchdogSec=1 mim", "Failed to parse"),
        (SERVICE, "\nAfter=network-online.target", "\nAfter=network online", "Failed to add dependency"),
        (SOCKET, "\nListenStream=9909", "\nListenStream=99099", "Failed to parse address"),
        ("socket.conf", "\nSocketBindDeny=any", "\nSocketBindDeny=all", "Unable to parse"),
        ("several-operations.conf", "\nUnsetEnvironment=", "\nUnset=", "Unknown key"),
    ] {
        let folder = install(&DROP_INS, |file, text| {
            let planted = if file == name { text.replacen(right, wrong, 1) } else { text.clone() };
            assert!(file != name || planted != text, "{name} does not contain {right:?}");
            planted
        });
        let output = verify(&folder);
        assert!(output.stderr.contains(message), "{wrong:?}: {output:?}");
    }
}

#[test]
#[ignore = "needs the peers: make test"]
fn systemd_rates_the_unit_as_well_restricted() {
    let security = ["security", "--offline=yes", "--no-pager", "--threshold", MAX_EXPOSURE];
    let output = analyze(&install(&DROP_INS, |_, text| text), &security, &[SERVICE]);
    assert!(output.status.success(), "{}", output.stdout);
    for right in ["\nSystemCallFilter=@system-service", "\nCapabilityBoundingSet=\n", "\nDynamicUser=yes"] {
        let less = install(&DROP_INS, |_, text| text.replacen(right, "\n", 1));
        let output = analyze(&less, &security, &[SERVICE]);
        assert!(!output.status.success(), "{right:?} does not matter:\n{}", output.stdout);
    }
}
