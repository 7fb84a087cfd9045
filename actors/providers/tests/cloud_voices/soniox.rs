//! Soniox as a voice: cancelling, word times and what its errors mean.

use moked_core::audio::SILENCE;
use moked_core::language::Language;
use moked_core::ports::{ProviderFault, TextToSpeech};
use moked_providers::soniox::voice::{SonioxVoice, SonioxVoiceOptions};
use serde_json::{Value, json};

use super::vendor::{Peer, Vendor};
use super::*;

fn voice(vendor: &Vendor) -> SonioxVoice {
    voice_with_limit(vendor, 5_000)
}

fn voice_with_limit(vendor: &Vendor, ms: u64) -> SonioxVoice {
    let base_url = vendor.url("ws");
    let options = SonioxVoiceOptions { base_url, first_byte_ms: ms, gap_ms: ms, ..Default::default() };
    SonioxVoice::new(options, key())
}

/// Reads a sentence's two messages; gives its stream id.
async fn sentence(peer: &mut Peer) -> Value {
    let config = peer.json().await;
    assert_eq!(peer.json().await["stream_id"], config["stream_id"]);
    config["stream_id"].clone()
}

fn audio(id: &Value, bytes: &[u8]) -> Value {
    json!({ "stream_id": id, "audio": base64(bytes), "audio_end": false, "terminated": false })
}

fn terminated(id: &Value) -> Value {
    json!({ "stream_id": id, "terminated": true })
}

#[test]
fn a_hebrew_sentence_is_asked_for_and_comes_in_pieces_with_its_words() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        assert!(!format!("{voice:?}").contains(CANARY));
        let mut heard = hebrew(&voice);
        let mut peer = vendor.socket().await;
        assert!(peer.head.starts_with("GET /tts-websocket "), "{}", peer.head);
        let config = peer.json().await;
        let expected = json!({
            "api_key": CANARY, "stream_id": config["stream_id"], "model": "tts-rt-v2", "language": "he",
            "voice": "Maya", "audio_format": "pcm_mulaw", "sample_rate": 8000, "speed": 1.0,
            "return_timestamps": true,
        });
        assert_eq!(config, expected);
        let id = config["stream_id"].clone();
        assert_eq!(peer.json().await, json!({ "text": "שלום לך", "text_end": true, "stream_id": id }));
        let mut first = audio(&id, &loud(4_801));
        first["timestamps"] = json!({
            "characters": ["ש", "ל", "ו", "ם", " ", "ל"],
            "character_start_times_seconds": [0.0, 0.1, 0.2, 0.3, 0.4, 0.45],
            "character_end_times_seconds": [0.1, 0.2, 0.3, 0.4, 0.45, 0.5],
        });
        peer.say(first).await;
        let mut second = audio(&id, &loud(3));
        second["timestamps"] = json!({
            "characters": ["ך"], "character_start_times_seconds": [0.5],
            "character_end_times_seconds": [0.6],
        });
        peer.say(second).await;
        peer.say(json!({ "stream_id": id, "audio": "", "audio_end": true })).await;
        peer.say(terminated(&id)).await;
        assert_eq!(heard.finishes().await, 4_804);
        assert_eq!(heard.words, [word("שלום", 400), word("לך", 600)]);
    });
}

#[test]
fn two_sentences_share_a_connection_and_keep_apart() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        voice.warm();
        let mut peer = vendor.socket().await;
        let (mut one, mut two) = (hebrew(&voice), english(&voice));
        let (first, second) = (sentence(&mut peer).await, sentence(&mut peer).await);
        assert_ne!(first, second);
        peer.say(audio(&second, &loud(10))).await;
        peer.say(audio(&first, &loud(7))).await;
        peer.say(audio(&second, &loud(20))).await;
        peer.say(terminated(&second)).await;
        peer.say(terminated(&first)).await;
        assert_eq!((one.finishes().await, two.finishes().await), (7, 30));
        let mut third = hebrew(&voice);
        let id = sentence(&mut peer).await;
        peer.say(audio(&id, &loud(5))).await;
        peer.say(terminated(&id)).await;
        assert_eq!(third.finishes().await, 5);
        assert!(!vendor.has_visitor().await, "one connection was enough");
    });
}

#[test]
fn a_sixth_sentence_takes_a_connection_of_its_own() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        let mut many: Vec<_> = (0..6).map(|_| hebrew(&voice)).collect();
        let mut first = vendor.socket().await;
        let mut second = vendor.socket().await;
        for _ in 0..5 {
            sentence(&mut first).await;
        }
        let id = sentence(&mut second).await;
        second.say(audio(&id, &loud(5))).await;
        second.say(terminated(&id)).await;
        assert_eq!(many[5].finishes().await, 5);
    });
}

#[test]
fn an_interruption_cancels_at_the_vendor_and_late_audio_is_dropped() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        let mut heard = hebrew(&voice);
        let mut peer = vendor.socket().await;
        let id = sentence(&mut peer).await;
        peer.say(audio(&id, &loud(100))).await;
        heard.begins().await;
        heard.cancel();
        assert_eq!(peer.json().await, json!({ "stream_id": id, "cancel": true }));
        let mut next = hebrew(&voice);
        let second = sentence(&mut peer).await;
        peer.say(audio(&id, &loud(999))).await;
        peer.say(terminated(&id)).await;
        peer.say(audio(&second, &loud(50))).await;
        peer.say(terminated(&second)).await;
        assert_eq!(next.finishes().await, 50);
        heard.is_silent().await;
    });
}

