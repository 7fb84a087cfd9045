//! Answers of a call that were begun on a guess, and what became of them.

use serde::Serialize;

/// How often, what it cost and what it brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Guesses {
    /// Answers begun before the caller's words were certain.
    pub(crate) begun: u32,
    /// Those that were given.
    committed: u32,
    /// Those that were dropped.
    discarded: u32,
    /// Characters that had come of those. The engines do not tell their tokens; four characters are about one.
    wasted_chars: usize,
    /// By how much the given ones were earlier, together.
    saved_ms: u64,
}

impl Guesses {
    pub(crate) fn committed(&mut self, saved_ms: u64) {
        self.committed += 1;
        self.saved_ms += saved_ms;
    }

    pub(crate) fn discarded(&mut self, wasted_chars: usize) {
        self.discarded += 1;
        self.wasted_chars += wasted_chars;
    }
}
