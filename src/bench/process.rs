//! What the system tells of a process, and where it may run.

use std::fs;
use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

/// The unit of `/proc/PID/stat`: USER_HZ is 100 on every Linux but Alpha's.
const TICK: Duration = Duration::from_millis(10);

fn unreadable(what: &str) -> io::Error {
    io::Error::other(format!("{what} does not read as documented in proc(5)"))
}

/// CPU time of a process so far, user and system, all threads.
///
/// # Errors
/// When there is no such process, or no `/proc`.
pub(super) fn cpu(pid: u32) -> io::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    ticks(&stat).map(|ticks| TICK * ticks).ok_or_else(|| unreadable("/proc/PID/stat"))
}

/// Fields 14 and 15, `utime` and `stime`. The name of the program may hold blanks and brackets.
fn ticks(stat: &str) -> Option<u32> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut times = rest.split_whitespace().skip(11).map(str::parse::<u32>);
    Some(times.next()?.ok()? + times.next()?.ok()?)
}

/// Memory of a process that is in RAM, in KiB.
///
/// # Errors
/// As [`cpu`].
pub(crate) fn resident_kib(pid: u32) -> io::Result<u64> {
    memory(pid, "VmRSS:")
}

/// Memory of a process that is in RAM and no file's, in KiB: its heap and stacks. What leaks, leaks here; pages of the
/// program and of databases come and go with what the system needs.
///
/// # Errors
/// As [`cpu`].
pub(crate) fn own_kib(pid: u32) -> io::Result<u64> {
    memory(pid, "RssAnon:")
}

fn memory(pid: u32, kind: &str) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib = field(&status, kind).and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    kib.ok_or_else(|| unreadable("/proc/PID/status"))
}

pub(crate) fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

/// The core of the server, and that of the world outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cores {
    /// The server's own.
    pub server: usize,
    /// The callers' and the stubs'.
    pub world: usize,
}

impl Cores {
    /// Two cores that this process may use, if there are two and `taskset` (util-linux) is here to bind to them.
    pub fn find() -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let allowed = cores(field(&status, "Cpus_allowed_list:")?);
        let has_taskset = quiet(Command::new("taskset").arg("--version")).is_ok_and(|end| end.success());
        match allowed.as_slice() {
            &[server, world, ..] if has_taskset => Some(Self { server, world }),
            _ => None,
        }
    }
}

/// Binds the calling thread to a core. Threads that it starts inherit that.
pub fn bind_this_thread(core: usize) {
    let thread = fs::read_link("/proc/thread-self").ok();
    let thread = thread.as_deref().and_then(|path| path.file_name()).and_then(|name| name.to_str());
    if let Some(thread) = thread {
        // Unbound, the results are only less clean.
        let _ = quiet(Command::new("taskset").args(["-cp", &core.to_string(), thread]));
    }
}

fn quiet(command: &mut Command) -> io::Result<ExitStatus> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()
}

/// The numbers of a list such as `0-1,4`.
fn cores(list: &str) -> Vec<usize> {
    let ranges = list.split(',').filter_map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
    });
    ranges.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_is_read_behind_the_name_whatever_it_is() {
        let stat = "7 (a ) (b) S 1 7 7 0 -1 4194560 100 0 0 0 30 12 0 0 20 0 3 0 99 1000 200";
        assert_eq!(ticks(stat), Some(42));
        assert_eq!(ticks("7 (a) S 1"), None);
    }

    #[test]
    fn this_process_has_memory_and_time() {
        let pid = std::process::id();
        assert!(resident_kib(pid).unwrap() > own_kib(pid).unwrap());
        assert!(own_kib(pid).unwrap() > 0);
        assert!(cpu(pid).is_ok());
    }

    #[test]
    fn a_list_of_cores_may_have_ranges() {
        assert_eq!(cores("0-2,5"), [0, 1, 2, 5]);
        assert_eq!(cores("3"), [3]);
    }
}
