//! Ears by OpenAI's realtime transcription over a WebSocket.
//!
//! moked's own voice activity cuts the utterances (`turn_detection` is null: the live models have none), and
//! `commit` is the command to settle. All audio since the last commit is one item, so only utterances are
//! sent. Two generations of the wire are spoken: OpenAI's own, and the beta one that compatible servers such
//! as speaches kept. Those hear 24 kHz linear audio whatever the session says about formats.

mod items;
mod wire;

use moked_core::audio::SAMPLE_RATE;
use moked_core::audio::resample::Resampler;
use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use self::wire::Wire;
use super::HintStyle;
use crate::listening::listen;
use crate::transport::endpoint;

/// Short name for logs.
const NAME: &str = "openai-realtime";

/// The path of the realtime API under the base URL.
pub(super) const PATH: &str = "/realtime";

/// Rate of linear audio on this wire, Hz: the only one there is.
const LINEAR_HZ: u32 = 24_000;

/// Settings of [`RealtimeEars`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RealtimeEarsOptions {
    /// Where the API is, with its version; `http` stands for `ws`. Default `wss://api.openai.com/v1`.
    pub base_url: String,
    /// The model. Default `gpt-live-transcribe`.
    pub model: String,
    /// The generation of the wire. Default `ga`.
    pub dialect: Dialect,
    /// Form of the audio sent. Default `mulaw` for `ga` and `linear` for `beta`.
    pub audio: Option<RealtimeAudio>,
    /// How language and phrases are told. Default `keywords` for `ga` and `prompt` for `beta`.
    pub hints: Option<HintStyle>,
    /// What the vendor filters out before it hears; `ga` only. Default `near_field`, a telephone at the ear.
    pub noise_reduction: NoiseReduction,
    /// How long the model waits for context, `minimal` to `xhigh`; only `gpt-realtime-whisper` knows it.
    /// Default: not sent.
    pub delay: Option<String>,
    /// Languages the model hears. Default both.
    pub languages: Vec<Language>,
}

impl Default for RealtimeEarsOptions {
    fn default() -> Self {
        Self {
            base_url: "wss://api.openai.com/v1".into(),
            model: "gpt-live-transcribe".into(),
            dialect: Dialect::Ga,
            audio: None,
            hints: None,
            noise_reduction: NoiseReduction::NearField,
            delay: None,
            languages: vec![Language::English, Language::Hebrew],
        }
    }
}

/// A generation of the realtime wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// OpenAI's wire since general availability: settings under `session.audio.input`.
    Ga,
    /// The older one, as speaches speaks it: flat settings, the model in the URL.
    Beta,
}

/// Form of the audio sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RealtimeAudio {
    /// µ-law at 8 kHz, as it comes from the line.
    Mulaw,
    /// 16-bit linear at 24 kHz, converted here.
    Linear,
}

/// A filter at the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoiseReduction {
    /// None.
    Off,
    /// For a microphone at the mouth.
    NearField,
    /// For a microphone in the room: callers on loudspeakers.
    FarField,
}

/// OpenAI's realtime transcription.
#[derive(Debug)]
pub struct RealtimeEars {
    options: RealtimeEarsOptions,
    url: Url,
    key: Option<SecretString>,
}

impl RealtimeEars {
    /// Ears with these settings.
    ///
    /// # Errors
    /// [`ProviderFault::Unavailable`] when the base URL is none.
    pub fn new(options: RealtimeEarsOptions, key: Option<SecretString>) -> Result<Self, ProviderFault> {
        let url = endpoint(&options.base_url, PATH)?;
        Ok(Self { options, url, key })
    }
}

impl SpeechToText for RealtimeEars {
    fn name(&self) -> &'static str {
        NAME
    }

    fn languages(&self) -> &[Language] {
        &self.options.languages
    }

    fn open(
        &self,
        request: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        if !self.options.languages.contains(&request.language) {
            return Err(ProviderFault::UnsupportedLanguage { engine: NAME, language: request.language });
        }
        let resampler = match self.options.audio_form() {
            RealtimeAudio::Mulaw => None,
            RealtimeAudio::Linear => Some(
                Resampler::new(SAMPLE_RATE, LINEAR_HZ)
                    .map_err(|error| ProviderFault::BadRequest { why: error.to_string() })?,
            ),
        };
        let wire = Wire::new(self.options.clone(), self.url.clone(), self.key.clone(), &request, resampler);
        Ok(Box::new(listen(NAME, wire, events)))
    }
}

impl RealtimeEarsOptions {
    fn audio_form(&self) -> RealtimeAudio {
        self.audio.unwrap_or(match self.dialect {
            Dialect::Ga => RealtimeAudio::Mulaw,
            Dialect::Beta => RealtimeAudio::Linear,
        })
    }

    fn hint_style(&self) -> HintStyle {
        self.hints.unwrap_or(match self.dialect {
            Dialect::Ga => HintStyle::Keywords,
            Dialect::Beta => HintStyle::Prompt,
        })
    }
}
