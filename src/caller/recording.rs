//! The call as a WAV file, to be listened to: what the caller heard, and what the caller said beside it.

use std::io::{Seek, Write};

use hound::{SampleFormat, WavSpec, WavWriter};
use moked_core::audio::{SAMPLE_RATE, SILENCE, mulaw};

/// Both sides of a stream as µ-law, each byte at its time: byte `n` was heard (or said) `n / 8` ms after the
/// stream began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tracks {
    /// What the caller sent.
    pub caller: Vec<u8>,
    /// What the caller heard.
    pub agent: Vec<u8>,
}

/// Writes what the caller heard: one channel, 16 bit, 8 kHz.
///
/// # Errors
/// The file cannot be written.
pub fn write_heard(target: impl Write + Seek, tracks: &Tracks) -> Result<(), hound::Error> {
    let mut writer = WavWriter::new(target, spec(1))?;
    for sample in mulaw::decode(&tracks.agent) {
        writer.write_sample(sample)?;
    }
    writer.finalize()
}

/// Writes both sides: the caller left, the agent right, 16 bit, 8 kHz. The shorter side is filled with silence.
///
/// # Errors
/// The file cannot be written.
pub fn write_both(target: impl Write + Seek, tracks: &Tracks) -> Result<(), hound::Error> {
    let mut writer = WavWriter::new(target, spec(2))?;
    for at in 0..tracks.caller.len().max(tracks.agent.len()) {
        for track in [&tracks.caller, &tracks.agent] {
            writer.write_sample(mulaw::decode_sample(track.get(at).copied().unwrap_or(SILENCE)))?;
        }
    }
    writer.finalize()
}

fn spec(channels: u16) -> WavSpec {
    WavSpec { channels, sample_rate: SAMPLE_RATE, bits_per_sample: 16, sample_format: SampleFormat::Int }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use hound::WavReader;

    use super::*;

    #[test]
    fn the_caller_is_left_the_agent_is_right_and_the_shorter_is_filled() {
        let tracks = Tracks { caller: vec![0x00, 0x80], agent: vec![0x80] };
        let mut file = Cursor::new(Vec::new());
        write_both(&mut file, &tracks).unwrap();
        file.set_position(0);
        let samples: Vec<i16> =
            WavReader::new(file).unwrap().into_samples().collect::<Result<_, _>>().unwrap();
        assert_eq!(samples, [-32_124, 32_124, 32_124, 0]);
    }

    #[test]
    fn the_ear_alone_is_one_channel_at_8_khz() {
        let mut file = Cursor::new(Vec::new());
        write_heard(&mut file, &Tracks { caller: vec![0], agent: vec![0x00, 0xFF] }).unwrap();
        file.set_position(0);
        let reader = WavReader::new(file).unwrap();
        assert_eq!((reader.spec().channels, reader.spec().sample_rate), (1, 8_000));
        assert_eq!(reader.into_samples::<i16>().collect::<Result<Vec<_>, _>>().unwrap(), [-32_124, 0]);
    }
}
