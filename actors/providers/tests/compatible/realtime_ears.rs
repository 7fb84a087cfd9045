//! Realtime transcription, both generations.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moked_core::language::Language;
use moked_core::ports::{HearingEvent, ProviderFault, SpeechToText};
use moked_providers::openai::realtime_ears::Dialect;
use moked_providers::openai::{RealtimeEars, RealtimeEarsOptions};
use serde_json::{Value, json};

use super::vendor::{SocketCall, Vendor, events, on_a_call};
use super::{CANARY, FIRST, SECOND, key, partial, request, say, told};

fn ears(vendor: &Vendor, dialect: Dialect) -> RealtimeEars {
    let base_url = vendor.url("ws", "/v1/");
    RealtimeEars::new(RealtimeEarsOptions { base_url, dialect, ..Default::default() }, key()).unwrap()
}

/// The audio up to the commit, in bytes.
async fn audio(call: &mut SocketCall) -> Vec<u8> {
    let mut audio = Vec::new();
    loop {
        let message = call.next_json().await;
        match message["type"].as_str() {
            Some("input_audio_buffer.append") => {
                audio.extend(STANDARD.decode(message["audio"].as_str().unwrap()).unwrap());
            }
            Some("input_audio_buffer.commit") => return audio,
            other => panic!("unexpected {other:?}"),
        }
    }
}

fn committed(item: &str, previous: Option<&str>) -> Value {
    json!({"type": "input_audio_buffer.committed", "event_id": "e", "item_id": item, "previous_item_id": previous})
}

fn delta(item: &str, delta: &str) -> Value {
    let kind = "conversation.item.input_audio_transcription.delta";
    json!({"type": kind, "event_id": "e", "item_id": item, "content_index": 0, "delta": delta})
}

fn completed(item: &str, transcript: &str) -> Value {
    let kind = "conversation.item.input_audio_transcription.completed";
    json!({"type": kind, "event_id": "e", "item_id": item, "content_index": 0, "transcript": transcript,
        "usage": {"type": "duration", "seconds": 1}})
}

fn error(kind: &str, code: Option<&str>, message: &str) -> Value {
    let error = json!({"type": kind, "code": code, "message": message, "param": null, "event_id": null});
    json!({"type": "error", "event_id": "e", "error": error})
}

#[test]
fn an_utterance_goes_out_as_mulaw_with_its_onset_and_comes_back_as_text() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let ears = ears(&vendor, Dialect::Ga);
        let (sink, mut events) = events();
        let mut session = ears.open(request(Language::Hebrew, &["דירה"]), sink).unwrap();
        let mut call = vendor.accept_socket().await;
        assert_eq!(call.path, "/v1/realtime?intent=transcription");
        assert_eq!(call.header("authorization"), Some(format!("Bearer {CANARY}").as_str()));
        assert_eq!(call.header("openai-beta"), None);
        let update = call.next_json().await;
        let input = json!({
            "format": {"type": "audio/pcmu"},
            "transcription": {"model": "gpt-live-transcribe", "languages": ["he"], "keywords": ["דירה"]},
            "turn_detection": null,
            "noise_reduction": {"type": "near_field"},
        });
        let session_settings = json!({"type": "transcription", "audio": {"input": input}});
        assert_eq!(update, json!({"type": "session.update", "session": session_settings}));

        say(&mut *session, FIRST);
        let audio = audio(&mut call).await;
        assert_eq!(audio, [vec![0xFF; 500 * 8], vec![0x90; 300 * 8]].concat());
        for event in [
            json!({"type": "session.created", "session": {}}),
            json!({"type": "session.updated", "session": {}}),
            delta("a", "אני רוצה"),
            committed("a", None),
            delta("a", " דירה"),
            completed("a", "אני רוצה דירה."),
        ] {
            call.say(event).await;
        }
        assert_eq!(events.next().await, partial(FIRST, "אני רוצה"));
        assert_eq!(events.next().await, partial(FIRST, "אני רוצה דירה"));
        assert_eq!(events.next().await, partial(FIRST, "אני רוצה דירה."));
        assert_eq!(events.next().await, told(FIRST, "אני רוצה דירה."));

        drop(session);
        call.closed().await;
    });
}

