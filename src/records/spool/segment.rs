//! One file of the spool.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use moked_core::record::{LineFault, RecordEntry};
use serde::Deserialize;

/// A segment as it was when it was read.
#[derive(Debug)]
pub(in crate::records) struct Segment {
    /// Its entries, in the order they were written.
    pub(in crate::records) entries: Vec<RecordEntry>,
    /// Its length in bytes.
    pub(in crate::records) length: u64,
    /// Lines that cannot be read, a torn last one among them.
    pub(in crate::records) damaged: u64,
    /// Lines of a later moked.
    pub(in crate::records) later: u64,
}

impl Segment {
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        let bytes = fs::read(path)?;
        let mut segment = Self { entries: Vec::new(), length: bytes.len() as u64, damaged: 0, later: 0 };
        for line in lines(&bytes) {
            match line.map(RecordEntry::from_line) {
                Some(Ok(entry)) => segment.entries.push(entry),
                Some(Err(LineFault::Newer(_))) => segment.later += 1,
                Some(Err(LineFault::Damaged(_))) | None => segment.damaged += 1,
            }
        }
        Ok(segment)
    }
}

/// What every version's line tells of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(in crate::records) struct Stub {
    /// The call, as it is written.
    pub(in crate::records) call_sid: String,
    /// When, in milliseconds since the Unix epoch.
    pub(in crate::records) at_ms: u64,
    fact: StubFact,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct StubFact {
    #[serde(default)]
    caller: Option<String>,
}

impl Stub {
    /// The caller's number, where the line tells it.
    pub(in crate::records) fn caller(&self) -> Option<&str> {
        self.fact.caller.as_deref()
    }
}

pub(super) fn stubs(path: &Path) -> io::Result<Vec<Stub>> {
    let bytes = fs::read(path)?;
    Ok(lines(&bytes).filter_map(|line| serde_json::from_str(line?).ok()).collect())
}

/// Rewrites a segment with the lines to keep, at once for whoever reads it. Gives how many went.
pub(super) fn rewrite(path: &Path, keep: &mut impl FnMut(&Stub) -> bool) -> io::Result<u64> {
    let bytes = fs::read(path)?;
    let (mut kept, mut gone) = (String::new(), 0);
    for line in lines(&bytes) {
        match line.and_then(|line| Some((line, serde_json::from_str::<Stub>(line).ok()?))) {
            Some((line, stub)) if keep(&stub) => {
                kept.push_str(line);
                kept.push('\n');
            }
            _ => gone += 1,
        }
    }
    if gone == 0 {
        return Ok(0);
    }
    let mut old = OpenOptions::new().write(true).open(path)?;
    if kept.is_empty() {
        fs::remove_file(path)?;
    } else {
        let draft = path.with_extension("draft");
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&draft)?;
        file.write_all(kept.as_bytes())?;
        file.sync_data()?;
        fs::rename(draft, path)?;
    }
    // So that the words are not found in the disk's free space. A file system that copies or journals data may still
    // hold them.
    old.write_all(&vec![b'\n'; bytes.len()])?;
    old.sync_data()?;
    Ok(gone)
}

/// The lines; `None` for one that is no text or has no end. Empty ones are left out.
fn lines(bytes: &[u8]) -> impl Iterator<Item = Option<&str>> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line != b"\n");
    lines.map(|line| std::str::from_utf8(line.strip_suffix(b"\n")?).ok())
}
