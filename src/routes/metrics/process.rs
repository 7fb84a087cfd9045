//! What the system tells of this process, under the names that every Prometheus client has for it.
//!
//! Read from `/proc` (proc(5)) at each question; what cannot be read is left out. Three short files: some 50 µs.

use std::fs;

use super::text::{Kind, Text};
use crate::heap;

/// USER_HZ is 100 on every Linux that moked is built for.
const TICKS_PER_S: f64 = 100.0;

/// Writes memory, CPU time, threads and file descriptors.
pub(super) fn write(out: &mut Text) {
    let read = |name: &str| fs::read_to_string(format!("/proc/self/{name}")).unwrap_or_default();
    let status = read("status");
    for (name, help, field, unit) in [
        ("process_resident_memory_bytes", "Memory in RAM.", "VmRSS:", 1_024.0),
        ("process_virtual_memory_bytes", "Memory asked for.", "VmSize:", 1_024.0),
        ("process_threads", "Threads.", "Threads:", 1.0),
    ] {
        if let Some(value) = number(&status, field) {
            out.one(name, Kind::Gauge, help, value * unit);
        }
    }
    if let Some(bytes) = heap::live_bytes() {
        let help = "Memory that is allocated and not freed, without what SQLite and the recogniser take.";
        out.one("moked_heap_live_bytes", Kind::Gauge, help, bytes as f64);
    }
    if let Some(seconds) = cpu_s(&read("stat")) {
        out.one("process_cpu_seconds_total", Kind::Counter, "CPU time, user and system.", seconds);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        // The look itself has one open.
        let open = open.count().saturating_sub(1) as f64;
        out.one("process_open_fds", Kind::Gauge, "Open file descriptors.", open);
    }
    if let Some(most) = number(&read("limits"), "Max open files") {
        out.one("process_max_fds", Kind::Gauge, "File descriptors that may be open.", most);
    }
}

/// The first number behind a field's name.
fn number(file: &str, field: &str) -> Option<f64> {
    let rest = file.lines().find_map(|line| line.strip_prefix(field))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// Fields 14 and 15 of `stat`. The name of the program may hold blanks and brackets.
fn cpu_s(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut times = rest.split_whitespace().skip(11).map(str::parse::<f64>);
    Some((times.next()?.ok()? + times.next()?.ok()?) / TICKS_PER_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_proc_are_read_as_documented() {
        assert_eq!(number("Name:\tx\nVmRSS:\t   10240 kB\n", "VmRSS:"), Some(10_240.0));
        assert_eq!(
            number(
                "Max open files            1048576              1048576              files",
                "Max open files"
            ),
            Some(1_048_576.0)
        );
        assert_eq!(
            number(
                "Max open files            unlimited            unlimited            files",
                "Max open files"
            ),
            None
        );
        let stat = "77 (a ) b) S 1 77 77 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 9 0";
        assert_eq!(cpu_s(stat), Some(3.0));
    }
}
