//! The voice of `ElevenLabs`: its quick models over the multi-context WebSocket, its third generation over
//! HTTP.
//!
//! Only the `eleven_v3` family speaks Hebrew, and that family is not served by the WebSocket. So the model
//! of a language decides its way. Letters come with their times over the WebSocket and become words here.

mod http;
mod wire;

use std::collections::HashMap;
use std::sync::Arc;

use moked_core::language::Language;
use moked_core::ports::{Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech};
use secrecy::SecretString;
use serde::Deserialize;

use crate::speaking::{Limits, VoiceLines, answer_at_once, speak_over_http, warm_http};
use wire::ElevenLabsWire;

/// Most time to a sentence's first audio of a quick model, ms: seven times, which is chosen, the median of
/// 288 ms that Coval measured in May 2026 for Flash v2.5, as quoted by a competitor at
/// gradium.ai/content/tts-latency-benchmark-2026.
const FIRST_BYTE_MS: u64 = 2_000;

/// The same for `eleven_v3`, ms: chosen, unverified; twice that of the quick models, which it is none of.
const FIRST_BYTE_V3_MS: u64 = 4_000;

/// Most time between two pieces of audio, ms: audio is made several times faster than it is spoken.
const GAP_MS: u64 = 2_000;

/// Settings of the voice of `ElevenLabs`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ElevenLabsVoiceOptions {
    /// Where to connect; default `https://api.elevenlabs.io`. The WebSocket's address follows from it.
    pub base_url: String,
    /// Model for each language; default `eleven_flash_v2_5` for `en` and `eleven_v3` for `he`.
    pub models: HashMap<Language, String>,
    /// Voice id for each language; default the vendor's Sarah.
    pub voices: HashMap<Language, String>,
    /// Whether models that can are spoken over the WebSocket, which tells words; default true.
    pub websocket: bool,
    /// How steady the voice is, 0 to 1; default the voice's own.
    pub stability: Option<f32>,
    /// How near to the original, 0 to 1; default the voice's own.
    pub similarity_boost: Option<f32>,
    /// Pace, 0.7 to 1.2; default the voice's own.
    pub speed: Option<f32>,
    /// Most time to the first audio of a sentence, in ms; default 2000, for `eleven_v3` 4000.
    pub first_byte_ms: Option<u64>,
    /// Most time between two pieces of its audio, in ms; default 2000.
    pub gap_ms: u64,
}

impl Default for ElevenLabsVoiceOptions {
    fn default() -> Self {
        Self {
            base_url: "https://api.elevenlabs.io".into(),
            models: HashMap::new(),
            voices: HashMap::new(),
            websocket: true,
            stability: None,
            similarity_boost: None,
            speed: None,
            first_byte_ms: None,
            gap_ms: GAP_MS,
        }
    }
}

impl ElevenLabsVoiceOptions {
    fn model(&self, language: Language) -> &str {
        self.models.get(&language).map_or(
            match language {
                Language::English => "eleven_flash_v2_5",
                Language::Hebrew => "eleven_v3",
            },
            String::as_str,
        )
    }

    fn voice(&self, language: Language) -> &str {
        self.voices.get(&language).map_or("EXAVITQu4vr4xnSDxMaL", String::as_str)
    }

    fn is_third_generation(&self, language: Language) -> bool {
        self.model(language).starts_with("eleven_v3")
    }

    fn goes_by_socket(&self, language: Language) -> bool {
        self.websocket && !self.is_third_generation(language)
    }

    fn limits(&self, language: Language) -> Limits {
        let usual = if self.is_third_generation(language) { FIRST_BYTE_V3_MS } else { FIRST_BYTE_MS };
        Limits::from_ms(self.first_byte_ms.unwrap_or(usual), self.gap_ms)
    }

    /// What differs from the voice's own settings; `None` when nothing does.
    fn voice_settings(&self) -> Option<serde_json::Value> {
        let pairs = [
            ("stability", self.stability),
            ("similarity_boost", self.similarity_boost),
            ("speed", self.speed),
        ];
        let set = pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
        let set: serde_json::Map<_, _> = set.collect();
        (!set.is_empty()).then_some(set.into())
    }
}

/// The voice of `ElevenLabs`.
#[derive(Debug, Clone)]
pub struct ElevenLabsVoice {
    options: Arc<ElevenLabsVoiceOptions>,
    key: SecretString,
    lines: VoiceLines,
}

impl ElevenLabsVoice {
    /// A voice with a key (`ELEVENLABS_API_KEY`). Opens nothing.
    pub fn new(options: ElevenLabsVoiceOptions, key: SecretString) -> Self {
        let options = Arc::new(options);
        let lines = VoiceLines::new(ElevenLabsWire { options: Arc::clone(&options), key: key.clone() });
        Self { options, key, lines }
    }
}

impl TextToSpeech for ElevenLabsVoice {
    fn name(&self) -> &'static str {
        wire::ENGINE
    }

    fn languages(&self) -> &[Language] {
        &[Language::English, Language::Hebrew]
    }

    fn warm(&self) {
        let (by_socket, by_http): (Vec<_>, Vec<_>) =
            self.languages().iter().partition(|&&language| self.options.goes_by_socket(language));
        for language in by_socket {
            self.lines.warm(language);
        }
        if !by_http.is_empty() {
            warm_http(self.options.base_url.clone());
        }
    }

    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        if let Some(over) = answer_at_once(self.name(), self.languages(), &request, &events) {
            return over;
        }
        let language = request.language;
        if self.options.goes_by_socket(language) {
            return self.lines.speak(request, events);
        }
        let limits = self.options.limits(language);
        speak_over_http(http::request(&self.options, &self.key, &request), limits, events)
    }
}
