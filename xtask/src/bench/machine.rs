//! What the operating system says about itself and about our programs (Linux, `proc(5)`).

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Share of the machine in percent that may be used by others.
const QUIET: f64 = 15.0;

/// How long to wait for that.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until the machine is quiet, or as long as that is worth it; tells what share in percent others use.
pub fn wait_until_quiet() -> f64 {
    let started = Instant::now();
    loop {
        let busy = busy(Duration::from_secs(1));
        if busy <= QUIET || started.elapsed() > PATIENCE {
            return busy;
        }
    }
}

/// The load averages of 1, 5 and 15 minutes.
pub fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// Processors.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Resident memory of a process in bytes.
///
/// # Errors
/// When there is no such process.
pub fn memory(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1024)
}

/// Processor time a process has used so far.
///
/// # Errors
/// When there is no such process.
pub fn used(pid: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // Behind the program's name in parentheses: user and system time are the 12th and 13th word, in ticks of 10 ms.
    let words = stat.rsplit(") ").next().context("no times")?;
    let ticks: Vec<u64> = words.split(' ').skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(Duration::from_millis(10 * ticks.iter().sum::<u64>()))
}

/// Share of all processors in percent that was used during a while.
fn busy(during: Duration) -> f64 {
    let before = ticks();
    std::thread::sleep(during);
    match (before, ticks()) {
        (Some((all, idle)), Some((all_now, idle_now))) if all_now > all => {
            100.0 * (1.0 - (idle_now - idle) as f64 / (all_now - all) as f64)
        }
        _ => 0.0,
    }
}

/// All ticks of all processors, and those in which they had nothing to do or waited for a disk.
fn ticks() -> Option<(u64, u64)> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let ticks: Vec<u64> = stat.lines().next()?.split_whitespace().skip(1).flat_map(str::parse).collect();
    Some((ticks.iter().sum(), ticks.get(3)? + ticks.get(4)?))
}
