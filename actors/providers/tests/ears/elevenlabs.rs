//! ElevenLabs' Scribe: commits by hand.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moked_core::language::Language;
use moked_core::ports::ProviderFault;
use moked_providers::elevenlabs::ears::{ElevenLabsEars, ElevenLabsEarsOptions};
use serde_json::{Value, json};

use crate::line::{CANARY, FIRST, FRAME, Line, SECOND, key};
use crate::vendor::{Said, Vendor, Visitor, on_a_call};

/// Frames in a piece of 100 ms.
const PIECE: usize = 5;

async fn begin() -> (Line, Visitor) {
    let vendor = Vendor::start().await;
    let options = ElevenLabsEarsOptions { base_url: vendor.url.clone(), ..ElevenLabsEarsOptions::default() };
    let line = Line::open(&ElevenLabsEars::new(options, key()), Language::Hebrew, &[]);
    let mut visitor = vendor.accept().await;
    visitor.say(json!({"message_type": "session_started", "session_id": "s1", "config": {}})).await;
    (line, visitor)
}

fn chunk(audio: &[u8], commit: bool) -> Value {
    json!({"message_type": "input_audio_chunk", "audio_base_64": STANDARD.encode(audio), "commit": commit,
           "sample_rate": 8000})
}

async fn started(line: &mut Line, visitor: &mut Visitor) {
    line.session.utterance_started(FIRST);
    line.speak(PIECE);
    assert_eq!(visitor.json().await.0, chunk(&FRAME.repeat(PIECE), false));
}

#[test]
fn it_asks_for_mulaw_hebrew_and_commits_by_hand() {
    on_a_call(async {
        let (_line, visitor) = begin().await;
        assert!(visitor.target.starts_with("/v1/speech-to-text/realtime?"));
        assert_eq!(visitor.header("xi-api-key"), CANARY);
        let expected = [
            ("model_id", "scribe_v2_realtime"),
            ("audio_format", "ulaw_8000"),
            ("language_code", "he"),
            ("commit_strategy", "manual"),
        ];
        for (name, value) in expected {
            assert_eq!(visitor.query(name).as_deref(), Some(value), "{name}");
        }
    });
}

#[test]
fn a_commit_settles_the_utterance() {
    on_a_call(async {
        let (mut line, mut visitor) = begin().await;
        started(&mut line, &mut visitor).await;
        visitor.say(json!({"message_type": "partial_transcript", "text": "מחר ב"})).await;
        line.facts.partial(FIRST, "מחר ב").await;
        line.speak(2);
        line.session.utterance_ended(FIRST);
        assert_eq!(visitor.json().await.0, chunk(&FRAME.repeat(2), false), "what fills no piece goes first");
        assert_eq!(visitor.json().await.0, chunk(&[], true));
        visitor.say(json!({"message_type": "committed_transcript", "text": "מחר בעשר"})).await;
        line.facts.partial(FIRST, "מחר בעשר").await;
        line.facts.last(FIRST, "מחר בעשר").await;
    });
}

#[test]
fn a_commit_that_moked_did_not_ask_for_ends_no_utterance() {
    on_a_call(async {
        let (mut line, mut visitor) = begin().await;
        started(&mut line, &mut visitor).await;
        visitor.say(json!({"message_type": "committed_transcript", "text": "מחר"})).await;
        line.facts.partial(FIRST, "מחר").await;
        line.session.utterance_ended(FIRST);
        visitor.json().await;
        visitor.say(json!({"message_type": "committed_transcript", "text": "בעשר"})).await;
        line.facts.partial(FIRST, "מחר בעשר").await;
        line.facts.last(FIRST, "מחר בעשר").await;
    });
}

#[test]
fn too_little_for_a_commit_is_an_empty_final_and_no_fault() {
    on_a_call(async {
        let (mut line, mut visitor) = begin().await;
        for (utterance, kind) in [(FIRST, "commit_throttled"), (SECOND, "insufficient_audio_activity")] {
            line.session.utterance_started(utterance);
            line.session.utterance_ended(utterance);
            assert_eq!(visitor.json().await.0, chunk(&[], true));
            visitor.say(json!({"message_type": kind, "error": "less than 0.3 s"})).await;
            line.facts.last(utterance, "").await;
        }
    });
}

#[test]
fn silence_is_bridged_by_silence() {
    on_a_call(async {
        let (_line, mut visitor) = begin().await;
        tokio::time::pause();
        assert_eq!(visitor.next().await, Said::Json(chunk(&[0xFF; 800], false)));
    });
}

#[test]
fn errors_end_the_session_by_their_kind() {
    type Is = fn(&ProviderFault) -> bool;
    let auth: Is = |fault| matches!(fault, ProviderFault::Auth { .. });
    let quota: Is = |fault| matches!(fault, ProviderFault::Quota { .. });
    let request: Is = |fault| matches!(fault, ProviderFault::BadRequest { .. });
    let closed: Is = |fault| matches!(fault, ProviderFault::Closed { .. });
    let cases = [
        ("auth_error", auth),
        ("quota_exceeded", quota),
        ("rate_limited", quota),
        ("resource_exhausted", quota),
        ("queue_overflow", quota),
        ("invalid_request", request),
        ("input_error", request),
        ("chunk_size_exceeded", request),
        ("session_time_limit_exceeded", closed),
        ("transcriber_error", closed),
        ("error", closed),
        ("a_kind_of_next_year", closed),
    ];
    on_a_call(async {
        for (kind, is_expected) in cases {
            let (mut line, mut visitor) = begin().await;
            visitor.say(json!({"message_type": kind, "error": "no more"})).await;
            let fault = line.facts.fault().await;
            assert!(is_expected(&fault) && fault.to_string().contains("no more"), "{kind}: {fault:?}");
        }
    });
}
