//! What the wires of several vendors have in common.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use moked_core::ports::ProviderFault;
use serde::de::DeserializeOwned;

use crate::transport::Incoming;

/// Reads a JSON message.
///
/// # Errors
/// When it is none, or of another shape.
pub fn read_json<T: DeserializeOwned>(message: &Incoming) -> Result<T, ProviderFault> {
    let bytes = match message {
        Incoming::Text(text) => text.as_bytes(),
        Incoming::Binary(bytes) => bytes.as_ref(),
    };
    serde_json::from_slice(bytes)
        .map_err(|error| ProviderFault::Garbage { why: format!("a message that is not understood: {error}") })
}

/// Audio that came as base64.
///
/// # Errors
/// When it is no base64.
pub fn decode_audio(text: &str) -> Result<Bytes, ProviderFault> {
    STANDARD
        .decode(text)
        .map(Bytes::from)
        .map_err(|error| ProviderFault::Garbage { why: format!("audio that is no base64: {error}") })
}

/// A time of a vendor that counts in seconds. Nonsense is 0.
pub fn seconds_to_ms(seconds: f64) -> u64 {
    // The cast saturates and takes no-number for 0.
    (seconds * 1_000.0).round() as u64
}