#[test]
fn a_sentence_cancelled_before_the_connection_stands_is_never_asked_for() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        hebrew(&voice).cancel();
        let mut heard = english(&voice);
        let mut peer = vendor.socket().await;
        let config = peer.json().await;
        assert_eq!(config["language"], "en");
        peer.json().await;
        peer.say(audio(&config["stream_id"], &loud(5))).await;
        peer.say(terminated(&config["stream_id"])).await;
        assert_eq!(heard.finishes().await, 5);
    });
}

#[test]
fn a_connection_that_breaks_before_any_sound_is_replaced_and_the_sentence_repeated_once() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        let mut heard = hebrew(&voice);
        let mut peer = vendor.socket().await;
        let id = sentence(&mut peer).await;
        peer.say(audio(&id, &[SILENCE; 80])).await;
        drop(peer);
        let mut peer = vendor.socket().await;
        let again = sentence(&mut peer).await;
        peer.say(audio(&again, &loud(40))).await;
        peer.say(terminated(&again)).await;
        assert_eq!(heard.finishes().await, 40, "the silence of the first try is not part of it");
        let mut heard = hebrew(&voice);
        sentence(&mut peer).await;
        drop(peer);
        let mut peer = vendor.socket().await;
        sentence(&mut peer).await;
        drop(peer);
        assert!(matches!(heard.fails().await, ProviderFault::Closed { .. }));
    });
}

#[test]
fn a_sentence_that_was_begun_is_not_repeated() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        let mut heard = hebrew(&voice);
        let mut peer = vendor.socket().await;
        let id = sentence(&mut peer).await;
        peer.say(audio(&id, &loud(40))).await;
        heard.begins().await;
        drop(peer);
        assert!(matches!(heard.fails().await, ProviderFault::Closed { .. }));
        assert!(!vendor.has_visitor().await);
    });
}

#[test]
fn a_vendor_that_says_nothing_is_stalled_and_its_connection_given_up() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice_with_limit(&vendor, 50);
        let mut heard = hebrew(&voice);
        let mut peer = vendor.socket().await;
        let id = sentence(&mut peer).await;
        let stalled = ProviderFault::Stalled { waiting_for: "a sentence's first audio", after_ms: 50 };
        assert_eq!(heard.fails().await, stalled);
        assert_eq!(peer.json().await, json!({ "stream_id": id, "cancel": true }));
        let mut heard = hebrew(&voice);
        let mut next = vendor.socket().await;
        peer.closed().await;
        let id = sentence(&mut next).await;
        next.say(audio(&id, &loud(40))).await;
        let stalled = ProviderFault::Stalled { waiting_for: "more of a sentence's audio", after_ms: 50 };
        assert_eq!(heard.fails().await, stalled);
    });
}

#[test]
fn silence_and_nonsense_are_garbage() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        let mut heard = hebrew(&voice);
        let mut peer = vendor.socket().await;
        let id = sentence(&mut peer).await;
        peer.say(audio(&id, &[SILENCE; 800])).await;
        peer.say(terminated(&id)).await;
        assert!(matches!(heard.fails().await, ProviderFault::Garbage { .. }));
        let mut heard = hebrew(&voice);
        let id = sentence(&mut peer).await;
        peer.say(audio(&id, &loud(8))).await;
        peer.text("<html>").await;
        assert!(matches!(heard.fails().await, ProviderFault::Garbage { .. }));
        peer.closed().await;
    });
}

#[test]
fn a_fault_of_one_stream_leaves_the_other_alone() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let voice = voice(&vendor);
        let mut heard = [401, 429, 400, 503].map(|_| hebrew(&voice));
        let mut last = english(&voice);
        let mut peer = vendor.socket().await;
        let mut faults = Vec::new();
        for (heard, code) in heard.iter_mut().zip([401, 429, 400, 503]) {
            let id = sentence(&mut peer).await;
            peer.say(json!({ "stream_id": id, "error_code": code, "error_message": "no" })).await;
            peer.say(terminated(&id)).await;
            faults.push(heard.fails().await);
        }
        let why = || String::from("no");
        let expected = [
            ProviderFault::Auth { why: why() },
            ProviderFault::Quota { why: why(), retry_after: None },
            ProviderFault::BadRequest { why: why() },
            ProviderFault::Closed { why: why() },
        ];
        assert_eq!(faults, expected);
        let id = sentence(&mut peer).await;
        peer.say(audio(&id, &loud(8))).await;
        peer.say(terminated(&id)).await;
        assert_eq!(last.finishes().await, 8);
    });
}

#[test]
fn a_text_without_a_letter_is_over_at_once() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        assert_eq!(say(&voice(&vendor), "… —", Language::Hebrew).finishes().await, 0);
        assert!(!vendor.has_visitor().await);
    });
}
