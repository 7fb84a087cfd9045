//! Settings of a mind at Gemini.

use serde::Deserialize;

use crate::minding::MindLimits;

/// Settings; every one has a default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GeminiMindOptions {
    /// Where `/models/…` stands. Default `https://generativelanguage.googleapis.com/v1beta`.
    pub base_url: String,
    /// The model. Default `gemini-3.5-flash-lite`, of July 2026; no end of it was announced by November 2026.
    pub model: String,
    /// Longest answer with its thoughts, tokens. Default 600: a spoken answer is short, and the least of
    /// thinking is not always none.
    pub max_tokens: u32,
    /// How much the model thinks first: `minimal`, `low`, `medium`, `high`; empty sends no such field, as
    /// models before Gemini 3 want. Default `minimal`.
    pub thinking_level: String,
    /// How long is waited for what.
    pub limits: MindLimits,
}

impl Default for GeminiMindOptions {
    fn default() -> Self {
        Self {
            base_url: "https://generativelanguage.googleapis.com/v1beta".to_owned(),
            model: "gemini-3.5-flash-lite".to_owned(),
            max_tokens: 600,
            thinking_level: "minimal".to_owned(),
            limits: MindLimits::default(),
        }
    }
}
