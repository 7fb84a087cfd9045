//! The arithmetic of the bench: percentiles, what was added, and how far from its beat a frame came.

use std::time::{Duration, Instant};

use moked_core::audio::FRAME_MS;
use serde::{Deserialize, Serialize};

/// A distribution in three numbers, in ms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// How many values there were.
    pub count: usize,
    /// The median.
    pub p50: f64,
    /// 95 in a hundred are no more.
    pub p95: f64,
    /// 99 in a hundred are no more; the largest of fewer than a hundred.
    pub p99: f64,
}

impl Spread {
    /// Of values in any order; `None` of none.
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let rank = |percent: usize| {
            // Nearest rank: the smallest value that so many in a hundred do not exceed.
            let place = (values.len() * percent).div_ceil(100).saturating_sub(1);
            values.get(place).copied()
        };
        Some(Self { count: values.len(), p50: rank(50)?, p95: rank(95)?, p99: rank(99)? })
    }
}

/// Milliseconds with their fraction.
pub(super) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// What of a wait is neither the end-of-utterance silence nor a provider, in ms.
pub(super) fn added_ms(waited: Duration, inherent: Duration) -> f64 {
    ms(waited) - ms(inherent)
}

/// How late each frame of one run came, in ms, against an ideal pacer: the frames of the lead at once, then one
/// each 20 ms. The beat is anchored at the frame that came earliest for its place, so nothing is early.
pub(super) fn pacing_errors(arrivals: &[Instant], lead: Duration) -> Vec<f64> {
    let frame = Duration::from_millis(u64::from(FRAME_MS));
    let dues = (0_u32..).map(|number| (frame * number).saturating_sub(lead));
    let anchors: Vec<_> =
        arrivals.iter().zip(dues).filter_map(|(at, due)| Some((*at, at.checked_sub(due)?))).collect();
    let Some(earliest) = anchors.iter().map(|(_, anchor)| *anchor).min() else { return Vec::new() };
    anchors.into_iter().map(|(_, anchor)| ms(anchor - earliest)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let spread = Spread::of((1..=200).rev().map(f64::from).collect()).unwrap();
        assert_eq!(spread, Spread { count: 200, p50: 100.0, p95: 190.0, p99: 198.0 });
        let few = Spread::of(vec![3.0, 1.0, 2.0]).unwrap();
        assert_eq!((few.p50, few.p99), (2.0, 3.0));
        assert_eq!(Spread::of(Vec::new()), None);
    }

    #[test]
    fn added_is_what_no_one_else_took() {
        let waited = Duration::from_micros(642_500);
        assert!((added_ms(waited, Duration::from_millis(640)) - 2.5).abs() < 1e-9);
        assert!(added_ms(Duration::ZERO, Duration::from_millis(1)) < 0.0);
    }

    #[test]
    fn a_run_on_the_beat_has_no_error_and_a_late_frame_has_its_own() {
        let zero = Instant::now();
        let lead = Duration::from_millis(40);
        // Frames 0, 1 and 2 belong to the lead; from there on one each 20 ms.
        let mut arrivals: Vec<_> =
            [0, 0, 0, 20, 40, 60].map(|at| zero + Duration::from_millis(at)).into_iter().collect();
        assert_eq!(pacing_errors(&arrivals, lead), [0.0; 6]);
        arrivals[4] += Duration::from_millis(7);
        assert_eq!(pacing_errors(&arrivals, lead), [0.0, 0.0, 0.0, 0.0, 7.0, 0.0]);
        assert!(pacing_errors(&[], lead).is_empty());
    }
}
