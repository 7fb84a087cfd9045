//! A token bucket: so many a second, and as many at once after a quiet second.

use std::time::{Duration, Instant};

/// The bucket. A token is `NANOS` parts, so that nothing is lost to rounding.
#[derive(Debug)]
pub(super) struct TokenBucket {
    per_s: u32,
    parts: u128,
    filled: Instant,
}

const NANOS: u128 = 1_000_000_000;

impl TokenBucket {
    /// A full one.
    pub(super) fn new(per_s: u32, now: Instant) -> Self {
        Self { per_s, parts: NANOS * u128::from(per_s), filled: now }
    }

    /// Whether a token is in it.
    pub(super) fn has_one(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.filled).min(Duration::from_secs(1));
        let most = NANOS * u128::from(self.per_s);
        self.parts = (self.parts + passed.as_nanos() * u128::from(self.per_s)).min(most);
        self.filled = self.filled.max(now);
        self.parts >= NANOS
    }

    /// Takes a token, if there is one.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let has_one = self.has_one(now);
        if has_one {
            self.parts -= NANOS;
        }
        has_one
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_brings_so_many_and_never_more_at_once() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut bucket = TokenBucket::new(5, start);
        let mut taken =
            |ms: u64| std::iter::repeat_with(|| bucket.take(at(ms))).take_while(|taken| *taken).count();
        assert_eq!(taken(0), 5);
        assert_eq!(taken(199), 0);
        assert_eq!(taken(200), 1);
        assert_eq!(taken(1_000), 4);
        assert_eq!(taken(60_000), 5, "an hour of quiet is a second's worth");
        assert_eq!(taken(0), 0, "a clock that other threads read earlier takes nothing back");
    }

    #[test]
    fn slow_drops_add_up() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(3, start);
        let taken = (0..10_000).filter(|ms| bucket.take(start + Duration::from_millis(*ms))).count();
        assert_eq!(taken, 3 + 29, "10 s at 3 a second after a full bucket");
    }
}
