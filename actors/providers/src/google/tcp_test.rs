//! The gRPC client over real connections: warm ones, a stream's five minutes, and one that is reset.

use std::time::Duration;

use futures_util::stream;
use moked_core::ids::UtteranceId;
use moked_core::ports::{HearingEvent, ProviderFault, SpeechToText, TextToSpeech};
use moked_google_api::speech_v1::speech_server::SpeechServer;
use moked_google_api::speech_v1::{StreamingRecognizeRequest, StreamingRecognizeResponse};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::LocalSet;
use tonic::transport::Server;

use super::ears::{GoogleEars, GoogleEarsApi, GoogleEarsOptions};
use super::ears_test::{answer, audio_in, open};
use super::testing::{HttpServer, Mock, Served, Streams, key_file, link, test_key};
use super::voice::{GoogleVoice, GoogleVoiceOptions};

const FIRST: UtteranceId = UtteranceId(1);

/// Google behind a relay, which is where a connection breaks.
struct Google {
    url: String,
    streams: Streams<StreamingRecognizeRequest, StreamingRecognizeResponse>,
    /// Resets the connection that it belongs to.
    connections: mpsc::UnboundedReceiver<mpsc::UnboundedSender<()>>,
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

async fn google() -> Google {
    let (mock, streams) = Mock::new();
    let (listener, behind) = listen().await;
    let incoming = stream::unfold(listener, |listener| async move {
        Some((listener.accept().await.map(|(socket, _)| socket), listener))
    });
    tokio::spawn(Server::builder().add_service(SpeechServer::new(mock)).serve_with_incoming(incoming));
    let (listener, address) = listen().await;
    let (connected, connections) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let (reset, mut is_reset) = mpsc::unbounded_channel();
            connected.send(reset).ok();
            let mut far = TcpStream::connect(&behind).await.unwrap();
            tokio::spawn(async move {
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                    Some(()) = is_reset.recv() => near.set_zero_linger().unwrap(),
                }
            });
        }
    });
    Google { url: format!("http://{address}"), streams, connections }
}

fn ears(url: &str) -> GoogleEars {
    GoogleEars::over(GoogleEarsOptions::default(), link(url)).unwrap()
}

async fn verdict(told: &mut mpsc::UnboundedReceiver<HearingEvent>) -> HearingEvent {
    loop {
        match told.recv().await.unwrap() {
            HearingEvent::Turn { .. } | HearingEvent::Partial { .. } => {}
            event
            @ (HearingEvent::Final { .. } | HearingEvent::Rejected { .. } | HearingEvent::Failed(_)) => {
                return event;
            }
        }
    }
}

/// Moves the clock on, while the sockets are at rest.
async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

/// What a stream hears until the last byte of what was said.
async fn heard_until(
    stream: &mut Served<StreamingRecognizeRequest, StreamingRecognizeResponse>,
    last: u8,
) -> Vec<u8> {
    let mut audio = Vec::new();
    while !audio.ends_with(&[last]) {
        audio.extend(audio_in(stream.asked.recv().await.unwrap()));
    }
    audio
}

#[tokio::test]
async fn a_warm_connection_stands_before_the_call_and_all_its_streams_share_it() {
    let test = async {
        let mut google = google().await;
        let ears = ears(&google.url);
        ears.warm();
        let _connection = google.connections.recv().await.unwrap();
        let (mut session, mut told) = open(&ears);
        let mut stream = google.streams.recv().await.unwrap();
        assert!(google.connections.try_recv().is_err(), "a second connection");
        session.utterance_started(FIRST);
        session.audio(&[7; 1_600]);
        session.utterance_ended(FIRST);
        assert_eq!(heard_until(&mut stream, 7).await, [7; 1_600]);
        stream.answers.send(Ok(answer("yes", true, 200))).unwrap();
        assert_eq!(verdict(&mut told).await, HearingEvent::Final { utterance: FIRST, text: "yes".into() });
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn at_five_minutes_a_second_stream_on_the_same_connection_hears_on() {
    let test = async {
        let mut google = google().await;
        let ears = ears(&google.url);
        let (mut session, mut told) = open(&ears);
        let mut old = google.streams.recv().await.unwrap();
        let _connection = google.connections.recv().await.unwrap();
        session.utterance_started(FIRST);
        session.audio(&[7; 1_600]);
        heard_until(&mut old, 7).await;
        old.answers.send(Ok(answer("one", false, 200))).unwrap();
        let partial = told.recv().await.unwrap();
        assert_eq!(partial, HearingEvent::Partial { utterance: FIRST, text: "one".into() });
        pass(286).await;
        let mut new = google.streams.recv().await.unwrap();
        assert!(google.connections.try_recv().is_err(), "a second connection");
        session.audio(&[8; 1_600]);
        session.utterance_ended(FIRST);
        let again = heard_until(&mut new, 8).await;
        assert_eq!(again[..1_600], [7; 1_600], "nothing was settled, so all is heard again");
        drop(old);
        new.answers.send(Ok(answer("one two", true, 700))).unwrap();
        assert_eq!(
            verdict(&mut told).await,
            HearingEvent::Final { utterance: FIRST, text: "one two".into() }
        );
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn a_reset_connection_fails_its_call_and_the_next_call_gets_another() {
    let test = async {
        let mut google = google().await;
        let ears = ears(&google.url);
        let (_session, mut told) = open(&ears);
        let _stream = google.streams.recv().await.unwrap();
        google.connections.recv().await.unwrap().send(()).unwrap();
        let fault = verdict(&mut told).await;
        let HearingEvent::Failed(fault) = fault else { panic!("{fault:?}") };
        assert!(matches!(fault, ProviderFault::Closed { .. } | ProviderFault::Connect { .. }), "{fault:?}");
        assert!(fault.is_retryable());

        let (mut session, mut told) = open(&ears);
        let stream = google.streams.recv().await.unwrap();
        google.connections.recv().await.unwrap();
        session.utterance_started(FIRST);
        session.audio(&[7; 1_600]);
        session.utterance_ended(FIRST);
        stream.answers.send(Ok(answer("yes", true, 200))).unwrap();
        assert_eq!(verdict(&mut told).await, HearingEvent::Final { utterance: FIRST, text: "yes".into() });
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn nobody_at_the_address_is_told_as_no_connection() {
    let test = async {
        let (listener, address) = listen().await;
        drop(listener);
        let (_session, mut told) = open(&ears(&format!("http://{address}")));
        let fault = verdict(&mut told).await;
        assert!(matches!(&fault, HearingEvent::Failed(ProviderFault::Connect { .. })), "{fault:?}");
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn engines_over_rest_are_warmed_by_a_request_and_those_over_grpc_by_none() {
    let test = async {
        let key = key_file(test_key());
        let mut server = HttpServer::listen().await;
        let base_url = format!("http://{}", server.host());
        let options = GoogleEarsOptions {
            api: GoogleEarsApi::Rest,
            base_url: Some(base_url.clone()),
            ..GoogleEarsOptions::default()
        };
        GoogleEars::new(options, Some(&key)).unwrap().warm();
        assert!(server.answer("404 Not Found", "").await.head.starts_with("GET / "));
        let hebrew_voice = "he-IL-Wavenet-A".into();
        let english_voice = "en-US-Wavenet-A".into();
        let options =
            GoogleVoiceOptions { base_url, hebrew_voice, english_voice, ..GoogleVoiceOptions::default() };
        GoogleVoice::new(options, Some(&key)).unwrap().warm();
        assert!(server.answer("404 Not Found", "").await.head.starts_with("GET / "));
    };
    LocalSet::new().run_until(test).await;
}
