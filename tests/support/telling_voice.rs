//! A voice whose every byte tells which sentence it belongs to and where in it.
//!
//! The scripted voice says everything as the same tone. Here each sentence gets bytes of its own, none of
//! them silence, so that a frame that is lost, doubled, late or another call's is seen in what the ear heard.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use moked_core::audio::{BYTES_PER_MS, FRAME_SAMPLES, SILENCE};
use moked_core::language::Language;
use moked_core::ports::{Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech};
use moked_providers::scripted::ScriptedVoice;

/// Audio of one character.
pub(crate) const MS_PER_CHARACTER: usize = 40;

/// A sentence with this word makes the voice panic, in whichever call it is said.
pub(crate) const POISON: &str = "poison";

/// The scripted voice in colours.
#[derive(Debug, Clone)]
pub(crate) struct TellingVoice(ScriptedVoice);

impl Default for TellingVoice {
    fn default() -> Self {
        Self(ScriptedVoice::new(MS_PER_CHARACTER))
    }
}

impl TellingVoice {
    /// The sentences it was asked for, in order, over all calls.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.0.asked().into_iter().map(|request| request.text).collect()
    }
}

impl TextToSpeech for TellingVoice {
    fn name(&self) -> &'static str {
        "telling"
    }

    fn languages(&self) -> &[Language] {
        self.0.languages()
    }

    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        assert!(!request.text.contains(POISON), "the voice was given {POISON}");
        let (text, spoken) = (request.text.clone(), AtomicUsize::new(0));
        let colour = Sink::new(move |event| match event {
            SpeakingEvent::Audio(tone) => {
                let from = spoken.fetch_add(tone.len(), Ordering::Relaxed);
                events.send(SpeakingEvent::Audio(bytes(&text, from..from + tone.len())));
            }
            SpeakingEvent::Words(_) | SpeakingEvent::Finished | SpeakingEvent::Failed(_) => {
                events.send(event)
            }
        });
        self.0.speak(request, colour)
    }
}

/// The audio of a turn that says one sentence: what must come out at the ear, to the last frame.
pub(crate) fn turn_audio(sentence: &str) -> Vec<u8> {
    let length = sentence.chars().count() * MS_PER_CHARACTER * BYTES_PER_MS;
    let mut audio = bytes(sentence, 0..length).to_vec();
    audio.resize(length.next_multiple_of(FRAME_SAMPLES), SILENCE);
    audio
}

/// µ-law between 4,000 and 8,000 of 32,767, either sign.
fn bytes(text: &str, range: std::ops::Range<usize>) -> Bytes {
    range
        .map(|at| {
            let mut hasher = DefaultHasher::new();
            (text, at).hash(&mut hasher);
            let bits = hasher.finish() as u8;
            (bits & 0x8F) | 0x20
        })
        .collect()
}
