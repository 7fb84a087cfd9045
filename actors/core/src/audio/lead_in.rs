//! Cuts the silence before a voice's first sound.
//!
//! Voices begin a sentence with silence (the embedded one with 200 to 270 ms, measured), and before an
//! answer it is plain waiting. Between two sentences it is a pause as people make it, so only the first
//! sentence of a turn is cut.

use bytes::Bytes;

use super::{BYTES_PER_MS, mulaw};

/// Samples whose magnitude stays below this are silence: -50 dBFS.
const QUIET: u16 = 104;

/// What is kept before the first sound, so that a soft consonant is not clipped: 20 ms.
const KEPT: usize = 20 * BYTES_PER_MS;

/// The most that is cut: 600 ms. More is not a lead-in but a voice that is silent on purpose, or broken.
const MOST: usize = 600 * BYTES_PER_MS;

/// Cuts the lead-in of one turn's audio, chunk by chunk.
#[derive(Debug, Clone, Default)]
pub struct LeadIn {
    held: Vec<u8>,
    cut: usize,
    is_over: bool,
}

impl LeadIn {
    /// Takes the next audio, µ-law of any length; gives what of it is to be heard, which may be nothing yet.
    pub fn trim(&mut self, audio: Bytes) -> Bytes {
        if self.is_over {
            return audio;
        }
        let sound = audio.iter().position(|&byte| mulaw::decode_sample(byte).unsigned_abs() >= QUIET);
        self.is_over = sound.is_some() || self.cut + audio.len() > MOST;
        let begin = sound.unwrap_or(audio.len());
        self.held.extend_from_slice(&audio[..begin]);
        let surplus = self.held.len().saturating_sub(KEPT);
        self.held.drain(..surplus);
        self.cut += surplus;
        if !self.is_over {
            return Bytes::new();
        }
        let mut heard = std::mem::take(&mut self.held);
        heard.extend_from_slice(&audio[begin..]);
        heard.into()
    }
}

impl LeadIn {
    /// Bytes cut so far: what a place in the voice's audio lies earlier in what is heard.
    pub fn cut(&self) -> usize {
        self.cut
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::SILENCE;

    const SOUND: u8 = 0x90;

    fn trim(chunks: &[(u8, usize)]) -> Vec<u8> {
        let mut lead_in = LeadIn::default();
        chunks
            .iter()
            .flat_map(|&(byte, ms)| lead_in.trim(vec![byte; ms * BYTES_PER_MS].into()).to_vec())
            .collect()
    }

    #[test]
    fn silence_before_the_first_sound_is_cut_to_20_ms() {
        let heard = trim(&[(SILENCE, 200), (SILENCE, 70), (SOUND, 100)]);
        assert_eq!(heard.len(), 120 * BYTES_PER_MS);
        assert_eq!(heard[KEPT - 1..=KEPT], [SILENCE, SOUND]);
    }

    #[test]
    fn silence_after_the_first_sound_stays() {
        assert_eq!(trim(&[(SOUND, 20), (SILENCE, 300), (SOUND, 20)]).len(), 340 * BYTES_PER_MS);
    }

    #[test]
    fn a_voice_that_is_silent_for_long_is_not_held_back_for_ever() {
        let heard = trim(&[(SILENCE, 400), (SILENCE, 400), (SILENCE, 100)]);
        assert_eq!(heard.len(), (KEPT) + 100 * BYTES_PER_MS);
    }
}
