//! How loud: RMS level in decibels below full scale (dBFS).
//!
//! 0 dBFS is a square wave at full scale, so the loudest sine is -3 dBFS and ordinary telephone speech lies
//! between -30 and -15. Two levels are compared by subtracting, which is how the barge-in gate sets the
//! caller against the agent's own echo.

use super::mulaw;

/// The level given for silence, and the lowest there is: half of the smallest step of 16 bits.
pub const FLOOR_DBFS: f32 = -96.0;

/// RMS level of linear samples in dBFS, [`FLOOR_DBFS`] to 0. Nothing at all counts as silence.
pub fn dbfs(samples: &[i16]) -> f32 {
    level(samples.iter().copied(), samples.len())
}

/// RMS level of µ-law bytes in dBFS, as [`dbfs`].
pub fn mulaw_dbfs(bytes: &[u8]) -> f32 {
    level(bytes.iter().map(|&byte| mulaw::decode_sample(byte)), bytes.len())
}

fn level(samples: impl Iterator<Item = i16>, count: usize) -> f32 {
    let energy: f64 = samples.map(|sample| f64::from(sample).powi(2)).sum();
    if energy == 0.0 {
        return FLOOR_DBFS;
    }
    let relative = energy / (count as f64 * 32_768.0 * 32_768.0);
    ((10.0 * relative.log10()) as f32).max(FLOOR_DBFS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_square_is_zero_and_half_of_it_six_less() {
        assert!(dbfs(&[i16::MIN; 160]).abs() < 0.01);
        assert!((dbfs(&[16_384; 160]) + 6.02).abs() < 0.01);
    }

    #[test]
    fn silence_and_nothing_are_the_floor() {
        assert_eq!(dbfs(&[0; 160]), FLOOR_DBFS);
        assert_eq!(dbfs(&[]), FLOOR_DBFS);
        assert_eq!(mulaw_dbfs(&[0xFF; 160]), FLOOR_DBFS);
    }

    #[test]
    fn mulaw_is_as_loud_as_what_it_codes() {
        let samples: Vec<i16> = (0..160).map(|index| (index * 97 % 8_001 - 4_000) as i16).collect();
        assert!((dbfs(&samples) - mulaw_dbfs(&mulaw::encode(&samples))).abs() < 0.1);
    }
}
