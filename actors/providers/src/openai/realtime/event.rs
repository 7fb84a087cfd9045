//! What a realtime model says, in the names of both generations.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use moked_core::ports::ProviderFault;
use serde::Deserialize;
use serde_json::Value;

/// A fact from the session, as far as a call can make use of it.
#[derive(Debug, Clone, PartialEq)]
pub enum RealtimeEvent {
    /// The settings are in force.
    Configured,
    /// The vendor hears the caller speak: barge in.
    CallerStarted {
        /// Ms of caller's audio since the session began.
        at_ms: u64,
    },
    /// The caller has stopped.
    CallerStopped {
        /// Ms of caller's audio since the session began.
        at_ms: u64,
    },
    /// What the caller said.
    CallerSaid {
        /// The item of the conversation.
        item_id: String,
        /// Whole text.
        text: String,
    },
    /// An answer begins.
    AnswerStarted {
        /// The answer.
        response_id: String,
    },
    /// The answer's audio, µ-law at 8 kHz.
    Audio {
        /// The item, for truncation.
        item_id: String,
        /// The audio.
        audio: Bytes,
    },
    /// More of what is being said.
    Words {
        /// The item.
        item_id: String,
        /// The next piece.
        delta: String,
    },
    /// The answer is complete, cancelled or failed.
    AnswerEnded {
        /// `completed`, `cancelled`, `incomplete` or `failed`.
        status: String,
        /// Tools to be called.
        calls: Vec<ToolCall>,
    },
    /// The vendor complains of a command; the session goes on.
    Complaint(ProviderFault),
    /// The session is over.
    Failed(ProviderFault),
}

/// A tool that the model calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCall {
    /// Comes back with the output.
    pub call_id: String,
    /// Name of the tool.
    pub name: String,
    /// Arguments, JSON in a text.
    pub arguments: String,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
enum Wire {
    #[serde(rename = "session.updated")]
    Updated,
    #[serde(rename = "input_audio_buffer.speech_started")]
    SpeechStarted { audio_start_ms: u64 },
    #[serde(rename = "input_audio_buffer.speech_stopped")]
    SpeechStopped { audio_end_ms: u64 },
    #[serde(rename = "conversation.item.input_audio_transcription.completed")]
    Transcribed { item_id: String, transcript: String },
    #[serde(rename = "response.created")]
    Created { response: Response },
    #[serde(rename = "response.output_audio.delta", alias = "response.audio.delta")]
    Audio { item_id: String, delta: String },
    #[serde(rename = "response.output_audio_transcript.delta", alias = "response.audio_transcript.delta")]
    Words { item_id: String, delta: String },
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
    id: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    output: Vec<Value>,
}

/// Reads a message; nothing for those of no use to a call.
///
/// # Errors
/// When it is no event.
pub(super) fn read(text: &str) -> Result<Option<RealtimeEvent>, ProviderFault> {
    let garbage = |why: String| ProviderFault::Garbage { why };
    let wire: Wire = serde_json::from_str(text).map_err(|error| garbage(error.to_string()))?;
    Ok(Some(match wire {
        Wire::Updated => RealtimeEvent::Configured,
        Wire::SpeechStarted { audio_start_ms } => RealtimeEvent::CallerStarted { at_ms: audio_start_ms },
        Wire::SpeechStopped { audio_end_ms } => RealtimeEvent::CallerStopped { at_ms: audio_end_ms },
        Wire::Transcribed { item_id, transcript } => RealtimeEvent::CallerSaid { item_id, text: transcript },
        Wire::Created { response } => {
            RealtimeEvent::AnswerStarted { response_id: response.id.unwrap_or_default() }
        }
        Wire::Audio { item_id, delta } => {
            let audio = STANDARD.decode(delta).map_err(|error| garbage(error.to_string()))?.into();
            RealtimeEvent::Audio { item_id, audio }
        }
        Wire::Words { item_id, delta } => RealtimeEvent::Words { item_id, delta },
        Wire::Done { response } => RealtimeEvent::AnswerEnded {
            status: response.status.unwrap_or_default(),
            calls: response.output.iter().filter_map(tool_call).collect(),
        },
        Wire::Error { error } => complaint(&error),
        Wire::Other => return Ok(None),
    }))
}

fn tool_call(item: &Value) -> Option<ToolCall> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
    if text("type")? != "function_call" {
        return None;
    }
    Some(ToolCall {
        call_id: text("call_id")?,
        name: text("name")?,
        arguments: text("arguments").unwrap_or_default(),
    })
}

/// Most errors are complaints of a command; these end the session or every answer in it.
fn complaint(error: &Value) -> RealtimeEvent {
    let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let (kind, code, why) = (text("type"), text("code"), text("message").to_owned());
    let says = |word: &str| kind.contains(word) || code.contains(word);
    if says("api_key") || says("authentication") {
        RealtimeEvent::Failed(ProviderFault::Auth { why })
    } else if says("quota") || says("rate_limit") {
        RealtimeEvent::Failed(ProviderFault::Quota { why, retry_after: None })
    } else if says("session_expired") || says("model_not_found") {
        RealtimeEvent::Failed(ProviderFault::Closed { why })
    } else {
        RealtimeEvent::Complaint(ProviderFault::BadRequest { why })
    }
}
