//! Reads the figures of this process from the system. Linux only; elsewhere there are no `process_*` families.

use std::fs;

use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::{Resource, getrlimit};

/// The state of this process at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Process {
    /// User and system time, in seconds.
    pub(super) cpu_seconds: f64,
    /// Memory in RAM, in bytes.
    pub(super) resident_bytes: u64,
    /// Address space, in bytes.
    pub(super) virtual_bytes: u64,
    /// Threads.
    pub(super) threads: u64,
    /// Open file descriptors.
    pub(super) open_fds: Option<u64>,
    /// The soft limit of them; `None` is unlimited.
    pub(super) max_fds: Option<u64>,
    /// Unix time in seconds.
    pub(super) start_time: Option<f64>,
}

/// The fields of `/proc/self/stat` that are used, in the units of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    /// Time in user mode, in clock ticks.
    user: u64,
    /// Time in the kernel, in clock ticks.
    system: u64,
    /// Threads.
    threads: u64,
    /// When the process was started, in clock ticks since the system was.
    start: u64,
    /// Address space, in bytes.
    virtual_bytes: u64,
    /// Memory in RAM, in pages.
    resident_pages: u64,
}

impl Process {
    /// This process now; `None` if the system does not have `/proc`.
    pub(super) fn now() -> Option<Self> {
        let stat = Stat::of(&fs::read_to_string("/proc/self/stat").ok()?)?;
        let ticks = clock_ticks_per_second() as f64;
        let boot = fs::read_to_string("/proc/stat").ok().and_then(|text| boot_time(&text));
        Some(Self {
            cpu_seconds: (stat.user + stat.system) as f64 / ticks,
            resident_bytes: stat.resident_pages * page_size() as u64,
            virtual_bytes: stat.virtual_bytes,
            threads: stat.threads,
            // One of them belongs to this look at the folder.
            open_fds: fs::read_dir("/proc/self/fd").ok().map(|files| (files.count() as u64).saturating_sub(1)),
            max_fds: getrlimit(Resource::Nofile).current,
            start_time: boot.map(|boot| boot as f64 + stat.start as f64 / ticks),
        })
    }
}

impl Stat {
    /// Reads the line that `man 5 proc_pid_stat` describes. The name of the program comes second, in parentheses, and may
    /// contain spaces and parentheses itself: the fields are counted from the last one on.
    fn of(line: &str) -> Option<Self> {
        let (_, rest) = line.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // The manual counts from 1, and the first field after the name is its third.
        let field = |number: usize| fields.get(number - 3)?.parse().ok();
        Some(Self {
            user: field(14)?,
            system: field(15)?,
            threads: field(20)?,
            start: field(22)?,
            virtual_bytes: field(23)?,
            resident_pages: field(24)?,
        })
    }
}

/// When the system was started, in Unix time, from the text of `/proc/stat`.
fn boot_time(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_program_may_contain_anything() {
        let line =
            "7 (a) 1 (b) S 1 7 7 0 -1 4194560 9 0 0 0 1234 567 0 0 20 0 11 0 8900 22003712 2048 18446744073709551615";
        let stat =
            Stat { user: 1234, system: 567, threads: 11, start: 8900, virtual_bytes: 22_003_712, resident_pages: 2048 };
        assert_eq!(Stat::of(line), Some(stat));
        assert_eq!(Stat::of("7 (a) S 1 7"), None);
    }

    #[test]
    fn the_start_of_the_system_is_found_among_other_lines() {
        assert_eq!(boot_time("cpu  1 2 3\nbtime 1790000000\nprocesses 9\n"), Some(1_790_000_000));
        assert_eq!(boot_time("cpu  1 2 3\n"), None);
    }

    #[test]
    fn this_process_has_plausible_figures() {
        let process = Process::now().expect("the tests run on Linux");
        assert!(process.threads >= 1 && process.open_fds > Some(2), "{process:?}");
        assert!(process.virtual_bytes >= process.resident_bytes && process.resident_bytes > 1 << 20, "{process:?}");
        // After 2020.
        assert!(process.start_time > Some(1_577_836_800.0), "{process:?}");
    }
}
