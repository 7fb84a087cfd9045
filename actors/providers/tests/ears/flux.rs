//! Deepgram's Flux: the model's own turns.

use moked_core::language::Language;
use moked_core::ports::{ProviderFault, SpeechToText, TurnSignal};
use moked_providers::deepgram::flux::{DeepgramFluxEars, DeepgramFluxOptions};
use serde_json::{Value, json};

use crate::line::{CANARY, FIRST, Line, SECOND, key, request, sink};
use crate::vendor::{Vendor, Visitor, on_a_call};

/// Frames in a piece of 80 ms.
const PIECE: usize = 4;

fn ears(vendor: &Vendor) -> DeepgramFluxEars {
    DeepgramFluxEars::new(
        DeepgramFluxOptions { base_url: vendor.url.clone(), ..DeepgramFluxOptions::default() },
        key(),
    )
}

async fn begin() -> (Line, Visitor) {
    let vendor = Vendor::start().await;
    let line = Line::open(&ears(&vendor), Language::English, &["real estate"]);
    let mut visitor = vendor.accept().await;
    visitor.say(json!({"type": "Connected", "request_id": "4f", "sequence_id": 0})).await;
    (line, visitor)
}

fn turn(event: &str, text: &str) -> Value {
    json!({
        "type": "TurnInfo", "event": event, "turn_index": 0, "sequence_id": 3, "request_id": "4f",
        "audio_window_start": 0.0, "audio_window_end": 0.8, "transcript": text, "words": [],
        "end_of_turn_confidence": 0.4,
    })
}

async fn speak(line: &mut Line, visitor: &mut Visitor) {
    line.speak(PIECE);
    visitor.binary(PIECE * 160).await;
}

#[test]
fn it_asks_for_mulaw_and_eager_ends_in_pieces_of_80_ms() {
    on_a_call(async {
        let (mut line, mut visitor) = begin().await;
        assert!(visitor.target.starts_with("/v2/listen?"));
        assert_eq!(visitor.header("authorization"), format!("Token {CANARY}"));
        let expected = [
            ("model", "flux-general-en"),
            ("encoding", "mulaw"),
            ("sample_rate", "8000"),
            ("eot_threshold", "0.7"),
            ("eager_eot_threshold", "0.5"),
            ("eot_timeout_ms", "5000"),
            ("keyterm", "real estate"),
        ];
        for (name, value) in expected {
            assert_eq!(visitor.query(name).as_deref(), Some(value), "{name}");
        }
        line.speak(PIECE);
        assert_eq!(visitor.next().await, crate::vendor::Said::Binary(vec![0x55; PIECE * 160]));
    });
}

#[test]
fn hebrew_is_refused_before_anything_is_sent() {
    on_a_call(async {
        let vendor = Vendor::start().await;
        let fault = ears(&vendor).open(request(Language::Hebrew, &[]), sink().0).err();
        let (engine, language) = ("deepgram_flux", Language::Hebrew);
        assert_eq!(fault, Some(ProviderFault::UnsupportedLanguage { engine, language }));
    });
}

#[test]
fn its_turns_are_told_as_they_come_and_its_text_replaces() {
    on_a_call(async {
        let (mut line, mut visitor) = begin().await;
        line.session.utterance_started(FIRST);
        speak(&mut line, &mut visitor).await;
        visitor.say(turn("StartOfTurn", "I")).await;
        line.facts.partial(FIRST, "I").await;
        line.facts.turn(FIRST, TurnSignal::Started).await;
        visitor.say(turn("Update", "I want to")).await;
        line.facts.partial(FIRST, "I want to").await;
        visitor.say(turn("EagerEndOfTurn", "I want to rent.")).await;
        line.facts.partial(FIRST, "I want to rent.").await;
        line.facts.turn(FIRST, TurnSignal::ProbablyEnded).await;
        visitor.say(turn("TurnResumed", "I want to rent a")).await;
        line.facts.partial(FIRST, "I want to rent a").await;
        line.facts.turn(FIRST, TurnSignal::Resumed).await;
        visitor.say(turn("EndOfTurn", "I want to rent a house.")).await;
        line.facts.partial(FIRST, "I want to rent a house.").await;
        line.facts.turn(FIRST, TurnSignal::Ended).await;
        line.session.utterance_ended(FIRST);
        line.facts.last(FIRST, "I want to rent a house.").await;
    });
}

#[test]
fn an_utterance_that_moked_ends_first_is_forced_and_answered() {
    on_a_call(async {
        let (mut line, mut visitor) = begin().await;
        line.session.utterance_started(FIRST);
        speak(&mut line, &mut visitor).await;
        visitor.say(turn("StartOfTurn", "Yes")).await;
        line.facts.partial(FIRST, "Yes").await;
        line.facts.turn(FIRST, TurnSignal::Started).await;
        line.session.utterance_ended(FIRST);
        assert_eq!(visitor.json().await.0, json!({"type": "ForceEndTurn"}));
        visitor.say(turn("EndOfTurn", "Yes.")).await;
        line.facts.partial(FIRST, "Yes.").await;
        line.facts.turn(FIRST, TurnSignal::Ended).await;
        line.facts.last(FIRST, "Yes.").await;
    });
}

#[test]
fn a_cough_asks_nothing_of_flux_and_ends_empty() {
    on_a_call(async {
        let (mut line, mut visitor) = begin().await;
        line.session.utterance_started(FIRST);
        speak(&mut line, &mut visitor).await;
        visitor.say(turn("Update", "")).await;
        line.session.utterance_ended(FIRST);
        tokio::time::pause();
        line.facts.last(FIRST, "").await;
        tokio::time::resume();
        line.session.utterance_started(SECOND);
        speak(&mut line, &mut visitor).await;
    });
}

#[test]
fn a_gap_in_the_audio_is_bridged_by_silence() {
    on_a_call(async {
        let (_line, mut visitor) = begin().await;
        tokio::time::pause();
        assert_eq!(visitor.binary(1).await, [0xFF; PIECE * 160]);
    });
}

#[test]
fn a_fatal_error_ends_the_session_and_a_warning_does_not() {
    on_a_call(async {
        let (mut line, mut visitor) = begin().await;
        visitor.say(json!({"type": "Warning", "code": "SLOW", "description": "behind"})).await;
        visitor
            .say(json!({"type": "Error", "code": "INTERNAL_SERVER_ERROR", "description": "a bad day"}))
            .await;
        let why = "INTERNAL_SERVER_ERROR: a bad day".into();
        assert_eq!(line.facts.fault().await, ProviderFault::Closed { why });
    });
}
