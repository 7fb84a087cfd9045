//! Deepgram's Flux, `/v2/listen`: English, with turns that the model itself decides.
//!
//! Flux tells when the caller begins, has probably finished, speaks on, and has finished. A turn's text comes
//! whole with every message. When moked's own voice activity ends an utterance first, Flux is asked to end
//! its turn (`ForceEndTurn`), but only while a turn is open: what it says to that otherwise is not documented.

mod wire;

use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText};
use secrecy::SecretString;
use serde::Deserialize;

use self::wire::FluxWire;
use crate::listening::listen;
use crate::transport::endpoint;

/// How Flux listens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeepgramFluxOptions {
    /// Where it is. Default `wss://api.deepgram.com`; `https` is taken as `wss`.
    pub base_url: String,
    /// The model. Default `flux-general-en`. No Flux model hears Hebrew.
    pub model: String,
    /// How sure Flux must be that a turn has ended, 0.5 to 1.0. Default 0.7. At 1.0 only moked ends turns.
    pub eot_threshold: f32,
    /// How sure Flux must be to say that a turn has probably ended, 0.3 to 0.9. Default 0.5; without it such
    /// signals do not come.
    pub eager_eot_threshold: Option<f32>,
    /// Silence after which a turn has ended however unsure Flux is, in ms, 500 to 60000. Default 5000.
    pub eot_timeout_ms: u32,
    /// Terms to listen for in every call, beside the agent's own. Default none.
    pub keyterms: Vec<String>,
}

impl Default for DeepgramFluxOptions {
    fn default() -> Self {
        Self {
            base_url: "wss://api.deepgram.com".into(),
            model: "flux-general-en".into(),
            eot_threshold: 0.7,
            eager_eot_threshold: Some(0.5),
            eot_timeout_ms: 5_000,
            keyterms: Vec::new(),
        }
    }
}

/// Ears at Deepgram, by Flux.
#[derive(Debug, Clone)]
pub struct DeepgramFluxEars {
    options: DeepgramFluxOptions,
    key: SecretString,
}

impl DeepgramFluxEars {
    /// Ears that listen with `key`, an API key of Deepgram. Connects with each call.
    pub fn new(options: DeepgramFluxOptions, key: SecretString) -> Self {
        Self { options, key }
    }
}

impl SpeechToText for DeepgramFluxEars {
    fn name(&self) -> &'static str {
        "deepgram_flux"
    }

    fn languages(&self) -> &[Language] {
        &[Language::English]
    }

    fn open(
        &self,
        request: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        let (engine, language) = (self.name(), request.language);
        if !self.languages().contains(&language) {
            return Err(ProviderFault::UnsupportedLanguage { engine, language });
        }
        let url = endpoint(&self.options.base_url, "/v2/listen")?;
        let wire = FluxWire::new(&self.options, url, &request, self.key.clone());
        Ok(Box::new(listen(engine, wire, events)))
    }
}
