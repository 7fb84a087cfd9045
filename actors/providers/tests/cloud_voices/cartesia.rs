//! Cartesia as a voice: contexts, word times, cancelling and its errors.

use std::time::Duration;

use moked_core::ports::ProviderFault;
use moked_providers::cartesia::voice::{CartesiaVoice, CartesiaVoiceOptions};
use serde_json::{Value, json};

use super::vendor::Vendor;
use super::*;

fn voice(vendor: &Vendor) -> CartesiaVoice {
    let options = CartesiaVoiceOptions { base_url: vendor.url("ws"), ..Default::default() };
    CartesiaVoice::new(options, key())
}

fn chunk(id: &Value, bytes: &[u8]) -> Value {
    json!({
        "type": "chunk", "context_id": id, "data": base64(bytes), "done": false, "status_code": 206,
        "step_time": 12.5,
    })
}

fn done(id: &Value) -> Value {
    json!({ "type": "done", "context_id": id, "done": true, "status_code": 200 })
}

#[test]
fn a_hebrew_sentence_comes_with_the_vendors_word_times() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        assert!(!format!("{voice:?}").contains(CANARY));
        let mut heard = hebrew(&voice);
        let visit = vendor.visit().await;
        assert!(visit.head.starts_with("GET /tts/websocket "), "{}", visit.head);
        assert_eq!(visit.header("authorization"), Some("Bearer canary-7f3a"));
        assert_eq!(visit.header("cartesia-version"), Some("2026-08-14"));
        let mut peer = visit.accept().await;
        let asked = peer.json().await;
        let id = asked["context_id"].clone();
        let expected = json!({
            "model_id": "sonic-3.5", "transcript": "שלום לך", "language": "he", "context_id": id,
            "voice": { "mode": "id", "id": "f786b574-daa5-4673-aa0c-cbe3e8534c02" },
            "output_format": { "container": "raw", "encoding": "pcm_mulaw", "sample_rate": 8000 },
            "continue": false, "add_timestamps": true,
        });
        assert_eq!(asked, expected);
        let words = json!({ "words": ["שלום", "לך"], "start": [0.02, 0.45], "end": [0.4, 0.7004] });
        peer.say(json!({ "type": "timestamps", "context_id": id, "word_timestamps": words })).await;
        peer.say(chunk(&id, &loud(5_601))).await;
        peer.say(json!({ "type": "flush_done", "context_id": id, "flush_id": 1 })).await;
        peer.say(done(&id)).await;
        assert_eq!(heard.finishes().await, 5_601);
        assert_eq!(heard.words, [word("שלום", 400), word("לך", 700)]);
    });
}

#[test]
fn an_interruption_cancels_one_context_and_the_other_speaks_on() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        let (mut one, mut two) = (hebrew(&voice), english(&voice));
        let mut peer = vendor.socket().await;
        let first = peer.json().await["context_id"].clone();
        let second = peer.json().await["context_id"].clone();
        peer.say(chunk(&first, &loud(9))).await;
        one.begins().await;
        one.cancel();
        assert_eq!(peer.json().await, json!({ "context_id": first, "cancel": true }));
        peer.say(chunk(&first, &loud(900))).await;
        peer.say(chunk(&second, &loud(11))).await;
        peer.say(done(&first)).await;
        peer.say(done(&second)).await;
        assert_eq!(two.finishes().await, 11);
        one.is_silent().await;
    });
}

#[test]
fn a_refused_handshake_tells_its_kind() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        let mut heard = hebrew(&voice);
        vendor.visit().await.answer(401, "", r#"{"message":"Invalid API key"}"#).await;
        assert_eq!(heard.fails().await, ProviderFault::Auth { why: "HTTP 401: Invalid API key".into() });
        let mut heard = hebrew(&voice);
        vendor.visit().await.answer(429, "retry-after: 3\r\n", "slow down").await;
        assert_eq!(heard.fails().await.retry_after(), Some(Duration::from_secs(3)));
        let mut heard = hebrew(&voice);
        vendor.visit().await.answer(503, "", "").await;
        assert!(matches!(heard.fails().await, ProviderFault::Closed { .. }));
    });
}

#[test]
fn an_error_ends_its_context_and_one_without_a_context_the_connection() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        let mut heard = hebrew(&voice);
        let mut peer = vendor.socket().await;
        let id = peer.json().await["context_id"].clone();
        let error = json!({
            "type": "error", "context_id": id, "title": "Bad voice", "message": "no such voice",
            "error_code": "voice_not_found", "status_code": 404, "done": true,
        });
        peer.say(error).await;
        let why = String::from("Bad voice: no such voice");
        assert_eq!(heard.fails().await, ProviderFault::BadRequest { why });
        let mut heard = hebrew(&voice);
        peer.json().await;
        peer.say(json!({ "type": "error", "title": "Credits", "message": "none left", "status_code": 402 }))
            .await;
        assert!(matches!(heard.fails().await, ProviderFault::Quota { .. }));
        peer.closed().await;
    });
}
