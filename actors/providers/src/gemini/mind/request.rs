//! Requests of `streamGenerateContent`.

use moked_core::ports::ProviderFault;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::options::GeminiMindOptions;
use super::reader::ContentReader;
use crate::minding::tools::ToolSpec;
use crate::minding::{Message, MindWire, PROBE_TOKENS, Prompt, ReplyReader, ToolCall, ToolResult};
use crate::transport::HttpRequest;

/// The wire of Gemini.
#[derive(Debug)]
pub(super) struct GeminiWire {
    options: GeminiMindOptions,
    key: Option<SecretString>,
}

impl GeminiWire {
    pub(super) fn new(options: GeminiMindOptions, key: Option<SecretString>) -> Self {
        Self { options, key }
    }

    /// The same, asking for the shortest of answers.
    pub(super) fn for_probe(&self) -> Self {
        let options = GeminiMindOptions { max_tokens: PROBE_TOKENS, ..self.options.clone() };
        Self::new(options, self.key.clone())
    }

    fn url(&self, path: &str) -> String {
        format!("{}/models{path}", self.options.base_url.trim_end_matches('/'))
    }

    /// The key goes into a header: an address ends up in logs.
    fn signed(&self, request: HttpRequest) -> HttpRequest {
        match &self.key {
            Some(key) => request.header("x-goog-api-key", key.expose_secret()),
            None => request,
        }
    }

    fn body(&self, prompt: &Prompt<'_>) -> Value {
        let mut generation = json!({ "maxOutputTokens": self.options.max_tokens });
        if !self.options.thinking_level.is_empty() {
            generation["thinkingConfig"] = json!({ "thinkingLevel": self.options.thinking_level });
        }
        let mut body = json!({
            "systemInstruction": { "parts": [{ "text": prompt.brief }] },
            "contents": contents(prompt.messages),
            "tools": [{ "functionDeclarations": prompt.tools.iter().map(tool).collect::<Vec<_>>() }],
            "generationConfig": generation,
        });
        if !prompt.may_call {
            body["toolConfig"] = json!({ "functionCallingConfig": { "mode": "NONE" } });
        }
        body
    }
}

impl MindWire for GeminiWire {
    fn name(&self) -> &'static str {
        "gemini"
    }

    fn request(&self, prompt: &Prompt<'_>) -> HttpRequest {
        let url = self.url(&format!("/{}:streamGenerateContent?alt=sse", self.options.model));
        self.signed(HttpRequest::post_json(url, &self.body(prompt)))
    }

    fn greeting(&self) -> HttpRequest {
        self.signed(HttpRequest::get(self.url("?pageSize=1")))
    }

    fn reader(&self) -> Box<dyn ReplyReader> {
        Box::new(ContentReader::default())
    }

    fn judge(&self, fault: ProviderFault) -> ProviderFault {
        // A wrong key is a "bad request" here.
        if let ProviderFault::BadRequest { why } = &fault
            && why.to_lowercase().contains("api key")
        {
            return ProviderFault::Auth { why: why.clone() };
        }
        fault
    }
}

fn tool(tool: &ToolSpec) -> Value {
    let mut declaration = json!({ "name": tool.name, "description": tool.description });
    // An object without properties is refused; no parameters at all are none.
    if let Some(parameters) = &tool.parameters {
        declaration["parameters"] = parameters.clone();
    }
    declaration
}

/// Contents of alternating roles, except that results stand alone right after their calls.
fn contents(messages: &[Message]) -> Vec<Value> {
    messages.iter().map(content).collect()
}

fn content(message: &Message) -> Value {
    match message {
        Message::User(text) => json!({ "role": "user", "parts": [{ "text": text }] }),
        Message::Agent { text, calls } => {
            let text = (!text.is_empty()).then(|| json!({ "text": text }));
            let parts: Vec<_> = text.into_iter().chain(calls.iter().map(call)).collect();
            json!({ "role": "model", "parts": parts })
        }
        Message::Results(results) => {
            json!({ "role": "user", "parts": results.iter().map(result).collect::<Vec<_>>() })
        }
    }
}

fn call(call: &ToolCall) -> Value {
    let mut part = json!({ "functionCall": { "id": call.id, "name": call.name, "args": call.arguments } });
    if let Some(signature) = &call.signature {
        part["thoughtSignature"] = json!(signature);
    }
    part
}

fn result(result: &ToolResult) -> Value {
    json!({ "functionResponse": { "id": result.id, "name": result.name, "response": result.result } })
}
