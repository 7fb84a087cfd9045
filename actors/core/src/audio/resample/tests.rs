//! Measured with sines: what passes, what must not, and that cutting the stream changes nothing.

use std::f64::consts::TAU;

use proptest::prelude::*;

use super::*;
use crate::audio::level::dbfs;

/// What speech engines and recorders use.
const USUAL: [u32; 8] = [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

fn sine(hz: f64, rate: u32, samples: usize) -> Vec<i16> {
    (0..samples)
        .map(|index| (20_000.0 * (TAU * hz * index as f64 / f64::from(rate)).sin()).round() as i16)
        .collect()
}

fn convert(input: &[i16], from: u32, to: u32) -> Vec<i16> {
    let mut resampler = Resampler::new(from, to).unwrap();
    let mut output = resampler.push(input);
    output.extend(resampler.finish());
    output
}

/// Level change of a sine in dB, measured away from the ends.
fn gain(hz: f64, from: u32, to: u32) -> f32 {
    let input = sine(hz, from, from as usize / 2);
    let output = convert(&input, from, to);
    let edge = to as usize / 20;
    dbfs(&output[edge..output.len() - edge]) - dbfs(&input)
}

/// Amplitude of a sine in a signal, by projection.
fn amplitude(signal: &[i16], hz: f64, rate: u32) -> f64 {
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (index, &sample) in signal.iter().enumerate() {
        let angle = TAU * hz * index as f64 / f64::from(rate);
        real += f64::from(sample) * angle.cos();
        imaginary += f64::from(sample) * angle.sin();
    }
    2.0 * real.hypot(imaginary) / signal.len() as f64
}

#[test]
fn what_a_telephone_carries_passes_flat() {
    for from in USUAL {
        for hz in [100.0, 300.0, 1_000.0, 2_000.0, 3_000.0, 3_400.0] {
            let change = gain(hz, from, 8_000);
            assert!(change.abs() < 0.05, "{hz} Hz from {from}: {change} dB");
        }
    }
}

#[test]
fn nothing_above_the_telephone_band_folds_back() {
    for from in [11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] {
        let mut hz = 4_300.0;
        while hz < f64::from(from) / 2.0 - 50.0 {
            let change = gain(hz, from, 8_000);
            assert!(change < -60.0, "{hz} Hz from {from}: {change} dB");
            hz += 137.0;
        }
    }
}

#[test]
fn going_up_leaves_no_mirror_image() {
    for to in [11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] {
        let output = convert(&sine(3_000.0, 8_000, 4_000), 8_000, to);
        let edge = to as usize / 20;
        let inner = &output[edge..output.len() - edge];
        assert!((amplitude(inner, 3_000.0, to) / 20_000.0 - 1.0).abs() < 0.01, "to {to}");
        let image = amplitude(inner, 5_000.0, to) / 20_000.0;
        assert!(20.0 * image.log10() < -58.0, "to {to}: {:.1} dB", 20.0 * image.log10());
    }
}

#[test]
fn an_output_sample_stands_where_its_moment_was() {
    for (from, to) in [(24_000, 8_000), (22_050, 8_000), (8_000, 16_000), (44_100, 8_000)] {
        let output = convert(&sine(440.0, from, from as usize / 4), from, to);
        let ideal = sine(440.0, to, output.len());
        let edge = to as usize / 50;
        for index in edge..output.len() - edge {
            let error = (i32::from(output[index]) - i32::from(ideal[index])).abs();
            assert!(error <= 40, "{from} to {to}, sample {index}: off by {error}");
        }
    }
}

#[test]
fn equal_rates_change_nothing() {
    let input = sine(1_234.0, 8_000, 500);
    assert_eq!(convert(&input, 8_000, 8_000), input);
}

#[test]
fn loud_input_clips_instead_of_wrapping() {
    let square: Vec<i16> =
        (0..2_400).map(|index| if index / 24 % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
    let output = convert(&square, 24_000, 8_000);
    // The filter overshoots at edges; a wrapped overshoot would jump by nearly the whole range.
    for half in output[20..output.len() - 20].chunks_exact(8) {
        let signs = half.iter().filter(|&&sample| sample > 0).count();
        assert!(signs > 0 || half.iter().all(|&sample| sample < 0), "{half:?}");
    }
    assert!(output.contains(&i16::MAX));
}

#[test]
fn after_a_reset_nothing_of_the_old_sentence_is_left() {
    let mut resampler = Resampler::new(24_000, 8_000).unwrap();
    resampler.push(&sine(500.0, 24_000, 1_000));
    resampler.reset();
    assert!(resampler.push(&[0; 2_400]).iter().all(|&sample| sample == 0));
}

#[test]
fn the_output_lags_the_input_by_three_milliseconds_at_most() {
    for from in USUAL {
        let mut resampler = Resampler::new(from, 8_000).unwrap();
        let waiting = 160 - resampler.push(&vec![0; from as usize / 50]).len();
        assert!(waiting <= 24, "from {from}: {waiting} samples of 8 kHz");
    }
}

#[test]
fn an_odd_rate_is_converted_without_a_fold_or_a_change_of_pitch() {
    for from in [4_000, 7_999, 9_600, 12_345, 37_800, 44_101, 96_000, 191_999, 192_000] {
        let samples = convert(&sine(440.0, from, from as usize), from, 8_000);
        assert!(samples.len().abs_diff(8_000) <= 8, "{from}: {}", samples.len());
        let rising = samples.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        assert!(rising.abs_diff(440) <= 1, "{from}: {rising} Hz");
    }
    assert!(gain(6_000.0, 44_101, 8_000) < -60.0);
}

#[test]
fn a_rate_out_of_range_is_named() {
    let error = Resampler::new(192_001, 8_000).unwrap_err();
    assert_eq!(error, UnsupportedRate { hz: 192_001 });
    assert_eq!(error.to_string(), "cannot convert audio of 192001 Hz; rates from 4000 to 192000 Hz can be");
    assert_eq!(Resampler::new(8_000, 0).unwrap_err(), UnsupportedRate { hz: 0 });
}

#[test]
fn doubling_repeats_each_sample() {
    assert_eq!(double(&[1, -2]), [1, 1, -2, -2]);
}

proptest! {
    #[test]
    fn where_the_stream_is_cut_does_not_matter(
        from in prop::sample::select(&USUAL[..]),
        to in prop::sample::select(&USUAL[..]),
        input in prop::collection::vec(any::<i16>(), 0..700),
        cuts in prop::collection::vec(0_usize..90, 0..20),
    ) {
        let whole = convert(&input, from, to);
        prop_assert_eq!(whole.len(), (input.len() * to as usize).div_ceil(from as usize));
        let mut resampler = Resampler::new(from, to).unwrap();
        let mut pieces = Vec::new();
        let mut rest = &input[..];
        for cut in cuts {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            pieces.extend(resampler.push(piece));
            rest = after;
        }
        pieces.extend(resampler.push(rest));
        pieces.extend(resampler.finish());
        prop_assert_eq!(pieces, whole);
    }
}
