//! The voice of Cartesia over its WebSocket: many sentences a connection, told apart by context ids.
//!
//! Sonic tells when each word is spoken, so that an interrupted answer is cut where the caller really
//! stopped hearing it.

mod wire;

use std::collections::HashMap;

use moked_core::language::Language;
use moked_core::ports::{Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech};
use secrecy::SecretString;
use serde::Deserialize;

use crate::speaking::{VoiceLines, answer_at_once};
use wire::CartesiaWire;

/// Most time to a sentence's first audio, ms: eight times, which is chosen, the median of 188 ms that Coval
/// measured in May 2026 for Sonic 3 (its middle half is 100 ms wide), as quoted by a competitor at
/// gradium.ai/content/tts-latency-benchmark-2026.
const FIRST_BYTE_MS: u64 = 1_500;

/// Most time between two pieces of audio, ms: audio is made several times faster than it is spoken.
const GAP_MS: u64 = 2_000;

/// Settings of the voice of Cartesia.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CartesiaVoiceOptions {
    /// Where to connect; default `wss://api.cartesia.ai`.
    pub base_url: String,
    /// Model; default `sonic-3.5`.
    pub model: String,
    /// Version of the API; default `2026-08-14`.
    pub version: String,
    /// Voice id for each language (`en`, `he`); default Cartesia's Katie for both.
    pub voices: HashMap<Language, String>,
    /// Most time to the first audio of a sentence, in ms; default 1500.
    pub first_byte_ms: u64,
    /// Most time between two pieces of its audio, in ms; default 2000.
    pub gap_ms: u64,
}

impl Default for CartesiaVoiceOptions {
    fn default() -> Self {
        Self {
            base_url: "wss://api.cartesia.ai".into(),
            model: "sonic-3.5".into(),
            version: "2026-08-14".into(),
            voices: HashMap::new(),
            first_byte_ms: FIRST_BYTE_MS,
            gap_ms: GAP_MS,
        }
    }
}

/// The voice of Cartesia.
#[derive(Debug, Clone)]
pub struct CartesiaVoice {
    lines: VoiceLines,
}

impl CartesiaVoice {
    /// A voice with a key (`CARTESIA_API_KEY`). Opens nothing.
    pub fn new(options: CartesiaVoiceOptions, key: SecretString) -> Self {
        Self { lines: VoiceLines::new(CartesiaWire { options, key }) }
    }
}

impl TextToSpeech for CartesiaVoice {
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
