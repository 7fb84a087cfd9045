//! Streams of `streamGenerateContent`: each event is a whole answer's shape with the next parts in it.
//!
//! There is no last word: the stream ends. A finish reason may come with more than one event.

use moked_core::ports::ProviderFault;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::minding::wire::{Flaw, Stage};
use crate::minding::{Reply, ReplyReader, Step, ToolCall};
use crate::transport::SseEvent;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Answer {
    candidates: Vec<Candidate>,
    prompt_feedback: Feedback,
    error: Option<Failure>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Candidate {
    content: Content,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Content {
    parts: Vec<Part>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Part {
    text: Option<String>,
    thought: bool,
    function_call: Option<FunctionCall>,
    thought_signature: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FunctionCall {
    id: Option<String>,
    name: String,
    args: Option<Map<String, Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Failure {
    code: u16,
    message: String,
}

/// Reads one answer.
#[derive(Debug, Default)]
pub(super) struct ContentReader {
    calls: Vec<ToolCall>,
    finish: Option<String>,
    blocked: Option<String>,
}

impl ReplyReader for ContentReader {
    fn read(&mut self, event: &SseEvent) -> Result<Step, ProviderFault> {
        let data = event.data.trim();
        if data.is_empty() {
            return Ok(Step::nothing());
        }
        let answer: Answer = serde_json::from_str(data).map_err(|error| {
            let start: String = data.chars().take(80).collect();
            ProviderFault::Garbage { why: format!("no JSON ({error}): {start}") }
        })?;
        if let Some(Failure { code, message }) = answer.error {
            let why = message.chars().take(300).collect::<String>();
            return Err(ProviderFault::from_status(if code == 0 { 500 } else { code }, why, None));
        }
        if let Some(reason) = answer.prompt_feedback.block_reason {
            self.blocked = Some(reason);
        }
        let mut step = Step::nothing();
        if let Some(candidate) = answer.candidates.into_iter().next() {
            for part in candidate.content.parts {
                self.take(part, &mut step);
            }
            self.finish = candidate.finish_reason.or(self.finish.take());
        }
        let is_whole = self.finish.is_some() || self.blocked.is_some();
        Ok(step.at(if is_whole { Stage::Whole } else { Stage::Streaming }))
    }

    fn finish(self: Box<Self>) -> Result<Reply, ProviderFault> {
        if let Some(reason) = self.blocked {
            return Ok(Reply { calls: self.calls, flaw: Some(Flaw::Refused(reason)) });
        }
        let Some(finish) = self.finish else {
            return Err(ProviderFault::Closed { why: "the stream ended before the answer did".to_owned() });
        };
        let flaw = match finish.as_str() {
            "STOP" | "FINISH_REASON_UNSPECIFIED" => None,
            "MAX_TOKENS" => Some(Flaw::TooLong),
            "MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" | "OTHER" if self.calls.is_empty() => {
                return Err(ProviderFault::Garbage { why: format!("the model ended with {finish}") });
            }
            "MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" | "OTHER" => None,
            _ => Some(Flaw::Refused(finish)),
        };
        Ok(Reply { calls: self.calls, flaw })
    }
}

impl ContentReader {
    fn take(&mut self, part: Part, step: &mut Step) {
        if let Some(call) = part.function_call {
            step.is_progress = true;
            self.calls.push(ToolCall {
                id: call.id.unwrap_or_default(),
                name: call.name,
                arguments: call.args.unwrap_or_default(),
                malformed: None,
                signature: part.thought_signature,
            });
        } else if let Some(text) = part.text.filter(|text| !text.is_empty()) {
            step.is_progress = true;
            if !part.thought {
                step.text.push_str(&text);
            }
        }
    }
}
