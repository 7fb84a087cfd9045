//! vosk-server: one answer for each binary message.

use moked_core::language::Language;
use moked_core::ports::{HearingEvent, ProviderFault, SpeechToText};
use moked_providers::vosk::ears::SettleBy;
use moked_providers::vosk::{VoskEars, VoskEarsOptions};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::vendor::{Vendor, events, on_a_call};
use super::{FIRST, SECOND, partial, request, say, told};

fn ears(vendor: &Vendor, settle_by: SettleBy, vocabulary_only: bool) -> VoskEars {
    let base_url = vendor.url("ws", "");
    VoskEars::new(VoskEarsOptions { base_url, settle_by, vocabulary_only, language: Language::English })
}

#[test]
fn a_burst_of_silence_settles_an_utterance_and_the_session_goes_on() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let (sink, mut events) = events();
        let ears = ears(&vendor, SettleBy::Silence, false);
        let mut session = ears.open(request(Language::English, &["rent"]), sink).unwrap();
        let mut call = vendor.accept_socket().await;
        let config = json!({"sample_rate": 8000, "words": false, "max_alternatives": 0});
        assert_eq!(call.next_json().await, json!({"config": config}));

        say(&mut *session, FIRST);
        // 500 ms before the onset and 20 ms with it, then 200, then the last 80.
        let mut bytes = 0;
        for answer in [json!({"partial": ""}), json!({"partial": "i want"}), json!({"text": "i want"})] {
            bytes += call.next_bytes().await.len();
            call.say(answer).await;
        }
        while bytes < 800 * 16 {
            bytes += call.next_bytes().await.len();
            call.say(json!({"partial": "to rent"})).await;
        }
        assert_eq!(bytes, 800 * 16);
        let silence = call.next_bytes().await;
        assert_eq!(silence, vec![0; 2_100 * 16]);
        call.say(json!({"text": "to rent [unk]"})).await;
        assert_eq!(events.next().await, partial(FIRST, "i want"));
        let last = loop {
            match events.next().await {
                HearingEvent::Partial { .. } => {}
                other => break other,
            }
        };
        assert_eq!(last, told(FIRST, "i want to rent"));

        say(&mut *session, SECOND);
        let mut bytes = 0;
        while bytes < (800 + 2_100) * 16 {
            bytes += call.next_bytes().await.len();
            call.say(json!({"partial": ""})).await;
        }
        assert_eq!(events.next().await, told(SECOND, ""), "an utterance without a word");
        drop(session);
        call.closed().await;
    });
}

#[test]
fn reset_is_spelled_as_the_server_compares_it_and_a_grammar_holds_the_vocabulary() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let (sink, mut events) = events();
        let ears = ears(&vendor, SettleBy::Reset, true);
        let mut session = ears.open(request(Language::English, &["Rent", "buy"]), sink).unwrap();
        let mut call = vendor.accept_socket().await;
        assert_eq!(call.next_json().await["config"]["phrase_list"], json!(["rent", "buy", "[unk]"]));
        say(&mut *session, FIRST);
        loop {
            match call.next().await.unwrap() {
                Message::Binary(_) => call.say(json!({"partial": "[unk]"})).await,
                Message::Text(text) => {
                    assert_eq!(text, r#"{"reset" : 1}"#);
                    break;
                }
                other => panic!("unexpected {other:?}"),
            }
        }
        call.say(json!({"text": "rent"})).await;
        assert_eq!(events.next().await, partial(FIRST, "rent"));
        assert_eq!(events.next().await, told(FIRST, "rent"));
    });
}

#[test]
fn faults_are_told_by_kind() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let ears = ears(&vendor, SettleBy::Silence, false);
        let (sink, _events) = events::<HearingEvent>();
        assert!(matches!(
            ears.open(request(Language::Hebrew, &[]), sink),
            Err(ProviderFault::UnsupportedLanguage { .. })
        ));

        let (sink, mut broken) = events();
        let _session = ears.open(request(Language::English, &[]), sink).unwrap();
        vendor.accept_socket().await.cut();
        assert!(matches!(broken.next().await, HearingEvent::Failed(ProviderFault::Closed { .. })));

        let (sink, mut garbled) = events();
        let mut session = ears.open(request(Language::English, &[]), sink).unwrap();
        let mut call = vendor.accept_socket().await;
        call.next_json().await;
        session.utterance_started(FIRST);
        session.utterance_ended(FIRST);
        call.next_bytes().await;
        call.say("<html>").await;
        assert!(matches!(garbled.next().await, HearingEvent::Failed(ProviderFault::Garbage { .. })));
    });
}
