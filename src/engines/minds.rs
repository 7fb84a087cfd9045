//! The minds of providers.

use std::sync::Arc;

use moked_providers::anthropic::mind::{AnthropicMind, AnthropicMindOptions};
use moked_providers::gemini::mind::{GeminiMind, GeminiMindOptions};
use moked_providers::openai::mind::{OpenAiMind, OpenAiMindOptions};

use super::catalogue::{KeyNeed, MindEntry, check};

/// In the order in which they are listed to people.
pub(super) const ALL: [MindEntry; 3] = [
    MindEntry {
        name: "openai",
        key: KeyNeed::AtVendor(&["OPENAI_API_KEY"]),
        skip: Some("SKIP_OPENAI_INIT"),
        host: "api.openai.com",
        goes_to_vendor: true,
        check: check::<OpenAiMindOptions>,
        make: |from| {
            Ok(Arc::new(OpenAiMind::new(Arc::clone(&from.agent), from.options()?, from.key.clone())))
        },
    },
    MindEntry {
        name: "anthropic",
        key: KeyNeed::AtVendor(&["ANTHROPIC_API_KEY"]),
        skip: None,
        host: "api.anthropic.com",
        goes_to_vendor: true,
        check: check::<AnthropicMindOptions>,
        make: |from| {
            Ok(Arc::new(AnthropicMind::new(Arc::clone(&from.agent), from.options()?, from.key.clone())))
        },
    },
    MindEntry {
        name: "gemini",
        key: KeyNeed::AtVendor(&["GEMINI_API_KEY", "GOOGLE_API_KEY"]),
        skip: Some("SKIP_GCP_INIT"),
        host: "googleapis.com",
        goes_to_vendor: true,
        check: check::<GeminiMindOptions>,
        make: |from| {
            Ok(Arc::new(GeminiMind::new(Arc::clone(&from.agent), from.options()?, from.key.clone())))
        },
    },
];
