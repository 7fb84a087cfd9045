//! Deepgram's `/v1/listen`: Hebrew and English by nova-3, µ-law as it is.
//!
//! Deepgram settles text piece by piece by its own silence rule; at the end of an utterance it is told to
//! settle the rest (`Finalize`). Its answer to that is not certain when little audio is left, so any result
//! that reaches as far as the audio sent by then counts as the answer too.

mod wire;

use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText};
use secrecy::SecretString;
use serde::Deserialize;

use self::wire::ListenWire;
use crate::listening::listen;
use crate::transport::endpoint;

/// Deepgram's public address.
const BASE_URL: &str = "wss://api.deepgram.com";

/// Most key terms of a session. Deepgram allows 500 tokens and advises 20 to 50 terms.
pub(super) const MOST_TERMS: usize = 50;

/// Most characters of all key terms: within 500 tokens even where a token is two letters, as in Hebrew.
pub(super) const MOST_TERM_CHARACTERS: usize = 1_000;

/// How Deepgram listens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeepgramEarsOptions {
    /// Where it is. Default `wss://api.deepgram.com`; `https` is taken as `wss`.
    pub base_url: String,
    /// The model. Default `nova-3`, which hears Hebrew and English.
    pub model: String,
    /// Silence after which Deepgram settles a piece of text, in ms. Default 300.
    pub endpointing_ms: u32,
    /// Whether numbers, dates and addresses are written as digits. Default `true`.
    pub smart_format: bool,
    /// Terms to listen for in every call, beside the agent's own. Default none. Only with nova-3.
    pub keyterms: Vec<String>,
}

impl Default for DeepgramEarsOptions {
    fn default() -> Self {
        Self {
            base_url: BASE_URL.into(),
            model: "nova-3".into(),
            endpointing_ms: 300,
            smart_format: true,
            keyterms: Vec::new(),
        }
    }
}

/// Ears at Deepgram, by `/v1/listen`.
#[derive(Debug, Clone)]
pub struct DeepgramEars {
    options: DeepgramEarsOptions,
    key: SecretString,
}

impl DeepgramEars {
    /// Ears that listen with `key`, an API key of Deepgram. Connects with each call.
    pub fn new(options: DeepgramEarsOptions, key: SecretString) -> Self {
        Self { options, key }
    }
}

impl SpeechToText for DeepgramEars {
    fn name(&self) -> &'static str {
        "deepgram"
    }

    fn languages(&self) -> &[Language] {
        &[Language::English, Language::Hebrew]
    }

    fn open(
        &self,
        request: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        let url = endpoint(&self.options.base_url, "/v1/listen")?;
        let wire = ListenWire::new(&self.options, url, &request, self.key.clone());
        Ok(Box::new(listen(self.name(), wire, events)))
    }
}
