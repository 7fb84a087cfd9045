//! A start of time for tests of machines: the one clock read of the crate.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

#[expect(clippy::disallowed_methods, reason = "a test needs one instant to count from")]
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Some instant, always the same; all a machine's test needs is one to count from.
pub(crate) fn start() -> Instant {
    *START
}

/// `start` plus milliseconds.
pub(crate) fn at(start: Instant, ms: u64) -> Instant {
    start + Duration::from_millis(ms)
}
