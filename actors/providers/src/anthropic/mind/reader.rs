//! Streams of the Messages API: blocks by index, deltas within them.

use std::collections::BTreeMap;

use moked_core::ports::ProviderFault;
use serde::Deserialize;
use serde_json::Value;

use crate::minding::wire::{Flaw, Stage};
use crate::minding::{Reply, ReplyReader, Step, ToolCall};
use crate::transport::SseEvent;

/// An event; unknown types and fields are passed over, as the vendor asks.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    index: u64,
    content_block: Block,
    delta: Delta,
    error: Failure,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    id: Option<String>,
    name: Option<String>,
    input: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    partial_json: Option<String>,
    stop_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Failure {
    #[serde(rename = "type")]
    kind: String,
    message: String,
}

/// Reads one answer.
#[derive(Debug, Default)]
pub(super) struct MessageReader {
    calls: BTreeMap<u64, OpenCall>,
    stop_reason: Option<String>,
    is_stopped: bool,
}

#[derive(Debug)]
struct OpenCall {
    id: String,
    name: String,
    arguments: String,
    /// What stood in the block's beginning, for servers that send it whole.
    whole: Value,
}

impl ReplyReader for MessageReader {
    fn read(&mut self, event: &SseEvent) -> Result<Step, ProviderFault> {
        let data = event.data.trim();
        if data.is_empty() {
            return Ok(Step::nothing());
        }
        let event: Event = serde_json::from_str(data).map_err(|error| {
            let start: String = data.chars().take(80).collect();
            ProviderFault::Garbage { why: format!("no JSON ({error}): {start}") }
        })?;
        match event.kind.as_str() {
            "content_block_start" => Ok(self.begin(event.index, event.content_block)),
            "content_block_delta" => Ok(self.more(event.index, event.delta)),
            "message_delta" => {
                self.stop_reason = event.delta.stop_reason.or(self.stop_reason.take());
                let stage = if self.stop_reason.is_some() { Stage::Whole } else { Stage::Streaming };
                Ok(Step::nothing().at(stage))
            }
            "message_stop" => {
                self.is_stopped = true;
                Ok(Step::nothing().at(Stage::Over))
            }
            "error" => Err(reported(event.error)),
            // `message_start` and `ping` are no token: a busy vendor sends them long before one.
            _ => Ok(Step::nothing()),
        }
    }

    fn finish(self: Box<Self>) -> Result<Reply, ProviderFault> {
        let flaw = match self.stop_reason.as_deref() {
            None if !self.is_stopped => {
                let why = "the stream ended before the answer did".to_owned();
                return Err(ProviderFault::Closed { why });
            }
            Some("max_tokens" | "model_context_window_exceeded") => Some(Flaw::TooLong),
            Some("refusal") => Some(Flaw::Refused("the model declined".to_owned())),
            Some(_) | None => None,
        };
        let calls = self.calls.into_values().map(|call| {
            let text = match &call.whole {
                Value::Object(whole) if call.arguments.is_empty() && !whole.is_empty() => {
                    call.whole.to_string()
                }
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Object(_) => call.arguments,
            };
            ToolCall::from_text(call.id, call.name, &text)
        });
        Ok(Reply { calls: calls.collect(), flaw })
    }
}

impl MessageReader {
    fn begin(&mut self, index: u64, block: Block) -> Step {
        match block.kind.as_str() {
            "text" => Step::words(block.text.unwrap_or_default()),
            "tool_use" => {
                let (id, name) = (block.id.unwrap_or_default(), block.name.unwrap_or_default());
                let call = OpenCall { id, name, arguments: String::new(), whole: block.input };
                self.calls.insert(index, call);
                Step::progress()
            }
            _ => Step::progress(),
        }
    }

    fn more(&mut self, index: u64, delta: Delta) -> Step {
        match delta.kind.as_str() {
            "text_delta" => Step::words(delta.text.unwrap_or_default()),
            "input_json_delta" => {
                if let Some(call) = self.calls.get_mut(&index) {
                    call.arguments.push_str(&delta.partial_json.unwrap_or_default());
                }
                Step::progress()
            }
            // Thoughts and their signatures: alive, and not for the caller's ear.
            _ => Step::progress(),
        }
    }
}

fn reported(failure: Failure) -> ProviderFault {
    let Failure { kind, message } = failure;
    let why = format!("{kind}: {}", message.chars().take(300).collect::<String>());
    match kind.as_str() {
        "authentication_error" | "permission_error" => ProviderFault::Auth { why },
        "rate_limit_error" | "billing_error" => ProviderFault::Quota { why, retry_after: None },
        "invalid_request_error" | "not_found_error" | "request_too_large" => {
            ProviderFault::BadRequest { why }
        }
        _ => ProviderFault::Closed { why },
    }
}
