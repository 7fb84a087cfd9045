//! Messages of Cartesia's `tts/websocket`.

use moked_core::language::Language;
use moked_core::ports::{ProviderFault, SpeakingRequest, WordTime};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::CartesiaVoiceOptions;
use crate::listening::Outgoing;
use crate::speaking::{
    CancelEnd, Cancellation, Limits, TtsWire, VoiceFact, VoiceMessage, decode_audio, read_json, seconds_to_ms,
};
use crate::transport::{Incoming, SocketRequest, endpoint};

pub(super) const ENGINE: &str = "cartesia";

/// Sentences a connection carries at once: the vendor speaks of dozens, and one that breaks should not take
/// all calls of a thread with it.
const MOST_CONTEXTS: usize = 16;

/// Katie, the voice that the vendor's examples for agents use.
const VOICE: &str = "f786b574-daa5-4673-aa0c-cbe3e8534c02";

pub(super) struct CartesiaWire {
    pub(super) options: CartesiaVoiceOptions,
    pub(super) key: SecretString,
}

#[derive(Debug, Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    context_id: Option<String>,
    data: Option<String>,
    word_timestamps: Option<WordTimestamps>,
    title: Option<String>,
    message: Option<String>,
    error: Option<String>,
    status_code: Option<u16>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WordTimestamps {
    words: Vec<String>,
    end: Vec<f64>,
}

impl Event {
    fn fault(self) -> ProviderFault {
        let words = [self.title, self.message.or(self.error)].into_iter().flatten();
        let why = words.collect::<Vec<_>>().join(": ");
        ProviderFault::from_status(self.status_code.unwrap_or(500), why, None)
    }
}

impl TtsWire for CartesiaWire {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn request(&self, _language: Language) -> Result<SocketRequest, ProviderFault> {
        let url = endpoint(&self.options.base_url, "/tts/websocket")?;
        Ok(SocketRequest::new(url)
            .header("authorization", format!("Bearer {}", self.key.expose_secret()))
            .header("cartesia-version", self.options.version.clone()))
    }

    fn limits(&self, _language: Language) -> Limits {
        Limits::from_ms(self.options.first_byte_ms, self.options.gap_ms)
    }

    fn most_contexts(&self) -> usize {
        MOST_CONTEXTS
    }

    fn begin(&self, context: &str, sentence: &SpeakingRequest) -> Vec<Outgoing> {
        let voice = self.options.voices.get(&sentence.language).map_or(VOICE, String::as_str);
        let message = json!({
            "model_id": self.options.model,
            "transcript": sentence.text,
            "voice": { "mode": "id", "id": voice },
            "language": sentence.language.code(),
            "context_id": context,
            "output_format": { "container": "raw", "encoding": "pcm_mulaw", "sample_rate": 8000 },
            "continue": false,
            "add_timestamps": true,
        });
        vec![Outgoing::Text(message.to_string())]
    }

    /// Nothing is documented to confirm it; ids are never used twice, so what still comes is known as late.
    fn cancel(&self, context: &str) -> Cancellation {
        let message = json!({ "context_id": context, "cancel": true });
        Cancellation { messages: vec![Outgoing::Text(message.to_string())], end: CancelEnd::AtOnce }
    }

    fn read(&self, message: Incoming) -> Result<Vec<VoiceMessage>, ProviderFault> {
        let mut event: Event = read_json(&message)?;
        let context = event.context_id.take();
        let fact = match event.kind.as_str() {
            "chunk" => match event.data.filter(|data| !data.is_empty()) {
                None => return Ok(Vec::new()),
                Some(data) => VoiceFact::Audio(decode_audio(&data)?),
            },
            "timestamps" => {
                let times = event.word_timestamps.unwrap_or_default();
                let words = times.words.into_iter().zip(times.end);
                let words = words.map(|(word, end)| WordTime { word, ends_at_ms: seconds_to_ms(end) });
                VoiceFact::Words(words.collect())
            }
            "done" => VoiceFact::Over,
            "error" => VoiceFact::Fault(event.fault()),
            _ => return Ok(Vec::new()),
        };
        // Without an id only a fault has a meaning: the connection's.
        if context.is_none() && !matches!(fact, VoiceFact::Fault(_)) {
            return Ok(Vec::new());
        }
        Ok(vec![VoiceMessage { context, fact }])
    }
}
