//! Streams of chat completions, as OpenAI and all the others write them.
//!
//! Every field is optional and unknown ones are passed over. Reasoning counts as a sign of life and is never
//! spoken. Calls of tools come in pieces or whole, with or without `index` and `id`. A stream is complete
//! with a finish reason or with `[DONE]`; some servers send only one of the two.

use moked_core::ports::ProviderFault;
use serde::Deserialize;
use serde_json::Value;

use super::thoughts::Thoughts;
use crate::minding::wire::{Flaw, Stage};
use crate::minding::{Reply, ReplyReader, Step, ToolCall};
use crate::transport::SseEvent;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chunk {
    object: Value,
    choices: Option<Vec<Choice>>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    content: Value,
    refusal: Option<String>,
    reasoning: Value,
    reasoning_content: Value,
    tool_calls: Option<Vec<CallPiece>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CallPiece {
    index: Option<u64>,
    id: Option<String>,
    function: Option<FunctionPiece>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FunctionPiece {
    name: Option<String>,
    arguments: Value,
}

/// Reads one answer.
#[derive(Debug, Default)]
pub(super) struct ChunkReader {
    thoughts: Thoughts,
    calls: Vec<OpenCall>,
    refusal: String,
    finish: Option<String>,
    is_done: bool,
}

#[derive(Debug, Default)]
struct OpenCall {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

impl ReplyReader for ChunkReader {
    fn read(&mut self, event: &SseEvent) -> Result<Step, ProviderFault> {
        let data = event.data.trim();
        if data.is_empty() {
            return Ok(Step::nothing());
        }
        if data == "[DONE]" {
            self.is_done = true;
            return Ok(Step::words(self.thoughts.rest()).at(Stage::Over));
        }
        let chunk: Chunk = serde_json::from_str(data).map_err(|error| garbage(data, &error))?;
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(reported(&error));
        }
        if chunk.object == "error" {
            return Err(reported(&serde_json::from_str(data).unwrap_or_default()));
        }
        match chunk.choices.into_iter().flatten().next() {
            Some(choice) => Ok(self.take(choice)),
            None => Ok(Step::nothing()),
        }
    }

    fn finish(mut self: Box<Self>) -> Result<Reply, ProviderFault> {
        let finish = self.finish.take();
        let flaw = match finish.as_deref() {
            None if !self.is_done => {
                let why = "the stream ended before the answer did".to_owned();
                return Err(ProviderFault::Closed { why });
            }
            Some("error") => return Err(ProviderFault::Closed { why: "the model failed".to_owned() }),
            Some("length") => Some(Flaw::TooLong),
            Some("content_filter") => Some(Flaw::Refused("the content filter stopped it".to_owned())),
            Some(_) | None if !self.refusal.is_empty() => Some(Flaw::Refused(self.refusal)),
            Some(_) | None => None,
        };
        // By what came, not by the finish reason: several servers say `stop` where they call tools.
        let calls = self.calls.into_iter().filter(|call| !call.name.is_empty());
        let calls = calls.map(|call| ToolCall::from_text(call.id, call.name, &call.arguments));
        Ok(Reply { calls: calls.collect(), flaw })
    }
}

impl ChunkReader {
    fn take(&mut self, choice: Choice) -> Step {
        let delta = choice.delta.unwrap_or_default();
        let content = text_of(&delta.content);
        let mut text = self.thoughts.words(&content);
        let pieces = delta.tool_calls.unwrap_or_default();
        let refusal = delta.refusal.unwrap_or_default();
        let is_progress = [!content.is_empty(), !pieces.is_empty(), !refusal.is_empty()].contains(&true)
            || [&delta.reasoning, &delta.reasoning_content].iter().any(|thought| is_some_text(thought));
        self.refusal.push_str(&refusal);
        for piece in pieces {
            self.take_piece(piece);
        }
        let stage = match choice.finish_reason.filter(|reason| !reason.is_empty()) {
            Some(reason) => {
                self.finish = Some(reason);
                text += &self.thoughts.rest();
                Stage::Whole
            }
            None => Stage::Streaming,
        };
        Step { text, is_progress, stage }
    }

    fn take_piece(&mut self, piece: CallPiece) {
        let id = piece.id.unwrap_or_default();
        let function = piece.function.unwrap_or_default();
        let name = function.name.unwrap_or_default();
        let arguments = match function.arguments {
            Value::Null => String::new(),
            Value::String(text) => text,
            // Whole, and not as text.
            whole @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                whole.to_string()
            }
        };
        let same_place = |call: &&mut OpenCall| piece.index.is_none() || call.index == piece.index;
        match self.calls.iter_mut().rev().find(same_place) {
            Some(call) if !call.is_another(&id, &name, &arguments) => {
                if call.id.is_empty() {
                    call.id = id;
                }
                if call.name.is_empty() {
                    call.name = name;
                }
                call.arguments.push_str(&arguments);
            }
            Some(_) | None => self.calls.push(OpenCall { index: piece.index, id, name, arguments }),
        }
    }
}

impl OpenCall {
    /// Whether a piece at the same place begins a new call: servers that send whole calls number them badly.
    fn is_another(&self, id: &str, name: &str, arguments: &str) -> bool {
        if !id.is_empty() && !self.id.is_empty() {
            return id != self.id;
        }
        let is_whole = || serde_json::from_str::<Value>(&self.arguments).is_ok_and(|value| value.is_object());
        !name.is_empty() && !self.name.is_empty() && !arguments.is_empty() && is_whole()
    }
}

/// Text that is text, or the text among typed parts.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts = parts.iter().filter(|part| part["type"] == "text");
            texts.filter_map(|part| part["text"].as_str()).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    }
}

