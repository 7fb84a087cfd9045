//! A voice that says everything as a tone, at once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use moked_core::audio::BYTES_PER_MS;
use moked_core::language::Language;
use moked_core::ports::{ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech};

use super::{LANGUAGES, lock, next};

/// Audio comes in pieces of at most this: 200 ms, as the embedded voice does it.
pub(super) const PIECE: usize = 200 * BYTES_PER_MS;

/// Half a period of the tone in samples: 500 Hz.
const HALF_PERIOD: usize = 8;

/// The µ-law bytes of the tone's two levels, +8031 and -8031 of 32767; neither is silence.
const LEVELS: [u8; 2] = [0x9F, 0x1F];

/// What happens with one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speaking {
    /// All its audio comes, then `Finished`.
    Speaks,
    /// Half its audio comes, then a failure in these words.
    Fails(String),
    /// Half its audio comes, then nothing, ever: an engine that hangs.
    Stalls,
    /// Panics before any audio.
    Panics,
}

/// A voice that records what it was asked to say.
#[derive(Debug, Clone)]
pub struct ScriptedVoice {
    ms_per_character: usize,
    script: Arc<Mutex<VecDeque<Speaking>>>,
    asked: Arc<Mutex<Vec<SpeakingRequest>>>,
}

impl ScriptedVoice {
    /// A voice that needs so many milliseconds of audio for each character and never fails.
    pub fn new(ms_per_character: usize) -> Self {
        Self { ms_per_character, script: Arc::default(), asked: Arc::default() }
    }

    /// The same with a script, one step a sentence. After its end every sentence is spoken.
    #[must_use]
    pub fn with_script(self, script: impl IntoIterator<Item = Speaking>) -> Self {
        lock(&self.script).extend(script);
        self
    }

    /// What it was asked to say, in order.
    pub fn asked(&self) -> Vec<SpeakingRequest> {
        lock(&self.asked).clone()
    }

    /// Bytes of µ-law that a text gives.
    pub fn length_of(&self, text: &str) -> usize {
        text.chars().count() * self.ms_per_character * BYTES_PER_MS
    }
}

impl TextToSpeech for ScriptedVoice {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn languages(&self) -> &[Language] {
        &LANGUAGES
    }

    #[expect(clippy::panic, reason = "a script may order a panic, to test the supervision above")]
    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        let length = self.length_of(&request.text);
        lock(&self.asked).push(request);
        let speaking = next(&self.script).unwrap_or(Speaking::Speaks);
        let spoken = match &speaking {
            Speaking::Speaks => length,
            Speaking::Fails(_) | Speaking::Stalls => length / 2,
            Speaking::Panics => panic!("the script of the voice ordered a panic"),
        };
        for piece in tone(spoken).chunks(PIECE) {
            events.send(SpeakingEvent::Audio(Bytes::copy_from_slice(piece)));
        }
        match speaking {
            Speaking::Speaks => events.send(SpeakingEvent::Finished),
            Speaking::Fails(why) => events.send(SpeakingEvent::Failed(ProviderFault::Stopped { why })),
            Speaking::Stalls | Speaking::Panics => {}
        }
        Box::new(Said)
    }
}

/// A tone of so many bytes.
pub(super) fn tone(bytes: usize) -> Vec<u8> {
    LEVELS.iter().flat_map(|&level| [level; HALF_PERIOD]).cycle().take(bytes).collect()
}

/// A sentence that is already over when it is handed out.
struct Said;

impl SpeakingStream for Said {}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    fn speak(voice: &ScriptedVoice, text: &str) -> Vec<SpeakingEvent> {
        let (sender, events) = channel();
        let request = SpeakingRequest::new(text, Language::Hebrew);
        let _stream = voice.speak(request, Sink::new(move |event| drop(sender.send(event))));
        events.try_iter().collect()
    }

    fn bytes(events: &[SpeakingEvent]) -> usize {
        let audio = events.iter().filter_map(|event| match event {
            SpeakingEvent::Audio(bytes) => Some(bytes.len()),
            SpeakingEvent::Words(_) | SpeakingEvent::Finished | SpeakingEvent::Failed(_) => None,
        });
        audio.sum()
    }

    #[test]
    fn the_length_of_speech_follows_the_characters_not_the_bytes() {
        let voice = ScriptedVoice::new(50);
        let events = speak(&voice, "שלום");
        assert_eq!(bytes(&events), 200 * BYTES_PER_MS);
        assert_eq!(events.last(), Some(&SpeakingEvent::Finished));
        assert_eq!(voice.asked().len(), 1);
    }

    #[test]
    fn a_failing_sentence_breaks_off_in_the_middle_and_the_next_is_whole() {
        let voice = ScriptedVoice::new(10).with_script([Speaking::Fails("gone".into())]);
        let broken = speak(&voice, "0123456789");
        assert_eq!(bytes(&broken), voice.length_of("0123456789") / 2);
        assert!(matches!(broken.last(), Some(SpeakingEvent::Failed(_))));
        assert_eq!(speak(&voice, "again").last(), Some(&SpeakingEvent::Finished));
    }
}
