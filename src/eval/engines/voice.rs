//! A voice whose every word is known to the sample.
//!
//! Words are rendered one by one and put in a row, a little apart. It sounds like a timetable, and it tells to the
//! byte where each word is: so what the ear heard can be counted in words without any recogniser.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use moked_core::audio::{BYTES_PER_MS, SILENCE, mulaw};
use moked_core::language::Language;
use moked_core::ports::{Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech, WordTime};

use super::LANGUAGES;
use crate::bench::stubs::Later;
use crate::caller::voiced;
use crate::eval::kit::{Lexicon, Renderer, Stage};
use crate::eval::romanise::romanise;
use crate::eval::scenario::Pace;
use crate::eval::world::{Spoken, SpokenWord, World};

/// Between two words, in bytes.
const GAP: usize = 40 * BYTES_PER_MS;

/// After a comma, in bytes.
const COMMA: usize = 160 * BYTES_PER_MS;

/// Audio is handed over in pieces of 100 ms, as vendors do it, all at once: they are faster than speech.
const PIECE: usize = 100 * BYTES_PER_MS;

/// The voice.
#[derive(Clone)]
pub(super) struct EvalVoice {
    render: Renderer,
    lexicon: Lexicon,
    pace: Pace,
    world: World,
    later: Arc<dyn Later>,
}

impl EvalVoice {
    pub(super) fn new(stage: &Stage, pace: Pace, world: World) -> Self {
        let (render, lexicon) = (Arc::clone(&stage.kit.agent), Arc::clone(&stage.lexicon));
        Self { render, lexicon, pace, world, later: Arc::clone(&stage.later) }
    }

    /// Says a sentence.
    pub(super) fn say(&self, text: &str) -> Spoken {
        let mut mulaw = Vec::new();
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            let sound = self.sound(word);
            let from = mulaw.len();
            mulaw.extend_from_slice(&sound);
            words.push(SpokenWord { word: word.to_owned(), from, to: mulaw.len() });
            let pause = if word.ends_with([',', ';', ':']) { COMMA } else { GAP };
            mulaw.resize(mulaw.len() + pause, SILENCE);
        }
        Spoken { text: text.to_owned(), mulaw, words, at: Instant::now() }
    }

    fn sound(&self, word: &str) -> Vec<u8> {
        let mut lexicon = self.lexicon.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lexicon.get(word) {
            return known.clone();
        }
        let samples = (self.render)(&romanise(word));
        let spans = voiced::spans(&samples);
        let byte = |ms: u64| ms as usize * BYTES_PER_MS;
        let sound = match (spans.first(), spans.last()) {
            (Some(first), Some(last)) => {
                let end = byte(last.to_ms).min(samples.len());
                mulaw::encode(samples.get(byte(first.from_ms)..end).unwrap_or_default())
            }
            _ => Vec::new(),
        };
        lexicon.insert(word.to_owned(), sound.clone());
        sound
    }
}

/// Pieces of audio as a vendor sends them.
pub(super) fn pieces(spoken: &Spoken) -> impl Iterator<Item = Bytes> {
    spoken.mulaw.chunks(PIECE).map(Bytes::copy_from_slice)
}

impl TextToSpeech for EvalVoice {
    fn name(&self) -> &'static str {
        "eval"
    }

    fn languages(&self) -> &[Language] {
        &LANGUAGES
    }

    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        let is_wanted = Arc::new(AtomicBool::new(true));
        let stream = Stream(Arc::clone(&is_wanted));
        let voice = self.clone();
        let job = move || {
            if !is_wanted.load(Ordering::Relaxed) {
                return;
            }
            let spoken = voice.say(&request.text);
            if voice.pace.word_times {
                events.send(SpeakingEvent::Words(times(&spoken)));
            }
            voice.world.was_spoken(spoken.clone());
            pieces(&spoken).for_each(|piece| events.send(SpeakingEvent::Audio(piece)));
            events.send(SpeakingEvent::Finished);
        };
        self.later.after(Duration::from_millis(self.pace.voice_ms), Box::new(job));
        Box::new(stream)
    }
}

fn times(spoken: &Spoken) -> Vec<WordTime> {
    let time =
        |word: &SpokenWord| WordTime { word: word.word.clone(), ends_at_ms: (word.to / BYTES_PER_MS) as u64 };
    spoken.words.iter().map(time).collect()
}

struct Stream(Arc<AtomicBool>);

impl SpeakingStream for Stream {}

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl fmt::Debug for EvalVoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EvalVoice").field("pace", &self.pace).finish_non_exhaustive()
    }
}
