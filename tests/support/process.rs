//! Child processes whose output is collected and which end with the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub(crate) use rustix::process::Signal;
use rustix::process::{Pid, Resource, Rlimit, getrlimit, kill_process, setrlimit};

/// The time between two checks of a condition.
pub(crate) const POLL: Duration = Duration::from_millis(20);

/// The variables that a child process inherits. Others could change the result of a test.
const KEPT_ENVIRONMENT: &[&str] = &["PATH", "HOME", "TMPDIR", "RUST_BACKTRACE", "LLVM_PROFILE_FILE"];

/// The exporter as built for this test, without any of its variables in the environment.
pub(crate) fn exporter() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wolkvox_exporter"));
    command.env_clear();
    command.envs(KEPT_ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command
}

/// Lets this process open as many connections as the system permits.
///
/// # Panics
/// When the system refuses its own limit.
pub(crate) fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).expect("the limit is permitted");
}

/// What the kernel writes about a running process after a name such as `VmRSS:`, for example `1024 kB`.
///
/// # Panics
/// When the process does not run, or there is no such name.
pub(crate) fn status_of(process: u32, name: &str) -> String {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the process runs");
    let value = status.lines().find_map(|line| line.strip_prefix(name)).expect("the kernel writes it");
    value.trim().to_owned()
}

/// The same in bytes, where the kernel writes kilobytes.
///
/// # Panics
/// As [`status_of`], and when it does not.
pub(crate) fn memory_of(process: u32, name: &str) -> u64 {
    let value = status_of(process, name);
    let kilobytes = value.strip_suffix(" kB").expect("the kernel writes it in kB");
    kilobytes.parse::<u64>().expect("the kernel writes a number") * 1024
}

/// An output stream of a child process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// A running child process. It is killed when the value is dropped. If the test fails, its output is printed.
pub(crate) struct Process {
    name: String,
    child: Child,
    lines: Arc<Mutex<Vec<(Stream, String)>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    /// Starts `command` without input and collects its output. `name` is its name in messages.
    ///
    /// # Panics
    /// When the program cannot be started.
    pub(crate) fn spawn(name: &str, command: &mut Command) -> Self {
        Self::spawn_with_input(name, command, Stdio::null())
    }

    /// Starts `command` with this standard input and collects its output.
    ///
    /// # Panics
    /// As [`Process::spawn`].
    pub(crate) fn spawn_with_input(name: &str, command: &mut Command, input: Stdio) -> Self {
        let mut child = command
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name} cannot be started as {command:?}: {error}"));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let readers = vec![
            collect(Stream::Out, child.stdout.take().expect("the stream is piped"), Arc::clone(&lines)),
            collect(Stream::Err, child.stderr.take().expect("the stream is piped"), Arc::clone(&lines)),
        ];
        Self { name: name.to_owned(), child, lines, readers }
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The lines of both streams so far, in the order of arrival.
    pub(crate) fn lines(&self) -> Vec<(Stream, String)> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// [`Process::lines`] as one text.
    pub(crate) fn output(&self) -> String {
        self.text(|_| true)
    }

    /// Its standard output so far.
    pub(crate) fn stdout(&self) -> String {
        self.text(|stream| stream == Stream::Out)
    }

    /// Its standard error so far.
    pub(crate) fn stderr(&self) -> String {
        self.text(|stream| stream == Stream::Err)
    }

    fn text(&self, wanted: impl Fn(Stream) -> bool) -> String {
        self.lines().into_iter().filter(|(stream, _)| wanted(*stream)).map(|(_, line)| line + "\n").collect()
    }

    /// Waits for the first line for which `pick` returns a value. Earlier lines count too.
    ///
    /// # Errors
    /// When the time limit is reached or the process has ended without such a line. The message has its output.
    pub(crate) async fn wait_for_line<T>(
        &mut self,
        limit: Duration,
        mut pick: impl FnMut(&str) -> Option<T>,
    ) -> Result<T, String> {
        let found = tokio::time::timeout(limit, async {
            let mut seen = 0;
            loop {
                let ended = self.ended();
                let lines = self.lines();
                if let Some(found) = lines[seen..].iter().find_map(|(_, line)| pick(line)) {
                    return Some(found);
                }
                seen = lines.len();
                if ended {
                    return None;
                }
                tokio::time::sleep(POLL).await;
            }
        })
        .await;
        match found {
            Ok(Some(found)) => Ok(found),
            Ok(None) => Err(format!("{} ended without the line that was waited for:\n{}", self.name, self.output())),
            Err(_) => Err(format!("{} did not write the line within {limit:?}:\n{}", self.name, self.output())),
        }
    }

    /// Sends a signal. It has no effect on a process that has ended.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().cast_signed()).expect("a child has a positive id");
        // The child was not waited for yet, so its id cannot belong to another process.
        let _ = kill_process(pid, signal);
    }

    /// Whether it has ended and all its output has arrived.
    pub(crate) fn ended(&mut self) -> bool {
        self.child.try_wait().expect("a child can be waited for").is_some()
            && self.readers.iter().all(JoinHandle::is_finished)
    }

    /// Waits until it has ended by itself and all its output has arrived. Returns its exit status.
    ///
    /// # Errors
    /// When it still runs after `limit`. The message has its output.
    pub(crate) async fn wait(&mut self, limit: Duration) -> Result<ExitStatus, String> {
        let ended = tokio::time::timeout(limit, async {
            while !self.ended() {
                tokio::time::sleep(POLL).await;
            }
        });
        if ended.await.is_err() {
            return Err(format!("{} still runs after {limit:?}:\n{}", self.name, self.output()));
        }
        Ok(self.child.wait().expect("a child can be waited for"))
    }

    /// Sends SIGTERM and waits for the end.
    ///
    /// # Errors
    /// As [`Process::wait`].
    pub(crate) async fn terminate(&mut self, limit: Duration) -> Result<ExitStatus, String> {
        if !self.ended() {
            self.signal(Signal::TERM);
        }
        self.wait(limit).await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- output of {}:\n{}---", self.name, self.output());
        }
    }
}

fn collect(
    stream: Stream,
    from: impl Read + Send + 'static,
    into: Arc<Mutex<Vec<(Stream, String)>>>,
) -> JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n') {
            let Ok(line) = line else { return };
            let line = String::from_utf8_lossy(&line).into_owned();
            into.lock().unwrap_or_else(PoisonError::into_inner).push((stream, line));
        }
    })
}

/// The result of a program that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Its exit status.
    pub(crate) status: ExitStatus,
    /// Its standard output.
    pub(crate) stdout: String,
    /// Its standard error.
    pub(crate) stderr: String,
}

/// Runs `command` until it ends, with `input` as its standard input. Blocks the thread.
///
/// # Panics
/// When the program cannot be started.
pub(crate) fn run(command: &mut Command, input: &str) -> Finished {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    let mut stdin = child.stdin.take().expect("the stream is piped");
    let output = thread::scope(|scope| {
        scope.spawn(move || {
            // A program that stops early closes its input. Its output gives the reason.
            let _ = stdin.write_all(input.as_bytes());
        });
        child.wait_with_output().expect("a child can be waited for")
    });
    Finished {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
