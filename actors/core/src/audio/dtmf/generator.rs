//! Making keypad tones, for the simulated caller and for tests.

use std::f64::consts::TAU;

use super::key::DtmfKey;
use super::{COLUMNS_HZ, ROWS_HZ};
use crate::audio::SAMPLE_RATE;

/// Level of each of the two tones made by [`generate`], dBFS. A telephone sends them near here: loud enough
/// to be heard over a line, far from clipping when added.
const TONE_DBFS: f32 = -13.0;

/// A key press of `ms` milliseconds as 8 kHz linear samples.
pub fn generate(key: DtmfKey, ms: u32) -> Vec<i16> {
    tones(key, ms, TONE_DBFS, TONE_DBFS)
}

/// A key press whose two tones have levels of their own, in dBFS of each tone's RMS. The difference is
/// what telephony calls twist.
pub fn tones(key: DtmfKey, ms: u32, low_dbfs: f32, high_dbfs: f32) -> Vec<i16> {
    let (row, column) = key.position();
    let (low_hz, high_hz) = (f64::from(ROWS_HZ[row]), f64::from(COLUMNS_HZ[column]));
    let (low, high) = (peak(low_dbfs), peak(high_dbfs));
    let rate = f64::from(SAMPLE_RATE);
    (0..SAMPLE_RATE * ms / 1_000)
        .map(|index| {
            let turns = TAU * f64::from(index) / rate;
            ((turns * low_hz).sin() * low + (turns * high_hz).sin() * high).round() as i16
        })
        .collect()
}

/// Peak of a sine, in sample units, whose RMS has this level.
fn peak(dbfs: f32) -> f64 {
    f64::from(i16::MAX) * std::f64::consts::SQRT_2 * 10_f64.powf(f64::from(dbfs) / 20.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::level::dbfs;

    #[test]
    fn a_press_is_as_long_and_as_loud_as_asked() {
        let key = DtmfKey::parse("5").unwrap();
        let press = tones(key, 1_000, -20.0, -20.0);
        assert_eq!(press.len(), 8_000);
        // Two tones of -20 dBFS add up to 3 dB more.
        assert!((dbfs(&press) + 17.0).abs() < 0.1, "{}", dbfs(&press));
    }
}
