//! Messages of `ElevenLabs`' `multi-stream-input`.
//!
//! A connection is bound to voice, model and language. It carries five contexts; one that was closed is taken to
//! count until its `isFinal`, and a sixth ends the connection (1008, `max_active_conversations`). A context
//! is closed as soon as its sentence is sent: its audio still comes, and then `isFinal`.

use std::sync::Arc;
use std::time::Duration;

use moked_core::language::Language;
use moked_core::ports::{ProviderFault, SpeakingRequest};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::ElevenLabsVoiceOptions;
use crate::listening::Outgoing;
use crate::speaking::{
    CancelEnd, Cancellation, Letter, Limits, TtsWire, VoiceFact, VoiceMessage, decode_audio, read_json,
};
use crate::transport::{Incoming, SocketRequest, endpoint};

pub(super) const ENGINE: &str = "elevenlabs";

/// Contexts a connection carries at once: the vendor's error says so to a sixth (quoted in
/// github.com/livekit/agents-js/issues/1985).
const MOST_CONTEXTS: usize = 5;

/// What the vendor is asked to bear without a message, seconds: the longest it allows (help.elevenlabs.io,
/// "How can I keep the WebSocket open?").
const INACTIVITY_S: &str = "180";

pub(super) struct ElevenLabsWire {
    pub(super) options: Arc<ElevenLabsVoiceOptions>,
    pub(super) key: SecretString,
}

#[derive(Debug, Deserialize)]
struct Event {
    #[serde(alias = "contextId")]
    context_id: Option<String>,
    audio: Option<String>,
    #[serde(default, alias = "isFinal")]
    is_final: Option<bool>,
    alignment: Option<Alignment>,
    error: Option<String>,
    message: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Alignment {
    chars: Vec<String>,
    char_start_times_ms: Vec<f64>,
    #[serde(alias = "charsDurationsMs")]
    char_durations_ms: Vec<f64>,
}

impl Alignment {
    fn letters(self) -> Vec<Letter> {
        let times = self.char_start_times_ms.into_iter().zip(self.char_durations_ms);
        let letters = self.chars.into_iter().zip(times);
        letters
            .map(|(text, (start, duration))| Letter { text, ends_at_ms: (start + duration) as u64 })
            .collect()
    }
}

/// The kind follows from the vendor's word for it, such as `invalid_api_key` or `quota_exceeded`.
fn fault(error: &str, message: Option<String>) -> ProviderFault {
    let why = message.map_or_else(|| error.to_owned(), |message| format!("{error}: {message}"));
    let has = |words: &[&str]| words.iter().any(|word| error.contains(word));
    if has(&["api_key", "auth", "permission"]) {
        ProviderFault::Auth { why }
    } else if has(&["quota", "limit", "busy", "concurrent", "max_active"]) {
        ProviderFault::Quota { why, retry_after: None }
    } else if has(&["invalid", "not_found", "unsupported", "input"]) {
        ProviderFault::BadRequest { why }
    } else {
        ProviderFault::Closed { why }
    }
}

impl TtsWire for ElevenLabsWire {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn route(&self, language: Language) -> &'static str {
        language.code()
    }

    fn request(&self, language: Language) -> Result<SocketRequest, ProviderFault> {
        let voice = self.options.voice(language);
        let path = format!("/v1/text-to-speech/{voice}/multi-stream-input");
        let mut url = endpoint(&self.options.base_url, &path)?;
        url.query_pairs_mut().extend_pairs([
            ("model_id", self.options.model(language)),
            ("language_code", language.code()),
            ("output_format", "ulaw_8000"),
            ("auto_mode", "true"),
            ("sync_alignment", "true"),
            ("inactivity_timeout", INACTIVITY_S),
        ]);
        Ok(SocketRequest::new(url).header("xi-api-key", self.key.expose_secret()))
    }

    fn limits(&self, language: Language) -> Limits {
        self.options.limits(language)
    }

    fn most_contexts(&self) -> usize {
        MOST_CONTEXTS
    }

    fn begin(&self, context: &str, sentence: &SpeakingRequest) -> Vec<Outgoing> {
        let mut opening = json!({ "text": " ", "context_id": context });
        if let (Some(settings), Some(opening)) = (self.options.voice_settings(), opening.as_object_mut()) {
            opening.insert("voice_settings".into(), settings);
        }
        let messages = [
            opening,
            json!({ "text": format!("{} ", sentence.text.trim()), "context_id": context, "flush": true }),
            json!({ "context_id": context, "close_context": true }),
        ];
        messages.into_iter().map(|message| Outgoing::Text(message.to_string())).collect()
    }

    fn cancel(&self, context: &str) -> Cancellation {
        let message = json!({ "context_id": context, "close_context": true });
        Cancellation { messages: vec![Outgoing::Text(message.to_string())], end: CancelEnd::WithOver }
    }

    /// Its keep-alive belongs to a context; without one, the connection ends a little before the vendor
    /// would end it.
    fn idle_limit(&self) -> Duration {
        Duration::from_secs(170)
    }

    fn goodbye(&self) -> Option<Outgoing> {
        Some(Outgoing::Text(json!({ "close_socket": true }).to_string()))
    }

    fn read(&self, message: Incoming) -> Result<Vec<VoiceMessage>, ProviderFault> {
        let event: Event = read_json(&message)?;
        let context = event.context_id;
        let mut facts = Vec::new();
        if let Some(error) = event.error {
            facts.push(VoiceFact::Fault(fault(&error, event.message)));
        }
        if context.is_some() {
            if let Some(alignment) = event.alignment {
                facts.push(VoiceFact::LettersOfNextAudio(alignment.letters()));
            }
            if let Some(audio) = event.audio.filter(|audio| !audio.is_empty()) {
                facts.push(VoiceFact::Audio(decode_audio(&audio)?));
            }
            if event.is_final == Some(true) {
                facts.push(VoiceFact::Over);
            }
        }
        Ok(facts.into_iter().map(|fact| VoiceMessage { context: context.clone(), fact }).collect())
    }
}
