//! The voice against a server in Google's place: gRPC in the process, REST on loopback.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moked_core::ids::{CallSid, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{
    HearingEvent, HearingRequest, ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream,
    SpeechToText, TextToSpeech,
};
use moked_google_api::texttospeech_v1::streaming_synthesis_input::InputSource;
use moked_google_api::texttospeech_v1::streaming_synthesize_request::StreamingRequest;
use moked_google_api::texttospeech_v1::text_to_speech_server::TextToSpeechServer;
use moked_google_api::texttospeech_v1::{StreamingSynthesizeRequest, StreamingSynthesizeResponse};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::LocalSet;
use tonic::Status;
use tonic::service::Routes;

use super::ears::{GoogleEars, GoogleEarsApi, GoogleEarsOptions};
use super::testing::{Mock, Streams, key_file, link_to, test_key, wav};
use super::voice::{GoogleVoice, GoogleVoiceOptions};

type Opened = Streams<StreamingSynthesizeRequest, StreamingSynthesizeResponse>;

fn sink<E: Send + 'static>() -> (Sink<E>, mpsc::UnboundedReceiver<E>) {
    let (tell, told) = mpsc::unbounded_channel();
    let sink = Sink::new(move |event| {
        tell.send(event).ok();
    });
    (sink, told)
}

fn speak(voice: &GoogleVoice) -> (Box<dyn SpeakingStream>, mpsc::UnboundedReceiver<SpeakingEvent>) {
    let (sink, told) = sink();
    let request = SpeakingRequest::new("שלום", Language::Hebrew);
    (voice.speak(request, sink), told)
}

fn streaming() -> (GoogleVoice, Opened) {
    let (mock, streams) = Mock::new();
    let link = link_to(Routes::new(TextToSpeechServer::new(mock)));
    (GoogleVoice::over(GoogleVoiceOptions::default(), link), streams)
}

fn sound(audio: &'static [u8]) -> StreamingSynthesizeResponse {
    StreamingSynthesizeResponse { audio_content: audio.into() }
}

/// Answers one HTTP request; gives its URL and what was asked.
async fn http(status: &'static str, body: String) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::task::spawn_local(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        while !is_whole(&asked) {
            assert!(socket.read_buf(&mut asked).await.unwrap() > 0);
        }
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nretry-after: 3\r\n\r\n", body.len());
        socket.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        String::from_utf8(asked).unwrap()
    });
    (url, served)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    request.len() >= head.len() + 4 + length.unwrap_or(0)
}

