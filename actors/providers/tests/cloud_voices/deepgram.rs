//! Aura of Deepgram as a voice: clearing, flushing and the request that stands in.

use moked_core::language::Language;
use moked_core::ports::{ProviderFault, TextToSpeech};
use moked_providers::deepgram::voice::{DeepgramVoice, DeepgramVoiceOptions};
use serde_json::json;

use super::vendor::{Peer, Vendor, Visit};
use super::*;

fn voice(vendor: &Vendor) -> DeepgramVoice {
    let options = DeepgramVoiceOptions { base_url: vendor.url("http"), ..Default::default() };
    DeepgramVoice::new(options, key())
}

async fn sentence(peer: &mut Peer) {
    assert_eq!(peer.json().await, json!({ "type": "Speak", "text": "Hello there." }));
    assert_eq!(peer.json().await, json!({ "type": "Flush" }));
}

async fn speak_by_rest(mut visit: Visit, bytes: usize) {
    let path = "POST /v1/speak?model=aura-2-thalia-en&encoding=mulaw&sample_rate=8000&container=none ";
    assert!(visit.head.starts_with(path), "{}", visit.head);
    assert_eq!(visit.header("authorization"), Some("Token canary-7f3a"));
    assert_eq!(visit.json(), json!({ "text": "Hello there." }));
    visit.begin_chunks().await;
    visit.chunk(&loud(bytes)).await;
    visit.chunk(&[]).await;
}

#[test]
fn a_sentence_is_over_when_it_is_flushed_and_the_connection_serves_the_next() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        assert!(!format!("{voice:?}").contains(CANARY));
        let mut heard = english(&voice);
        let visit = vendor.visit().await;
        let path = "GET /v1/speak?model=aura-2-thalia-en&encoding=mulaw&sample_rate=8000 ";
        assert!(visit.head.starts_with(path), "{}", visit.head);
        assert_eq!(visit.header("authorization"), Some("Token canary-7f3a"));
        let mut peer = visit.accept().await;
        for length in [33, 1_700] {
            sentence(&mut peer).await;
            peer.say(json!({ "type": "Metadata", "request_id": "r", "model_name": "aura-2-thalia-en" }))
                .await;
            peer.say(json!({ "type": "Warning", "code": "W", "description": "w" })).await;
            peer.binary(&loud(length)).await;
            peer.say(json!({ "type": "Flushed", "sequence_id": 0 })).await;
            assert_eq!(heard.finishes().await, length);
            heard = english(&voice);
        }
    });
}

#[test]
fn what_comes_before_cleared_is_thrown_away_even_a_flushed() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        let mut heard = english(&voice);
        let mut peer = vendor.socket().await;
        sentence(&mut peer).await;
        peer.binary(&loud(80)).await;
        heard.begins().await;
        heard.cancel();
        assert_eq!(peer.json().await, json!({ "type": "Clear" }));
        let mut next = english(&voice);
        let mut second = vendor.socket().await;
        sentence(&mut second).await;
        peer.binary(&loud(999)).await;
        peer.say(json!({ "type": "Flushed", "sequence_id": 0 })).await;
        assert!(!vendor.has_visitor().await, "time for it to be read");
        let _other = english(&voice);
        sentence(&mut vendor.socket().await).await;
        peer.say(json!({ "type": "Cleared", "sequence_id": 1 })).await;
        heard.is_silent().await;
        second.binary(&loud(8)).await;
        second.say(json!({ "type": "Flushed", "sequence_id": 0 })).await;
        assert_eq!(next.finishes().await, 8, "a connection of its own while the first was being cleared");
        let mut third = english(&voice);
        sentence(&mut peer).await;
        peer.binary(&loud(5)).await;
        peer.say(json!({ "type": "Flushed", "sequence_id": 1 })).await;
        assert_eq!(third.finishes().await, 5, "the cleared connection is used again");
    });
}

#[test]
fn without_a_socket_the_sentence_comes_by_rest() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let mut heard = english(&voice(&vendor));
        vendor.visit().await.answer(503, "", "maintenance").await;
        speak_by_rest(vendor.visit().await, 1_601).await;
        assert_eq!(heard.finishes().await, 1_601);
    });
}

#[test]
fn a_refused_key_is_told_at_once() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let mut heard = english(&voice(&vendor));
        vendor.visit().await.answer(401, "", r#"{"err_msg":"Invalid credentials."}"#).await;
        let why = String::from("HTTP 401: Invalid credentials.");
        assert_eq!(heard.fails().await, ProviderFault::Auth { why });
        assert!(!vendor.has_visitor().await);
    });
}

#[test]
fn hebrew_is_refused_without_asking() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        let refused = ProviderFault::UnsupportedLanguage { engine: "deepgram", language: Language::Hebrew };
        assert_eq!(hebrew(&voice).fails().await, refused);
        assert_eq!(voice.languages(), [Language::English]);
        assert!(!vendor.has_visitor().await);
    });
}