fn is_some_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

fn garbage(data: &str, error: &serde_json::Error) -> ProviderFault {
    let start: String = data.chars().take(80).collect();
    ProviderFault::Garbage { why: format!("no JSON ({error}): {start}") }
}

/// A failure reported within a stream whose status was 200.
fn reported(error: &Value) -> ProviderFault {
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    let why = error.as_str().map_or_else(|| text("message"), str::to_owned);
    let why = if why.is_empty() { error.to_string() } else { why }.chars().take(300).collect();
    let status = error["code"].as_u64().or_else(|| error["status"].as_u64());
    if let Some(status) = status.and_then(|status| u16::try_from(status).ok()).filter(|s| *s >= 400) {
        return ProviderFault::from_status(status, why, None);
    }
    let (kind, code) = (text("type"), text("code"));
    let names = |name: &str| kind == name || code == name;
    if names("insufficient_quota") || names("rate_limit_exceeded") || names("rate_limit_error") {
        ProviderFault::Quota { why, retry_after: None }
    } else if names("authentication_error") || names("invalid_api_key") || names("permission_error") {
        ProviderFault::Auth { why }
    } else if names("invalid_request_error") {
        ProviderFault::BadRequest { why }
    } else {
        ProviderFault::Closed { why }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(chunks: &[Value]) -> (String, Result<Reply, ProviderFault>) {
        let mut reader = Box::<ChunkReader>::default();
        let mut text = String::new();
        for chunk in chunks {
            let data = chunk.as_str().map_or_else(|| chunk.to_string(), str::to_owned);
            match reader.read(&SseEvent { event: String::new(), data }) {
                Ok(step) => text += &step.text,
                Err(fault) => return (text, Err(fault)),
            }
        }
        (text, reader.finish())
    }

    fn delta(delta: Value) -> Value {
        json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] })
    }

    fn end(reason: &str) -> Value {
        json!({ "choices": [{ "delta": {}, "finish_reason": reason }] })
    }

    fn calls(chunks: &[Value]) -> Vec<(String, String, Value)> {
        let reply = read(chunks).1.unwrap();
        reply.calls.into_iter().map(|call| (call.id, call.name, Value::Object(call.arguments))).collect()
    }

    #[test]
    fn calls_in_pieces_are_joined_by_index() {
        let piece = |index: u32, arguments: &str| {
            delta(json!({ "tool_calls": [{ "index": index, "function": { "arguments": arguments } }] }))
        };
        let head = |index: u32, id: &str| {
            delta(json!({ "tool_calls": [{ "index": index, "id": id, "type": "function",
                "function": { "name": "t", "arguments": "" } }] }))
        };
        let chunks = [
            head(0, "a"),
            piece(0, "{\"x\":"),
            head(1, "b"),
            piece(0, "1}"),
            piece(1, "{}"),
            end("tool_calls"),
        ];
        assert_eq!(
            calls(&chunks),
            [("a".into(), "t".into(), json!({ "x": 1 })), ("b".into(), "t".into(), json!({}))]
        );
    }

    #[test]
    fn whole_calls_need_neither_id_nor_index_nor_the_right_finish_reason() {
        let whole = |x: u32| {
            delta(json!({ "tool_calls": [{ "function": { "name": "t", "arguments": { "x": x } } }] }))
        };
        assert_eq!(
            calls(&[whole(1), whole(2), end("stop")]),
            [(String::new(), "t".into(), json!({ "x": 1 })), (String::new(), "t".into(), json!({ "x": 2 }))]
        );
        let same_index = |id: &str| {
            delta(
                json!({ "tool_calls": [{ "index": 0, "id": id, "function": { "name": "t", "arguments": "{}" } }] }),
            )
        };
        assert_eq!(calls(&[same_index("a"), same_index("b"), end("stop")]).len(), 2);
    }

    #[test]
    fn reasoning_is_life_but_no_words() {
        let chunks = [
            delta(json!({ "reasoning_content": "hm", "content": null })),
            delta(json!({ "reasoning": "hm", "content": "" })),
            delta(
                json!({ "content": [{ "type": "thinking", "thinking": [] }, { "type": "text", "text": "Hi" }] }),
            ),
            json!({ "choices": [], "usage": {}, "timings": {} }),
            end("stop"),
        ];
        assert_eq!(read(&chunks), ("Hi".to_owned(), Ok(Reply::default())));
        let data = chunks[0].to_string();
        let step = ChunkReader::default().read(&SseEvent { event: String::new(), data }).unwrap();
        assert!(step.is_progress && step.text.is_empty());
    }

    #[test]
    fn an_answer_ends_with_a_reason_or_with_done_and_not_without() {
        let hi = delta(json!({ "content": "Hi" }));
        assert!(read(&[hi.clone(), end("stop")]).1.is_ok());
        assert!(read(&[hi.clone(), json!("[DONE]")]).1.is_ok());
        assert!(matches!(read(&[hi]).1, Err(ProviderFault::Closed { .. })));
    }

    #[test]
    fn failures_within_a_stream_have_their_kind() {
        let kind = |error: Value| read(&[json!({ "error": error })]).1.unwrap_err();
        assert!(matches!(
            kind(json!({ "message": "slow", "type": "rate_limit_exceeded" })),
            ProviderFault::Quota { .. }
        ));
        assert!(matches!(kind(json!({ "message": "no", "code": 400 })), ProviderFault::BadRequest { .. }));
        assert_eq!(kind(json!("boom")), ProviderFault::Closed { why: "boom".into() });
        let vllm = json!({ "object": "error", "message": "too long", "code": 400 });
        assert_eq!(read(&[vllm]).1.unwrap_err(), ProviderFault::BadRequest { why: "too long".into() });
        assert!(matches!(read(&[json!("{\"cho")]).1, Err(ProviderFault::Garbage { .. })));
    }

    #[test]
    fn a_cut_and_a_filtered_answer_say_so() {
        assert_eq!(read(&[end("length")]).1.unwrap().flaw, Some(Flaw::TooLong));
        assert!(matches!(read(&[end("content_filter")]).1.unwrap().flaw, Some(Flaw::Refused(_))));
    }
}
