//! Soniox's real-time ears: Hebrew and English, also within one sentence, µ-law as it is.
//!
//! Text comes in tokens, parts of words with their own spaces: a settled token comes once, the others come
//! anew with each message. Two tokens are no words: `<end>` says that the caller has finished, `<fin>` that
//! everything before `finalize` is settled.

mod wire;

use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText};
use secrecy::SecretString;
use serde::Deserialize;

use self::wire::SonioxWire;
use crate::listening::listen;
use crate::transport::endpoint;

/// How Soniox listens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SonioxEarsOptions {
    /// Where it is. Default `wss://stt-rt.soniox.com`; regions have addresses of their own. `https` is taken
    /// as `wss`.
    pub base_url: String,
    /// The model. Default `stt-rt-v5`.
    pub model: String,
    /// Languages heard beside the call's own, ISO 639-1. Default English, for names and terms in a Hebrew
    /// sentence.
    pub other_languages: Vec<String>,
    /// Whether no other language is heard. Default `true`: on a noisy line a wrong language is likelier than
    /// a foreign caller.
    pub language_hints_strict: bool,
    /// Longest wait of Soniox before it calls a turn ended, in ms, 500 to 3000. Default: Soniox's own.
    pub max_endpoint_delay_ms: Option<u32>,
    /// How readily Soniox calls a turn ended, -1 to 1. Default: Soniox's own.
    pub endpoint_sensitivity: Option<f32>,
    /// Terms to listen for in every call, beside the agent's own. Default none.
    pub terms: Vec<String>,
}

impl Default for SonioxEarsOptions {
    fn default() -> Self {
        Self {
            base_url: "wss://stt-rt.soniox.com".into(),
            model: "stt-rt-v5".into(),
            other_languages: vec![Language::English.code().into()],
            language_hints_strict: true,
            max_endpoint_delay_ms: None,
            endpoint_sensitivity: None,
            terms: Vec::new(),
        }
    }
}

/// Ears at Soniox.
#[derive(Debug, Clone)]
pub struct SonioxEars {
    options: SonioxEarsOptions,
    key: SecretString,
}

impl SonioxEars {
    /// Ears that listen with `key`, an API key of Soniox. Connects with each call.
    pub fn new(options: SonioxEarsOptions, key: SecretString) -> Self {
        Self { options, key }
    }
}

impl SpeechToText for SonioxEars {
    fn name(&self) -> &'static str {
        "soniox"
    }

    fn languages(&self) -> &[Language] {
        &[Language::English, Language::Hebrew]
    }

    fn open(
        &self,
        request: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        let url = endpoint(&self.options.base_url, "/transcribe-websocket")?;
        let wire = SonioxWire::new(self.options.clone(), url, request, self.key.clone());
        Ok(Box::new(listen(self.name(), wire, events)))
    }
}
