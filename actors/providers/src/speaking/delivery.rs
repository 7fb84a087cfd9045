//! Hands one sentence's audio to the call, and judges it.
//!
//! A voice that is broken often answers with silence, or with nothing and a proper ending; the caller would
//! hear a dead line. So the audio before the first sound is held (it costs nothing: silence is in no hurry),
//! and a sentence without any sound is a fault, told while another voice can still speak it.

use bytes::Bytes;
use moked_core::audio::{BYTES_PER_MS, mulaw};
use moked_core::ports::{ProviderFault, Sink, SpeakingEvent, WordTime};

use super::spelling::{Letter, Spelling};

/// Audio goes on in pieces of at most this: 200 ms, as the embedded voice does it.
const PIECE: usize = 200 * BYTES_PER_MS;

/// Samples whose magnitude stays below this are silence: -50 dBFS, as in `core::audio::lead_in`.
const QUIET: u16 = 104;

/// The longest silence before the first sound: 3 s, ten times the longest lead-in that was measured.
const LONGEST_SILENCE: usize = 3_000 * BYTES_PER_MS;

/// The longest sentence that is believed: 2 min, some 300 words. A voice that never ends, faster than it is
/// listened to, would hold the turn and fill the call's memory. Chosen: no sentence that a caller hears out is
/// nearly as long.
const LONGEST_SENTENCE: usize = 120_000 * BYTES_PER_MS;

/// One sentence on its way to the call.
pub(super) struct Delivery {
    events: Sink<SpeakingEvent>,
    held: Vec<SpeakingEvent>,
    has_sound: bool,
    received: usize,
    spelling: Spelling,
}

impl Delivery {
    pub(super) fn new(events: Sink<SpeakingEvent>) -> Self {
        Self { events, held: Vec::new(), has_sound: false, received: 0, spelling: Spelling::default() }
    }

    /// Whether the call has any of it. Until then the sentence may be asked for again.
    pub(super) fn has_delivered(&self) -> bool {
        self.has_sound
    }

    /// Forgets what was held: the sentence is asked for again.
    pub(super) fn start_over(&mut self) {
        *self = Self::new(self.events.clone());
    }

    /// More audio.
    ///
    /// # Errors
    /// [`ProviderFault::Garbage`] when it has been silent for too long, or never ends; what is past the limit
    /// the call does not get.
    pub(super) fn audio(&mut self, mut audio: Bytes) -> Result<(), ProviderFault> {
        self.received += audio.len();
        if self.received > LONGEST_SENTENCE {
            let seconds = LONGEST_SENTENCE / BYTES_PER_MS / 1_000;
            let why = format!("a sentence's audio goes on past {seconds} s, the most that is taken");
            return Err(ProviderFault::Garbage { why });
        }
        let is_first_sound =
            !self.has_sound && audio.iter().any(|&byte| mulaw::decode_sample(byte).unsigned_abs() >= QUIET);
        if is_first_sound {
            self.has_sound = true;
            for event in self.held.drain(..) {
                self.events.send(event);
            }
        }
        while !audio.is_empty() {
            let piece = audio.split_to(audio.len().min(PIECE));
            self.tell(SpeakingEvent::Audio(piece));
        }
        if !self.has_sound && self.received > LONGEST_SILENCE {
            let ms = self.received / BYTES_PER_MS;
            return Err(ProviderFault::Garbage { why: format!("{ms} ms of audio, all of it silence") });
        }
        Ok(())
    }

    /// Words with their ends.
    pub(super) fn words(&mut self, words: Vec<WordTime>) {
        if !words.is_empty() {
            self.tell(SpeakingEvent::Words(words));
        }
    }

    /// Letters with their ends from the audio that comes next, or from the sentence's beginning.
    pub(super) fn letters(&mut self, letters: Vec<Letter>, is_from_next_audio: bool) {
        // A vendor said to count from the sentence's beginning that steps back in time counts from here.
        let first = letters.first().map_or(u64::MAX, |letter| letter.ends_at_ms);
        let is_from_here = is_from_next_audio || self.spelling.reached_ms() > first;
        let base_ms = if is_from_here { (self.received / BYTES_PER_MS) as u64 } else { 0 };
        let words = self.spelling.push(letters, base_ms);
        self.words(words);
    }

