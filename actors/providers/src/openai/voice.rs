//! A voice by any `POST /v1/audio/speech`: speaches, Kokoro-FastAPI, LocalAI, OpenAI.
//!
//! The answer is headerless 16-bit linear audio, streamed as it is made; it is resampled to the line's rate here.
//! A request has one sentence, and dropping it closes the connection, which stops the server's work.

mod line;

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use moked_core::audio::resample::RATES;
use moked_core::language::Language;
use moked_core::ports::{ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use self::line::ToLine;
use super::key::{self, bearer};
use crate::transport::{HttpRequest, Task};

/// Short name for logs.
const NAME: &str = "openai-speech";

/// Settings of [`OpenAiVoice`]. The defaults are those of a local speaches, since OpenAI's own speech models
/// all end on 2027-01-06.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpenAiVoiceOptions {
    /// Where the API is, with its version. Default `http://127.0.0.1:8000/v1`.
    pub base_url: String,
    /// The model. Default `speaches-ai/Kokoro-82M-v1.0-ONNX`.
    pub model: String,
    /// The voice. Default `af_heart`.
    pub voice: String,
    /// Voices of single languages, where they differ from `voice`. Default none.
    pub voices: HashMap<Language, String>,
    /// How to speak, in words, for models that take it. Default: not sent.
    pub instructions: Option<String>,
    /// Speed, 1 being normal. Default: not sent.
    pub speed: Option<f32>,
    /// Rate of the audio that comes, Hz; Piper's voices have 22050. Default 24000, OpenAI's.
    pub sample_rate_hz: u32,
    /// How long the first audio may take, ms. Default 2500.
    pub first_byte_limit_ms: u64,
    /// How long a pause in the stream may be, ms. Default 1500.
    pub gap_limit_ms: u64,
    /// Languages the voice speaks. Default English, as the default model does.
    pub languages: Vec<Language>,
}

impl Default for OpenAiVoiceOptions {
    fn default() -> Self {
        Self {
            base_url: "http://127.0.0.1:8000/v1".into(),
            model: "speaches-ai/Kokoro-82M-v1.0-ONNX".into(),
            voice: "af_heart".into(),
            voices: HashMap::new(),
            instructions: None,
            speed: None,
            sample_rate_hz: 24_000,
            first_byte_limit_ms: 2_500,
            gap_limit_ms: 1_500,
            languages: vec![Language::English],
        }
    }
}

/// A server that speaks.
#[derive(Debug)]
pub struct OpenAiVoice {
    options: OpenAiVoiceOptions,
    key: Option<SecretString>,
}

impl OpenAiVoice {
    /// A voice with these settings.
    ///
    /// # Errors
    /// [`ProviderFault::Unavailable`] when the rate is none that can be converted.
    pub fn new(options: OpenAiVoiceOptions, key: Option<SecretString>) -> Result<Self, ProviderFault> {
        if !RATES.contains(&options.sample_rate_hz) {
            let hz = options.sample_rate_hz;
            let why = format!("openai: sample_rate_hz is {hz}, but must lie in {RATES:?}");
            return Err(ProviderFault::Unavailable { why });
        }
        Ok(Self { options, key })
    }

    fn body(&self, request: &SpeakingRequest) -> Value {
        let voice = self.options.voices.get(&request.language).unwrap_or(&self.options.voice);
        let mut body = json!({
            "model": self.options.model,
            "input": request.text,
            "voice": voice,
            "response_format": "pcm",
        });
        if let Some(instructions) = &self.options.instructions {
            body["instructions"] = instructions.clone().into();
        }
        if let Some(speed) = self.options.speed {
            body["speed"] = speed.into();
        }
        body
    }

    fn speech(&self, request: &SpeakingRequest) -> Speech {
        let url = format!("{}/audio/speech", self.options.base_url.trim_end_matches('/'));
        let mut http = HttpRequest::post_json(url, &self.body(request));
        if let Some(bearer) = bearer(self.key.as_ref()) {
            http = http.header("authorization", bearer);
        }
        Speech {
            http,
            hz: self.options.sample_rate_hz,
            first_byte: Duration::from_millis(self.options.first_byte_limit_ms),
            gap: Duration::from_millis(self.options.gap_limit_ms),
        }
    }
}

impl TextToSpeech for OpenAiVoice {
    fn name(&self) -> &'static str {
        NAME
    }

    fn languages(&self) -> &[Language] {
        &self.options.languages
    }

    fn warm(&self) {
        key::warm(&self.options.base_url, self.key.as_ref());
    }

    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        let language = request.language;
        let speech = self.options.languages.contains(&language).then(|| self.speech(&request));
        Box::new(Stream(Task::spawn(async move {
            let spoken = match speech {
                Some(speech) => speech.speak(&events).await,
                None => Err(ProviderFault::UnsupportedLanguage { engine: NAME, language }),
            };
            events.send(match spoken {
                Ok(()) => SpeakingEvent::Finished,
                Err(fault) => SpeakingEvent::Failed(fault),
            });
        })))
    }
}

/// A sentence being spoken.
struct Stream(#[expect(dead_code, reason = "held for its drop, which aborts the request")] Task);

impl SpeakingStream for Stream {}

/// A sentence to be spoken.
struct Speech {
    http: HttpRequest,
    hz: u32,
    first_byte: Duration,
    gap: Duration,
}

impl Speech {
    async fn speak(self, events: &Sink<SpeakingEvent>) -> Result<(), ProviderFault> {
        let mut line = ToLine::new(self.hz)?;
        let (http, first_byte) = (self.http, self.first_byte);
        // The limit holds for the head and the first audio together: the caller waits for both.
        let begin = async {
            let mut body = http.send(first_byte).await?;
            let chunk = body.next("the first audio", first_byte).await?;
            Ok((body, chunk))
        };
        let begun = tokio::time::timeout(first_byte, begin).await;
        let (mut body, mut chunk) = begun.unwrap_or_else(|_| {
            let after_ms = first_byte.as_millis() as u64;
            Err(ProviderFault::Stalled { waiting_for: "the first audio", after_ms })
        })?;
        while let Some(bytes) = chunk {
            tell(line.push(&bytes)?, events);
            chunk = body.next("more audio", self.gap).await?;
        }
        tell(line.finish()?, events);
        Ok(())
    }
}

fn tell(pieces: Vec<Bytes>, events: &Sink<SpeakingEvent>) {
    for piece in pieces {
        events.send(SpeakingEvent::Audio(piece));
    }
}
