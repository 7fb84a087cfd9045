//! Transcription of recordings.

use moked_core::hints::RecognitionHints;
use moked_core::language::Language;
use moked_core::ports::{HearingEvent, ProviderFault, SpeechToText};
use moked_providers::openai::file_ears::RecordingRate;
use moked_providers::openai::{FileEars, FileEarsOptions, HintStyle};

use super::vendor::{HttpCall, Vendor, events, on_a_call};
use super::{CANARY, FIRST, SECOND, key, partial, request, say, told};

fn options(vendor: &Vendor) -> FileEarsOptions {
    FileEarsOptions { base_url: vendor.url("http", "/v1"), ..Default::default() }
}

/// The fields of a form but its file, and the file.
fn form(call: &HttpCall) -> (Vec<(String, String)>, Vec<u8>) {
    let boundary = call.header("content-type").unwrap().split_once("boundary=").unwrap().1;
    let text = String::from_utf8_lossy(&call.body);
    let border = format!("--{boundary}");
    let fields = text.split(&border).filter_map(|part| {
        let (head, value) = part.split_once("\r\n\r\n")?;
        let name = head.split("name=\"").nth(1)?.split('"').next()?;
        (name != "file").then(|| (name.to_owned(), value.trim_end().to_owned()))
    });
    let begin = call.body.windows(4).position(|window| window == b"RIFF").unwrap();
    let end = call.body.len() - format!("\r\n--{boundary}--\r\n").len();
    (fields.collect(), call.body[begin..end].to_vec())
}

fn field(name: &str, value: &str) -> (String, String) {
    (name.into(), value.into())
}

#[test]
fn an_utterance_is_sent_whole_with_its_onset_at_16_khz() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let ears = FileEars::new(options(&vendor), key());
        assert!(!format!("{ears:?}").contains(CANARY));
        let (sink, mut events) = events();
        let mut session = ears.open(request(Language::Hebrew, &["דירה"]), sink).unwrap();
        session.expect(&RecognitionHints { phrases: vec!["להשכיר".into()], kinds: vec![], keys: None });
        say(&mut *session, FIRST);
        let mut call = vendor.accept_http().await;
        assert!(call.head.starts_with("POST /v1/audio/transcriptions "));
        assert_eq!(call.header("authorization"), Some(format!("Bearer {CANARY}").as_str()));
        let (fields, wav) = form(&call);
        let expected = [
            field("model", "gpt-transcribe"),
            field("response_format", "json"),
            field("languages[]", "he"),
            field("keywords[]", "להשכיר"),
            field("keywords[]", "דירה"),
        ];
        assert_eq!(fields, expected);
        assert_eq!(wav.len(), 44 + 800 * 16 * 2);
        call.answer("200 OK", "content-type: application/json\r\n", r#"{"text":" להשכיר "}"#).await;
        assert_eq!(events.next().await, told(FIRST, "להשכיר"));

        say(&mut *session, SECOND);
        let mut call = call.next().await;
        call.answer("200 OK", "", r#"{"text":""}"#).await;
        assert_eq!(events.next().await, told(SECOND, ""));
    });
}

#[test]
fn a_local_server_gets_no_key_its_own_fields_and_may_stream() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let options = FileEarsOptions {
            path: "/inference".into(),
            hints: HintStyle::Prompt,
            stream: true,
            rate: RecordingRate::Line,
            ..options(&vendor)
        };
        let (sink, mut events) = events();
        let ears = FileEars::new(options, None);
        let mut session = ears.open(request(Language::English, &["rent"]), sink).unwrap();
        say(&mut *session, FIRST);
        let mut call = vendor.accept_http().await;
        assert!(call.head.starts_with("POST /v1/inference "));
        assert_eq!(call.header("authorization"), None);
        let (fields, wav) = form(&call);
        assert!(fields.contains(&field("prompt", "rent")) && fields.contains(&field("stream", "true")));
        assert_eq!(wav.len(), 44 + 800 * 8 * 2);
        call.begin("text/event-stream").await;
        call.chunk("data: {\"type\":\"transcript.text.delta\",\"delta\":\"to\"}\n\nda").await;
        assert_eq!(events.next().await, partial(FIRST, "to"));
        call.chunk("ta: {\"type\":\"transcript.text.done\",\"text\":\"to rent\"}\n\n").await;
        call.end().await;
        assert_eq!(events.next().await, told(FIRST, "to rent"));
    });
}

#[test]
fn utterances_are_answered_in_order_and_a_cough_is_not_sent() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let (sink, mut events) = events();
        let mut session =
            FileEars::new(options(&vendor), None).open(request(Language::English, &[]), sink).unwrap();
        session.utterance_started(FIRST);
        session.audio(&[0x90; 160]);
        session.utterance_ended(FIRST);
        say(&mut *session, SECOND);
        assert_eq!(events.next().await, told(FIRST, ""));
        vendor.accept_http().await.answer("200 OK", "", r#"{"text":"two"}"#).await;
        assert_eq!(events.next().await, told(SECOND, "two"));
    });
}

#[test]
fn dropping_the_session_closes_the_connection() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let (sink, mut events) = events();
        let mut session =
            FileEars::new(options(&vendor), None).open(request(Language::English, &[]), sink).unwrap();
        say(&mut *session, FIRST);
        let call = vendor.accept_http().await;
        drop(session);
        call.closed().await;
        assert_eq!(events.rest(), []);
    });
}

async fn fault_of(status: &str, headers: &str, body: &str) -> ProviderFault {
    let vendor = Vendor::listen().await;
    let (sink, mut events) = events();
    let ears = FileEars::new(options(&vendor), key());
    let mut session = ears.open(request(Language::English, &[]), sink).unwrap();
    say(&mut *session, FIRST);
    vendor.accept_http().await.answer(status, headers, body).await;
    match events.next().await {
        HearingEvent::Failed(fault) => fault,
        other => panic!("expected a fault, got {other:?}"),
    }
}

#[test]
fn faults_are_told_by_kind_and_name_no_key() {
    on_a_call(async {
        let body = r#"{"error":{"message":"because","type":"x"}}"#;
        let fault = fault_of("401 Unauthorized", "", body).await;
        assert_eq!(fault, ProviderFault::Auth { why: "HTTP 401: because".into() });
        let fault = fault_of("429 Too Many Requests", "Retry-After: 3\r\n", body).await;
        assert_eq!(fault.retry_after(), Some(std::time::Duration::from_secs(3)));
        assert!(matches!(fault_of("400 Bad Request", "", body).await, ProviderFault::BadRequest { .. }));
        assert!(matches!(fault_of("503 Busy", "", body).await, ProviderFault::Closed { .. }));
        assert!(matches!(fault_of("200 OK", "", "<html>").await, ProviderFault::Garbage { .. }));
    });
}

#[test]
fn a_server_that_says_nothing_is_stalled() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let (sink, mut events) = events();
        let options = FileEarsOptions { answer_limit_ms: 50, ..options(&vendor) };
        let mut session = FileEars::new(options, None).open(request(Language::English, &[]), sink).unwrap();
        say(&mut *session, FIRST);
        let _call = vendor.accept_http().await;
        assert!(matches!(events.next().await, HearingEvent::Failed(ProviderFault::Stalled { .. })));
    });
}
