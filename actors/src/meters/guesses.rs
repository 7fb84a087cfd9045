//! Answers begun on a guess: what they cost and what they brought.

use std::time::Duration;

use super::{Count, Histogram, TURNS_US};

/// Of all calls.
#[derive(Debug)]
pub struct GuessMeters {
    /// By how much each answer that was given is earlier; the count is how often.
    pub saved: Histogram,
    /// Answers that were dropped, since the caller had not finished or had said something else.
    pub discarded: Count,
    /// Characters that had come of those.
    pub wasted_chars: Count,
}

impl Default for GuessMeters {
    fn default() -> Self {
        Self { saved: Histogram::new(&TURNS_US), discarded: Count::default(), wasted_chars: Count::default() }
    }
}

impl GuessMeters {
    pub(crate) fn committed(&self, saved: Duration) {
        self.saved.record(saved);
    }

    pub(crate) fn discarded(&self, wasted_chars: usize) {
        self.discarded.add();
        self.wasted_chars.add_many(wasted_chars as u64);
    }
}
