//! What a call says to a realtime model.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A command to the session.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Command {
    /// Who the model is, what it can do, and in which form audio goes.
    Configure(Value),
    /// Caller's audio, µ-law at 8 kHz.
    Audio(Vec<u8>),
    /// The caller's utterance is over.
    Commit,
    /// Answer now. Without tools the model must talk.
    Answer {
        /// Whether it may call tools.
        may_call: bool,
    },
    /// Stop the answer under way.
    Cancel,
    /// Forget of an answer what the caller did not hear.
    Truncate {
        /// The item spoken.
        item_id: String,
        /// What was heard of it, ms.
        audio_end_ms: u64,
    },
    /// Forget an answer of which nothing was heard.
    Forget {
        /// The item spoken.
        item_id: String,
    },
    /// What a tool gave. [`Self::Answer`] follows the last one.
    ToolOutput {
        /// The call's id.
        call_id: String,
        /// The output, JSON.
        output: Value,
    },
    /// What the caller said before this session, or did without speaking, such as pressing keys.
    CallerText(String),
    /// What the agent said before this session.
    AgentText(String),
}

impl Command {
    /// The message that gives it.
    pub(super) fn message(&self) -> Value {
        match self {
            Self::Configure(session) => json!({"type": "session.update", "session": session}),
            Self::Audio(audio) => {
                json!({"type": "input_audio_buffer.append", "audio": STANDARD.encode(audio)})
            }
            Self::Commit => json!({"type": "input_audio_buffer.commit"}),
            Self::Answer { may_call: true } => json!({"type": "response.create"}),
            Self::Answer { may_call: false } => {
                json!({"type": "response.create", "response": {"tool_choice": "none"}})
            }
            Self::Cancel => json!({"type": "response.cancel"}),
            Self::Truncate { item_id, audio_end_ms } => json!({"type": "conversation.item.truncate",
                "item_id": item_id, "content_index": 0, "audio_end_ms": audio_end_ms}),
            Self::Forget { item_id } => json!({"type": "conversation.item.delete", "item_id": item_id}),
            Self::ToolOutput { call_id, output } => item(json!({"type": "function_call_output",
                "call_id": call_id, "output": output.to_string()})),
            Self::CallerText(text) => item(json!({"type": "message", "role": "user",
                "content": [{"type": "input_text", "text": text}]})),
            Self::AgentText(text) => item(json!({"type": "message", "role": "assistant",
                "content": [{"type": "output_text", "text": text}]})),
        }
    }
}

fn item(item: Value) -> Value {
    json!({"type": "conversation.item.create", "item": item})
}
