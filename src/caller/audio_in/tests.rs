//! Recordings of every rate, width and kind of damage.

use hound::{WavSpec, WavWriter};

use super::*;
use crate::caller::voiced::level_dbfs;

/// A second of a 440 Hz tone at half scale, written by `hound` in the form asked for.
fn wav(spec: WavSpec) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
    for n in 0..spec.sample_rate {
        let phase = f64::from(n) / f64::from(spec.sample_rate) * 440.0 * std::f64::consts::TAU;
        let value = 0.5 * phase.sin();
        for _ in 0..spec.channels {
            match spec.sample_format {
                SampleFormat::Float => writer.write_sample(value as f32).unwrap(),
                SampleFormat::Int => {
                    let full = f64::from(2_u32.pow(u32::from(spec.bits_per_sample) - 1)) - 1.0;
                    writer.write_sample((value * full) as i32).unwrap();
                }
            }
        }
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

fn spec(sample_rate: u32, bits_per_sample: u16, sample_format: SampleFormat, channels: u16) -> WavSpec {
    WavSpec { channels, sample_rate, bits_per_sample, sample_format }
}

/// How often the signal crosses zero going up: the frequency of a clean tone a second long.
fn upward_crossings(samples: &[i16]) -> usize {
    samples.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count()
}

#[test]
fn every_common_rate_width_and_channel_count_becomes_the_same_tone() {
    let widths = [
        (8, SampleFormat::Int),
        (16, SampleFormat::Int),
        (24, SampleFormat::Int),
        (32, SampleFormat::Int),
        (32, SampleFormat::Float),
    ];
    for rate in [4_000, 8_000, 9_600, 11_025, 16_000, 37_800, 44_100, 192_000] {
        for (bits, format) in widths {
            for channels in [1, 2, 8] {
                let what = format!("{rate} Hz, {bits} bit {format:?}, {channels} channels");
                let samples = decode_wav("x.wav", &wav(spec(rate, bits, format, channels))).unwrap();
                assert!(samples.len().abs_diff(8_000) <= 1, "{what}: {} samples", samples.len());
                assert!(upward_crossings(&samples).abs_diff(440) <= 1, "{what}");
                // A sine at half scale: 6 dB for the half and 3 dB for the sine.
                let level = level_dbfs(&samples[400..7_600]);
                assert!((level + 9.03).abs() < 0.3, "{what}: {level} dBFS");
            }
        }
    }
}

#[test]
fn stereo_is_averaged() {
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = WavWriter::new(&mut bytes, spec(8_000, 16, SampleFormat::Int, 2)).unwrap();
    for _ in 0..10 {
        writer.write_sample(1_000_i16).unwrap();
        writer.write_sample(-200_i16).unwrap();
    }
    writer.finalize().unwrap();
    assert_eq!(decode_wav("x.wav", bytes.get_ref()).unwrap(), vec![400; 10]);
}

#[test]
fn a_rate_out_of_range_and_nine_channels_are_named_in_the_refusal() {
    let slow = decode_wav("x.wav", &wav(spec(3_999, 16, SampleFormat::Int, 1))).unwrap_err().to_string();
    assert_eq!(slow, "x.wav has 3999 samples a second; moked takes 4000 to 192000");
    let many = decode_wav("x.wav", &wav(spec(8_000, 16, SampleFormat::Int, 9))).unwrap_err().to_string();
    assert_eq!(many, "x.wav has 9 channels; moked takes one to 8");
}

#[test]
fn doubles_are_called_by_their_name_with_the_way_out() {
    let mut bytes = wav(spec(8_000, 32, SampleFormat::Float, 1));
    let tag = bytes.windows(4).position(|window| window == b"fmt ").unwrap() + 8;
    bytes[tag..tag + 2].copy_from_slice(&3_u16.to_le_bytes());
    bytes[tag + 12..tag + 14].copy_from_slice(&8_u16.to_le_bytes());
    bytes[tag + 14..tag + 16].copy_from_slice(&64_u16.to_le_bytes());
    let refusal = decode_wav("x.wav", &bytes).unwrap_err().to_string();
    assert!(refusal.contains("64 bit float samples") && refusal.contains("ffmpeg"), "{refusal}");
}

#[test]
fn a_mu_law_file_is_called_by_its_name() {
    let mut bytes = wav(spec(8_000, 16, SampleFormat::Int, 1));
    let tag = bytes.windows(4).position(|window| window == b"fmt ").unwrap() + 8;
    bytes[tag..tag + 2].copy_from_slice(&7_u16.to_le_bytes());
    bytes[tag + 14..tag + 16].copy_from_slice(&8_u16.to_le_bytes());
    bytes[tag + 12..tag + 14].copy_from_slice(&1_u16.to_le_bytes());
    let refusal = decode_wav("x.wav", &bytes).unwrap_err();
    assert!(matches!(&refusal, WavError::Coding { found, .. } if found == "µ-law"), "{refusal}");
}

#[test]
fn garbage_and_cut_files_are_refused_and_not_panicked_on() {
    assert!(matches!(decode_wav("x.wav", b"ID3 and music"), Err(WavError::NotWav { .. })));
    assert!(matches!(decode_wav("x.wav", b""), Err(WavError::NotWav { .. })));
    let good = wav(spec(8_000, 16, SampleFormat::Int, 1));
    for cut in 0..60 {
        assert!(decode_wav("x.wav", &good[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let refusal = read_wav(Path::new("/nowhere/hello.wav")).unwrap_err().to_string();
    assert!(refusal.starts_with("/nowhere/hello.wav cannot be read"), "{refusal}");
}
