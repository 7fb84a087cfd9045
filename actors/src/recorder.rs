//! The port through which a call leaves its record.

use std::fmt::Debug;

use moked_core::record::RecordEntry;

/// Takes the entries of every call, as they happen. Whoever keeps them does so elsewhere: the caller is waiting.
pub trait CallRecorder: Send + Sync + Debug {
    /// Takes an entry. Never blocks, never fails: what cannot be kept is the keeper's to count and to tell.
    fn record(&self, entry: RecordEntry);
}

/// Keeps nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRecorder;

impl CallRecorder for NoRecorder {
    fn record(&self, _: RecordEntry) {}
}
