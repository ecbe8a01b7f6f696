//! This process as Linux describes it. On other systems there are no `process_*` families.

use procfs::WithCurrentSystemInfo;
use procfs::process::LimitValue;

/// The values of `/proc/self` at one time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Process {
    /// Processor time in user and system mode, in seconds.
    pub(super) cpu_seconds: f64,
    /// Resident memory, in bytes.
    pub(super) resident_bytes: u64,
    /// Virtual memory, in bytes.
    pub(super) virtual_bytes: u64,
    /// The number of threads.
    pub(super) threads: u64,
    /// The number of open file descriptors.
    pub(super) open_fds: Option<u64>,
    /// The soft limit of open file descriptors; `None` is unlimited or unknown.
    pub(super) max_fds: Option<u64>,
    /// When the process started, as Unix time in seconds.
    pub(super) start_time: Option<f64>,
}

impl Process {
    /// This process now; `None` if the system has no `/proc`.
    pub(super) fn now() -> Option<Self> {
        let myself = procfs::process::Process::myself().ok()?;
        let stat = myself.stat().ok()?;
        let ticks = procfs::ticks_per_second() as f64;
        let max_fds = myself.limits().ok().and_then(|limits| match limits.max_open_files.soft_limit {
            LimitValue::Value(limit) => Some(limit),
            LimitValue::Unlimited => None,
        });
        Some(Self {
            cpu_seconds: (stat.utime + stat.stime) as f64 / ticks,
            resident_bytes: stat.rss_bytes().get(),
            virtual_bytes: stat.vsize,
            threads: stat.num_threads.try_into().unwrap_or_default(),
            open_fds: myself.fd_count().ok().map(|count| count as u64),
            max_fds,
            start_time: procfs::boot_time_secs().ok().map(|boot| boot as f64 + stat.starttime as f64 / ticks),
        })
    }
}
