//! The words of Scribe's WebSocket. Shapes of ElevenLabs' Python SDK 2.78.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moked_core::audio::{BYTES_PER_MS, SILENCE};
use moked_core::language::Language;
use moked_core::ports::ProviderFault;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::ElevenLabsEarsOptions;
use crate::listening::{Outgoing, SttWire, WireFact, text_message};
use crate::transport::{Incoming, SocketRequest};

/// Audio in one message: base64 and JSON cost too much for 20 ms.
const PIECE: Duration = Duration::from_millis(100);

/// How often silence is bridged. Scribe has no word for that, so it is told what the line has: silence.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// A session's wire.
pub(super) struct ScribeWire {
    url: Url,
    key: SecretString,
}

#[derive(Debug, Deserialize)]
struct Message {
    message_type: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    error: Option<String>,
}

impl ScribeWire {
    pub(super) fn new(
        options: &ElevenLabsEarsOptions,
        mut url: Url,
        language: Language,
        key: SecretString,
    ) -> Self {
        url.query_pairs_mut()
            .append_pair("model_id", &options.model)
            .append_pair("audio_format", "ulaw_8000")
            .append_pair("language_code", language.code())
            .append_pair("commit_strategy", "manual")
            .append_pair("include_timestamps", "false");
        Self { url, key }
    }
}

fn chunk(mulaw: &[u8], commit: bool) -> Outgoing {
    let message = json!({
        "message_type": "input_audio_chunk",
        "audio_base_64": STANDARD.encode(mulaw),
        "commit": commit,
        "sample_rate": 8000,
    });
    Outgoing::Text(message.to_string())
}

/// The fault that an error message tells.
fn fault(kind: &str, why: String) -> ProviderFault {
    match kind {
        "auth_error" => ProviderFault::Auth { why },
        "quota_exceeded" | "rate_limited" | "resource_exhausted" | "queue_overflow" => {
            ProviderFault::Quota { why, retry_after: None }
        }
        "input_error" | "invalid_request" | "chunk_size_exceeded" | "unaccepted_terms" => {
            ProviderFault::BadRequest { why }
        }
        _ => ProviderFault::Closed { why },
    }
}

impl SttWire for ScribeWire {
    fn request(&self) -> SocketRequest {
        SocketRequest::new(self.url.as_str()).header("xi-api-key", self.key.expose_secret())
    }

    fn audio(&mut self, mulaw: &[u8]) -> Outgoing {
        chunk(mulaw, false)
    }

    fn piece(&self) -> Duration {
        PIECE
    }

    fn finalize(&mut self) -> Option<Outgoing> {
        Some(chunk(&[], true))
    }

    fn keep_alive(&self) -> Option<(Duration, Outgoing)> {
        let silence = vec![SILENCE; PIECE.as_millis() as usize * BYTES_PER_MS];
        Some((KEEP_ALIVE, chunk(&silence, false)))
    }

    fn unanswered_limit(&self) -> u32 {
        2
    }

    fn read(&mut self, message: Incoming) -> Result<Vec<WireFact>, ProviderFault> {
        let Message { message_type, text, error } = text_message(&message)?;
        Ok(match message_type.as_str() {
            "partial_transcript" => vec![WireFact::Interim(text)],
            // Scribe also commits by itself after a long time; within an utterance that ends nothing.
            "committed_transcript" => vec![WireFact::Settled(text), WireFact::Finalized],
            // Too little was said for a commit: what there is, is all there is.
            "commit_throttled" | "insufficient_audio_activity" => vec![WireFact::Finalized],
            kind => {
                let is_fault = kind.ends_with("error") || error.is_some();
                let why = || format!("{kind}: {}", error.as_deref().unwrap_or("no reason given"));
                is_fault.then(|| WireFact::Fault(fault(kind, why()))).into_iter().collect()
            }
        })
    }
}
