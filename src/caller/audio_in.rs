//! A WAV file becomes the caller's voice: any common form in, 8 kHz mono out.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use hound::{SampleFormat, WavReader};
use moked_core::audio::{SAMPLE_RATE, resample};
use thiserror::Error;

/// What is accepted, as part of a message.
const ACCEPTED: &str =
    "moked reads WAV with 8, 16, 24 or 32 bit integer or 32 bit float samples, up to eight channels";

/// Most channels: what surround recordings have. More means that the header is broken.
const MOST_CHANNELS: u16 = 8;

/// Why a file cannot be played to the server.
#[derive(Debug, Error)]
pub enum WavError {
    /// It cannot be read at all.
    #[error("{file} cannot be read: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is no WAV file, or a broken one.
    #[error("{file} is no usable WAV file: {why}; {ACCEPTED}")]
    NotWav {
        /// The file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// Its coding is none of those read.
    #[error("{file} holds {found}; {ACCEPTED}. Convert it: ffmpeg -i {file} -ar 8000 -ac 1 out.wav")]
    Coding {
        /// The file.
        file: String,
        /// What it holds.
        found: String,
    },
    /// Its rate is out of range.
    #[error("{file} has {hz} samples a second; moked takes {} to {}", resample::RATES.start(), resample::RATES.end())]
    Rate {
        /// The file.
        file: String,
        /// Its rate in Hz.
        hz: u32,
    },
    /// It has no channel, or more than recordings have.
    #[error("{file} has {channels} channels; moked takes one to {MOST_CHANNELS}")]
    Channels {
        /// The file.
        file: String,
        /// How many it has.
        channels: u16,
    },
    /// There is no sound in it.
    #[error("{file} holds no samples")]
    Empty {
        /// The file.
        file: String,
    },
}

/// Reads a WAV file as 8 kHz mono samples.
///
/// # Errors
/// What was found in the file, and what is accepted.
pub fn read_wav(path: &Path) -> Result<Vec<i16>, WavError> {
    let file = path.display().to_string();
    let bytes = fs::read(path).map_err(|source| WavError::Unreadable { file: file.clone(), source })?;
    decode_wav(&file, &bytes)
}

/// Reads the bytes of a WAV file, named `file` in messages, as 8 kHz mono samples.
///
/// # Errors
/// As [`read_wav`].
pub fn decode_wav(file: &str, bytes: &[u8]) -> Result<Vec<i16>, WavError> {
    let file = file.to_owned();
    let reader = match WavReader::new(Cursor::new(bytes)) {
        Ok(reader) => reader,
        Err(hound::Error::Unsupported | hound::Error::FormatError(_)) if coding(bytes).is_some() => {
            let found = coding(bytes).unwrap_or_default();
            return Err(WavError::Coding { file, found });
        }
        Err(error) => return Err(WavError::NotWav { file, why: error.to_string() }),
    };
    let spec = reader.spec();
    if !(1..=MOST_CHANNELS).contains(&spec.channels) {
        return Err(WavError::Channels { file, channels: spec.channels });
    }
    let mut resampler = resample::Resampler::new(spec.sample_rate, SAMPLE_RATE)
        .map_err(|_| WavError::Rate { file: file.clone(), hz: spec.sample_rate })?;
    let samples =
        samples(reader).map_err(|error| WavError::NotWav { file: file.clone(), why: error.to_string() })?;
    if samples.is_empty() {
        return Err(WavError::Empty { file });
    }
    let mono: Vec<i16> = samples.chunks(usize::from(spec.channels)).map(average).collect();
    if spec.sample_rate == SAMPLE_RATE {
        return Ok(mono);
    }
    let mut converted = resampler.push(&mono);
    converted.extend(resampler.finish());
    Ok(converted)
}

fn samples(mut reader: WavReader<Cursor<&[u8]>>) -> Result<Vec<f32>, hound::Error> {
    let spec = reader.spec();
    match spec.sample_format {
        SampleFormat::Float => {
            reader.samples::<f32>().map(|sample| sample.map(|sample| sample * 32_768.0)).collect()
        }
        SampleFormat::Int => {
            let scale = 2_f32.powi(16 - i32::from(spec.bits_per_sample));
            reader.samples::<i32>().map(|sample| sample.map(|sample| sample as f32 * scale)).collect()
        }
    }
}

fn average(frame: &[f32]) -> i16 {
    // The cast saturates, so a float file above full scale clips instead of folding over.
    (frame.iter().sum::<f32>() / frame.len() as f32).round() as i16
}

/// The name of a coding that is not read, from the file's own format tag; none for those that are read.
fn coding(bytes: &[u8]) -> Option<String> {
    let mut rest = bytes.strip_prefix(b"RIFF")?.get(4..)?.strip_prefix(b"WAVE")?;
    loop {
        let (id, length) = (rest.get(..4)?, rest.get(4..8)?);
        let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
        let body = rest.get(8..)?;
        if id == b"fmt " {
            let tag = u16::from_le_bytes(body.get(..2)?.try_into().ok()?);
            let bits = u16::from_le_bytes(body.get(14..16)?.try_into().ok()?);
            return match tag {
                0x0001 if matches!(bits, 8 | 16 | 24 | 32) => None,
                0x0003 if bits == 32 => None,
                0x0001 => Some(format!("{bits} bit integer samples")),
                0x0003 => Some(format!("{bits} bit float samples")),
                0x0002 | 0x0011 => Some("ADPCM".to_owned()),
                0x0006 => Some("A-law".to_owned()),
                0x0007 => Some("µ-law".to_owned()),
                0x0055 => Some("MP3".to_owned()),
                other => Some(format!("an unknown coding (format tag {other:#06x}, {bits} bit)")),
            };
        }
        // Chunks are padded to even lengths.
        rest = body.get(length.checked_add(length % 2)?..)?;
    }
}

#[cfg(test)]
mod tests;
