//! Whole calls against a small server in this process.

use std::rc::Rc;
use std::time::Duration;

use moked_core::twilio::signature;
use moked_core::twilio::twiml::{Connect, Say, Stream, Twiml, Verb};

use super::*;
use crate::caller::news::CallEvent;
use crate::caller::report::{EndedBy, StreamEnd};
use crate::caller::script::{Act, Manners};
use crate::caller::test_server::{Agent, Answer, Routes, Server};

fn connect(port: u16, action: Option<&str>) -> Answer {
    let stream = Stream {
        url: format!("ws://127.0.0.1:{port}/ws"),
        status_callback: Some(format!("http://127.0.0.1:{port}/status")),
        parameters: vec![("token".to_owned(), "once".to_owned())],
        ..Stream::default()
    };
    let action = action.map(|path| format!("http://127.0.0.1:{port}{path}"));
    Answer::Document(Twiml::new([Verb::Connect(Connect { action, stream })]))
}

fn nothing() -> Answer {
    Answer::Raw { status: 204, content_type: None, body: "" }
}

fn usual(path: &str, port: u16) -> Answer {
    match path {
        "/voice" => connect(port, Some("/after")),
        "/after" => Answer::Document(Twiml::new([Verb::Hangup])),
        _ => nothing(),
    }
}

/// A voice of 400 ms between two paddings of 100 ms.
fn options(server: &Server, acts: Vec<Act>) -> CallOptions {
    let voice = |_: &str| {
        let tone = (0..3_200).map(|n| if (n / 12) % 2 == 0 { 5_000 } else { -5_000 });
        [vec![0; 800], tone.collect(), vec![0; 800]].concat()
    };
    CallOptions {
        acts,
        voice: Some(Rc::new(voice)),
        pause: Duration::from_millis(200),
        manners: Manners { patience: Duration::from_secs(2) },
        limit: Duration::from_secs(20),
        ..CallOptions::new(server.url("/voice"))
    }
}

fn say() -> Act {
    Act::Say { text: "שלום".to_owned() }
}

