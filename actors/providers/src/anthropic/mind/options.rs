//! Settings of a mind at Anthropic.

use serde::Deserialize;

use crate::minding::MindLimits;

/// Settings; every one has a default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnthropicMindOptions {
    /// Where `/v1/messages` stands. Default `https://api.anthropic.com`.
    pub base_url: String,
    /// The model. Default `claude-haiku-5-5`, the quick one; not retired before October 2027.
    pub model: String,
    /// Longest answer, tokens. Default 400: a spoken answer is short, and Hebrew takes more tokens than
    /// English.
    pub max_tokens: u32,
    /// Whether the request says that the model shall not think first. Default true, for new models think
    /// unless told not to. Some large ones refuse to be told: set it to false for them, and expect pauses.
    pub forbid_thinking: bool,
    /// How long is waited for what.
    pub limits: MindLimits,
}

impl Default for AnthropicMindOptions {
    fn default() -> Self {
        Self {
            base_url: "https://api.anthropic.com".to_owned(),
            model: "claude-haiku-5-5".to_owned(),
            max_tokens: 400,
            forbid_thinking: true,
            limits: MindLimits::default(),
        }
    }
}
