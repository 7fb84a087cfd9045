//! Requests of chat completions.

use moked_core::ports::ProviderFault;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

use super::options::{MaxTokensField, OpenAiMindOptions};
use super::reader::ChunkReader;
use crate::minding::tools::ToolSpec;
use crate::minding::{Message, MindWire, PROBE_TOKENS, Prompt, ReplyReader, ToolCall};
use crate::transport::HttpRequest;

/// The wire of chat completions.
#[derive(Debug)]
pub(super) struct OpenAiWire {
    options: OpenAiMindOptions,
    key: Option<SecretString>,
}

impl OpenAiWire {
    pub(super) fn new(options: OpenAiMindOptions, key: Option<SecretString>) -> Self {
        Self { options, key }
    }

    /// The same, asking for the shortest of answers.
    pub(super) fn for_probe(&self) -> Self {
        let options = OpenAiMindOptions { max_tokens: PROBE_TOKENS, ..self.options.clone() };
        Self::new(options, self.key.clone())
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.options.base_url.trim_end_matches('/'))
    }

    fn signed(&self, request: HttpRequest) -> HttpRequest {
        match &self.key {
            Some(key) => request.header("authorization", format!("Bearer {}", key.expose_secret())),
            None => request,
        }
    }

    fn body(&self, prompt: &Prompt<'_>) -> Value {
        let options = &self.options;
        let is_openai = options.is_openai();
        let system = json!({ "role": "system", "content": prompt.brief });
        let messages: Vec<_> =
            [system].into_iter().chain(prompt.messages.iter().flat_map(messages)).collect();
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
        put("model", json!(options.model));
        put("messages", json!(messages));
        put("stream", json!(true));
        put("tools", prompt.tools.iter().map(tool).collect());
        if !prompt.may_call {
            put("tool_choice", json!("none"));
        }
        let (own_field, own_effort) = if is_openai {
            (MaxTokensField::MaxCompletionTokens, "none")
        } else {
            (MaxTokensField::MaxTokens, "")
        };
        put(options.max_tokens_field.unwrap_or(own_field).name(), json!(options.max_tokens));
        let effort = options.reasoning_effort.as_deref().unwrap_or(own_effort);
        if !effort.is_empty() {
            put("reasoning_effort", json!(effort));
        }
        if let Some(temperature) = options.temperature {
            put("temperature", json!(temperature));
        }
        if is_openai {
            // Padding against eavesdroppers who count bytes; on a call it only costs time.
            put("stream_options", json!({ "include_obfuscation": false }));
        }
        body.extend(options.extra.clone());
        Value::Object(body)
    }
}

impl MindWire for OpenAiWire {
    fn name(&self) -> &'static str {
        "openai"
    }

    fn request(&self, prompt: &Prompt<'_>) -> HttpRequest {
        let request = HttpRequest::post_json(self.url("chat/completions"), &self.body(prompt));
        self.signed(request.header("accept", "text/event-stream"))
    }

    fn greeting(&self) -> HttpRequest {
        self.signed(HttpRequest::get(self.url("models")))
    }

    fn reader(&self) -> Box<dyn ReplyReader> {
        Box::new(ChunkReader::default())
    }

    fn judge(&self, fault: ProviderFault) -> ProviderFault {
        // "Conflict" is how a busy server says that it should be asked again.
        if let ProviderFault::BadRequest { why } = &fault
            && why.starts_with("HTTP 409")
        {
            return ProviderFault::Closed { why: why.clone() };
        }
        fault
    }
}

fn tool(tool: &ToolSpec) -> Value {
    let parameters = tool.parameters.clone().unwrap_or_else(|| json!({ "type": "object", "properties": {} }));
    let function = json!({ "name": tool.name, "description": tool.description, "parameters": parameters });
    json!({ "type": "function", "function": function })
}

fn messages(message: &Message) -> Vec<Value> {
    match message {
        Message::User(text) => vec![json!({ "role": "user", "content": text })],
        Message::Agent { text, calls } if calls.is_empty() => {
            vec![json!({ "role": "assistant", "content": text })]
        }
        Message::Agent { text, calls } => {
            let calls: Vec<_> = calls.iter().map(call).collect();
            // Not null where there is no text: chat templates of local models stumble over it.
            vec![json!({ "role": "assistant", "content": text, "tool_calls": calls })]
        }
        Message::Results(results) => {
            let one = |id: &str, result: &Value| json!({ "role": "tool", "tool_call_id": id, "content": result.to_string() });
            results.iter().map(|result| one(&result.id, &result.result)).collect()
        }
    }
}

fn call(call: &ToolCall) -> Value {
    let arguments = Value::Object(call.arguments.clone()).to_string();
    json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": arguments } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(options: OpenAiMindOptions) -> Value {
        let messages = [Message::User("hi".into())];
        let prompt = Prompt { brief: "You are Maya.", messages: &messages, tools: &[], may_call: true };
        OpenAiWire::new(options, None).body(&prompt)
    }

    #[test]
    fn openai_gets_its_own_fields() {
        let body = body(OpenAiMindOptions::default());
        assert_eq!(body["max_completion_tokens"], 400);
        assert_eq!(body["reasoning_effort"], "none");
        assert_eq!(body["stream_options"], json!({ "include_obfuscation": false }));
        assert!(body.get("max_tokens").is_none());
    }

    #[test]
    fn other_servers_get_what_all_of_them_know() {
        let base_url = "http://localhost:11434/v1/".to_owned();
        let body = body(OpenAiMindOptions { base_url, ..OpenAiMindOptions::default() });
        assert_eq!(body["max_tokens"], 400);
        for unknown in ["max_completion_tokens", "reasoning_effort", "stream_options", "temperature"] {
            assert!(body.get(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn settings_name_the_fields_otherwise_and_add_their_own() {
        let options: OpenAiMindOptions = toml::from_str(
            r#"
            base_url = "http://localhost:8000/v1"
            max_tokens_field = "max_completion_tokens"
            reasoning_effort = "low"
            temperature = 0.5
            extra = { keep_alive = "1h" }
            limits = { first_token_ms = 9000 }
            "#,
        )
        .unwrap();
        assert_eq!(options.limits.first_token_ms, 9_000);
        let body = body(options);
        assert_eq!(body["max_completion_tokens"], 400);
        assert_eq!((&body["reasoning_effort"], &body["keep_alive"]), (&json!("low"), &json!("1h")));
        assert!(toml::from_str::<OpenAiMindOptions>("modle = \"x\"").is_err());
    }
}
