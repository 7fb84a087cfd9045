//! Text to speech: a sentence in, telephone audio out.

use std::fmt::Debug;
use std::sync::Arc;

use super::{ProviderFault, Served, Sink};
use crate::language::Language;
use crate::speakable::{Run, Spoken};
use bytes::Bytes;

/// An engine that speaks. One value serves all calls.
pub trait TextToSpeech: Send + Sync + Debug {
    /// Short name for logs and `/readyz`, such as `flite`.
    fn name(&self) -> &'static str;

    /// The languages it speaks.
    fn languages(&self) -> &[Language];

    /// Opens connections ahead of a call, so that names and TLS are never on a turn's path.
    fn warm(&self) {}

    /// The voice of one call, for engines that remember something about a call, such as which of several
    /// voices it has been given. `None`: the engine itself.
    fn for_call(&self) -> Option<Arc<dyn TextToSpeech>> {
        None
    }

    /// What it has kept of this text: audio that costs neither time nor a request. `None`: it must be spoken.
    /// Never blocks.
    fn kept(&self, _request: &SpeakingRequest) -> Option<Arc<VoiceClip>> {
        None
    }

    /// Speaks one piece of text. Returns at once; audio comes through `events`, from any thread.
    /// Dropping the stream cancels the rest.
    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream>;
}

/// What to say, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeakingRequest {
    /// Plain text, one sentence or clause.
    pub text: String,
    /// Its language.
    pub language: Language,
    /// Its stretches of one language, which joined are the text; empty where it is all in `language`. For a voice
    /// that must be told to change its language within a sentence.
    pub runs: Vec<Run>,
}

impl SpeakingRequest {
    /// A text that is all in one language.
    pub fn new(text: impl Into<String>, language: Language) -> Self {
        Self { text: text.into(), language, runs: Vec::new() }
    }

    /// What a voice is asked for a spoken form.
    pub fn of(spoken: &Spoken, language: Language) -> Self {
        let runs = spoken.runs();
        let is_mixed = runs.iter().any(|run| run.language != language);
        Self { text: spoken.text(), language, runs: if is_mixed { runs } else { Vec::new() } }
    }
}

/// A sentence being spoken. Its life is its meaning: dropping it cancels.
pub trait SpeakingStream {
    /// Who speaks it. `None`: the engine that was asked, over a connection that stood.
    fn served(&self) -> Option<Served> {
        None
    }
}

/// A word of a sentence and its place in the sentence's audio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordTime {
    /// The word, as the engine writes it.
    pub word: String,
    /// Where it ends, in ms from the sentence's first byte.
    pub ends_at_ms: u64,
}

/// A text as it was spoken once: all its audio, and the words as far as the engine told them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceClip {
    /// µ-law at 8 kHz.
    pub audio: Bytes,
    /// When its words are spoken; empty where the engine does not tell.
    pub words: Vec<WordTime>,
}

/// A fact from the voice. `Finished` or `Failed` is the last.
#[derive(Debug, Clone, PartialEq)]
pub enum SpeakingEvent {
    /// µ-law at 8 kHz, any length, in order.
    Audio(Bytes),
    /// When words are spoken, where the engine tells. Comes before or with their audio.
    Words(Vec<WordTime>),
    /// All audio of this sentence has come.
    Finished,
    /// No more will come.
    Failed(ProviderFault),
}
