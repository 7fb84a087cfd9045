//! The voice of Soniox over its WebSocket: five sentences a connection, told apart by stream ids.
//!
//! The key travels in each sentence's first message, not in the handshake. A stream's id is free only after
//! `terminated`, also when it was cancelled. Field names are those of the vendor's SDK 2.10.

mod wire;

use std::collections::HashMap;

use moked_core::language::Language;
use moked_core::ports::{Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech};
use secrecy::SecretString;
use serde::Deserialize;

use crate::speaking::{VoiceLines, answer_at_once};
use wire::SonioxWire;

/// Most time to a sentence's first audio, ms: chosen, unverified, for no measurement of this voice was found;
/// as for the voices of Deepgram and `ElevenLabs`, of which there are some.
const FIRST_BYTE_MS: u64 = 2_000;

/// Most time between two pieces of audio, ms: audio is made several times faster than it is spoken.
const GAP_MS: u64 = 2_000;

/// Settings of the voice of Soniox.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SonioxVoiceOptions {
    /// Where to connect; default `wss://tts-rt.soniox.com`. Regional hosts exist.
    pub base_url: String,
    /// Model; default `tts-rt-v2`.
    pub model: String,
    /// Voice for each language (`en`, `he`); default `Maya`, which speaks both.
    pub voices: HashMap<Language, String>,
    /// Pace, 0.7 to 1.3; default 1.0, natural.
    pub speed: f32,
    /// Most time to the first audio of a sentence, in ms; default 2000.
    pub first_byte_ms: u64,
    /// Most time between two pieces of its audio, in ms; default 2000.
    pub gap_ms: u64,
}

impl Default for SonioxVoiceOptions {
    fn default() -> Self {
        Self {
            base_url: "wss://tts-rt.soniox.com".into(),
            model: "tts-rt-v2".into(),
            voices: HashMap::new(),
            speed: 1.0,
            first_byte_ms: FIRST_BYTE_MS,
            gap_ms: GAP_MS,
        }
    }
}

/// The voice of Soniox.
#[derive(Debug, Clone)]
pub struct SonioxVoice {
    lines: VoiceLines,
}

impl SonioxVoice {
    /// A voice with a key (`SONIOX_API_KEY`). Opens nothing.
    pub fn new(options: SonioxVoiceOptions, key: SecretString) -> Self {
        Self { lines: VoiceLines::new(SonioxWire { options, key }) }
    }
}

impl TextToSpeech for SonioxVoice {
    fn name(&self) -> &'static str {
        wire::ENGINE
    }

    fn languages(&self) -> &[Language] {
        &[Language::English, Language::Hebrew]
    }

    fn warm(&self) {
        self.lines.warm(Language::English);
    }

    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        answer_at_once(self.name(), self.languages(), &request, &events)
            .unwrap_or_else(|| self.lines.speak(request, events))
    }
}
