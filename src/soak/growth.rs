//! Whether memory grows, and how sure that is.
//!
//! The memory of fifty calls goes up and down by some hundred KiB as they come and go, which over five minutes looks
//! like some MiB an hour either way. So a slope is told with its standard error, and what a soak was too short to tell
//! is not taken for growth, nor for none.

use std::fmt;

use serde::Serialize;

/// Growth that is none, MiB an hour.
const NONE: f64 = 0.5;

/// Stretches of time whose means are the points of the line: neighbouring samples tell the same, such means hardly do.
const STRETCHES: usize = 12;

/// Standard errors within which a value lies, 99 of 100 times: of twelve points the error is uncertain itself.
const SURELY: f64 = 3.0;

/// A slope.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Growth {
    /// MiB an hour.
    pub mib_h: f64,
    /// Its standard error.
    pub error_mib_h: f64,
}

/// What a slope says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There is none.
    Still,
    /// There is some.
    Grows,
    /// The soak was too short to tell.
    Unsure,
}

impl Growth {
    /// The line through points of hours and MiB, by least squares over the means of stretches; none of too few points.
    pub(super) fn of(points: Vec<(f64, f64)>) -> Option<Self> {
        let stretch = points.len() / STRETCHES;
        let means: Vec<(f64, f64)> = points.chunks_exact(stretch.max(1)).map(mean).collect();
        if stretch == 0 {
            return None;
        }
        let (hour, mib) = mean(&means);
        let width: f64 = means.iter().map(|point| (point.0 - hour).powi(2)).sum();
        let slope = means.iter().map(|point| (point.0 - hour) * (point.1 - mib)).sum::<f64>() / width;
        let rest: f64 = means.iter().map(|point| (point.1 - mib - slope * (point.0 - hour)).powi(2)).sum();
        let error = (rest / (means.len() as f64 - 2.0) / width).sqrt();
        (width > 0.0).then_some(Self { mib_h: slope, error_mib_h: error })
    }

    pub(super) fn verdict(&self) -> Verdict {
        let margin = SURELY * self.error_mib_h;
        if self.mib_h - margin > NONE {
            Verdict::Grows
        } else if self.mib_h + margin <= NONE {
            Verdict::Still
        } else {
            Verdict::Unsure
        }
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} ± {:.1}", self.mib_h, SURELY * self.error_mib_h)?;
        match self.verdict() {
            Verdict::Still => Ok(()),
            Verdict::Grows => write!(f, ", it grows"),
            Verdict::Unsure => write!(f, ", too short to tell from {NONE}: try --minutes 60"),
        }
    }
}

fn mean(points: &[(f64, f64)]) -> (f64, f64) {
    let sum = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
    let count = points.len() as f64;
    (sum.0 / count, sum.1 / count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soak::dice::Dice;

    /// So many minutes of a sample each 5 s that goes up and down by 100 KiB, and grows.
    fn soak(minutes: usize, mib_h: f64, seed: u64) -> Growth {
        let mut dice = Dice::new(seed);
        let hours = (0..minutes * 12).map(|sample| sample as f64 / 720.0);
        let noise = |dice: &mut Dice| dice.below(200) as f64 / 1_000.0;
        Growth::of(hours.map(|hour| (hour, 14.0 + mib_h * hour + noise(&mut dice))).collect()).unwrap()
    }

    #[test]
    fn an_hour_tells_a_slow_leak_from_none() {
        for seed in 0..20 {
            assert_ne!(soak(60, 0.0, seed).verdict(), Verdict::Grows);
            assert_eq!(soak(60, 1.0, seed).verdict(), Verdict::Grows, "{}", soak(60, 1.0, seed));
        }
    }

    #[test]
    fn minutes_tell_a_leak_that_matters_and_say_what_they_cannot_tell() {
        for seed in 0..20 {
            assert_eq!(soak(5, 20.0, seed).verdict(), Verdict::Grows);
            assert_ne!(soak(5, 0.4, seed).verdict(), Verdict::Grows, "{}", soak(5, 0.4, seed));
        }
        let unsure = (0..20).filter(|seed| soak(5, 0.4, *seed).verdict() == Verdict::Unsure).count();
        assert!(unsure >= 15, "{unsure} of 20");
    }

    #[test]
    fn the_slope_is_in_mib_an_hour() {
        let growth =
            Growth::of((0..120).map(|n| (f64::from(n) / 60.0, 20.0 + f64::from(n))).collect()).unwrap();
        assert!((growth.mib_h - 60.0).abs() < 1e-6 && growth.error_mib_h < 1e-6, "{growth}");
        assert_eq!(Growth::of(vec![(0.0, 1.0); 3]), None);
    }
}
