//! The caller's mouth: what goes out on the line, twenty milliseconds at a time.
//!
//! A telephone line is never silent on the wire: while the caller says nothing, frames of silence go out at
//! the same beat. Everything sent is kept, so that the report measures speech where it was, not where it was
//! meant to be.

use std::collections::VecDeque;

use moked_core::audio::{BYTES_PER_MS, FRAME_SAMPLES, SILENCE, mulaw};

/// Frames between two keys: 240 ms, the pace of a thumb. The tone itself is not heard by the server, since
/// Twilio takes it out of the audio and sends a message in its stead.
const FRAMES_A_KEY: usize = 12;

/// What is sent in a frame's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Milliseconds from the start of the stream to the first sample.
    pub timestamp_ms: u64,
    /// 160 bytes of µ-law.
    pub payload: Vec<u8>,
    /// A key that goes down in this frame.
    pub key: Option<char>,
    /// Whether this frame ended what the caller had to say or to press.
    pub is_last: bool,
}

/// The queue of speech and keys; see the module.
#[derive(Debug, Default)]
pub struct Mouth {
    speech: VecDeque<u8>,
    keys: VecDeque<char>,
    until_key: usize,
    sent: Vec<u8>,
}

impl Mouth {
    /// Says samples of 8 kHz sound after what is being said.
    pub fn say(&mut self, samples: &[i16]) {
        self.speech.extend(mulaw::encode(samples));
    }

    /// Presses keys, one each 240 ms.
    pub fn press(&mut self, keys: &str) {
        self.keys.extend(keys.chars());
    }

    /// Whether there is something left to say or to press.
    pub fn is_busy(&self) -> bool {
        !self.speech.is_empty() || !self.keys.is_empty() || self.until_key > 0
    }

    /// The next 20 ms.
    pub fn next_frame(&mut self) -> Frame {
        self.next_frame_in(|_| {})
    }

    /// The next 20 ms, to which `room` adds what else the microphone picks up: µ-law in, µ-law out, 160 bytes.
    pub fn next_frame_in(&mut self, room: impl FnOnce(&mut [u8])) -> Frame {
        let was_busy = self.is_busy();
        let timestamp_ms = (self.sent.len() / BYTES_PER_MS) as u64;
        let spoken = self.speech.len().min(FRAME_SAMPLES);
        let mut payload: Vec<u8> = self.speech.drain(..spoken).collect();
        payload.resize(FRAME_SAMPLES, SILENCE);
        room(&mut payload);
        let key = match self.until_key.checked_sub(1) {
            Some(left) => {
                self.until_key = left;
                None
            }
            None => self.keys.pop_front(),
        };
        if key.is_some() {
            self.until_key = FRAMES_A_KEY - 1;
        }
        self.sent.extend_from_slice(&payload);
        Frame { timestamp_ms, payload, key, is_last: was_busy && !self.is_busy() }
    }

    /// Every µ-law byte sent so far, 8 a millisecond.
    pub fn sent(&self) -> &[u8] {
        &self.sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_is_cut_into_frames_and_the_last_one_is_filled_with_silence() {
        let mut mouth = Mouth::default();
        mouth.say(&[8_000; 200]);
        let first = mouth.next_frame();
        assert_eq!((first.timestamp_ms, first.payload.len(), first.is_last), (0, 160, false));
        let second = mouth.next_frame();
        assert_eq!((second.timestamp_ms, second.is_last), (20, true));
        assert!(second.payload[40..].iter().all(|&byte| byte == SILENCE));
        assert!(second.payload[..40].iter().all(|&byte| byte != SILENCE));
    }

    #[test]
    fn a_silent_caller_sends_silence_and_ends_nothing() {
        let mut mouth = Mouth::default();
        let frame = mouth.next_frame();
        assert_eq!(frame.payload, vec![SILENCE; 160]);
        assert!(!frame.is_last);
    }

    #[test]
    fn what_the_room_adds_is_sent_and_kept() {
        let mut mouth = Mouth::default();
        let frame = mouth.next_frame_in(|payload| payload.fill(0x20));
        assert_eq!((frame.payload.as_slice(), mouth.sent()), (&[0x20; 160][..], &[0x20; 160][..]));
    }

    #[test]
    fn keys_are_pressed_240_ms_apart_and_in_order() {
        let mut mouth = Mouth::default();
        mouth.press("1#");
        let frames: Vec<Frame> = (0..30).map(|_| mouth.next_frame()).collect();
        let pressed: Vec<_> = frames.iter().filter_map(|f| f.key.map(|key| (f.timestamp_ms, key))).collect();
        assert_eq!(pressed, [(0, '1'), (240, '#')]);
        assert_eq!(frames.iter().position(|frame| frame.is_last), Some(23));
    }
}