#[test]
fn the_older_wire_gets_linear_audio_and_flat_settings() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let ears = ears(&vendor, Dialect::Beta);
        let (sink, mut events) = events();
        let mut session = ears.open(request(Language::English, &["rent"]), sink).unwrap();
        let mut call = vendor.accept_socket().await;
        let path = "/v1/realtime?intent=transcription&model=gpt-live-transcribe&language=en";
        assert_eq!(call.path, path);
        let transcription = json!({"model": "gpt-live-transcribe", "language": "en", "prompt": "rent"});
        let settings = json!({"input_audio_transcription": transcription, "turn_detection": null});
        assert_eq!(call.next_json().await, json!({"type": "session.update", "session": settings}));
        say(&mut *session, FIRST);
        let audio = audio(&mut call).await;
        let expected = 800 * 24 * 2;
        assert!((expected - 500..=expected).contains(&audio.len()), "{} bytes", audio.len());
        call.say(committed("item_1", None)).await;
        call.say(completed("item_1", "rent ")).await;
        assert_eq!(events.next().await, partial(FIRST, "rent"));
        assert_eq!(events.next().await, told(FIRST, "rent"));
    });
}

#[test]
fn an_utterance_without_enough_audio_is_an_empty_final_and_the_session_lives_on() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let ears = ears(&vendor, Dialect::Ga);
        let (sink, mut events) = events();
        let mut session = ears.open(request(Language::English, &[]), sink).unwrap();
        let mut call = vendor.accept_socket().await;
        call.next_json().await;
        call.say(json!({"type": "session.updated"})).await;
        call.say("not json").await;
        call.say(json!({"type": "rate_limits.updated"})).await;
        session.utterance_started(FIRST);
        session.utterance_ended(FIRST);
        assert!(audio(&mut call).await.is_empty());
        let code = Some("input_audio_buffer_commit_empty");
        call.say(error("invalid_request_error", code, "buffer too small")).await;
        assert_eq!(events.next().await, told(FIRST, ""));

        say(&mut *session, SECOND);
        audio(&mut call).await;
        call.say(committed("a", None)).await;
        call.say(completed("a", "yes")).await;
        assert_eq!(events.next().await, partial(SECOND, "yes"));
        assert_eq!(events.next().await, told(SECOND, "yes"));
    });
}

/// What the session fails with when the vendor says this first.
async fn fault_of(message: Value) -> ProviderFault {
    let vendor = Vendor::listen().await;
    let (sink, mut events) = events();
    let _session = ears(&vendor, Dialect::Ga).open(request(Language::English, &[]), sink).unwrap();
    let mut call = vendor.accept_socket().await;
    call.next_json().await;
    call.say(message).await;
    match events.next().await {
        HearingEvent::Failed(fault) => fault,
        other => panic!("expected a fault, got {other:?}"),
    }
}

#[test]
fn errors_are_told_by_kind() {
    on_a_call(async {
        let fault = fault_of(error("invalid_request_error", Some("model_not_found"), "no such model")).await;
        assert_eq!(fault, ProviderFault::BadRequest { why: "model_not_found: no such model".into() });
        let fault = fault_of(error("invalid_request_error", Some("invalid_api_key"), "wrong")).await;
        assert!(matches!(fault, ProviderFault::Auth { .. }));
        let fault = fault_of(error("insufficient_quota", None, "pay")).await;
        assert!(matches!(fault, ProviderFault::Quota { .. }));
        let fault = fault_of(error("server_error", None, "sorry")).await;
        assert_eq!(fault, ProviderFault::Closed { why: "sorry".into() });
        let kind = "conversation.item.input_audio_transcription.failed";
        let failed = json!({"type": kind, "item_id": "a", "error": {"message": "unintelligible"}});
        assert!(fault_of(failed).await.to_string().contains("unintelligible"));
    });
}

#[test]
fn a_refused_handshake_a_cut_line_and_a_dropped_session() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let ears = ears(&vendor, Dialect::Ga);
        assert!(!format!("{ears:?}").contains(CANARY));

        let (sink, mut refused) = events();
        let _session = ears.open(request(Language::English, &[]), sink).unwrap();
        let mut call = vendor.accept_http().await;
        let body = json!({"error": {"message": "slow down"}}).to_string();
        call.answer("429 Too Many Requests", "retry-after: 7\r\n", body).await;
        let HearingEvent::Failed(fault) = refused.next().await else { panic!("a fault") };
        assert_eq!(fault.retry_after(), Some(Duration::from_secs(7)));
        assert!(fault.to_string().contains("slow down") && !fault.to_string().contains(CANARY));

        let (sink, mut cut) = events();
        let _session = ears.open(request(Language::English, &[]), sink).unwrap();
        vendor.accept_socket().await.cut();
        assert!(matches!(cut.next().await, HearingEvent::Failed(ProviderFault::Closed { .. })));

        let (sink, mut silent) = events();
        let session = ears.open(request(Language::English, &[]), sink).unwrap();
        let call = vendor.accept_socket().await;
        drop(session);
        call.closed().await;
        assert_eq!(silent.rest(), []);
    });
}

#[test]
fn a_wrong_base_url_is_told_before_any_call() {
    let options = RealtimeEarsOptions { base_url: "ftp://x".into(), ..Default::default() };
    let fault = RealtimeEars::new(options, None).unwrap_err();
    assert!(fault.to_string().contains("ftp://x"));
}

