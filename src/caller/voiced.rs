//! Where in a track somebody can be heard.
//!
//! Latency is what a person feels, so it is measured on sound and not on messages: a file may begin with
//! half a second of nothing, and an agent may send silence long before it speaks. Windows of 10 ms are
//! short enough to place an onset and long enough to hold a period of the lowest voice.

use serde::Serialize;

/// What counts as silence: below −45 dB of full scale. Line noise after µ-law stays near −60 dBFS and quiet
/// speech above −40, so the border lies between.
pub const THRESHOLD_DBFS: f32 = -45.0;

/// Samples of a measuring window: 10 ms.
pub const WINDOW_SAMPLES: usize = 80;

/// Pauses shorter than this belong to one span of speech, in milliseconds. Stops inside a word close the
/// mouth for up to about 150 ms.
pub const JOIN_MS: u64 = 200;

const WINDOW_MS: u64 = 10;

/// A stretch of audible sound, in milliseconds from the start of the stream, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    /// First audible window.
    pub from_ms: u64,
    /// End of the last audible window.
    pub to_ms: u64,
}

/// Level of samples in dB of full scale (a full-scale square wave is 0 dBFS); −120 for digital silence.
pub fn level_dbfs(samples: &[i16]) -> f32 {
    if samples.is_empty() {
        return -120.0;
    }
    let energy: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    let rms = (energy / samples.len() as f64).sqrt() / 32_768.0;
    (20.0 * rms.max(1e-6).log10()) as f32
}

/// Whether a person would hear these samples as sound; see [`THRESHOLD_DBFS`].
pub fn is_audible(samples: &[i16]) -> bool {
    level_dbfs(samples) >= THRESHOLD_DBFS
}

/// The audible spans of a track of 8 kHz samples, pauses below [`JOIN_MS`] bridged, in order of time.
pub fn spans(samples: &[i16]) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for (window, at_ms) in samples.chunks(WINDOW_SAMPLES).zip((0..).step_by(WINDOW_MS as usize)) {
        if !is_audible(window) {
            continue;
        }
        match found.last_mut() {
            Some(last) if at_ms < last.to_ms + JOIN_MS => last.to_ms = at_ms + WINDOW_MS,
            _ => found.push(Span { from_ms: at_ms, to_ms: at_ms + WINDOW_MS }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(ms: usize, amplitude: i16) -> Vec<i16> {
        (0..ms * 8).map(|n| if (n / 8) % 2 == 0 { amplitude } else { -amplitude }).collect()
    }

    #[test]
    fn full_scale_is_zero_and_nothing_is_minus_120() {
        assert!(level_dbfs(&tone(20, 32_767)).abs() < 0.01);
        assert_eq!(level_dbfs(&[0; 160]), -120.0);
        assert_eq!(level_dbfs(&[]), -120.0);
    }

    #[test]
    fn the_border_lies_at_minus_45_dbfs() {
        // 32768 · 10^(−45/20) = 184.27
        assert!(is_audible(&tone(10, 185)));
        assert!(!is_audible(&tone(10, 184)));
    }

    #[test]
    fn padding_does_not_belong_to_the_speech() {
        let track = [tone(300, 0), tone(250, 4_000), tone(500, 0)].concat();
        assert_eq!(spans(&track), [Span { from_ms: 300, to_ms: 550 }]);
    }

    #[test]
    fn a_short_pause_is_bridged_and_a_long_one_is_not() {
        let short = [tone(100, 4_000), tone(190, 0), tone(100, 4_000)].concat();
        assert_eq!(spans(&short), [Span { from_ms: 0, to_ms: 390 }]);
        let long = [tone(100, 4_000), tone(210, 0), tone(100, 4_000)].concat();
        assert_eq!(spans(&long).len(), 2);
    }
}
