//! `/v1/audio/speech`.

use moked_core::language::Language;
use moked_core::ports::{ProviderFault, SpeakingEvent, SpeakingRequest, TextToSpeech};
use moked_providers::openai::{OpenAiVoice, OpenAiVoiceOptions};
use serde_json::json;

use super::vendor::{Events, Vendor, events, on_a_call};
use super::{CANARY, key};

fn options(vendor: &Vendor) -> OpenAiVoiceOptions {
    OpenAiVoiceOptions { base_url: vendor.url("http", "/v1/"), ..Default::default() }
}

fn hello() -> SpeakingRequest {
    SpeakingRequest::new("Hello.", Language::English)
}

/// A tone at 24 kHz.
fn tone(ms: usize) -> Vec<u8> {
    (0..ms * 24)
        .map(|index| ((index as f32 * 0.1).sin() * 8_000.0) as i16)
        .flat_map(i16::to_le_bytes)
        .collect()
}

/// All audio up to the end, in pieces, and how it ended.
async fn heard(events: &mut Events<SpeakingEvent>) -> (Vec<usize>, Result<(), ProviderFault>) {
    let mut pieces = Vec::new();
    loop {
        match events.next().await {
            SpeakingEvent::Audio(audio) => pieces.push(audio.len()),
            SpeakingEvent::Finished => return (pieces, Ok(())),
            SpeakingEvent::Failed(fault) => return (pieces, Err(fault)),
            SpeakingEvent::Words(words) => panic!("no words were sent: {words:?}"),
        }
    }
}

#[test]
fn audio_is_spoken_while_it_comes() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let voice = OpenAiVoice::new(options(&vendor), key()).unwrap();
        assert!(!format!("{voice:?}").contains(CANARY));
        let (sink, mut events) = events();
        let _stream = voice.speak(hello(), sink);
        let mut call = vendor.accept_http().await;
        assert!(call.head.starts_with("POST /v1/audio/speech "));
        assert_eq!(call.header("authorization"), Some(format!("Bearer {CANARY}").as_str()));
        let body = json!({"model": "speaches-ai/Kokoro-82M-v1.0-ONNX", "input": "Hello.",
            "voice": "af_heart", "response_format": "pcm"});
        assert_eq!(call.json(), body);
        call.begin("audio/pcm").await;
        let tone = tone(1_000);
        let (first, rest) = tone.split_at(9_601);
        call.chunk(first).await;
        let SpeakingEvent::Audio(early) = events.next().await else { panic!("audio before the end") };
        call.chunk(rest).await;
        call.end().await;
        let (pieces, end) = heard(&mut events).await;
        assert_eq!(end, Ok(()));
        assert!(early.len() <= 1_600 && pieces.iter().all(|&piece| piece <= 1_600));
        assert_eq!(early.len() + pieces.iter().sum::<usize>(), 8_000);
    });
}

#[test]
fn dropping_the_stream_closes_the_connection() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let voice = OpenAiVoice::new(options(&vendor), None).unwrap();
        let (sink, mut events) = events();
        let stream = voice.speak(hello(), sink);
        let mut call = vendor.accept_http().await;
        call.begin("audio/pcm").await;
        call.chunk(tone(100)).await;
        events.next().await;
        drop(stream);
        call.closed().await;
        assert!(!events.rest().iter().any(|event| !matches!(event, SpeakingEvent::Audio(_))));
    });
}

#[test]
fn a_warm_connection_carries_the_first_sentence() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let voice = OpenAiVoice::new(options(&vendor), None).unwrap();
        voice.warm();
        let mut call = vendor.accept_http().await;
        assert!(call.head.starts_with("GET /v1/models "));
        call.answer("200 OK", "", "{}").await;
        // The pool has the connection once the task has read the body to its end.
        for _ in 0..2_000 {
            tokio::task::yield_now().await;
        }
        let (sink, _events) = events();
        let _stream = voice.speak(hello(), sink);
        assert!(call.next().await.head.starts_with("POST /v1/audio/speech "));
    });
}