#[actix_web::test]
async fn a_call_is_greeted_answered_measured_and_signed_throughout() {
    let server = Server::start(Agent { greeting_ms: 300, ..Agent::default() }, usual);
    let mut options = options(&server, vec![say(), Act::Keys { digits: "1#".to_owned() }]);
    options.auth_token = Some("12345".to_owned().into());
    options.manners.patience = Duration::from_millis(300);
    let mut news = Vec::new();
    let report = place_call(options, |item| news.push(item)).await.unwrap();
    assert!(report.is_clean(), "{:?} {:?}", report.problems, report.streams[0].violations);
    assert_eq!(report.ended_by, EndedBy::Caller);
    let stream = &report.streams[0];
    assert!(stream.greeting_ms.unwrap() < 300, "{:?}", stream.greeting_ms);
    let turn = &stream.turns[0];
    assert!((380..=420).contains(&(turn.to_ms - turn.from_ms)), "{turn:?}");
    // The agent answers after 100 ms of silence; a frame each way and a busy machine come on top.
    assert!((80..600).contains(&turn.latency_ms.unwrap()), "{turn:?}");
    assert_eq!((stream.marks.queued, stream.marks.played, stream.marks.cleared), (2, 2, 0));
    let keys: Vec<_> = server.heard("dtmf").iter().map(|key| key["dtmf"]["digit"].clone()).collect();
    assert_eq!(keys, ["1", "#"]);
    assert_eq!(server.heard("start")[0]["start"]["customParameters"]["token"], "once");
    assert_eq!(server.heard("mark").len(), 2);
    assert_eq!(server.heard("stop").len(), 1);
    let sequence: Vec<String> = ["start", "media"]
        .iter()
        .map(|event| server.heard(event)[0]["sequenceNumber"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(sequence, ["1", "2"]);
    let asked = server.asked();
    let paths: Vec<&str> = asked.iter().map(|asked| asked.path.as_str()).collect();
    assert_eq!(paths, ["/voice", "/status", "/status", "/after"]);
    assert_eq!(asked[1].field("StreamEvent"), Some("stream-started"));
    assert_eq!(asked[2].field("StreamEvent"), Some("stream-stopped"));
    assert_eq!(asked[3].field("CallStatus"), Some("completed"));
    for request in &asked {
        let candidates = [server.url(&request.path)];
        let signature = request.signature.as_deref().unwrap();
        assert!(signature::verify(&["12345"], &candidates, &request.form, signature), "{request:?}");
    }
    assert!(news.iter().any(|item| item.event == CallEvent::Key { key: '#' }));
    assert!(news.is_sorted_by_key(|item| item.at_ms));
}

#[actix_web::test]
async fn an_interruption_is_timed_from_the_voice_to_the_clear() {
    let server = Server::start(Agent { greeting_ms: 5_000, ..Agent::default() }, usual);
    let act = Act::BargeIn { utterance: 1, at_ms: 500, text: "רגע".to_owned() };
    let report = place_call(options(&server, vec![act]), |_| {}).await.unwrap();
    let stream = &report.streams[0];
    let reaction = stream.turns[0].reaction.unwrap();
    assert!((40..400).contains(&reaction.clear_after_ms.unwrap()), "{reaction:?}");
    assert!(reaction.quiet_after_ms < 500, "{reaction:?}");
    assert_eq!((stream.clears, stream.marks.cleared, stream.marks.played), (1, 1, 1));
    // 500 ms after the first audible frame, and 100 ms of padding.
    let begun = stream.turns[0].from_ms - stream.greeting_ms.unwrap();
    assert!((580..760).contains(&begun), "{begun}");
}

#[actix_web::test]
async fn when_the_server_closes_the_action_decides_what_comes_next() {
    let agent = Agent { greeting_ms: 100, closes_after_ms: Some(300), ..Agent::default() };
    let server = Server::start(agent, |path, port| match path {
        "/voice" => connect(port, Some("/after")),
        "/after" => Answer::Document(Twiml::new([
            Verb::Say(Say { text: "להתראות".to_owned(), ..Say::default() }),
            Verb::Redirect { url: "/last".to_owned() },
        ])),
        "/last" => Answer::Document(Twiml::new([Verb::Hangup])),
        _ => nothing(),
    });
    let report = place_call(options(&server, Vec::new()), |_| {}).await.unwrap();
    assert_eq!(report.ended_by, EndedBy::Server);
    assert!(matches!(&report.streams[0].end, StreamEnd::Server(closing) if closing.code == 1_000));
    let trail: Vec<&str> = report.trail.iter().map(|step| step.what.as_str()).collect();
    let stream = format!("<Connect><Stream> ws://127.0.0.1:{}/ws", server.port);
    assert_eq!(
        trail,
        [
            "POST /voice",
            &stream,
            "POST /after",
            "<Say> להתראות",
            "<Redirect> /last",
            "POST /last",
            "<Hangup>"
        ]
    );
    assert!(report.is_clean(), "{:?}", report.problems);
}

#[actix_web::test]
async fn an_empty_answer_to_the_action_is_a_problem_and_ends_the_call() {
    let agent = Agent { closes_after_ms: Some(50), ..Agent::default() };
    let server = Server::start(agent, |path, port| match path {
        "/voice" => connect(port, Some("/after")),
        _ => nothing(),
    });
    let report = place_call(options(&server, Vec::new()), |_| {}).await.unwrap();
    assert_eq!(report.ended_by, EndedBy::Failure);
    assert_eq!(report.problems[0].code, 12_100);
    assert!(!report.is_clean());
}

#[actix_web::test]
async fn documents_that_lead_in_a_circle_are_left_after_ten() {
    let server = Server::start(Agent::default(), |_, _| {
        Answer::Document(Twiml::new([Verb::Redirect { url: "/voice".to_owned() }]))
    });
    let report = place_call(options(&server, Vec::new()), |_| {}).await.unwrap();
    assert_eq!(report.problems[0].code, 11_215);
    assert_eq!(server.asked().len(), 11);
}

#[actix_web::test]
async fn a_webhook_that_gives_no_document_says_what_it_gave() {
    let table: [(Routes, u32, &str); 5] = [
        (|_, _| nothing(), 12_100, "empty body"),
        (|_, _| raw(403, Some("text/plain"), "bad signature"), 11_200, "bad signature"),
        (|_, _| raw(200, None, "<Response/>"), 12_300, "without Content-Type"),
        (|_, _| raw(200, Some("application/json"), "{}"), 12_300, "application/json"),
        (|_, _| raw(200, Some("text/xml"), "<Response><Conect/></Response>"), 12_200, "<Conect>"),
    ];
    for (routes, code, text) in table {
        let server = Server::start(Agent::default(), routes);
        let error = place_call(options(&server, Vec::new()), |_| {}).await.unwrap_err();
        assert_eq!(error.twilio_code(), Some(code), "{error}");
        assert!(error.to_string().contains(text), "{error}");
    }
}

fn raw(status: u16, content_type: Option<&'static str>, body: &'static str) -> Answer {
    Answer::Raw { status, content_type, body }
}

#[actix_web::test]
async fn a_refused_handshake_is_31920_and_told_to_the_status_callback() {
    let server = Server::start(Agent::default(), |path, port| match path {
        "/voice" => {
            let stream = Stream {
                url: format!("ws://127.0.0.1:{port}/nowhere"),
                status_callback: Some(format!("http://127.0.0.1:{port}/status")),
                ..Stream::default()
            };
            Answer::Document(Twiml::new([Verb::Connect(Connect { action: None, stream })]))
        }
        _ => nothing(),
    });
    let error = place_call(options(&server, Vec::new()), |_| {}).await.unwrap_err();
    assert_eq!(error.twilio_code(), Some(31_920), "{error}");
    assert_eq!(server.asked()[1].field("StreamEvent"), Some("stream-error"));
    assert!(server.asked()[1].field("StreamError").unwrap().contains("instead of 101"));
}

#[actix_web::test]
async fn a_server_that_does_not_return_the_subprotocol_is_told_so() {
    let server = Server::start(Agent { ignores_subprotocol: true, ..Agent::default() }, usual);
    let mut options = options(&server, Vec::new());
    let strict = CallOptions::new(options.webhook.clone());
    let error = place_call(strict, |_| {}).await.unwrap_err();
    assert!(matches!(error, CallError::Socket(SocketError::Subprotocol { .. })), "{error}");
    options.without_subprotocol = true;
    options.limit = Duration::from_millis(300);
    assert!(place_call(options, |_| {}).await.unwrap().is_clean());
}

#[actix_web::test]
async fn broken_rules_are_in_the_report() {
    let texts = vec!["hello".to_owned(), r#"{"event":"clear","streamSid":"MZ0"}"#.to_owned()];
    let agent = Agent { greeting_ms: 100, texts, sends_binary: true, ..Agent::default() };
    let server = Server::start(agent, usual);
    let report = place_call(options(&server, Vec::new()), |_| {}).await.unwrap();
    let codes: Vec<_> = report.streams[0].violations.iter().map(|violation| violation.code).collect();
    assert_eq!(codes, [Some(31_951), Some(31_951), Some(31_950)]);
    assert!(!report.is_clean());
}

#[actix_web::test]
async fn a_direct_call_reaches_a_server_that_calls_itself_by_its_public_name() {
    let server = Server::start(Agent { greeting_ms: 100, ..Agent::default() }, |path, _| match path {
        "/voice" => {
            let stream = Stream { url: "wss://moked.example/ws".to_owned(), ..Stream::default() };
            let action = Some("https://moked.example/after".to_owned());
            Answer::Document(Twiml::new([Verb::Connect(Connect { action, stream })]))
        }
        _ => Answer::Document(Twiml::new([Verb::Hangup])),
    });
    let mut options = options(&server, Vec::new());
    options.direct = true;
    options.public_base = Some("https://moked.example".to_owned());
    options.auth_token = Some("12345".to_owned().into());
    let report = place_call(options, |_| {}).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.problems);
    for (asked, signed) in server.asked().iter().zip(["/voice", "/after"]) {
        let candidates = [format!("https://moked.example{signed}")];
        let signature = asked.signature.as_deref().unwrap();
        assert!(signature::verify(&["12345"], &candidates, &asked.form, signature));
    }
}
