//! A sentence by `ElevenLabs`' HTTP stream: raw µ-law in chunks, no header.

use moked_core::ports::SpeakingRequest;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::ElevenLabsVoiceOptions;
use crate::transport::HttpRequest;

pub(super) fn request(
    options: &ElevenLabsVoiceOptions,
    key: &SecretString,
    sentence: &SpeakingRequest,
) -> HttpRequest {
    let language = sentence.language;
    let base = options.base_url.trim_end_matches('/');
    let voice = options.voice(language);
    let url = format!("{base}/v1/text-to-speech/{voice}/stream?output_format=ulaw_8000");
    let mut body = json!({
        "text": sentence.text,
        "model_id": options.model(language),
        "language_code": language.code(),
    });
    if let (Some(settings), Some(body)) = (options.voice_settings(), body.as_object_mut()) {
        body.insert("voice_settings".into(), settings);
    }
    HttpRequest::post_json(url, &body).header("xi-api-key", key.expose_secret())
}
