//! The voice of Azure: one HTTP request a sentence, in SSML, answered by raw µ-law.

mod ssml;

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use moked_core::language::Language;
use moked_core::ports::{Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::speaking::{Limits, answer_at_once, speak_over_http, warm_http};
use crate::transport::HttpRequest;

/// Most time to a sentence's first audio, ms. Microsoft asks applications to reckon with 300 ms for the
/// first byte; ten times that.
const FIRST_BYTE_MS: u64 = 3_000;

/// Most time between two pieces of audio, ms: audio is made several times faster than it is spoken.
const GAP_MS: u64 = 2_000;

/// Settings of the voice of Azure.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AzureVoiceOptions {
    /// Region of the speech resource; default `westeurope`.
    pub region: String,
    /// Where to connect; default the region's `https://{region}.tts.speech.microsoft.com`.
    pub base_url: Option<String>,
    /// Voice for each language; default `en-US-JennyNeural` for `en` and `he-IL-HilaNeural` for `he`. One with
    /// `Multilingual` in its name changes its language within a sentence.
    pub voices: HashMap<Language, String>,
    /// Most time to the first audio of a sentence, in ms; default 3000.
    pub first_byte_ms: u64,
    /// Most time between two pieces of its audio, in ms; default 2000.
    pub gap_ms: u64,
}

impl Default for AzureVoiceOptions {
    fn default() -> Self {
        Self {
            region: "westeurope".into(),
            base_url: None,
            voices: HashMap::new(),
            first_byte_ms: FIRST_BYTE_MS,
            gap_ms: GAP_MS,
        }
    }
}

/// The voice of Azure.
#[derive(Debug, Clone)]
pub struct AzureVoice {
    options: Arc<AzureVoiceOptions>,
    key: SecretString,
}

impl AzureVoice {
    /// A voice with a key (`AZURE_SPEECH_KEY`). Opens nothing.
    pub fn new(options: AzureVoiceOptions, key: SecretString) -> Self {
        Self { options: Arc::new(options), key }
    }

    fn base_url(&self) -> String {
        self.options.base_url.as_deref().map_or_else(
            || format!("https://{}.tts.speech.microsoft.com", self.options.region),
            |base| base.trim_end_matches('/').to_owned(),
        )
    }

    fn request(&self, sentence: &SpeakingRequest) -> HttpRequest {
        let usual = match sentence.language {
            Language::English => "en-US-JennyNeural",
            Language::Hebrew => "he-IL-HilaNeural",
        };
        let voice = self.options.voices.get(&sentence.language).map_or(usual, String::as_str);
        let base = self.base_url();
        let body = Bytes::from(ssml::document(voice, sentence));
        HttpRequest::post(format!("{base}/cognitiveservices/v1"), body)
            .header("ocp-apim-subscription-key", self.key.expose_secret())
            .header("content-type", "application/ssml+xml")
            .header("x-microsoft-outputformat", "raw-8khz-8bit-mono-mulaw")
            .header("user-agent", concat!("moked/", env!("CARGO_PKG_VERSION")))
    }
}

impl TextToSpeech for AzureVoice {
    fn name(&self) -> &'static str {
        "azure"
    }

    fn languages(&self) -> &[Language] {
        &[Language::English, Language::Hebrew]
    }

    fn warm(&self) {
        warm_http(self.base_url());
    }

    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        if let Some(over) = answer_at_once(self.name(), self.languages(), &request, &events) {
            return over;
        }
        let limits = Limits::from_ms(self.options.first_byte_ms, self.options.gap_ms);
        speak_over_http(self.request(&request), limits, events)
    }
}
