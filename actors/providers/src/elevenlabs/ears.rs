//! ElevenLabs' Scribe in real time: Hebrew and English, µ-law as it is.
//!
//! moked says where an utterance ends: it commits by hand, and the committed text is the answer. So Scribe's
//! own voice activity is not used.

mod wire;

use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText};
use secrecy::SecretString;
use serde::Deserialize;

use self::wire::ScribeWire;
use crate::listening::listen;
use crate::transport::endpoint;

/// How Scribe listens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ElevenLabsEarsOptions {
    /// Where it is. Default `wss://api.elevenlabs.io`; `https` is taken as `wss`.
    pub base_url: String,
    /// The model. Default `scribe_v2_realtime`.
    pub model: String,
}

impl Default for ElevenLabsEarsOptions {
    fn default() -> Self {
        Self { base_url: "wss://api.elevenlabs.io".into(), model: "scribe_v2_realtime".into() }
    }
}

/// Ears at ElevenLabs.
#[derive(Debug, Clone)]
pub struct ElevenLabsEars {
    options: ElevenLabsEarsOptions,
    key: SecretString,
}

impl ElevenLabsEars {
    /// Ears that listen with `key`, an API key of ElevenLabs. Connects with each call.
    pub fn new(options: ElevenLabsEarsOptions, key: SecretString) -> Self {
        Self { options, key }
    }
}

impl SpeechToText for ElevenLabsEars {
    fn name(&self) -> &'static str {
        "elevenlabs"
    }

    fn languages(&self) -> &[Language] {
        &[Language::English, Language::Hebrew]
    }

    fn open(
        &self,
        request: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        let url = endpoint(&self.options.base_url, "/v1/speech-to-text/realtime")?;
        let wire = ScribeWire::new(&self.options, url, request.language, self.key.clone());
        Ok(Box::new(listen(self.name(), wire, events)))
    }
}
