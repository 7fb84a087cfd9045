//! Messages of Soniox's `tts-websocket`.

use std::time::Duration;

use moked_core::language::Language;
use moked_core::ports::{ProviderFault, SpeakingRequest};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::SonioxVoiceOptions;
use crate::listening::Outgoing;
use crate::speaking::{
    CancelEnd, Cancellation, Letter, Limits, TtsWire, VoiceFact, VoiceMessage, decode_audio, read_json,
    seconds_to_ms,
};
use crate::transport::{Incoming, SocketRequest, endpoint};

pub(super) const ENGINE: &str = "soniox";

/// Streams a connection carries at once, by the vendor's documentation.
const MOST_STREAMS: usize = 5;

/// The voice of every language that settings name none for.
const VOICE: &str = "Maya";

pub(super) struct SonioxWire {
    pub(super) options: SonioxVoiceOptions,
    pub(super) key: SecretString,
}

#[derive(Debug, Deserialize)]
struct Event {
    stream_id: Option<String>,
    audio: Option<String>,
    #[serde(default)]
    terminated: bool,
    error_code: Option<u16>,
    error_message: Option<String>,
    timestamps: Option<Timestamps>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Timestamps {
    characters: Vec<String>,
    character_end_times_seconds: Vec<f64>,
}

impl TtsWire for SonioxWire {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn request(&self, _language: Language) -> Result<SocketRequest, ProviderFault> {
        Ok(SocketRequest::new(endpoint(&self.options.base_url, "/tts-websocket")?))
    }

    fn limits(&self, _language: Language) -> Limits {
        Limits::from_ms(self.options.first_byte_ms, self.options.gap_ms)
    }

    fn most_contexts(&self) -> usize {
        MOST_STREAMS
    }

    fn begin(&self, context: &str, sentence: &SpeakingRequest) -> Vec<Outgoing> {
        let voice = self.options.voices.get(&sentence.language).map_or(VOICE, String::as_str);
        let config = json!({
            "api_key": self.key.expose_secret(),
            "stream_id": context,
            "model": self.options.model,
            "language": sentence.language.code(),
            "voice": voice,
            "audio_format": "pcm_mulaw",
            "sample_rate": 8000,
            "speed": self.options.speed,
            "return_timestamps": true,
        });
        let text = json!({ "text": sentence.text, "text_end": true, "stream_id": context });
        vec![Outgoing::Text(config.to_string()), Outgoing::Text(text.to_string())]
    }

    fn cancel(&self, context: &str) -> Cancellation {
        let message = json!({ "stream_id": context, "cancel": true });
        Cancellation { messages: vec![Outgoing::Text(message.to_string())], end: CancelEnd::WithOver }
    }

    /// The vendor asks for it every 20 to 30 s.
    fn keep_alive(&self) -> Option<(Duration, Outgoing)> {
        Some((Duration::from_secs(25), Outgoing::Text(json!({ "keep_alive": true }).to_string())))
    }

    fn read(&self, message: Incoming) -> Result<Vec<VoiceMessage>, ProviderFault> {
        let event: Event = read_json(&message)?;
        let mut facts = Vec::new();
        if let Some(status) = event.error_code {
            let why = event.error_message.unwrap_or_else(|| format!("error {status}"));
            facts.push(VoiceFact::Fault(ProviderFault::from_status(status, why, None)));
        }
        if let Some(times) = event.timestamps {
            let letters = times.characters.into_iter().zip(times.character_end_times_seconds);
            let letters = letters.map(|(text, end)| Letter { text, ends_at_ms: seconds_to_ms(end) });
            facts.push(VoiceFact::Letters(letters.collect()));
        }
        if let Some(audio) = event.audio.filter(|audio| !audio.is_empty()) {
            facts.push(VoiceFact::Audio(decode_audio(&audio)?));
        }
        if event.terminated {
            facts.push(VoiceFact::Over);
        }
        let context = event.stream_id;
        // Without an id only a fault has a meaning: the connection's.
        let has_meaning = |fact: &VoiceFact| context.is_some() || matches!(fact, VoiceFact::Fault(_));
        facts.retain(has_meaning);
        Ok(facts.into_iter().map(|fact| VoiceMessage { context: context.clone(), fact }).collect())
    }
}
