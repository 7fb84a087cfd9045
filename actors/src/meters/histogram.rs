//! A histogram of times that many threads may write and that is never reset, as Prometheus wants it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counts of times up to each of a few bounds.
#[derive(Debug)]
pub struct Histogram {
    bounds_us: &'static [u64],
    /// One a bound, and one for what is above the last.
    buckets: Box<[AtomicU64]>,
    sum_us: AtomicU64,
}

/// A histogram as it stood.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramView {
    /// Upper bounds in seconds with the count up to each; the last bound is `None`, everything.
    pub cumulative: Vec<(Option<f64>, u64)>,
    /// Sum of all times, in seconds.
    pub sum_s: f64,
    /// How many times were recorded.
    pub count: u64,
}

impl Histogram {
    /// An empty one with these upper bounds, microseconds, ascending.
    pub fn new(bounds_us: &'static [u64]) -> Self {
        let buckets = (0..=bounds_us.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds_us, buckets, sum_us: AtomicU64::new(0) }
    }

    /// Records a time.
    pub fn record(&self, time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let bucket = self.bounds_us.iter().position(|&bound| us <= bound).unwrap_or(self.bounds_us.len());
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    /// How it stands. Times that are recorded meanwhile are in it wholly or show in the sum only.
    pub fn view(&self) -> HistogramView {
        let bounds = self.bounds_us.iter().map(|&us| Some(us as f64 / 1e6)).chain([None]);
        let mut count = 0;
        let cumulative = bounds
            .zip(&self.buckets)
            .map(|(bound, bucket)| {
                count += bucket.load(Ordering::Relaxed);
                (bound, count)
            })
            .collect();
        HistogramView { cumulative, sum_s: self.sum_us.load(Ordering::Relaxed) as f64 / 1e6, count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_counts_in_every_bucket_from_its_bound_up() {
        let histogram = Histogram::new(&[1_000, 20_000]);
        for ms in [1, 5, 5, 900] {
            histogram.record(Duration::from_millis(ms));
        }
        let view = histogram.view();
        assert_eq!(view.cumulative, [(Some(0.001), 1), (Some(0.02), 3), (None, 4)]);
        assert_eq!((view.count, view.sum_s), (4, 0.911));
    }
}
