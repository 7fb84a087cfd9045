//! Deepgram's `/v1/listen`.

use std::time::Duration;

use moked_core::language::Language;
use moked_core::ports::ProviderFault;
use moked_providers::deepgram::ears::{DeepgramEars, DeepgramEarsOptions};
use serde_json::{Value, json};

use crate::line::{CANARY, FIRST, Line, SECOND, key};
use crate::vendor::{Said, Vendor, Visitor, on_a_call};

fn ears(vendor: &Vendor) -> DeepgramEars {
    DeepgramEars::new(
        DeepgramEarsOptions { base_url: vendor.url.clone(), ..DeepgramEarsOptions::default() },
        key(),
    )
}

async fn begin(language: Language) -> (Line, Visitor) {
    let vendor = Vendor::start().await;
    let line = Line::open(&ears(&vendor), language, &["נדל\"ן", "שכירות"]);
    let visitor = vendor.accept().await;
    (line, visitor)
}

/// A result from the beginning of the call to `end`, in seconds.
fn results(text: &str, end: f64, is_final: bool, from_finalize: bool) -> Value {
    json!({
        "type": "Results", "channel_index": [0, 1], "start": 0.0, "duration": end,
        "is_final": is_final, "speech_final": false, "from_finalize": from_finalize,
        "channel": {"alternatives": [{"transcript": text, "confidence": 0.98, "words": []}]},
        "metadata": {"request_id": "b2c1", "model_info": {"name": "nova-3"}},
    })
}

/// The caller speaks for `frames` and is silent: Deepgram was asked to finalise.
async fn utterance(line: &mut Line, visitor: &mut Visitor, frames: usize) {
    line.session.utterance_started(FIRST);
    line.speak(frames);
    line.session.utterance_ended(FIRST);
    let (finalize, audio) = visitor.json().await;
    assert_eq!(finalize, json!({"type": "Finalize"}));
    assert_eq!(audio.len(), frames * 160);
}

#[test]
fn it_asks_for_mulaw_in_the_calls_language_with_the_agents_terms() {
    on_a_call(async {
        let (_line, visitor) = begin(Language::Hebrew).await;
        assert!(visitor.target.starts_with("/v1/listen?"));
        assert_eq!(visitor.header("authorization"), format!("Token {CANARY}"));
        let expected = [
            ("model", "nova-3"),
            ("language", "he"),
            ("encoding", "mulaw"),
            ("sample_rate", "8000"),
            ("channels", "1"),
            ("interim_results", "true"),
            ("endpointing", "300"),
            ("smart_format", "true"),
        ];
        for (name, value) in expected {
            assert_eq!(visitor.query(name).as_deref(), Some(value), "{name}");
        }
        assert_eq!(visitor.queries("keyterm"), ["נדל\"ן", "שכירות"]);
        assert!(!visitor.target.contains(CANARY));
    });
}

#[test]
fn another_model_is_not_given_terms_that_it_would_refuse() {
    on_a_call(async {
        let vendor = Vendor::start().await;
        let options = DeepgramEarsOptions {
            base_url: vendor.url.clone(),
            model: "nova-2-phonecall".into(),
            ..DeepgramEarsOptions::default()
        };
        let ears = DeepgramEars::new(options, key());
        let mut line = Line::open(&ears, Language::English, &["rent"]);
        let mut visitor = vendor.accept().await;
        assert!(visitor.queries("keyterm").is_empty());
        line.expect(&["sell"]);
        utterance(&mut line, &mut visitor, 1).await;
    });
}

#[test]
fn hebrew_comes_as_partials_and_one_final() {
    on_a_call(async {
        let (mut line, mut visitor) = begin(Language::Hebrew).await;
        line.session.utterance_started(FIRST);
        line.speak(50);
        visitor.binary(8_000).await;
        visitor.say(results("אני מחפש", 0.9, false, false)).await;
        line.facts.partial(FIRST, "אני מחפש").await;
        visitor.say(json!({"type": "SpeechStarted", "channel": [0], "timestamp": 0.1})).await;
        visitor.say(results("אני מחפש דירה.", 0.9, true, false)).await;
        line.facts.partial(FIRST, "אני מחפש דירה.").await;
        line.session.utterance_ended(FIRST);
        visitor.json().await;
        visitor.say(results("שלושה חדרים", 1.0, true, true)).await;
        line.facts.partial(FIRST, "אני מחפש דירה. שלושה חדרים").await;
        line.facts.last(FIRST, "אני מחפש דירה. שלושה חדרים").await;
    });
}

