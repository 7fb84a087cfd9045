//! How unevenly marks come back: what a lead must hide.
//!
//! A carrier that is always 80 ms behind needs no lead for it; one that is 20 ms behind now and 150 then does. So
//! it is the deviation from the usual lag that counts, smoothed as TCP smooths that of its round trips (RFC 6298),
//! but up faster than down: a stutter is heard at once, and a lead too long only costs bytes to clear.

use std::time::Duration;

/// Weight of a new reading in the usual lag.
const MEAN_GAIN: f32 = 1.0 / 8.0;

/// Weight of a deviation that is larger than the usual one, and of a smaller one.
const UP: f32 = 1.0 / 2.0;
const DOWN: f32 = 1.0 / 16.0;

/// The unevenness of one line.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Jitter {
    mean_ms: Option<f32>,
    deviation_ms: f32,
}

impl Jitter {
    /// A mark came back so long after it should have been played.
    pub(super) fn observe(&mut self, late: Duration) {
        let late = late.as_secs_f32() * 1_000.0;
        let mean = *self.mean_ms.get_or_insert(late);
        let off = (late - mean).abs();
        let gain = if off > self.deviation_ms { UP } else { DOWN };
        self.deviation_ms += (off - self.deviation_ms) * gain;
        self.mean_ms = Some(mean + (late - mean) * MEAN_GAIN);
    }

    /// The usual deviation from the usual lag.
    pub(super) fn deviation(&self) -> Duration {
        Duration::from_micros((self.deviation_ms * 1_000.0).round() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(readings: impl IntoIterator<Item = u64>) -> u128 {
        let mut jitter = Jitter::default();
        readings.into_iter().for_each(|ms| jitter.observe(Duration::from_millis(ms)));
        jitter.deviation().as_millis()
    }

    #[test]
    fn a_steady_lag_is_none_however_long_it_is() {
        assert_eq!(after([180; 40]), 0);
        assert!(after([180, 183].repeat(20)) <= 2);
    }

    #[test]
    fn one_late_mark_counts_at_once_and_is_forgotten_slowly() {
        assert_eq!(after([40, 40, 200]), 80);
        let calm: Vec<u64> = [40, 40, 200].into_iter().chain([40; 10]).collect();
        assert!((40..=70).contains(&after(calm)), "ten marks are two seconds");
        let long_calm: Vec<u64> = [40, 40, 200].into_iter().chain([40; 60]).collect();
        assert!(after(long_calm) <= 3);
    }
}
