//! The words of realtime transcription, in both generations.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moked_core::audio::mulaw;
use moked_core::audio::resample::Resampler;
use moked_core::ports::{HearingRequest, ProviderFault};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::super::hints::HintField;
use super::super::key::bearer;
use super::items::Items;
use super::{Dialect, NoiseReduction, RealtimeAudio, RealtimeEarsOptions};
use crate::listening::{Outgoing, SttWire, WireFact};
use crate::transport::{Incoming, SocketRequest};

/// Age at which OpenAI ends a session with `session_expired`; servers of one's own may let it live on, and
/// lose nothing by a fresh one.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// What the vendor says, as far as it matters here.
#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
enum ServerEvent {
    #[serde(rename = "session.updated", alias = "transcription_session.updated")]
    Updated,
    #[serde(rename = "input_audio_buffer.committed")]
    Committed { item_id: String, previous_item_id: Option<String> },
    #[serde(rename = "conversation.item.input_audio_transcription.delta")]
    Delta { item_id: String, delta: Option<String> },
    #[serde(rename = "conversation.item.input_audio_transcription.completed")]
    Completed { item_id: String, transcript: String },
    #[serde(rename = "conversation.item.input_audio_transcription.failed")]
    Failed { error: VendorError },
    #[serde(rename = "error")]
    Error { error: VendorError },
    #[serde(other)]
    Other,
}

#[derive(Debug, Default, Deserialize)]
struct VendorError {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

/// One session's wire.
pub(super) struct Wire {
    options: RealtimeEarsOptions,
    url: Url,
    key: Option<SecretString>,
    language: moked_core::language::Language,
    vocabulary: Vec<String>,
    resampler: Option<Resampler>,
    items: Items,
    is_configured: bool,
}

impl Wire {
    pub(super) fn new(
        options: RealtimeEarsOptions,
        url: Url,
        key: Option<SecretString>,
        request: &HearingRequest,
        resampler: Option<Resampler>,
    ) -> Self {
        Self {
            options,
            url,
            key,
            language: request.language,
            vocabulary: request.vocabulary.clone(),
            resampler,
            items: Items::default(),
            is_configured: false,
        }
    }

    fn session(&self) -> Value {
        let mut transcription = Map::new();
        transcription.insert("model".into(), self.options.model.clone().into());
        for field in self.options.hint_style().fields(self.language, &self.vocabulary) {
            match field {
                HintField::One(name, value) => transcription.insert(name.into(), value.into()),
                HintField::Many(name, values) => transcription.insert(name.into(), values.into()),
            };
        }
        if let Some(delay) = &self.options.delay {
            transcription.insert("delay".into(), delay.clone().into());
        }
        match self.options.dialect {
            Dialect::Ga => {
                let format = match self.options.audio_form() {
                    RealtimeAudio::Mulaw => json!({"type": "audio/pcmu"}),
                    RealtimeAudio::Linear => json!({"type": "audio/pcm", "rate": super::LINEAR_HZ}),
                };
                let noise = match self.options.noise_reduction {
                    NoiseReduction::Off => Value::Null,
                    NoiseReduction::NearField => json!({"type": "near_field"}),
                    NoiseReduction::FarField => json!({"type": "far_field"}),
                };
                json!({"type": "transcription", "audio": {"input": {
                    "format": format,
                    "transcription": transcription,
                    "turn_detection": null,
                    "noise_reduction": noise,
                }}})
            }
            Dialect::Beta => {
                let mut session = json!({"input_audio_transcription": transcription, "turn_detection": null});
                // Linear is what a session has anyway, and speaches answers a format with an error.
                if self.options.audio_form() == RealtimeAudio::Mulaw {
                    session["input_audio_format"] = "g711_ulaw".into();
                }
                session
            }
        }
    }

