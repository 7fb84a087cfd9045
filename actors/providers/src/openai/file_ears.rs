//! Ears by any `POST /v1/audio/transcriptions`: OpenAI, Groq, speaches, whisper.cpp.
//!
//! Such a server hears whole recordings. An utterance is gathered from half a second before its onset, sent as
//! a WAV when it is over, and its text is the final. Utterances are sent one after another, which keeps their
//! order and suits servers that do one thing at a time. Partials come only where the server streams its answer.

mod answer;
mod form;
mod session;

use std::time::Duration;

use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText};
use secrecy::SecretString;
use serde::Deserialize;

use self::session::{Session, Upload};
use super::HintStyle;
use super::key::{self, bearer};

/// Short name for logs.
const NAME: &str = "openai-file";

/// Settings of [`FileEars`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FileEarsOptions {
    /// Where the API is, with its version. Default `https://api.openai.com/v1`.
    pub base_url: String,
    /// What follows the base URL; whisper.cpp without `--inference-path` wants `inference`. Default
    /// `audio/transcriptions`.
    pub path: String,
    /// The model. Default `gpt-transcribe`.
    pub model: String,
    /// How language and phrases are told. Default `keywords`; everything of Whisper's kin wants `prompt`.
    pub hints: HintStyle,
    /// Whether the answer is asked for as a stream, which gives partials. Default false.
    pub stream: bool,
    /// Rate of the recording. Default `wide`: 16 kHz.
    pub rate: RecordingRate,
    /// How long the server may be silent before and within its answer, ms. Default 6000.
    pub answer_limit_ms: u64,
    /// Languages the model hears. Default both.
    pub languages: Vec<Language>,
}

impl Default for FileEarsOptions {
    fn default() -> Self {
        Self {
            base_url: "https://api.openai.com/v1".into(),
            path: "audio/transcriptions".into(),
            model: "gpt-transcribe".into(),
            hints: HintStyle::Keywords,
            stream: false,
            rate: RecordingRate::Wide,
            answer_limit_ms: 6_000,
            languages: vec![Language::English, Language::Hebrew],
        }
    }
}

/// Rate of the recording sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingRate {
    /// 8 kHz, as it comes from the line: half the bytes, for servers that convert by themselves.
    Line,
    /// 16 kHz, which every such server takes; whisper.cpp takes nothing else unless told to convert.
    Wide,
}

impl RecordingRate {
    /// Samples a second.
    pub fn hz(self) -> u32 {
        match self {
            Self::Line => 8_000,
            Self::Wide => 16_000,
        }
    }
}

/// A server that transcribes recordings.
#[derive(Debug)]
pub struct FileEars {
    options: FileEarsOptions,
    key: Option<SecretString>,
}

impl FileEars {
    /// Ears with these settings.
    pub fn new(options: FileEarsOptions, key: Option<SecretString>) -> Self {
        Self { options, key }
    }
}

impl SpeechToText for FileEars {
    fn name(&self) -> &'static str {
        NAME
    }

    fn languages(&self) -> &[Language] {
        &self.options.languages
    }

    fn warm(&self) {
        key::warm(&self.options.base_url, self.key.as_ref());
    }

    fn open(
        &self,
        request: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        if !self.options.languages.contains(&request.language) {
            return Err(ProviderFault::UnsupportedLanguage { engine: NAME, language: request.language });
        }
        let upload = Upload {
            url: format!(
                "{}/{}",
                self.options.base_url.trim_end_matches('/'),
                self.options.path.trim_matches('/')
            ),
            bearer: bearer(self.key.as_ref()).map(SecretString::from),
            model: self.options.model.clone(),
            hints: self.options.hints,
            language: request.language,
            stream: self.options.stream,
            rate: self.options.rate,
            limit: Duration::from_millis(self.options.answer_limit_ms),
        };
        Ok(Box::new(Session::open(request, upload, events)))
    }
}
