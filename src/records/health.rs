//! How the records fare, for `/readyz` and `/metrics`.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// How the records fare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordsHealth {
    /// The database has not been reached yet.
    Starting,
    /// Entries reach the database.
    Ok,
    /// They do not, and wait.
    Degraded {
        /// What is wrong, where they wait, and what to do.
        why: String,
    },
    /// Nothing is recorded.
    Off {
        /// Why.
        why: String,
    },
}

impl fmt::Display for RecordsHealth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starting => f.write_str("starting"),
            Self::Ok => f.write_str("ok"),
            Self::Degraded { why } => write!(f, "degraded: {why}"),
            Self::Off { why } => write!(f, "off: {why}"),
        }
    }
}

/// Entries since the start, and those that wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecordsCount {
    /// Entries that calls gave.
    pub taken: u64,
    /// Entries that the database took, repeated ones too.
    pub written: u64,
    /// Entries that went to the spool.
    pub spooled: u64,
    /// Entries that wait in memory because neither database nor spool takes them.
    pub held: u64,
    /// Entries lost: no room anywhere, or refused by the database for ever.
    pub dropped: u64,
}

/// The counters behind [`RecordsCount`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) taken: AtomicU64,
    pub(super) written: AtomicU64,
    pub(super) spooled: AtomicU64,
    pub(super) held: AtomicU64,
    pub(super) dropped: AtomicU64,
}

impl Counters {
    pub(super) fn read(&self) -> RecordsCount {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RecordsCount {
            taken: get(&self.taken),
            written: get(&self.written),
            spooled: get(&self.spooled),
            held: get(&self.held),
            dropped: get(&self.dropped),
        }
    }
}

pub(super) fn add(counter: &AtomicU64, count: usize) {
    counter.fetch_add(count as u64, Ordering::Relaxed);
}
