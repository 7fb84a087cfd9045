//! The voice of Deepgram (Aura): over its WebSocket, by REST where that does not come about. No Hebrew.
//!
//! The WebSocket speaks one text at a time and its audio carries no name, so a connection is one sentence's
//! until the vendor says `Flushed`, or `Cleared` after an interruption: everything before that is thrown
//! away.

mod rest;
mod wire;

use std::sync::Arc;

use moked_core::language::Language;
use moked_core::ports::{Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech};
use secrecy::SecretString;
use serde::Deserialize;

use crate::speaking::{Limits, VoiceLines, answer_at_once, speak_or_fetch, speak_over_http};
use wire::AuraWire;

/// Most time to a sentence's first audio, ms: six times, which is chosen, the median of 313 ms that Coval
/// measured in May 2026 for Aura-2 (its middle half is 68 ms wide), as quoted by a competitor at
/// gradium.ai/content/tts-latency-benchmark-2026.
const FIRST_BYTE_MS: u64 = 2_000;

/// Most time between two pieces of audio, ms: audio is made several times faster than it is spoken.
const GAP_MS: u64 = 2_000;

/// Settings of the voice of Deepgram.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeepgramVoiceOptions {
    /// Where to connect; default `https://api.deepgram.com`. The WebSocket's address follows from it.
    pub base_url: String,
    /// Model, which is also the voice and the language; default `aura-2-thalia-en`.
    pub model: String,
    /// Whether to speak over the WebSocket, with REST behind it, or by REST alone; default true.
    pub websocket: bool,
    /// Most time to the first audio of a sentence, in ms; default 2000.
    pub first_byte_ms: u64,
    /// Most time between two pieces of its audio, in ms; default 2000.
    pub gap_ms: u64,
}

impl Default for DeepgramVoiceOptions {
    fn default() -> Self {
        Self {
            base_url: "https://api.deepgram.com".into(),
            model: "aura-2-thalia-en".into(),
            websocket: true,
            first_byte_ms: FIRST_BYTE_MS,
            gap_ms: GAP_MS,
        }
    }
}

/// The voice of Deepgram.
#[derive(Debug, Clone)]
pub struct DeepgramVoice {
    options: Arc<DeepgramVoiceOptions>,
    key: SecretString,
    lines: VoiceLines,
}

impl DeepgramVoice {
    /// A voice with a key (`DEEPGRAM_API_KEY`). Opens nothing.
    pub fn new(options: DeepgramVoiceOptions, key: SecretString) -> Self {
        let options = Arc::new(options);
        let lines = VoiceLines::new(AuraWire { options: Arc::clone(&options), key: key.clone() });
        Self { options, key, lines }
    }
}

impl TextToSpeech for DeepgramVoice {
    fn name(&self) -> &'static str {
        wire::ENGINE
    }

    fn languages(&self) -> &[Language] {
        &[Language::English]
    }

    fn warm(&self) {
        if self.options.websocket {
            self.lines.warm(Language::English);
        }
    }

    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        if let Some(over) = answer_at_once(self.name(), self.languages(), &request, &events) {
            return over;
        }
        let limits = Limits::from_ms(self.options.first_byte_ms, self.options.gap_ms);
        let rest = rest::request(&self.options, &self.key, &request);
        if self.options.websocket {
            speak_or_fetch(self.lines.clone(), request, rest, limits, events)
        } else {
            speak_over_http(rest, limits, events)
        }
    }
}
