//! Requests of the Messages API.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::options::AnthropicMindOptions;
use super::reader::MessageReader;
use crate::minding::tools::ToolSpec;
use crate::minding::{Message, MindWire, PROBE_TOKENS, Prompt, ReplyReader};
use crate::transport::HttpRequest;

/// The version of the API that is spoken here.
const VERSION: &str = "2023-06-01";

/// The wire of the Messages API.
#[derive(Debug)]
pub(super) struct AnthropicWire {
    options: AnthropicMindOptions,
    key: Option<SecretString>,
}

impl AnthropicWire {
    pub(super) fn new(options: AnthropicMindOptions, key: Option<SecretString>) -> Self {
        Self { options, key }
    }

    /// The same, asking for the shortest of answers.
    pub(super) fn for_probe(&self) -> Self {
        let options = AnthropicMindOptions { max_tokens: PROBE_TOKENS, ..self.options.clone() };
        Self::new(options, self.key.clone())
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v1/{path}", self.options.base_url.trim_end_matches('/'))
    }

    fn signed(&self, request: HttpRequest) -> HttpRequest {
        let request = request.header("anthropic-version", VERSION);
        match &self.key {
            Some(key) => request.header("x-api-key", key.expose_secret()),
            None => request,
        }
    }

    fn body(&self, prompt: &Prompt<'_>) -> Value {
        // The brief does not change within a call, so the vendor may keep it.
        let system = json!([{
            "type": "text", "text": prompt.brief, "cache_control": { "type": "ephemeral" }
        }]);
        let mut body = json!({
            "model": self.options.model,
            "max_tokens": self.options.max_tokens,
            "stream": true,
            "system": system,
            "messages": messages(prompt.messages),
            "tools": prompt.tools.iter().map(tool).collect::<Vec<_>>(),
        });
        if !prompt.may_call {
            body["tool_choice"] = json!({ "type": "none" });
        }
        if self.options.forbid_thinking {
            body["thinking"] = json!({ "type": "disabled" });
        }
        body
    }
}

impl MindWire for AnthropicWire {
    fn name(&self) -> &'static str {
        "anthropic"
    }

    fn request(&self, prompt: &Prompt<'_>) -> HttpRequest {
        self.signed(HttpRequest::post_json(self.url("messages"), &self.body(prompt)))
    }

    fn greeting(&self) -> HttpRequest {
        self.signed(HttpRequest::get(self.url("models?limit=1")))
    }

    fn reader(&self) -> Box<dyn ReplyReader> {
        Box::new(MessageReader::default())
    }
}

fn tool(tool: &ToolSpec) -> Value {
    let schema = tool.parameters.clone().unwrap_or_else(|| json!({ "type": "object", "properties": {} }));
    json!({ "name": tool.name, "description": tool.description, "input_schema": schema })
}

/// Messages of alternating roles; results of tools share one with the words that follow them.
fn messages(messages: &[Message]) -> Vec<Value> {
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    for message in messages {
        let (role, blocks) = blocks(message);
        match turns.last_mut() {
            Some((last, content)) if *last == role => content.extend(blocks),
            Some(_) | None => turns.push((role, blocks)),
        }
    }
    turns.into_iter().map(|(role, content)| json!({ "role": role, "content": content })).collect()
}

fn blocks(message: &Message) -> (&'static str, Vec<Value>) {
    let text = |text: &str| json!({ "type": "text", "text": text });
    match message {
        Message::User(words) => ("user", vec![text(words)]),
        Message::Agent { text: words, calls } => {
            // A block of no text is refused, and so is space at the end of the last one.
            let words = Some(words.trim()).filter(|words| !words.is_empty()).map(text);
            let calls = calls.iter().map(|call| {
                json!({ "type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments })
            });
            ("assistant", words.into_iter().chain(calls).collect())
        }
        Message::Results(results) => {
            let block = |id: &str, result: &Value, is_error: bool| {
                json!({
                    "type": "tool_result", "tool_use_id": id, "content": result.to_string(), "is_error": is_error
                })
            };
            (
                "user",
                results.iter().map(|result| block(&result.id, &result.result, result.is_error)).collect(),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::minding::{ToolCall, ToolResult};

    #[test]
    fn results_of_tools_share_a_message_with_the_words_after_them() {
        let call = ToolCall::from_text("c1".into(), "save_answers".into(), "{\"a\":1}");
        let (id, name) = ("c1".to_owned(), "save_answers".to_owned());
        let result = ToolResult { id, name, result: json!({}), is_error: true };
        let list = [
            Message::User("Dana".into()),
            Message::Agent { text: String::new(), calls: vec![call] },
            Message::Results(vec![result]),
            Message::User("hello?".into()),
        ];
        let made = messages(&list);
        assert_eq!(made.len(), 3);
        assert_eq!(made[1]["content"][0]["input"], json!({ "a": 1 }));
        assert_eq!(made[2]["content"][0]["tool_use_id"], "c1");
        assert_eq!(made[2]["content"][1]["text"], "hello?");
    }
}
