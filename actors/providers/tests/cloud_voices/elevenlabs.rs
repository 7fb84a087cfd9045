//! The voices of `ElevenLabs`: contexts over one socket, Hebrew over HTTP.

use moked_core::ports::{ProviderFault, TextToSpeech};
use moked_providers::elevenlabs::voice::{ElevenLabsVoice, ElevenLabsVoiceOptions};
use serde_json::{Value, json};

use super::vendor::{Peer, Vendor};
use super::*;

fn voice(vendor: &Vendor) -> ElevenLabsVoice {
    let options = ElevenLabsVoiceOptions {
        base_url: vendor.url("http"),
        stability: Some(0.5),
        ..ElevenLabsVoiceOptions::default()
    };
    ElevenLabsVoice::new(options, key())
}

/// Reads a sentence's three messages; gives its context id.
async fn sentence(peer: &mut Peer) -> Value {
    let opening = peer.json().await;
    let id = opening["context_id"].clone();
    assert_eq!(opening, json!({ "text": " ", "context_id": id, "voice_settings": { "stability": 0.5 } }));
    assert_eq!(peer.json().await, json!({ "text": "Hello there. ", "context_id": id, "flush": true }));
    assert_eq!(peer.json().await, json!({ "context_id": id, "close_context": true }));
    id
}

#[test]
fn english_goes_by_the_socket_and_letters_become_words() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        assert!(!format!("{voice:?}").contains(CANARY));
        let mut heard = english(&voice);
        let visit = vendor.visit().await;
        let path = "GET /v1/text-to-speech/EXAVITQu4vr4xnSDxMaL/multi-stream-input\
                    ?model_id=eleven_flash_v2_5&language_code=en&output_format=ulaw_8000";
        assert!(visit.head.starts_with(path), "{}", visit.head);
        assert_eq!(visit.header("xi-api-key"), Some(CANARY));
        let mut peer = visit.accept().await;
        let id = sentence(&mut peer).await;
        let alignment = json!({
            "chars": ["H", "e", "l", "l", "o", " ", "t"], "charStartTimesMs": [0, 50, 100, 150, 200, 250, 280],
            "charDurationsMs": [50, 50, 50, 50, 50, 30, 20],
        });
        peer.say(json!({ "audio": base64(&loud(2_400)), "contextId": id, "alignment": alignment })).await;
        let alignment = json!({
            "chars": ["h", "e", "r", "e", "."], "charStartTimesMs": [0, 20, 40, 60, 80],
            "charDurationsMs": [20, 20, 20, 20, 20],
        });
        peer.say(json!({ "audio": base64(&loud(801)), "contextId": id, "alignment": alignment })).await;
        peer.say(json!({ "isFinal": true, "contextId": id })).await;
        assert_eq!(heard.finishes().await, 3_201);
        assert_eq!(heard.words, [word("Hello", 250), word("there.", 400)]);
    });
}

#[test]
fn an_interruption_closes_the_context_and_its_place_is_taken_until_the_vendor_is_done_with_it() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        let mut many: Vec<_> = (0..5).map(|_| english(&voice)).collect();
        let mut peer = vendor.socket().await;
        let mut ids = Vec::new();
        for _ in 0..5 {
            ids.push(sentence(&mut peer).await);
        }
        many[0].cancel();
        assert_eq!(peer.json().await, json!({ "context_id": ids[0], "close_context": true }));
        let mut sixth = english(&voice);
        let mut second = vendor.socket().await;
        let id = sentence(&mut second).await;
        second.say(json!({ "audio": base64(&loud(5)), "contextId": id })).await;
        second.say(json!({ "isFinal": true, "contextId": id })).await;
        assert_eq!(sixth.finishes().await, 5);
        peer.say(json!({ "audio": base64(&loud(77)), "contextId": ids[0] })).await;
        peer.say(json!({ "isFinal": true, "contextId": ids[0] })).await;
        peer.say(json!({ "audio": base64(&loud(6)), "contextId": ids[1] })).await;
        peer.say(json!({ "isFinal": true, "contextId": ids[1] })).await;
        assert_eq!(many[1].finishes().await, 6);
        many[0].is_silent().await;
    });
}

#[test]
fn errors_of_the_socket_are_told_by_kind() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        for (error, expected) in
            [("invalid_api_key", "key"), ("quota_exceeded", "quota"), ("bad_input", "request")]
        {
            let mut heard = english(&voice);
            let mut peer = vendor.socket().await;
            sentence(&mut peer).await;
            peer.say(json!({ "message": "no", "error": error, "code": 1008 })).await;
            let fault = heard.fails().await.to_string();
            assert!(fault.contains(expected) && fault.contains(error), "{fault}");
            peer.closed().await;
        }
    });
}

#[test]
fn hebrew_goes_by_http_with_the_third_generation_in_chunks_of_any_size() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let mut heard = hebrew(&voice(&vendor));
        let mut visit = vendor.visit().await;
        let path = "POST /v1/text-to-speech/EXAVITQu4vr4xnSDxMaL/stream?output_format=ulaw_8000 ";
        assert!(visit.head.starts_with(path), "{}", visit.head);
        assert_eq!(visit.header("xi-api-key"), Some(CANARY));
        let body = json!({
            "text": "שלום לך", "model_id": "eleven_v3", "language_code": "he",
            "voice_settings": { "stability": 0.5 },
        });
        assert_eq!(visit.json(), body);
        visit.begin_chunks().await;
        for length in [1, 3, 1_599, 1_601, 4_807, 2] {
            visit.chunk(&loud(length)).await;
        }
        visit.chunk(&[]).await;
        assert_eq!(heard.finishes().await, 8_013);
    });
}

#[test]
fn an_interruption_closes_the_http_connection() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let mut heard = hebrew(&voice(&vendor));
        let mut visit = vendor.visit().await;
        visit.begin_chunks().await;
        visit.chunk(&loud(400)).await;
        heard.begins().await;
        heard.cancel();
        visit.closed().await;
        heard.is_silent().await;
    });
}

#[test]
fn a_request_that_is_refused_tells_the_vendors_words() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let mut heard = hebrew(&voice(&vendor));
        let body = r#"{"detail":{"status":"voice_not_found","message":"no such voice"}}"#;
        vendor.visit().await.answer(404, "", body).await;
        let why = String::from("HTTP 404: no such voice");
        assert_eq!(heard.fails().await, ProviderFault::BadRequest { why });
    });
}

#[test]
fn warm_opens_the_socket_of_english_and_a_connection_for_hebrew() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        voice(&vendor).warm();
        let mut heads = [vendor.visit().await.head, vendor.visit().await.head];
        heads.sort();
        assert!(heads[0].starts_with("GET / "), "{}", heads[0]);
        assert!(heads[1].contains("/multi-stream-input"), "{}", heads[1]);
    });
}
