//! The streaming ears against a server in Google's place, with time standing still between events.

use std::time::Duration;

use bytes::Bytes;
use moked_core::ids::{CallSid, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText};
use moked_google_api::speech_v1::speech_server::SpeechServer;
use moked_google_api::speech_v1::streaming_recognize_request::StreamingRequest;
use moked_google_api::speech_v1::{self as v1, StreamingRecognizeRequest, StreamingRecognizeResponse};
use moked_google_api::speech_v2 as v2;
use tokio::sync::mpsc;
use tokio::task::LocalSet;
use tokio::time::sleep;
use tonic::Status;
use tonic::service::Routes;

use super::ears::{GoogleEars, GoogleEarsApi, GoogleEarsOptions};
use super::testing::{Mock, Served, Streams, link_to};

const FIRST: UtteranceId = UtteranceId(1);

type Stream = Served<StreamingRecognizeRequest, StreamingRecognizeResponse>;

struct Call {
    session: Box<dyn HearingSession>,
    told: mpsc::UnboundedReceiver<HearingEvent>,
    streams: Streams<StreamingRecognizeRequest, StreamingRecognizeResponse>,
    /// Counts the call's audio: second `n` is made of the byte `n % 250`.
    at_ms: u64,
}

pub(super) fn open(ears: &GoogleEars) -> (Box<dyn HearingSession>, mpsc::UnboundedReceiver<HearingEvent>) {
    let (tell, told) = mpsc::unbounded_channel();
    let sink = Sink::new(move |event| {
        tell.send(event).ok();
    });
    let call_sid = CallSid::new("CA00000000000000000000000000000001");
    let vocabulary = vec!["מוקד".to_owned()];
    let request = HearingRequest { call_sid, language: Language::Hebrew, vocabulary };
    (ears.open(request, sink).unwrap(), told)
}

fn call() -> Call {
    let (mock, streams) = Mock::new();
    let ears = GoogleEars::over(GoogleEarsOptions::default(), link_to(Routes::new(SpeechServer::new(mock))))
        .unwrap();
    let (session, told) = open(&ears);
    Call { session, told, streams, at_ms: 0 }
}

