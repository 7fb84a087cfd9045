//! A sentence by Deepgram's REST: raw µ-law in chunks, no container.

use moked_core::ports::SpeakingRequest;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::DeepgramVoiceOptions;
use crate::speaking::query;
use crate::transport::HttpRequest;

pub(super) fn request(
    options: &DeepgramVoiceOptions,
    key: &SecretString,
    sentence: &SpeakingRequest,
) -> HttpRequest {
    let query = query(&[
        ("model", &options.model),
        ("encoding", "mulaw"),
        ("sample_rate", "8000"),
        ("container", "none"),
    ]);
    let url = format!("{}/v1/speak{query}", options.base_url.trim_end_matches('/'));
    HttpRequest::post_json(url, &json!({ "text": sentence.text }))
        .header("authorization", format!("Token {}", key.expose_secret()))
}