fn wavenet(base_url: String) -> GoogleVoice {
    let hebrew_voice = "he-IL-Wavenet-A".into();
    let options = GoogleVoiceOptions { base_url, hebrew_voice, ..GoogleVoiceOptions::default() };
    GoogleVoice::new(options, Some(&key_file(test_key()))).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_chirp_voice_streams() {
    let test = async {
        let (voice, mut streams) = streaming();
        let (_speaking, mut told) = speak(&voice);
        let mut stream = streams.recv().await.unwrap();
        let first = stream.asked.recv().await.unwrap().streaming_request;
        let Some(StreamingRequest::StreamingConfig(config)) = first else { panic!("{first:?}") };
        let chosen = config.voice.unwrap();
        assert_eq!((chosen.language_code.as_str(), chosen.name.as_str()), ("he-IL", "he-IL-Chirp3-HD-Kore"));
        let second = stream.asked.recv().await.unwrap().streaming_request;
        let Some(StreamingRequest::Input(input)) = second else { panic!("{second:?}") };
        assert_eq!(input.input_source, Some(InputSource::Text("שלום".into())));
        assert!(stream.asked.recv().await.is_none(), "half-closed");
        stream.answers.send(Ok(sound(b"\x10\x20"))).unwrap();
        assert_eq!(told.recv().await, Some(SpeakingEvent::Audio(b"\x10\x20"[..].into())));
        drop(stream);
        assert_eq!(told.recv().await, Some(SpeakingEvent::Finished));
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test(start_paused = true)]
async fn a_voice_that_stalls_or_sends_silence_or_is_refused_has_failed() {
    let test = async {
        let (voice, mut streams) = streaming();
        let (_speaking, mut told) = speak(&voice);
        let _stalled = streams.recv().await.unwrap();
        let event = told.recv().await.unwrap();
        assert!(matches!(event, SpeakingEvent::Failed(ProviderFault::Stalled { after_ms: 4_000, .. })));

        let (_speaking, mut told) = speak(&voice);
        let silent = streams.recv().await.unwrap();
        silent.answers.send(Ok(sound(&[0xFF; 160]))).unwrap();
        drop(silent);
        told.recv().await.unwrap();
        let event = told.recv().await.unwrap();
        assert!(matches!(event, SpeakingEvent::Failed(ProviderFault::Garbage { .. })), "{event:?}");

        let (_speaking, mut told) = speak(&voice);
        let refused = streams.recv().await.unwrap();
        refused.answers.send(Err(Status::invalid_argument("no such voice"))).unwrap();
        let event = told.recv().await.unwrap();
        assert!(matches!(event, SpeakingEvent::Failed(ProviderFault::BadRequest { .. })), "{event:?}");
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test(start_paused = true)]
async fn barge_in_cancels_the_sentence_at_google() {
    let test = async {
        let (voice, mut streams) = streaming();
        let (speaking, _told) = speak(&voice);
        let stream = streams.recv().await.unwrap();
        drop(speaking);
        stream.answers.closed().await;
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn another_voice_is_asked_over_rest_and_its_header_is_cut_off() {
    let test = async {
        let content = STANDARD.encode(wav(7, b"\x10\x20"));
        let (url, served) = http("200 OK", format!("{{\"audioContent\":\"{content}\"}}")).await;
        let (_speaking, mut told) = speak(&wavenet(url));
        assert_eq!(told.recv().await, Some(SpeakingEvent::Audio(b"\x10\x20"[..].into())));
        assert_eq!(told.recv().await, Some(SpeakingEvent::Finished));
        let asked = served.await.unwrap();
        assert!(asked.starts_with("POST /v1/text:synthesize") && asked.contains("he-IL-Wavenet-A"));
    };
    LocalSet::new().run_until(test).await;
}

#[test]
fn debug_shows_no_key() {
    let ears = GoogleEars::new(GoogleEarsOptions::default(), Some(&key_file(test_key()))).unwrap();
    let shown = format!("{:?} {ears:?}", wavenet("http://google.test".into()));
    let secret = test_key().lines().nth(1).unwrap();
    assert!(!shown.contains(secret) && !shown.contains("PRIVATE"), "{shown}");
}

#[tokio::test]
async fn a_full_quota_over_rest_says_when_to_come_again() {
    let test = async {
        let (url, _served) = http("429 Too Many Requests", "{\"error\":{\"message\":\"slow\"}}".into()).await;
        let (_speaking, mut told) = speak(&wavenet(url));
        let Some(SpeakingEvent::Failed(fault)) = told.recv().await else { panic!("no fault") };
        assert_eq!(fault.retry_after(), Some(std::time::Duration::from_secs(3)));
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn ears_over_rest_send_the_utterance_with_its_onset() {
    let test = async {
        let body = "{\"results\":[{\"alternatives\":[{\"transcript\":\"כן\"}]},{\"alternatives\":[{\"transcript\":\" תודה\"}]}]}";
        let (base_url, served) = http("200 OK", body.into()).await;
        let options = GoogleEarsOptions {
            api: GoogleEarsApi::Rest,
            base_url: Some(base_url),
            ..GoogleEarsOptions::default()
        };
        let ears = GoogleEars::new(options, Some(&key_file(test_key()))).unwrap();
        let (sink, mut told) = sink();
        let call_sid = CallSid::new("CA1");
        let request = HearingRequest { call_sid, language: Language::Hebrew, vocabulary: Vec::new() };
        let mut session = ears.open(request, sink).unwrap();
        session.audio(&[1; 8_000]);
        session.utterance_started(UtteranceId(1));
        session.audio(&[2; 800]);
        session.utterance_ended(UtteranceId(1));
        let text = "כן תודה".into();
        assert_eq!(told.recv().await, Some(HearingEvent::Final { utterance: UtteranceId(1), text }));
        let asked = served.await.unwrap();
        let (_, asked) = asked.split_once("\r\n\r\n").unwrap();
        let asked: serde_json::Value = serde_json::from_str(asked).unwrap();
        assert_eq!(asked["config"]["languageCode"], "iw-IL");
        let audio = STANDARD.decode(asked["audio"]["content"].as_str().unwrap()).unwrap();
        assert_eq!(audio, [[1; 4_000].as_slice(), &[2; 800]].concat());
    };
    LocalSet::new().run_until(test).await;
}
