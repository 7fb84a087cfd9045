//! Soniox: tokens, and the two that are no words.

use std::time::Duration;

use moked_core::language::Language;
use moked_core::ports::{ProviderFault, TurnSignal};
use moked_providers::soniox::ears::{SonioxEars, SonioxEarsOptions};
use serde_json::{Value, json};

use crate::line::{CANARY, FIRST, Line, key};
use crate::vendor::{Said, Vendor, Visitor, on_a_call};

fn options(vendor: &Vendor) -> SonioxEarsOptions {
    SonioxEarsOptions { base_url: vendor.url.clone(), ..SonioxEarsOptions::default() }
}

async fn begin() -> (Line, Visitor) {
    let vendor = Vendor::start().await;
    let line = Line::open(&SonioxEars::new(options(&vendor), key()), Language::Hebrew, &[]);
    let mut visitor = vendor.accept().await;
    visitor.json().await;
    (line, visitor)
}

/// A message: settled tokens, then those that may change.
fn tokens(settled: &[&str], interim: &[&str]) -> Value {
    let token = |text: &&str, is_final: bool| {
        json!({"text": text, "start_ms": 0, "end_ms": 60, "confidence": 0.9, "is_final": is_final,
               "language": "he"})
    };
    let all = settled.iter().map(|text| token(text, true));
    let all: Vec<Value> = all.chain(interim.iter().map(|text| token(text, false))).collect();
    json!({"tokens": all, "final_audio_proc_ms": 60, "total_audio_proc_ms": 120})
}

#[test]
fn the_first_message_says_who_what_and_which_languages() {
    on_a_call(async {
        let vendor = Vendor::start().await;
        let options = SonioxEarsOptions {
            max_endpoint_delay_ms: Some(900),
            terms: vec!["משכנתא".into()],
            ..options(&vendor)
        };
        let _line = Line::open(&SonioxEars::new(options, key()), Language::Hebrew, &["נדל\"ן"]);
        let mut visitor = vendor.accept().await;
        assert_eq!(visitor.target, "/transcribe-websocket");
        let expected = json!({
            "api_key": CANARY, "model": "stt-rt-v5", "audio_format": "mulaw", "sample_rate": 8000,
            "num_channels": 1, "language_hints": ["he", "en"], "language_hints_strict": true,
            "enable_endpoint_detection": true, "max_endpoint_delay_ms": 900,
            "context": {"terms": ["נדל\"ן", "משכנתא"]},
        });
        assert_eq!(visitor.json().await.0, expected);
    });
}

#[test]
fn an_english_call_hears_english_only() {
    on_a_call(async {
        let vendor = Vendor::start().await;
        let _line = Line::open(&SonioxEars::new(options(&vendor), key()), Language::English, &[]);
        let hello = vendor.accept().await.json().await.0;
        assert_eq!(hello["language_hints"], json!(["en"]));
        assert_eq!(hello.get("context"), None);
    });
}

#[test]
fn parts_of_hebrew_words_become_text_and_end_and_fin_become_the_turn_and_the_final() {
    on_a_call(async {
        let (mut line, mut visitor) = begin().await;
        line.session.utterance_started(FIRST);
        line.speak(1);
        visitor.binary(160).await;
        visitor.say(tokens(&[], &["של", "ום"])).await;
        line.facts.turn(FIRST, TurnSignal::Started).await;
        line.facts.partial(FIRST, "שלום").await;
        visitor.say(tokens(&["של"], &["ום", " מה"])).await;
        line.facts.partial(FIRST, "שלום מה").await;
        visitor.say(tokens(&["ום", " מה", " שלומך", "?", "<end>"], &[])).await;
        line.facts.partial(FIRST, "שלום מה שלומך?").await;
        line.facts.turn(FIRST, TurnSignal::Ended).await;
        line.session.utterance_ended(FIRST);
        assert_eq!(visitor.json().await.0, json!({"type": "finalize"}));
        visitor.say(tokens(&["<fin>"], &[])).await;
        line.facts.last(FIRST, "שלום מה שלומך?").await;
    });
}

#[test]
fn what_follows_fin_in_a_message_belongs_to_the_next_utterance() {
    on_a_call(async {
        let (mut line, mut visitor) = begin().await;
        line.session.utterance_started(FIRST);
        line.session.utterance_ended(FIRST);
        line.session.utterance_started(crate::line::SECOND);
        visitor.json().await;
        line.speak(1);
        visitor.binary(160).await;
        visitor.say(tokens(&["כן", "<fin>"], &[" אבל"])).await;
        line.facts.turn(crate::line::SECOND, TurnSignal::Started).await;
        line.facts.partial(FIRST, "כן").await;
        line.facts.last(FIRST, "כן").await;
        line.facts.partial(crate::line::SECOND, "אבל").await;
    });
}

#[test]
fn silence_is_bridged_before_soniox_hangs_up() {
    on_a_call(async {
        let (_line, mut visitor) = begin().await;
        tokio::time::pause();
        let begin = tokio::time::Instant::now();
        assert_eq!(visitor.next().await, Said::Json(json!({"type": "keepalive"})));
        assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    });
}

#[test]
fn an_error_ends_the_session_by_its_kind() {
    let why = |fault: ProviderFault| matches!(fault, ProviderFault::Auth { why } if why.contains("bad key"));
    type Is = fn(&ProviderFault) -> bool;
    let cases: [(u16, Is); 4] = [
        (400, |fault| matches!(fault, ProviderFault::BadRequest { .. })),
        (402, |fault| matches!(fault, ProviderFault::Quota { .. })),
        (429, |fault| matches!(fault, ProviderFault::Quota { .. })),
        (503, |fault| matches!(fault, ProviderFault::Closed { .. })),
    ];
    on_a_call(async {
        for (code, is_expected) in cases {
            let (mut line, mut visitor) = begin().await;
            visitor.say(json!({"tokens": [], "error_code": code, "error_message": "no"})).await;
            let fault = line.facts.fault().await;
            assert!(is_expected(&fault), "{code}: {fault:?}");
        }
        let (mut line, mut visitor) = begin().await;
        visitor.say(json!({"error_code": 401, "error_message": "bad key"})).await;
        assert!(why(line.facts.fault().await));
    });
}
