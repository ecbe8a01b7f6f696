//! Writes the log on a thread of its own, so that nobody who reads standard error slowly, or not at all, can stop the
//! exporter.
//!
//! The crate tracing-appender does the same, but it compiles log files and their dates, which this program does not need.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// Lines that wait for the thread. More are dropped.
const QUEUE: usize = 1024;

/// How long the end of the process waits for a place in the queue, and then until the waiting lines are written.
const FLUSH_LIMIT: Duration = Duration::from_secs(1);

/// The time between two attempts to get a place in the queue.
const RETRY: Duration = Duration::from_millis(10);

/// Lines that were dropped in this process. A process has one log.
pub(super) static DROPPED: AtomicU64 = AtomicU64::new(0);

/// What the thread receives.
enum Message {
    /// One line with its end.
    Line(Vec<u8>),
    /// The sender is dropped when all lines before it have been written.
    Flush(#[expect(dead_code, reason = "held for its drop")] SyncSender<()>),
}

/// The log as a place to write to. Writing never waits.
#[derive(Clone, Debug)]
pub(super) struct LogWriter {
    queue: SyncSender<Message>,
    dropped: &'static AtomicU64,
}

/// Writes the waiting lines when it is dropped, for a limited time.
#[derive(Debug)]
#[must_use = "dropping it ends the log"]
pub(super) struct LogGuard(SyncSender<Message>);

/// Starts the thread, which writes lines to `output`.
pub(super) fn start(output: impl Write + Send + 'static, dropped: &'static AtomicU64) -> (LogWriter, LogGuard) {
    let (queue, waiting) = sync_channel(QUEUE);
    // Without the thread every line is dropped and counted, because nothing receives.
    let _ = thread::Builder::new().name("log".to_owned()).spawn(move || write_lines(output, &waiting, dropped));
    (LogWriter { queue: queue.clone(), dropped }, LogGuard(queue))
}

fn write_lines(mut output: impl Write, waiting: &Receiver<Message>, dropped: &AtomicU64) {
    for message in waiting {
        if let Message::Line(line) = message
            && output.write_all(&line).and_then(|()| output.flush()).is_err()
        {
            dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// One event. tracing writes all of it at once.
impl Write for &LogWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self.queue.try_send(Message::Line(line.to_vec())) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        let (written, is_written) = sync_channel(0);
        let mut message = Message::Flush(written);
        for _ in 0..FLUSH_LIMIT.as_millis() / RETRY.as_millis() {
            let Err(TrySendError::Full(full)) = self.0.try_send(message) else {
                // An error is the drop of the sender, so all lines have been written, or it is the end of the time.
                let _ = is_written.recv_timeout(FLUSH_LIMIT);
                return;
            };
            message = full;
            thread::sleep(RETRY);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};

    use super::*;

    #[test]
    fn lines_are_written_in_order_and_all_of_them_before_the_end() {
        static NONE: AtomicU64 = AtomicU64::new(0);
        let (reader, output) = io::pipe().unwrap();
        let (log, guard) = start(output, &NONE);
        for line in ["one\n", "two\n", "three\n"] {
            (&log).write_all(line.as_bytes()).unwrap();
        }
        drop((log, guard));
        let lines: Vec<_> = BufReader::new(reader).lines().map(Result::unwrap).collect();
        assert_eq!((lines, NONE.load(Ordering::Relaxed)), (vec!["one".to_owned(), "two".into(), "three".into()], 0));
    }

    #[test]
    fn lines_that_nobody_reads_are_dropped_and_counted_and_the_end_does_not_wait_for_them() {
        static SOME: AtomicU64 = AtomicU64::new(0);
        let (reader, output) = io::pipe().unwrap();
        let (log, guard) = start(output, &SOME);
        // More than the pipe, the thread and the queue can hold.
        let line = [b'x'; 4096];
        for _ in 0..QUEUE + 1000 {
            (&log).write_all(&line).unwrap();
        }
        assert!(SOME.load(Ordering::Relaxed) > 0);
        drop((log, guard));
        drop(reader);
    }
}