/// Moves the clock on, while nobody waits for anything but it.
async fn pass(minutes: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(minutes * 60)).await;
    tokio::time::resume();
}

/// Audio of an utterance that goes on.
async fn appended(call: &mut SocketCall, bytes: usize) -> Vec<u8> {
    let mut audio = Vec::new();
    while audio.len() < bytes {
        let message = call.next_json().await;
        assert_eq!(message["type"], "input_audio_buffer.append");
        audio.extend(STANDARD.decode(message["audio"].as_str().unwrap()).unwrap());
    }
    audio
}

#[test]
fn before_the_hour_is_over_a_fresh_session_goes_on_between_utterances() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let ears = ears(&vendor, Dialect::Ga);
        let (sink, mut events) = events();
        let mut session = ears.open(request(Language::English, &[]), sink).unwrap();
        let mut old = vendor.accept_socket().await;
        let settings = old.next_json().await;
        pass(56).await;
        // The vendor is full, and the old session still good.
        vendor.accept_http().await.answer("503 Service Unavailable", "", "full").await;
        say(&mut *session, FIRST);
        audio(&mut old).await;
        old.say(committed("a", None)).await;
        old.say(completed("a", "yes")).await;
        assert_eq!(events.next().await, partial(FIRST, "yes"));
        assert_eq!(events.next().await, told(FIRST, "yes"));
        pass(1).await;
        let mut new = vendor.accept_socket().await;
        assert_eq!(new.next_json().await, settings);
        old.closed().await;
        say(&mut *session, SECOND);
        assert!(!audio(&mut new).await.is_empty());
        new.say(committed("b", None)).await;
        new.say(completed("b", "no")).await;
        assert_eq!(events.next().await, partial(SECOND, "no"));
        assert_eq!(events.next().await, told(SECOND, "no"));
    });
}

#[test]
fn a_session_that_expires_amid_an_utterance_is_followed_by_one_that_hears_it_all_again() {
    for expires in [true, false] {
        on_a_call(async {
            let vendor = Vendor::listen().await;
            let ears = ears(&vendor, Dialect::Ga);
            let (sink, mut events) = events();
            let mut session = ears.open(request(Language::English, &[]), sink).unwrap();
            let mut old = vendor.accept_socket().await;
            let settings = old.next_json().await;
            session.utterance_started(FIRST);
            session.audio(&[1; 1_600]);
            assert_eq!(appended(&mut old, 1_600).await, [1; 1_600]);
            old.say(delta("a", "so")).await;
            assert_eq!(events.next().await, partial(FIRST, "so"));
            pass(59).await;
            if expires {
                let words = "Your session hit the maximum duration of 60 minutes.";
                old.say(error("invalid_request_error", Some("session_expired"), words)).await;
            } else {
                old.cut();
            }
            let mut new = vendor.accept_socket().await;
            assert_eq!(new.next_json().await, settings);
            session.audio(&[2; 1_600]);
            session.utterance_ended(FIRST);
            assert_eq!(audio(&mut new).await, [[1; 1_600], [2; 1_600]].concat());
            new.say(committed("x", None)).await;
            new.say(completed("x", "so be it")).await;
            assert_eq!(events.next().await, partial(FIRST, "so be it"));
            assert_eq!(events.next().await, told(FIRST, "so be it"));
        });
    }
}

#[test]
fn an_utterance_that_waits_for_its_text_when_the_session_expires_is_settled_by_the_next() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let ears = ears(&vendor, Dialect::Ga);
        let (sink, mut events) = events();
        let mut session = ears.open(request(Language::English, &[]), sink).unwrap();
        let mut old = vendor.accept_socket().await;
        old.next_json().await;
        session.utterance_started(FIRST);
        session.audio(&[1; 1_600]);
        appended(&mut old, 1_600).await;
        pass(58).await;
        session.utterance_ended(FIRST);
        assert!(audio(&mut old).await.is_empty());
        old.say(error("invalid_request_error", Some("session_expired"), "an hour")).await;
        let mut new = vendor.accept_socket().await;
        new.next_json().await;
        assert_eq!(audio(&mut new).await, [1; 1_600]);
        new.say(committed("x", None)).await;
        new.say(completed("x", "yes")).await;
        assert_eq!(events.next().await, partial(FIRST, "yes"));
        assert_eq!(events.next().await, told(FIRST, "yes"));
    });
}

#[test]
fn a_session_that_expires_at_once_is_a_fault() {
    on_a_call(async {
        let fault = fault_of(error("invalid_request_error", Some("session_expired"), "already")).await;
        assert_eq!(fault, ProviderFault::Closed { why: "session_expired: already".into() });
    });
}
