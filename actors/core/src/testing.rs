//! A start of time for tests of machines: the one clock read of the crate.

use std::time::{Duration, Instant};

/// Some instant; all a machine's test needs is one to count from.
#[expect(clippy::disallowed_methods, reason = "a test needs one instant to count from")]
pub(crate) fn start() -> Instant {
    Instant::now()
}

/// `start` plus milliseconds.
pub(crate) fn at(start: Instant, ms: u64) -> Instant {
    start + Duration::from_millis(ms)
}