#[test]
fn a_result_that_covers_the_utterance_answers_for_an_answer_that_never_comes() {
    on_a_call(async {
        let (mut line, mut visitor) = begin(Language::English).await;
        line.session.utterance_started(FIRST);
        line.speak(50);
        visitor.binary(8_000).await;
        visitor.say(results("yes", 0.5, true, false)).await;
        line.facts.partial(FIRST, "yes").await;
        line.session.utterance_ended(FIRST);
        visitor.json().await;
        visitor.say(results("", 1.2, false, false)).await;
        visitor.say(results(" please", 1.3, false, false)).await;
        line.facts.partial(FIRST, "yes please").await;
        visitor.say(results("please", 1.3, true, false)).await;
        line.facts.last(FIRST, "yes please").await;
    });
}

#[test]
fn silence_that_reaches_far_behind_the_utterance_ends_it() {
    on_a_call(async {
        let (mut line, mut visitor) = begin(Language::English).await;
        utterance(&mut line, &mut visitor, 50).await;
        visitor.say(results("yes", 0.6, true, false)).await;
        line.facts.partial(FIRST, "yes").await;
        visitor.say(results("", 1.6, false, false)).await;
        line.facts.last(FIRST, "yes").await;
    });
}

#[test]
fn a_late_answer_to_the_first_question_does_not_answer_the_second() {
    on_a_call(async {
        let (mut line, mut visitor) = begin(Language::English).await;
        utterance(&mut line, &mut visitor, 50).await;
        visitor.say(results("yes", 1.0, true, false)).await;
        line.facts.partial(FIRST, "yes").await;
        line.facts.last(FIRST, "yes").await;
        line.session.utterance_started(SECOND);
        line.speak(100);
        line.session.utterance_ended(SECOND);
        visitor.json().await;
        visitor.say(results("", 1.0, true, true)).await;
        visitor.say(results("tomorrow", 3.0, true, true)).await;
        line.facts.partial(SECOND, "tomorrow").await;
        line.facts.last(SECOND, "tomorrow").await;
    });
}

#[test]
fn new_expectations_change_the_terms_once_and_never_after_a_refusal() {
    on_a_call(async {
        let (mut line, mut visitor) = begin(Language::Hebrew).await;
        line.expect(&["תל אביב"]);
        line.expect(&["תל אביב"]);
        let terms = ["תל אביב", "נדל\"ן", "שכירות"];
        assert_eq!(visitor.json().await.0, json!({"type": "Configure", "keyterms": terms}));
        visitor.say(json!({"type": "ConfigureFailure", "code": "UNSUPPORTED"})).await;
        line.session.utterance_started(FIRST);
        line.speak(1);
        visitor.binary(160).await;
        visitor.say(results("כן", 0.02, false, false)).await;
        line.facts.partial(FIRST, "כן").await;
        line.expect(&["חיפה"]);
        line.session.utterance_ended(FIRST);
        assert_eq!(visitor.json().await.0, json!({"type": "Finalize"}));
    });
}

#[test]
fn silence_is_bridged_before_deepgram_hangs_up() {
    on_a_call(async {
        let (_line, mut visitor) = begin(Language::English).await;
        tokio::time::pause();
        let begin = tokio::time::Instant::now();
        assert_eq!(visitor.next().await, Said::Json(json!({"type": "KeepAlive"})));
        assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    });
}

#[test]
fn an_error_message_ends_the_session_with_deepgrams_words() {
    on_a_call(async {
        let (mut line, mut visitor) = begin(Language::English).await;
        visitor
            .say(json!({"type": "Error", "variant": "DATA-0000", "description": "cannot decode the audio"}))
            .await;
        let why = "DATA-0000: cannot decode the audio".into();
        assert_eq!(line.facts.fault().await, ProviderFault::Closed { why });
    });
}
