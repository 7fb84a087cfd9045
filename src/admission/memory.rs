//! What this process takes of memory, and what it may (proc(5), cgroups(7)).

use std::fs;
use std::path::{Path, PathBuf};

const CGROUPS: &str = "/sys/fs/cgroup";

/// What the process takes, bytes; `None` where the system does not tell.
pub(super) fn resident() -> Option<u64> {
    kib(&fs::read_to_string("/proc/self/status").ok()?, "VmRSS:")
}

/// What it may take, bytes: the least of the machine's memory and the limits of its cgroups.
pub(super) fn limit() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|info| kib(&info, "MemTotal:"));
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let groups =
        groups(&own).into_iter().filter_map(|file| fs::read_to_string(file).ok()?.trim().parse().ok());
    machine.into_iter().chain(groups).min()
}

/// The files with limits: of each group that holds the process, up to the root, in either version of cgroups.
fn groups(own: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in own.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
        let (root, name) = if controllers.is_empty() {
            (PathBuf::from(CGROUPS), "memory.max")
        } else if controllers.split(',').any(|controller| controller == "memory") {
            (Path::new(CGROUPS).join("memory"), "memory.limit_in_bytes")
        } else {
            continue;
        };
        let inner = Path::new(path.trim_start_matches('/'));
        files.extend(inner.ancestors().map(|group| root.join(group).join(name)));
    }
    files
}

/// The number of KiB behind a field's name, in bytes.
fn kib(file: &str, field: &str) -> Option<u64> {
    let rest = file.lines().find_map(|line| line.strip_prefix(field))?;
    Some(rest.split_whitespace().next()?.parse::<u64>().ok()? * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_above_the_process_may_limit_it() {
        let files = groups("0::/a/b\n");
        let wanted =
            ["/sys/fs/cgroup/a/b/memory.max", "/sys/fs/cgroup/a/memory.max", "/sys/fs/cgroup/memory.max"];
        assert_eq!(files, wanted.map(PathBuf::from));
        let files = groups("12:cpu:/x\n4:memory:/docker\n");
        let wanted = ["docker/memory.limit_in_bytes", "memory.limit_in_bytes"];
        assert_eq!(files, wanted.map(|file| Path::new("/sys/fs/cgroup/memory").join(file)));
        assert_eq!(groups("nonsense"), Vec::<PathBuf>::new());
    }

    #[test]
    fn this_process_takes_some_memory_and_less_than_it_may() {
        let (resident, limit) = (resident().unwrap(), limit().unwrap());
        assert!(resident > 1_024 * 1_024 && resident < limit, "{resident} of {limit}");
    }
}
