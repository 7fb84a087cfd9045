//! Finds the audio in a WAV file: a walk over the chunks of a RIFF (Microsoft/IBM, Multimedia Programming
//! Interface 1.0, 1991).
//!
//! Google puts a header before unary µ-law, and its length is not fixed: µ-law has a longer `fmt ` and a
//! `fact` before `data`. A header read as sound is a click at the start of every sentence.

use std::ops::Range;

use moked_core::audio::SAMPLE_RATE;
use thiserror::Error;

/// `WAVE_FORMAT_MULAW`.
const MULAW: u16 = 7;

/// Why there is no telephone audio in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RiffError {
    /// It ends before its audio.
    #[error("the WAV file ends before its audio")]
    CutOff,
    /// Another format than µ-law, 8 kHz, one channel.
    #[error(
        "the WAV file holds format {format} at {rate} Hz in {channels} channels, not µ-law (7) at 8000 Hz in 1"
    )]
    OtherFormat {
        /// Its format tag.
        format: u16,
        /// Its samples a second.
        rate: u32,
        /// Its channels.
        channels: u16,
    },
}

/// Where the audio lies in `file`. Bytes that are no WAV file are audio as a whole.
///
/// # Errors
/// A WAV file without telephone audio in it.
pub fn audio(file: &[u8]) -> Result<Range<usize>, RiffError> {
    if file.get(..4) != Some(b"RIFF") || file.get(8..12) != Some(b"WAVE") {
        return Ok(0..file.len());
    }
    let mut at = 12_usize;
    loop {
        let name = file.get(at..at + 4).ok_or(RiffError::CutOff)?;
        let length = u32_at(file, at + 4).ok_or(RiffError::CutOff)? as usize;
        let body = at + 8;
        match name {
            b"fmt " => check(file, body)?,
            // A writer that streams does not know the length: what is there counts.
            b"data" => return Ok(body..body.saturating_add(length).min(file.len())),
            _ => {}
        }
        // Chunks begin at even places.
        at = body.checked_add(length).and_then(|end| end.checked_add(length % 2)).ok_or(RiffError::CutOff)?;
        if at >= file.len() {
            return Err(RiffError::CutOff);
        }
    }
}

fn check(file: &[u8], body: usize) -> Result<(), RiffError> {
    let format = u16_at(file, body).ok_or(RiffError::CutOff)?;
    let channels = u16_at(file, body + 2).ok_or(RiffError::CutOff)?;
    let rate = u32_at(file, body + 4).ok_or(RiffError::CutOff)?;
    let is_telephone = format == MULAW && rate == SAMPLE_RATE && channels == 1;
    if is_telephone { Ok(()) } else { Err(RiffError::OtherFormat { format, rate, channels }) }
}

fn u16_at(file: &[u8], at: usize) -> Option<u16> {
    file.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(file: &[u8], at: usize) -> Option<u32> {
    file.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::wav;
    use super::*;

    #[test]
    fn the_audio_is_found_behind_the_longer_header_of_mulaw() {
        let file = wav(7, b"\x01\x02\x03");
        assert_eq!(&file[audio(&file).unwrap()], b"\x01\x02\x03");
        assert_eq!(audio(&file).unwrap().start, 58, "18 bytes of fmt and a fact");
    }

    #[test]
    fn a_length_that_was_never_filled_in_means_the_rest() {
        let mut file = wav(7, b"abcd");
        let at = file.len() - 8;
        file[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(&file[audio(&file).unwrap()], b"abcd");
    }

    #[test]
    fn bytes_without_a_header_are_audio_and_another_format_is_refused() {
        assert_eq!(audio(b"\xff\x7e"), Ok(0..2));
        let refused = RiffError::OtherFormat { format: 1, rate: 8_000, channels: 1 };
        assert_eq!(audio(&wav(1, b"ab")), Err(refused));
    }

    #[test]
    fn a_file_cut_off_anywhere_in_its_header_is_refused() {
        let file = wav(7, b"");
        for length in 12..file.len() {
            assert_eq!(audio(&file[..length]), Err(RiffError::CutOff), "{length} bytes");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), is_wav: bool) {
            if is_wav && bytes.len() >= 12 {
                bytes[..4].copy_from_slice(b"RIFF");
                bytes[8..12].copy_from_slice(b"WAVE");
            }
            if let Ok(range) = audio(&bytes) {
                prop_assert!(range.start <= range.end && range.end <= bytes.len());
            }
        }

        #[test]
        fn chunks_of_any_kind_before_the_audio_are_walked_over(
            chunks in proptest::collection::vec(("[a-eg-z]{4}", proptest::collection::vec(any::<u8>(), 0..20)), 0..5),
            sound in proptest::collection::vec(any::<u8>(), 0..50),
        ) {
            let mut file = b"RIFF\0\0\0\0WAVE".to_vec();
            for (name, body) in chunks.iter().filter(|chunk| chunk.0 != "data") {
                file.extend_from_slice(name.as_bytes());
                file.extend_from_slice(&(body.len() as u32).to_le_bytes());
                file.extend_from_slice(body);
                file.resize(file.len() + body.len() % 2, 0);
            }
            file.extend_from_slice(&wav(7, &sound)[12..]);
            prop_assert_eq!(&file[audio(&file).unwrap()], &sound[..]);
        }
    }
}
