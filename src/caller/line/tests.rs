//! The line against a server that behaves, and one that does not.

use std::collections::BTreeMap;

use moked_core::ids::{CallSid, MarkName, StreamSid};
use moked_core::twilio::twiml::Twiml;

use super::*;
use crate::caller::test_server::{Agent, Answer, Server};

fn start() -> StreamStart {
    StreamStart {
        account_sid: "AC1".to_owned(),
        call_sid: CallSid::new("CA1"),
        stream_sid: StreamSid::new("MZ1"),
        custom_parameters: BTreeMap::new(),
    }
}

async fn dial(agent: Agent) -> (Server, LineClient) {
    let server = Server::start(agent, |_, _| Answer::Document(Twiml::default()));
    let line = LineClient::dial(&format!("ws://127.0.0.1:{}/ws", server.port), start()).await.unwrap();
    (server, line)
}

fn soon(ms: u64) -> Instant {
    Instant::now() + Duration::from_millis(ms)
}

#[actix_web::test]
async fn messages_and_marks_come_in_order_and_marks_go_back_when_played() {
    let (server, mut line) = dial(Agent { greeting_ms: 200, ..Agent::default() }).await;
    let news = line.collect(soon(600)).await;
    let kinds: Vec<&str> = news
        .iter()
        .map(|news| match news {
            LineNews::Message { message: ServerMessage::Media { .. }, .. } => "media",
            LineNews::Message { message: ServerMessage::Mark { .. }, .. } => "mark",
            LineNews::Message { message: ServerMessage::Clear, .. } => "clear",
            LineNews::Ear(EarLogEntry { event: EarEvent::AgentBegan, .. }) => "began",
            LineNews::Ear(EarLogEntry { event: EarEvent::MarkPlayed { .. }, .. }) => "played",
            LineNews::Ear(_) => "ear",
            LineNews::Violation(_) => "violation",
            LineNews::Closed(_) => "closed",
        })
        .collect();
    assert_eq!(kinds, ["media", "mark", "ear", "began", "played"]);
    let played = line.ear().log().iter().find(|entry| {
        entry.event == EarEvent::MarkPlayed { name: MarkName::new("m1") } && entry.at_ms >= 200
    });
    assert!(played.is_some(), "{:?}", line.ear().log());
    // The goodbye comes after the echo on the same socket, so the echo has arrived when it is answered.
    line.hang_up(Duration::from_secs(2)).await.unwrap();
    assert_eq!(server.heard("mark")[0]["mark"]["name"], "m1");
    assert!(line.closing().is_some());
}

#[actix_web::test]
async fn frames_go_out_in_real_time_and_are_numbered_in_milliseconds() {
    let (server, mut line) = dial(Agent::default()).await;
    line.mouth().say(&[3_000; 320]);
    let begun = Instant::now();
    line.run(10).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(180), "{:?}", begun.elapsed());
    line.hang_up(Duration::from_secs(2)).await.unwrap();
    let stamps: Vec<String> = server
        .heard("media")
        .iter()
        .map(|media| media["media"]["timestamp"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(stamps, ["0", "20", "40", "60", "80", "100", "120", "140", "160", "180"]);
    assert_eq!(line.sent().len(), 1_600);
}

#[actix_web::test]
async fn garbage_is_sent_as_it_is_and_the_end_of_the_stream_is_seen() {
    let (_server, mut line) = dial(Agent { greeting_ms: 40, ..Agent::default() }).await;
    line.send_text("garbage").await.unwrap();
    let news = line.collect(soon(200)).await;
    assert!(!news.iter().any(|news| matches!(news, LineNews::Closed(_))), "{news:?}");
    // This server hangs up on a binary frame, without a close frame.
    line.send_binary(vec![1, 2, 3]).await.unwrap();
    let news = line.collect(soon(2_000)).await;
    assert!(matches!(news.last(), Some(LineNews::Closed(Closing { code: 1_006, .. }))), "{news:?}");
    assert_eq!(line.next(soon(10)).await, None);
}
