//! How long things took, as a histogram of fixed bounds: cheap to keep for ever, enough for percentiles.

use serde::Serialize;

/// Upper bounds of the buckets in ms; above the last lies one more.
pub const BOUNDS_MS: [u64; 14] = [10, 25, 50, 75, 100, 150, 250, 400, 600, 800, 1_200, 2_000, 4_000, 8_000];

/// A histogram of durations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Latency {
    buckets: [u64; BOUNDS_MS.len() + 1],
    count: u64,
    sum_ms: u64,
}

impl Latency {
    /// Enters one duration.
    pub fn record(&mut self, ms: u64) {
        let bucket = BOUNDS_MS.iter().position(|&bound| ms <= bound).unwrap_or(BOUNDS_MS.len());
        self.buckets[bucket] += 1;
        self.count += 1;
        self.sum_ms += ms;
    }

    /// How many were entered.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their sum in ms.
    pub fn sum_ms(&self) -> u64 {
        self.sum_ms
    }

    /// For each bound, how many were at most that long; the last element counts all.
    pub fn cumulative(&self) -> impl Iterator<Item = (Option<u64>, u64)> {
        let bounds = BOUNDS_MS.iter().copied().map(Some).chain([None]);
        bounds.zip(self.buckets).scan(0, |total, (bound, count)| {
            *total += count;
            Some((bound, *total))
        })
    }

    /// The bound below which the given share (0 to 1) lies; `None` with no entry, or above the last bound.
    pub fn quantile(&self, share: f64) -> Option<u64> {
        let wanted = (self.count as f64 * share).ceil() as u64;
        if self.count == 0 {
            return None;
        }
        self.cumulative().find(|&(_, total)| total >= wanted).and_then(|(bound, _)| bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_bounds_that_hold_the_share() {
        let mut latency = Latency::default();
        for ms in [5, 20, 30, 90, 9_000] {
            latency.record(ms);
        }
        assert_eq!(latency.quantile(0.5), Some(50));
        assert_eq!(latency.quantile(0.8), Some(100));
        assert_eq!(latency.quantile(1.0), None);
        assert_eq!((latency.count(), latency.sum_ms()), (5, 9_145));
        assert_eq!(latency.cumulative().last(), Some((None, 5)));
    }
}