#[test]
fn silence_nothing_and_files_are_garbage() {
    on_a_call(async {
        for body in [Vec::new(), vec![0; 48 * 300], b"RIFF\0\0\0\0WAVEfmt ".to_vec()] {
            let vendor = Vendor::listen().await;
            let (sink, mut events) = events();
            let _stream = OpenAiVoice::new(options(&vendor), None).unwrap().speak(hello(), sink);
            vendor.accept_http().await.answer("200 OK", "", body).await;
            let (pieces, end) = heard(&mut events).await;
            assert_eq!(pieces, [] as [usize; 0], "nothing was spoken, so another voice may");
            assert!(matches!(end, Err(ProviderFault::Garbage { .. })));
        }
    });
}

#[test]
fn a_late_first_byte_and_a_gap_are_stalls() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let limits = OpenAiVoiceOptions { first_byte_limit_ms: 50, gap_limit_ms: 50, ..options(&vendor) };
        let voice = OpenAiVoice::new(limits.clone(), None).unwrap();
        let (sink, mut late) = events();
        let _stream = voice.speak(hello(), sink);
        let mut call = vendor.accept_http().await;
        call.begin("audio/pcm").await;
        assert!(matches!(heard(&mut late).await.1, Err(ProviderFault::Stalled { .. })));

        let slow = OpenAiVoiceOptions { first_byte_limit_ms: 5_000, ..limits };
        let (sink, mut gap) = events();
        let _stream = OpenAiVoice::new(slow, None).unwrap().speak(hello(), sink);
        let mut call = vendor.accept_http().await;
        call.begin("audio/pcm").await;
        call.chunk(tone(100)).await;
        let (pieces, end) = heard(&mut gap).await;
        assert!(!pieces.is_empty());
        assert_eq!(end, Err(ProviderFault::Stalled { waiting_for: "more audio", after_ms: 50 }));
    });
}

#[test]
fn faults_are_told_by_kind() {
    on_a_call(async {
        let fault_of = async |status: &str, headers: &str| {
            let vendor = Vendor::listen().await;
            let (sink, mut events) = events();
            let _stream = OpenAiVoice::new(options(&vendor), key()).unwrap().speak(hello(), sink);
            let body = r#"{"error":{"message":"because"}}"#;
            vendor.accept_http().await.answer(status, headers, body).await;
            heard(&mut events).await.1.unwrap_err()
        };
        assert_eq!(fault_of("401 No", "").await, ProviderFault::Auth { why: "HTTP 401: because".into() });
        let quota = fault_of("429 No", "retry-after-ms: 1500\r\n").await;
        assert_eq!(quota.retry_after(), Some(std::time::Duration::from_millis(1_500)));
        assert!(matches!(fault_of("400 No", "").await, ProviderFault::BadRequest { .. }));
        assert!(matches!(fault_of("500 No", "").await, ProviderFault::Closed { .. }));
    });
}

#[test]
fn a_stream_cut_off_is_closed_and_a_foreign_language_is_refused() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let voice = OpenAiVoice::new(options(&vendor), None).unwrap();
        let (sink, mut cut) = events();
        let _stream = voice.speak(hello(), sink);
        vendor.accept_http().await.answer_cut(48 * 500, tone(100)).await;
        assert!(matches!(heard(&mut cut).await.1, Err(ProviderFault::Closed { .. })));

        let (sink, mut cut) = events();
        let _stream = voice.speak(hello(), sink);
        let mut call = vendor.accept_http().await;
        call.begin("audio/pcm").await;
        call.chunk(tone(100)).await;
        drop(call);
        assert!(matches!(heard(&mut cut).await.1, Err(ProviderFault::Closed { .. })), "between two chunks");

        let (sink, mut foreign) = events();
        let hebrew = SpeakingRequest::new("שלום", Language::Hebrew);
        let _stream = voice.speak(hebrew, sink);
        let refused = heard(&mut foreign).await.1;
        assert!(matches!(refused, Err(ProviderFault::UnsupportedLanguage { .. })));
    });
}

#[test]
fn a_rate_that_cannot_be_converted_is_told_before_any_call() {
    let options = OpenAiVoiceOptions { sample_rate_hz: 1_234, ..Default::default() };
    assert!(OpenAiVoice::new(options, None).unwrap_err().to_string().contains("1234"));
}
