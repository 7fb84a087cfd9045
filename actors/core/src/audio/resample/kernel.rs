//! The low-pass kernel of a resampler, cut into phases.
//!
//! A sinc under a Kaiser window (J. F. Kaiser's formulas for window shape and length). The transition runs
//! from 0.4375 to 0.5375 of the lower rate: for 8 kHz from 3.5 kHz, above all a telephone carries, to
//! 4.3 kHz, whose image lands above 3.7 kHz.

use std::f64::consts::PI;

/// Attenuation of the stop band the window is designed for, dB: 60 asked, and room for the rounding of
/// coefficients.
const ATTENUATION_DB: f64 = 70.0;

/// Middle of the transition as a share of the lower rate.
const CUTOFF: f64 = 0.4875;

/// Width of the transition as a share of the lower rate.
const TRANSITION: f64 = 0.1;

/// Most phases of a kernel: as many as 11,025 Hz to 32,000 Hz need. More only cost memory.
const MOST_PHASES: u64 = 1_280;

/// Coefficients for every phase of a conversion from `to/from` = `up/down` in lowest terms.
#[derive(Debug, Clone)]
pub(super) struct Kernel {
    up: usize,
    down: usize,
    taps: usize,
    /// Phase by phase, `taps` coefficients each, in the order of the input.
    coefficients: Vec<f32>,
}

impl Kernel {
    /// The kernel between two rates in Hz, neither zero. Equal rates give the kernel that changes nothing.
    pub(super) fn new(from_hz: u32, to_hz: u32) -> Self {
        let (up, down) = ratio(to_hz, from_hz);
        if up == down {
            return Self { up: 1, down: 1, taps: 1, coefficients: vec![1.0] };
        }
        let lower = f64::from(from_hz.min(to_hz)) / f64::from(from_hz);
        let length = (ATTENUATION_DB - 7.95) / (14.36 * TRANSITION * lower);
        let half = (length / 2.0).ceil();
        let taps = 2 * half as usize;
        let mut coefficients = Vec::with_capacity(up * taps);
        for phase in 0..up {
            let offset = phase as f64 / up as f64 + half - 1.0;
            let row: Vec<f64> =
                (0..taps).map(|tap| windowed_sinc(offset - tap as f64, half, CUTOFF * lower)).collect();
            // Each phase passes a constant unchanged; otherwise quiet rooms would hum at the phases' rate.
            let sum: f64 = row.iter().sum();
            coefficients.extend(row.iter().map(|coefficient| (coefficient / sum) as f32));
        }
        Self { up, down, taps, coefficients }
    }

    /// Input samples under the kernel.
    pub(super) fn taps(&self) -> usize {
        self.taps
    }

    /// How many of them lie after the output sample's moment.
    pub(super) fn lookahead(&self) -> usize {
        self.taps / 2
    }

    /// How many of them lie before it.
    pub(super) fn history(&self) -> usize {
        self.taps - 1 - self.lookahead()
    }

    /// Output samples to be expected from so many input samples, give or take one.
    pub(super) fn expected_output(&self, input: usize) -> usize {
        input * self.up / self.down + 1
    }

    /// One output sample from a window of `taps` input samples.
    pub(super) fn apply(&self, phase: usize, window: &[f32]) -> i16 {
        let row = self.coefficients.get(phase * self.taps..(phase + 1) * self.taps).unwrap_or_default();
        let sum: f32 = row.iter().zip(window).map(|(coefficient, sample)| coefficient * sample).sum();
        // Rust's conversion of floats saturates, which is the clipping wanted here.
        sum.round() as i16
    }

    /// From one output sample to the next: input samples to skip, and the next phase.
    pub(super) fn advance(&self, phase: usize) -> (usize, usize) {
        let next = phase + self.down;
        (next / self.up, next % self.up)
    }
}

/// The kernel at `time` input samples from its middle, `half` long to either side; `cutoff` in cycles for
/// each input sample.
fn windowed_sinc(time: f64, half: f64, cutoff: f64) -> f64 {
    let angle = 2.0 * PI * cutoff * time;
    let sinc = if angle.abs() < 1e-9 { 1.0 } else { angle.sin() / angle };
    let beta = 0.1102 * (ATTENUATION_DB - 8.7);
    let inside = (1.0 - (time / half).powi(2)).max(0.0);
    sinc * bessel_i0(beta * inside.sqrt())
}

/// Modified Bessel function of the first kind, order 0, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut term, mut sum, mut order) = (1.0, 1.0, 1.0);
    while term > sum * 1e-12 {
        term *= quarter / (order * order);
        sum += term;
        order += 1.0;
    }
    sum
}

/// `up/down` in lowest terms, or, where that needs more than [`MOST_PHASES`], the last convergent of its
/// continued fraction before: nearer than any ratio of smaller numbers, and off by less than 1 in
/// [`MOST_PHASES`].
fn ratio(up: u32, down: u32) -> (usize, usize) {
    let (mut rest, mut divisor) = (u64::from(up), u64::from(down));
    let (mut before, mut now) = ((0, 1), (1, 0));
    while divisor != 0 {
        let whole = rest / divisor;
        let next = (whole * now.0 + before.0, whole * now.1 + before.1);
        if next.0 > MOST_PHASES && now.0 > 0 && now.1 > 0 {
            break;
        }
        (before, now) = (now, next);
        (rest, divisor) = (divisor, rest % divisor);
    }
    (now.0 as usize, now.1 as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn usual_rates_keep_their_exact_ratio() {
        let table = [(8_000, 44_100, (80, 441)), (8_000, 48_000, (1, 6)), (32_000, 11_025, (1_280, 441))];
        for (to, from, wanted) in table {
            assert_eq!(ratio(to, from), wanted, "{from} to {to}");
        }
    }

    proptest! {
        #[test]
        fn any_ratio_is_near_and_small(to in 4_000_u32..=192_000, from in 4_000_u32..=192_000) {
            let (up, down) = ratio(to, from);
            prop_assert!(up as u64 <= MOST_PHASES && up > 0 && down > 0);
            let off = (up as f64 / down as f64) / (f64::from(to) / f64::from(from)) - 1.0;
            prop_assert!(off.abs() < 0.001, "{from} to {to}: {up}/{down} is off by {off}");
        }
    }
}
