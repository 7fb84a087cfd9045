//! A voice as an outline: how loud it was, column by column.

use std::fmt::Write as _;

/// Width of a column in units of the picture.
const COLUMN: f64 = 2.0;

/// Loudness of each column, 0 to 1, of 8 kHz samples drawn at `scale` units a millisecond.
///
/// The ear hears ratios, so the square root is shown: quiet syllables stay visible beside loud ones.
pub(super) fn columns(samples: &[i16], scale: f64) -> Vec<f64> {
    let per_column = ((COLUMN / scale) * 8.0).max(1.0);
    let count = (samples.len() as f64 / per_column).ceil() as usize;
    (0..count)
        .map(|column| {
            let from = (column as f64 * per_column) as usize;
            let to = (((column + 1) as f64 * per_column) as usize).min(samples.len());
            let window = samples.get(from..to).unwrap_or_default();
            let energy: f64 = window.iter().map(|&sample| f64::from(sample).powi(2)).sum();
            let rms = (energy / window.len().max(1) as f64).sqrt() / 32_768.0;
            // Speech on a telephone stays 12 dB below full scale; it shall fill the lane all the same.
            (rms * 4.0).min(1.0).sqrt()
        })
        .collect()
}

/// The outline of the columns as SVG path data: above the middle line and back below it.
pub(super) fn path(columns: &[f64], left: f64, middle: f64, half: f64) -> String {
    let mut data = format!("M{left:.1} {middle:.1}");
    let points: Vec<(f64, f64)> = columns
        .iter()
        .enumerate()
        .map(|(n, level)| (left + (n as f64 + 0.5) * COLUMN, level * half))
        .collect();
    for (x, height) in &points {
        // Writing into a string cannot fail.
        let _ = write!(data, "L{x:.1} {:.1}", middle - height);
    }
    for (x, height) in points.iter().rev() {
        let _ = write!(data, "L{x:.1} {:.1}", middle + height);
    }
    data.push('Z');
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_flat_and_a_full_voice_fills_the_lane() {
        assert!(columns(&[0; 800], 0.08).iter().all(|&level| level == 0.0));
        assert!(columns(&[16_000; 800], 0.08).iter().all(|&level| level == 1.0));
    }

    #[test]
    fn columns_cover_the_whole_track() {
        // 0.08 units a millisecond: a column of two units is 25 ms, 200 samples.
        assert_eq!(columns(&[0; 1_001], 0.08).len(), 6);
    }
}
