//! Settings of a mind behind chat completions.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::minding::MindLimits;

/// Where OpenAI itself is.
const OPENAI: &str = "https://api.openai.com";

/// Settings; every one has a default that suits OpenAI.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OpenAiMindOptions {
    /// Where `/chat/completions` stands. Default `https://api.openai.com/v1`; Ollama
    /// `http://localhost:11434/v1`, llama.cpp `http://localhost:8080/v1`, vLLM `http://localhost:8000/v1`,
    /// Groq `https://api.groq.com/openai/v1`.
    pub base_url: String,
    /// The model. Default `gpt-5.4-mini`, small and able to answer without reasoning; no end of it was
    /// announced by November 2026, and OpenAI gives notice of six months.
    pub model: String,
    /// Longest answer, tokens. Default 400: a spoken answer is short, and Hebrew takes more tokens than
    /// English.
    pub max_tokens: u32,
    /// Name of the field for it. Left out: `max_completion_tokens` at OpenAI, `max_tokens` elsewhere.
    pub max_tokens_field: Option<MaxTokensField>,
    /// How much a reasoning model reasons first, such as `none` or `low`; empty sends no such field. Left
    /// out: `none` at OpenAI, nothing elsewhere.
    pub reasoning_effort: Option<String>,
    /// From 0 (always the likeliest word) to 2. Left out: the server's own.
    pub temperature: Option<f64>,
    /// Further fields of the request's body, as the server wants them. They win over those made here.
    pub extra: Map<String, Value>,
    /// How long is waited for what.
    pub limits: MindLimits,
}

impl Default for OpenAiMindOptions {
    fn default() -> Self {
        Self {
            base_url: format!("{OPENAI}/v1"),
            model: "gpt-5.4-mini".to_owned(),
            max_tokens: 400,
            max_tokens_field: None,
            reasoning_effort: None,
            temperature: None,
            extra: Map::new(),
            limits: MindLimits::default(),
        }
    }
}

impl OpenAiMindOptions {
    /// Whether the server is OpenAI's own, and not one that is compatible.
    pub(super) fn is_openai(&self) -> bool {
        self.base_url.starts_with(OPENAI)
    }
}

/// Two names of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxTokensField {
    /// OpenAI's own now.
    MaxCompletionTokens,
    /// The older one, which compatible servers know.
    MaxTokens,
}

impl MaxTokensField {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::MaxCompletionTokens => "max_completion_tokens",
            Self::MaxTokens => "max_tokens",
        }
    }
}
