//! A histogram that forgets: the times of the last few seconds, for decisions about now.
//!
//! Two slots take turns, each for a period; a reading is of both. A slot is emptied by the first that writes
//! into it in a new period. Two writers who do so at once may lose a handful of times between them, which no
//! decision hangs on; a lock would cost every frame of every call.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a slot takes times. A reading covers one to two of them.
const PERIOD: Duration = Duration::from_secs(5);

/// Times of the last 5 to 10 s.
#[derive(Debug)]
pub struct Recent {
    bounds_us: &'static [u64],
    since: Instant,
    slots: [Slot; 2],
}

#[derive(Debug)]
struct Slot {
    /// The period whose times are in it, counted from 1; 0 is none.
    period: AtomicU64,
    buckets: Box<[AtomicU64]>,
    most_us: AtomicU64,
}

impl Recent {
    /// An empty one with these upper bounds, microseconds, ascending.
    pub fn new(bounds_us: &'static [u64], now: Instant) -> Self {
        let slot = || Slot {
            period: AtomicU64::new(0),
            buckets: (0..=bounds_us.len()).map(|_| AtomicU64::new(0)).collect(),
            most_us: AtomicU64::new(0),
        };
        Self { bounds_us, since: now, slots: [slot(), slot()] }
    }

    /// Records a time.
    pub fn record(&self, time: Duration, now: Instant) {
        let period = self.period(now);
        let slot = &self.slots[(period % 2) as usize];
        if slot.period.swap(period, Ordering::Relaxed) != period {
            slot.buckets.iter().for_each(|bucket| bucket.store(0, Ordering::Relaxed));
            slot.most_us.store(0, Ordering::Relaxed);
        }
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let bucket = self.bounds_us.iter().position(|&bound| us <= bound).unwrap_or(self.bounds_us.len());
        slot.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        slot.most_us.fetch_max(us, Ordering::Relaxed);
    }

    /// The bound that this share (0 to 1) of the times do not pass; above the last bound, the longest time.
    /// `None` when none was recorded of late.
    pub fn quantile(&self, share: f64, now: Instant) -> Option<Duration> {
        let period = self.period(now);
        let fresh: Vec<&Slot> =
            self.slots.iter().filter(|slot| slot.period.load(Ordering::Relaxed) + 1 >= period).collect();
        let count = |bucket: usize| -> u64 {
            fresh.iter().map(|slot| slot.buckets[bucket].load(Ordering::Relaxed)).sum()
        };
        let total: u64 = (0..=self.bounds_us.len()).map(count).sum();
        if total == 0 {
            return None;
        }
        let wanted = (total as f64 * share).ceil() as u64;
        let mut seen = 0;
        let bound = self.bounds_us.iter().enumerate().find(|(bucket, _)| {
            seen += count(*bucket);
            seen >= wanted
        });
        let longest =
            || fresh.iter().map(|slot| slot.most_us.load(Ordering::Relaxed)).max().unwrap_or_default();
        Some(Duration::from_micros(bound.map_or_else(longest, |(_, bound)| *bound)))
    }

    fn period(&self, now: Instant) -> u64 {
        1 + now.saturating_duration_since(self.since).as_secs() / PERIOD.as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zero: Instant, ms: u64) -> Instant {
        zero + Duration::from_millis(ms)
    }

    const BOUNDS: [u64; 2] = [1_000, 10_000];

    #[test]
    fn a_reading_is_of_this_period_and_the_one_before() {
        let zero = Instant::now();
        let recent = Recent::new(&BOUNDS, zero);
        assert_eq!(recent.quantile(0.99, zero), None);
        recent.record(Duration::from_millis(8), at(zero, 4_000));
        assert_eq!(recent.quantile(0.99, at(zero, 4_000)), Some(Duration::from_millis(10)));
        recent.record(Duration::from_micros(300), at(zero, 6_000));
        assert_eq!(recent.quantile(0.99, at(zero, 9_999)), Some(Duration::from_millis(10)));
        assert_eq!(recent.quantile(0.99, at(zero, 10_000)), Some(Duration::from_millis(1)));
        assert_eq!(recent.quantile(0.99, at(zero, 60_000)), None);
    }

    #[test]
    fn past_the_last_bound_the_longest_time_is_told() {
        let zero = Instant::now();
        let recent = Recent::new(&BOUNDS, zero);
        recent.record(Duration::from_millis(700), zero);
        assert_eq!(recent.quantile(0.5, zero), Some(Duration::from_millis(700)));
    }
}