impl Call {
    async fn speak(&mut self, ms: u64) {
        for _ in 0..ms / 20 {
            self.session.audio(&[(self.at_ms / 1_000 % 250) as u8; 160]);
            self.at_ms += 20;
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// The event after those that are only votes or partials.
    async fn verdict(&mut self) -> HearingEvent {
        loop {
            match self.told.recv().await.unwrap() {
                HearingEvent::Turn { .. } | HearingEvent::Partial { .. } => {}
                event @ (HearingEvent::Final { .. }
                | HearingEvent::Rejected { .. }
                | HearingEvent::Failed(_)) => return event,
            }
        }
    }
}

/// All audio that has come to a stream.
fn heard(stream: &mut Stream) -> Vec<u8> {
    let mut audio = Vec::new();
    while let Ok(request) = stream.asked.try_recv() {
        audio.extend_from_slice(&audio_in(request));
    }
    audio
}

/// The audio of a message; none in the first.
pub(super) fn audio_in(request: StreamingRecognizeRequest) -> Bytes {
    match request.streaming_request {
        Some(StreamingRequest::AudioContent(bytes)) => bytes,
        Some(StreamingRequest::StreamingConfig(_)) | None => Bytes::new(),
    }
}

pub(super) fn answer(text: &str, is_final: bool, ends_ms: i64) -> StreamingRecognizeResponse {
    let nanos = (ends_ms % 1_000 * 1_000_000) as i32;
    let alternative = v1::SpeechRecognitionAlternative {
        transcript: text.into(),
        ..v1::SpeechRecognitionAlternative::default()
    };
    let result = v1::StreamingRecognitionResult {
        alternatives: vec![alternative],
        is_final,
        result_end_time: Some(prost_types::Duration { seconds: ends_ms / 1_000, nanos }),
        ..v1::StreamingRecognitionResult::default()
    };
    StreamingRecognizeResponse { results: vec![result], ..StreamingRecognizeResponse::default() }
}

async fn fault_of(status: Status) -> ProviderFault {
    let mut call = call();
    let stream = call.streams.recv().await.unwrap();
    stream.answers.send(Err(status)).unwrap();
    let verdict = call.verdict().await;
    let HearingEvent::Failed(fault) = verdict else { panic!("{verdict:?}") };
    fault
}

#[tokio::test(start_paused = true)]
async fn hebrew_is_asked_for_with_hints_and_its_text_becomes_the_utterance() {
    let test = async {
        let mut call = call();
        let mut stream = call.streams.recv().await.unwrap();
        let opening = stream.asked.recv().await.unwrap().streaming_request.unwrap();
        let StreamingRequest::StreamingConfig(streaming) = opening else { panic!("audio came first") };
        assert!(streaming.interim_results && streaming.enable_voice_activity_events);
        let config = streaming.config.unwrap();
        assert_eq!((config.language_code.as_str(), config.model.as_str()), ("iw-IL", "default"));
        assert_eq!(config.speech_contexts[0].phrases, ["מוקד"]);
        assert!(stream.authorization.starts_with("Bearer ey"));
        call.session.utterance_started(FIRST);
        call.speak(1_000).await;
        stream.answers.send(Ok(answer("אני", false, 600))).unwrap();
        let partial = HearingEvent::Partial { utterance: FIRST, text: "אני".into() };
        assert_eq!(call.told.recv().await.unwrap(), partial);
        call.session.utterance_ended(FIRST);
        stream.answers.send(Ok(answer("אני רוצה", true, 900))).unwrap();
        let told = HearingEvent::Final { utterance: FIRST, text: "אני רוצה".into() };
        assert_eq!(call.verdict().await, told);
        assert_eq!(heard(&mut stream).len(), 8_000);
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_line_is_told_to_google_as_silence() {
    let test = async {
        let mut call = call();
        let mut stream = call.streams.recv().await.unwrap();
        sleep(Duration::from_secs(10)).await;
        let audio = heard(&mut stream);
        assert!((72_000..=80_000).contains(&audio.len()), "{} bytes", audio.len());
        assert!(audio.iter().all(|&byte| byte == 0xFF));
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_changed_amid_endless_speech_and_every_word_is_told_once() {
    let test = async {
        let mut call = call();
        let mut old = call.streams.recv().await.unwrap();
        call.session.utterance_started(FIRST);
        call.speak(280_000).await;
        old.answers.send(Ok(answer("one two", true, 279_500))).unwrap();
        // A final past 240 s is a pause; the stream is changed and hears from 279.5 s on.
        call.speak(500).await;
        let mut new = call.streams.recv().await.unwrap();
        assert!(call.streams.try_recv().is_err());
        let again = heard(&mut new);
        assert_eq!(again[..4_000], [29; 4_000]);
        assert_eq!(again[4_000], 30);
        heard(&mut old);
        assert!(old.asked.is_closed() || old.asked.recv().await.is_none(), "it is half-closed");
        // Both hear `three`; the new one says so first.
        new.answers.send(Ok(answer("three four", true, 900))).unwrap();
        old.answers.send(Ok(answer("three", true, 279_900))).unwrap();
        call.speak(100).await;
        drop(old);
        call.speak(500).await;
        call.session.utterance_ended(FIRST);
        let told = HearingEvent::Final { utterance: FIRST, text: "one two three four".into() };
        assert_eq!(call.verdict().await, told);
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test(start_paused = true)]
async fn an_old_stream_that_never_ends_is_left_after_two_seconds() {
    let test = async {
        let mut call = call();
        let _old = call.streams.recv().await.unwrap();
        call.speak(241_000).await;
        let new = call.streams.recv().await.unwrap();
        call.session.utterance_started(FIRST);
        new.answers.send(Ok(answer("yes", true, 13_500))).unwrap();
        call.speak(2_000).await;
        call.session.utterance_ended(FIRST);
        let told = HearingEvent::Final { utterance: FIRST, text: "yes".into() };
        assert_eq!(call.verdict().await, told);
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_google_ends_by_its_rules_is_followed_by_a_fresh_one() {
    for status in [Status::out_of_range("305 seconds"), Status::aborted("no audio for 10 s")] {
        let test = async {
            let mut call = call();
            let first = call.streams.recv().await.unwrap();
            call.speak(8_000).await;
            first.answers.send(Err(status)).unwrap();
            call.speak(100).await;
            let mut second = call.streams.recv().await.unwrap();
            call.speak(100).await;
            assert_eq!(heard(&mut second)[..8_000], [0; 8_000], "nothing was settled, so all is heard again");
        };
        LocalSet::new().run_until(test).await;
    }
}

#[tokio::test(start_paused = true)]
async fn late_text_of_an_utterance_told_by_its_interim_is_not_told_again() {
    let test = async {
        let mut call = call();
        let stream = call.streams.recv().await.unwrap();
        call.session.utterance_started(FIRST);
        call.speak(2_000).await;
        stream.answers.send(Ok(answer("yes", false, 900))).unwrap();
        call.speak(100).await;
        call.session.utterance_ended(FIRST);
        call.speak(2_100).await;
        let told = HearingEvent::Final { utterance: FIRST, text: "yes".into() };
        assert_eq!(call.verdict().await, told);
        stream.answers.send(Ok(answer("yes", true, 1_000))).unwrap();
        call.session.utterance_started(UtteranceId(2));
        call.speak(500).await;
        stream.answers.send(Ok(answer("no", true, 4_500))).unwrap();
        call.speak(100).await;
        call.session.utterance_ended(UtteranceId(2));
        let told = HearingEvent::Final { utterance: UtteranceId(2), text: "no".into() };
        assert_eq!(call.verdict().await, told);
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test(start_paused = true)]
async fn a_cough_is_empty_and_speech_without_an_answer_is_a_stall() {
    let test = async {
        let mut call = call();
        let _stream = call.streams.recv().await.unwrap();
        call.session.utterance_started(FIRST);
        call.speak(500).await;
        call.session.utterance_ended(FIRST);
        call.speak(2_100).await;
        assert_eq!(call.verdict().await, HearingEvent::Final { utterance: FIRST, text: String::new() });
        call.session.utterance_started(UtteranceId(2));
        call.speak(3_000).await;
        call.session.utterance_ended(UtteranceId(2));
        call.speak(2_100).await;
        let verdict = call.verdict().await;
        assert!(matches!(verdict, HearingEvent::Failed(ProviderFault::Stalled { .. })), "{verdict:?}");
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test(start_paused = true)]
async fn faults_are_told_by_kind_and_without_the_key() {
    let test = async {
        let auth = fault_of(Status::unauthenticated("bad token")).await;
        assert!(matches!(&auth, ProviderFault::Auth { .. }));
        assert!(matches!(fault_of(Status::resource_exhausted("slow")).await, ProviderFault::Quota { .. }));
        let early = fault_of(Status::out_of_range("at once")).await;
        assert!(matches!(early, ProviderFault::Closed { .. }), "a fresh stream would not live longer");
        let bad = fault_of(Status::invalid_argument("model not supported for language : iw-IL")).await;
        let ProviderFault::BadRequest { why } = bad else { panic!("{bad:?}") };
        assert!(why.contains("iw-IL") && why.contains("command_and_search"), "{why}");
        assert!(!format!("{auth:?}").contains("ey"));
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test(start_paused = true)]
async fn dropping_the_session_cancels_at_google() {
    let test = async {
        let mut call = call();
        let stream = call.streams.recv().await.unwrap();
        drop(call.session);
        stream.answers.closed().await;
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test(start_paused = true)]
async fn version_2_is_asked_in_the_account_s_project() {
    let test = async {
        let (mock, mut streams) =
            Mock::<v2::StreamingRecognizeRequest, v2::StreamingRecognizeResponse>::new();
        let options = GoogleEarsOptions { api: GoogleEarsApi::V2, ..GoogleEarsOptions::default() };
        let link = link_to(Routes::new(v2::speech_server::SpeechServer::new(mock)));
        let ears = GoogleEars::over(options, link).unwrap();
        let (mut session, mut told) = open(&ears);
        let mut stream = streams.recv().await.unwrap();
        let opening = stream.asked.recv().await.unwrap();
        assert_eq!(opening.recognizer, "projects/example/locations/us/recognizers/_");
        session.utterance_started(FIRST);
        sleep(Duration::from_millis(50)).await;
        let alternative =
            v2::SpeechRecognitionAlternative { transcript: "כן".into(), ..Default::default() };
        let result = v2::StreamingRecognitionResult { alternatives: vec![alternative], ..Default::default() };
        let response = v2::StreamingRecognizeResponse { results: vec![result], ..Default::default() };
        stream.answers.send(Ok(response)).unwrap();
        let partial = HearingEvent::Partial { utterance: FIRST, text: "כן".into() };
        assert_eq!(told.recv().await.unwrap(), partial);
    };
    LocalSet::new().run_until(test).await;
}
