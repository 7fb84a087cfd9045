//! Messages of Deepgram's `/v1/speak` WebSocket.

use std::sync::Arc;
use std::time::Duration;

use moked_core::language::Language;
use moked_core::ports::{ProviderFault, SpeakingRequest};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::DeepgramVoiceOptions;
use crate::listening::Outgoing;
use crate::speaking::{CancelEnd, Cancellation, Limits, TtsWire, VoiceFact, VoiceMessage, read_json};
use crate::transport::{Incoming, SocketRequest, endpoint};

pub(super) const ENGINE: &str = "deepgram";

pub(super) struct AuraWire {
    pub(super) options: Arc<DeepgramVoiceOptions>,
    pub(super) key: SecretString,
}

#[derive(Debug, Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
    description: Option<String>,
    err_msg: Option<String>,
}

impl TtsWire for AuraWire {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn request(&self, _language: Language) -> Result<SocketRequest, ProviderFault> {
        let mut url = endpoint(&self.options.base_url, "/v1/speak")?;
        url.query_pairs_mut()
            .append_pair("model", &self.options.model)
            .append_pair("encoding", "mulaw")
            .append_pair("sample_rate", "8000");
        let token = format!("Token {}", self.key.expose_secret());
        Ok(SocketRequest::new(url).header("authorization", token))
    }

    fn limits(&self, _language: Language) -> Limits {
        Limits::from_ms(self.options.first_byte_ms, self.options.gap_ms)
    }

    /// Audio has no name, so there is one sentence at a time.
    fn most_contexts(&self) -> usize {
        1
    }

    fn begin(&self, _context: &str, sentence: &SpeakingRequest) -> Vec<Outgoing> {
        let messages = [json!({ "type": "Speak", "text": sentence.text }), json!({ "type": "Flush" })];
        messages.into_iter().map(|message| Outgoing::Text(message.to_string())).collect()
    }

    fn cancel(&self, _context: &str) -> Cancellation {
        let message = json!({ "type": "Clear" });
        Cancellation { messages: vec![Outgoing::Text(message.to_string())], end: CancelEnd::WithCleared }
    }

    /// There is no message for it on this socket. The vendor is said to keep it for an hour at most; a
    /// connection that it closes is replaced by the next sentence.
    fn idle_limit(&self) -> Duration {
        Duration::from_secs(120)
    }

    fn goodbye(&self) -> Option<Outgoing> {
        Some(Outgoing::Text(json!({ "type": "Close" }).to_string()))
    }

    fn read(&self, message: Incoming) -> Result<Vec<VoiceMessage>, ProviderFault> {
        let fact = match message {
            Incoming::Binary(audio) if audio.is_empty() => return Ok(Vec::new()),
            Incoming::Binary(audio) => VoiceFact::Audio(audio),
            Incoming::Text(_) => {
                let event: Event = read_json(&message)?;
                match event.kind.as_str() {
                    "Flushed" => VoiceFact::Over,
                    "Cleared" => VoiceFact::Cleared,
                    "Error" => {
                        let words = [event.code, event.description.or(event.err_msg)].into_iter().flatten();
                        let why = words.collect::<Vec<_>>().join(": ");
                        VoiceFact::Fault(ProviderFault::Closed { why })
                    }
                    "Warning" => {
                        let (code, description) = (event.code, event.description);
                        tracing::debug!(engine = ENGINE, ?code, ?description, "the vendor warns");
                        return Ok(Vec::new());
                    }
                    _ => return Ok(Vec::new()),
                }
            }
        };
        Ok(vec![VoiceMessage { context: None, fact }])
    }
}
