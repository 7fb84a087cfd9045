//! The last seconds of a call's audio, by their place in the call.
//!
//! Streams read from it: a new one may begin in the past, and one that is slow to connect or to take audio
//! finds it here.

use std::collections::VecDeque;

use bytes::Bytes;
use moked_core::audio::BYTES_PER_MS;

/// What is kept: 12 s, 96 kB a call. A new stream begins at the last settled word, which lies farther back
/// only in speech without a breath.
const KEPT: usize = 12_000 * BYTES_PER_MS;

/// Remembers audio.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    audio: VecDeque<u8>,
    /// Place of the first byte kept, in bytes from the call's first audio.
    begins: u64,
}

impl Memory {
    /// Adds audio.
    pub(crate) fn push(&mut self, mulaw: &[u8]) {
        self.audio.extend(mulaw);
        let surplus = self.audio.len().saturating_sub(KEPT);
        self.audio.drain(..surplus);
        self.begins += surplus as u64;
    }

    /// The first place kept.
    pub(crate) fn begins(&self) -> u64 {
        self.begins
    }

    /// The place behind the last byte.
    pub(crate) fn ends(&self) -> u64 {
        self.begins + self.audio.len() as u64
    }

    /// At most `most` bytes from a place on, which is one that is kept.
    pub(crate) fn read(&self, from: u64, most: usize) -> Bytes {
        let skipped = from.saturating_sub(self.begins) as usize;
        self.audio.iter().skip(skipped).take(most).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay_true_while_old_audio_is_forgotten() {
        let mut memory = Memory::default();
        for second in 0..20_u8 {
            memory.push(&[second; 8_000]);
        }
        assert_eq!((memory.begins(), memory.ends()), (8 * 8_000, 20 * 8_000));
        assert_eq!(memory.read(9 * 8_000 - 1, 2)[..], [8, 9]);
        assert!(memory.read(20 * 8_000, 10).is_empty());
    }
}