    /// All audio has come.
    pub(super) fn finish(&mut self) {
        let last = self.spelling.finish();
        self.words(last.into_iter().collect());
        let event = match (self.has_sound, self.received / BYTES_PER_MS) {
            (true, _) => SpeakingEvent::Finished,
            (false, 0) => self.garbage("the sentence ended without any audio".into()),
            (false, ms) => self.garbage(format!("the sentence was {ms} ms of silence")),
        };
        self.events.send(event);
    }

    /// No more will come.
    pub(super) fn fail(&mut self, fault: ProviderFault) {
        self.events.send(SpeakingEvent::Failed(fault));
    }

    fn garbage(&self, why: String) -> SpeakingEvent {
        SpeakingEvent::Failed(ProviderFault::Garbage { why })
    }

    fn tell(&mut self, event: SpeakingEvent) {
        if self.has_sound {
            self.events.send(event);
        } else {
            self.held.push(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use moked_core::audio::SILENCE;

    use super::*;

    fn delivery() -> (Delivery, Receiver<SpeakingEvent>) {
        let (sender, events) = channel();
        (Delivery::new(Sink::new(move |event| drop(sender.send(event)))), events)
    }

    #[test]
    fn silence_is_held_until_the_first_sound_and_long_audio_is_cut() {
        let (mut delivery, events) = delivery();
        delivery.audio(Bytes::from(vec![SILENCE; 801])).unwrap();
        delivery.words(vec![WordTime { word: "yes".into(), ends_at_ms: 300 }]);
        assert!(!delivery.has_delivered() && events.try_recv().is_err());
        delivery.audio(Bytes::from(vec![0x20; 2 * PIECE + 7])).unwrap();
        delivery.finish();
        let lengths: Vec<_> = events
            .try_iter()
            .map(|event| match event {
                SpeakingEvent::Audio(audio) => audio.len(),
                SpeakingEvent::Words(words) => words.len(),
                SpeakingEvent::Finished => 0,
                SpeakingEvent::Failed(fault) => panic!("{fault}"),
            })
            .collect();
        assert_eq!(lengths, [801, 1, PIECE, PIECE, 7, 0]);
    }

    #[test]
    fn nothing_and_silence_alone_are_faults() {
        let (mut nothing, events) = delivery();
        nothing.finish();
        assert!(matches!(events.try_recv(), Ok(SpeakingEvent::Failed(ProviderFault::Garbage { .. }))));
        let (mut silent, events) = delivery();
        silent.audio(Bytes::from(vec![SILENCE; LONGEST_SILENCE])).unwrap();
        assert!(silent.audio(Bytes::from_static(&[SILENCE])).is_err(), "not waited for to the end");
        silent.finish();
        assert!(matches!(events.try_recv(), Ok(SpeakingEvent::Failed(ProviderFault::Garbage { .. }))));
    }

    #[test]
    fn a_sentence_that_never_ends_is_a_fault_and_what_is_past_the_limit_is_not_handed_on() {
        let (mut endless, events) = delivery();
        let second = Bytes::from(vec![0x20; 1_000 * BYTES_PER_MS]);
        for _ in 0..120 {
            endless.audio(second.clone()).unwrap();
        }
        let fault = endless.audio(second).unwrap_err();
        assert!(matches!(&fault, ProviderFault::Garbage { why } if why.contains("120 s")), "{fault}");
        let heard = events.try_iter().map(|event| match event {
            SpeakingEvent::Audio(audio) => audio.len(),
            other @ (SpeakingEvent::Words(_) | SpeakingEvent::Finished | SpeakingEvent::Failed(_)) => {
                panic!("{other:?}")
            }
        });
        assert_eq!(heard.sum::<usize>(), LONGEST_SENTENCE);
    }
}
