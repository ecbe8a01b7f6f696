//! What a process uses: time of the processor and memory.

use std::fs;
use std::time::Duration;

use crate::support::process::memory_of;

/// The environment of the image and of the systemd unit, which tells the allocator to give memory back.
pub(crate) const OF_THE_IMAGE: &[(&str, &str)] = &[("MALLOC_ARENA_MAX", "1"), ("MALLOC_MMAP_THRESHOLD_", "131072")];

/// The place of `utime` in `/proc/PID/stat` after the name of the program; `stime` follows.
const UTIME: usize = 11;

/// The processor time that a process has used so far, on all its threads. The kernel counts in steps of 10 ms.
///
/// # Panics
/// When the process does not run.
pub(crate) fn cpu(process: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("the process runs");
    // The name is in parentheses, and may have spaces.
    let (_, fields) = stat.rsplit_once(") ").expect("the kernel writes the name in parentheses");
    let ticks = fields.split(' ').skip(UTIME).take(2).map(|field| field.parse::<u64>().expect("it is a number"));
    Duration::from_secs_f64(ticks.sum::<u64>() as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// The memory in use now, bytes.
pub(crate) fn memory(process: u32) -> u64 {
    memory_of(process, "VmRSS:")
}

/// The most memory since the start or since [`forget_peak`], bytes.
pub(crate) fn peak(process: u32) -> u64 {
    memory_of(process, "VmHWM:")
}

/// Lets the kernel note the peak of the memory anew.
pub(crate) fn forget_peak(process: u32) {
    fs::write(format!("/proc/{process}/clear_refs"), "5").expect("the process is a child");
}
