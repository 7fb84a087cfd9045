//! What a realtime model says, in the names of both generations.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use moked_core::ports::ProviderFault;
use serde::Deserialize;
use serde_json::Value;

use crate::minding::ToolCall;

/// A fact from the session, as far as a call can make use of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Event {
    /// The utterance committed last is this item.
    Committed {
        /// The item of the conversation.
        item_id: String,
    },
    /// What the caller said; empty when it could not be written down.
    CallerSaid {
        /// The item of the conversation.
        item_id: String,
        /// Whole text.
        text: String,
    },
    /// An answer begins.
    Began {
        /// The answer.
        response_id: String,
    },
    /// The answer's audio, µ-law at 8 kHz.
    Audio {
        /// The answer.
        response_id: String,
        /// The item, for truncation.
        item_id: String,
        /// The audio.
        mulaw: Bytes,
    },
    /// More of what is being said.
    Words {
        /// The answer.
        response_id: String,
        /// The next piece.
        delta: String,
    },
    /// The answer is over.
    Ended {
        /// The answer.
        response_id: String,
        /// How.
        ending: Ending,
    },
    /// The vendor complains of a command; the session goes on.
    Complaint(ProviderFault),
    /// The session is over.
    Lost(ProviderFault),
}

/// How an answer ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ending {
    /// It is whole; these tools are to be called.
    Completed(Vec<ToolCall>),
    /// It was cancelled.
    Cancelled,
    /// It broke off.
    Failed(ProviderFault),
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
enum Wire {
    #[serde(rename = "input_audio_buffer.committed")]
    Committed { item_id: String },
    #[serde(rename = "conversation.item.input_audio_transcription.completed")]
    Transcribed { item_id: String, transcript: String },
    #[serde(rename = "conversation.item.input_audio_transcription.failed")]
    NotTranscribed { item_id: String },
    #[serde(rename = "response.created")]
    Created { response: Response },
    #[serde(rename = "response.output_audio.delta", alias = "response.audio.delta")]
    Audio {
        #[serde(default)]
        response_id: String,
        item_id: String,
        delta: String,
    },
    #[serde(rename = "response.output_audio_transcript.delta", alias = "response.audio_transcript.delta")]
    Words {
        #[serde(default)]
        response_id: String,
        delta: String,
    },
    #[serde(rename = "response.done")]
    Done { response: Response },
    #[serde(rename = "error")]
    Error { error: Value },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct Response {
    #[serde(default)]
    id: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    status_details: Value,
    #[serde(default)]
    output: Vec<Value>,
}

/// Reads a message; nothing for those of no use to a call.
///
/// # Errors
/// When it is no event.
pub(super) fn read(text: &str) -> Result<Option<Event>, ProviderFault> {
    let garbage = |why: String| ProviderFault::Garbage { why };
    let wire: Wire = serde_json::from_str(text).map_err(|error| garbage(error.to_string()))?;
    Ok(Some(match wire {
        Wire::Committed { item_id } => Event::Committed { item_id },
        Wire::Transcribed { item_id, transcript } => Event::CallerSaid { item_id, text: transcript },
        Wire::NotTranscribed { item_id } => Event::CallerSaid { item_id, text: String::new() },
        Wire::Created { response } => Event::Began { response_id: response.id },
        Wire::Audio { response_id, item_id, delta } => {
            let mulaw = STANDARD.decode(delta).map_err(|error| garbage(error.to_string()))?.into();
            Event::Audio { response_id, item_id, mulaw }
        }
        Wire::Words { response_id, delta } => Event::Words { response_id, delta },
        Wire::Done { response } => Event::Ended { ending: response.ending(), response_id: response.id },
        Wire::Error { error } => complaint(&error),
        Wire::Other => return Ok(None),
    }))
}

impl Response {
    fn ending(&self) -> Ending {
        match self.status.as_str() {
            "cancelled" => Ending::Cancelled,
            "failed" => Ending::Failed(fault(&self.status_details["error"])),
            "incomplete" => {
                let reason = self.status_details["reason"].as_str().unwrap_or("no reason given");
                let why = format!("the answer is incomplete: {reason}");
                Ending::Failed(ProviderFault::BadRequest { why })
            }
            _ => Ending::Completed(self.output.iter().filter_map(tool_call).collect()),
        }
    }
}

fn tool_call(item: &Value) -> Option<ToolCall> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
    if text("type")? != "function_call" {
        return None;
    }
    Some(ToolCall::from_text(text("call_id")?, text("name")?, &text("arguments").unwrap_or_default()))
}

/// Most errors are complaints of a command; these end the session or every answer in it.
fn complaint(error: &Value) -> Event {
    let fault = fault(error);
    match fault {
        ProviderFault::Auth { .. } | ProviderFault::Quota { .. } | ProviderFault::Closed { .. } => {
            Event::Lost(fault)
        }
        ProviderFault::Unavailable { .. }
        | ProviderFault::UnsupportedLanguage { .. }
        | ProviderFault::Connect { .. }
        | ProviderFault::BadRequest { .. }
        | ProviderFault::Stalled { .. }
        | ProviderFault::Garbage { .. }
        | ProviderFault::Stopped { .. } => Event::Complaint(fault),
    }
}

/// The kind of an error, by what the vendor calls it.
fn fault(error: &Value) -> ProviderFault {
    let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let (kind, code, why) = (text("type"), text("code"), text("message").to_owned());
    let says = |word: &str| kind.contains(word) || code.contains(word);
    if says("api_key") || says("authentication") {
        ProviderFault::Auth { why }
    } else if says("quota") || says("rate_limit") {
        ProviderFault::Quota { why, retry_after: None }
    } else if says("session_expired") || says("model_not_found") || says("server_error") {
        ProviderFault::Closed { why }
    } else {
        ProviderFault::BadRequest { why }
    }
}
