//! What a call says to a realtime model.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A command to the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RealtimeCommand {
    /// Caller's audio, µ-law at 8 kHz.
    Audio(Vec<u8>),
    /// Answer now: a greeting, or what follows tool outputs.
    Answer,
    /// Stop the answer under way.
    Cancel,
    /// Forget of an answer what the caller did not hear.
    Truncate {
        /// The item spoken.
        item_id: String,
        /// What was heard of it, ms.
        audio_end_ms: u64,
    },
    /// What a tool gave. [`Self::Answer`] follows the last one.
    ToolOutput {
        /// The call's id.
        call_id: String,
        /// The output, JSON or plain text.
        output: String,
    },
    /// Something the caller did without speaking, such as pressing keys, in words.
    CallerText(String),
}

impl RealtimeCommand {
    pub(super) fn message(&self) -> Value {
        match self {
            Self::Audio(audio) => {
                json!({"type": "input_audio_buffer.append", "audio": STANDARD.encode(audio)})
            }
            Self::Answer => json!({"type": "response.create"}),
            Self::Cancel => json!({"type": "response.cancel"}),
            Self::Truncate { item_id, audio_end_ms } => json!({"type": "conversation.item.truncate",
                "item_id": item_id, "content_index": 0, "audio_end_ms": audio_end_ms}),
            Self::ToolOutput { call_id, output } => json!({"type": "conversation.item.create",
                "item": {"type": "function_call_output", "call_id": call_id, "output": output}}),
            Self::CallerText(text) => json!({"type": "conversation.item.create",
                "item": {"type": "message", "role": "user",
                    "content": [{"type": "input_text", "text": text}]}}),
        }
    }
}