    fn fault(&mut self, error: VendorError, now: Instant) -> Result<Vec<WireFact>, ProviderFault> {
        let (kind, code) = (error.kind.unwrap_or_default(), error.code.unwrap_or_default());
        let message = error.message.unwrap_or_default();
        let is_empty_commit = code == "input_audio_buffer_commit_empty"
            || message.contains("buffer is empty")
            || message.contains("buffer too small");
        if is_empty_commit && self.items.is_waiting() {
            return Ok(self.items.commit_refused(now));
        }
        let why = if code.is_empty() { message } else { format!("{code}: {message}") };
        let says = |word: &str| code.contains(word) || kind.contains(word);
        let fault = if says("api_key") || says("authentication") || says("permission") {
            ProviderFault::Auth { why }
        } else if says("quota") || says("rate_limit") {
            ProviderFault::Quota { why, retry_after: None }
        } else if says("session_expired") {
            return Ok(vec![WireFact::Expired(why)]);
        } else if says("server_error") {
            ProviderFault::Closed { why }
        } else if !self.is_configured {
            // The session's settings were refused, so it would hear nothing, or hear it wrong.
            ProviderFault::BadRequest { why }
        } else {
            return Err(ProviderFault::BadRequest { why });
        };
        Ok(vec![WireFact::Fault(fault)])
    }
}

impl SttWire for Wire {
    fn request(&self) -> SocketRequest {
        let mut url = self.url.clone();
        url.query_pairs_mut().append_pair("intent", "transcription");
        if self.options.dialect == Dialect::Beta {
            url.query_pairs_mut()
                .append_pair("model", &self.options.model)
                .append_pair("language", self.language.code());
        }
        let mut request = SocketRequest::new(url);
        if let Some(bearer) = bearer(self.key.as_ref()) {
            request = request.header("authorization", bearer);
        }
        match self.options.dialect {
            Dialect::Ga => request,
            Dialect::Beta => request.header("openai-beta", "realtime=v1"),
        }
    }

    fn opening(&mut self) -> Vec<Outgoing> {
        let update = json!({"type": "session.update", "session": self.session()});
        vec![Outgoing::Text(update.to_string())]
    }

    fn audio(&mut self, audio: &[u8]) -> Outgoing {
        let base64 = match &mut self.resampler {
            None => STANDARD.encode(audio),
            Some(resampler) => {
                let samples = resampler.push(&mulaw::decode(audio));
                STANDARD.encode(samples.into_iter().flat_map(i16::to_le_bytes).collect::<Vec<u8>>())
            }
        };
        Outgoing::Text(json!({"type": "input_audio_buffer.append", "audio": base64}).to_string())
    }

    fn is_speech_only(&self) -> bool {
        true
    }

    fn lifetime(&self) -> Option<Duration> {
        Some(LIFETIME)
    }

    fn start_over(&mut self) {
        self.items = Items::default();
        self.is_configured = false;
    }

    fn finalize(&mut self) -> Option<Outgoing> {
        self.items.commit(Instant::now());
        Some(Outgoing::Text(json!({"type": "input_audio_buffer.commit"}).to_string()))
    }

    fn read(&mut self, message: Incoming) -> Result<Vec<WireFact>, ProviderFault> {
        let now = Instant::now();
        let Incoming::Text(text) = message else {
            return Err(ProviderFault::Garbage { why: "a binary message".into() });
        };
        let event = serde_json::from_str(&text)
            .map_err(|error| ProviderFault::Garbage { why: format!("not an event: {error}") })?;
        match event {
            ServerEvent::Updated => {
                self.is_configured = true;
                Ok(Vec::new())
            }
            ServerEvent::Committed { item_id, previous_item_id } => {
                Ok(self.items.committed(&item_id, previous_item_id.as_deref(), now))
            }
            ServerEvent::Delta { item_id, delta } => {
                Ok(self.items.delta(&item_id, &delta.unwrap_or_default(), now))
            }
            ServerEvent::Completed { item_id, transcript } => {
                Ok(self.items.completed(&item_id, &transcript, now))
            }
            ServerEvent::Failed { error } => {
                let why = error.message.or(error.code).unwrap_or_default();
                Ok(vec![WireFact::Fault(ProviderFault::Closed {
                    why: format!("the transcription failed: {why}"),
                })])
            }
            ServerEvent::Error { error } => self.fault(error, now),
            ServerEvent::Other => Ok(Vec::new()),
        }
    }
}
