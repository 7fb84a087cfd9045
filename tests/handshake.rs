//! The handshake of a media stream, and who gets through it.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod edge_support;

use actix_http::ws::{CloseCode, Frame, Message};
use awc::http::StatusCode;
use awc::ws::WebsocketsRequest;
use edge_support::*;
use futures_util::{SinkExt, StreamExt};
use moked::startup::Running;
use moked_core::twilio::signature::sign;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const MEDIA: &str = "/ws/twilio-media";

fn socket(server: &Running) -> WebsocketsRequest {
    awc::Client::default().ws(format!("http://{}{MEDIA}", server.address()))
}

/// The head of the answer to an upgrade with these further header lines.
async fn upgrade(server: &Running, lines: &str) -> String {
    let request = format!(
        "GET {MEDIA} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{lines}\r\n"
    );
    let mut socket = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap().to_lowercase()
}

#[actix_rt::test]
async fn the_sub_protocol_is_echoed_from_whichever_line_offers_it() {
    let server = server(&[]).await;
    for lines in [
        "Sec-WebSocket-Protocol: audio.twilio.com\r\n",
        "Sec-WebSocket-Protocol: other, audio.twilio.com\r\n",
        "Sec-WebSocket-Protocol: other\r\nSec-WebSocket-Protocol: audio.twilio.com\r\n",
        "sec-websocket-protocol:audio.twilio.com ,other\r\n",
    ] {
        let head = upgrade(&server, lines).await;
        assert!(head.starts_with("http/1.1 101"), "{lines}{head}");
        assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
        assert_eq!(head.matches("sec-websocket-protocol: audio.twilio.com\r\n").count(), 1, "{lines}{head}");
    }
}

#[actix_rt::test]
async fn a_sub_protocol_that_was_not_offered_is_not_echoed() {
    let server = server(&[]).await;
    for lines in ["", "Sec-WebSocket-Protocol: other\r\n", "Sec-WebSocket-Protocol: xaudio.twilio.com\r\n"] {
        let head = upgrade(&server, lines).await;
        assert!(head.starts_with("http/1.1 101"), "{lines}{head}");
        assert!(!head.contains("sec-websocket-protocol"), "{lines}{head}");
    }
}

#[actix_rt::test]
async fn a_plain_request_is_told_that_this_is_a_websocket() {
    let server = server(&[]).await;
    let request = format!("GET {MEDIA} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let mut socket = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 426"), "{answer}");
    assert!(answer.contains("this is a WebSocket"), "{answer}");
    assert!(answer.contains("upgrade: websocket\r\n"), "{answer}");
}

#[actix_rt::test]
async fn when_streams_are_off_the_socket_answers_503() {
    let server = server(&[("WS_MODE", "DISABLED")]).await;
    assert!(upgrade(&server, "").await.starts_with("http/1.1 503"));
    let answer = get(&server, MEDIA).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("WS_MODE"), "{}", answer.body);
}

#[actix_rt::test]
async fn only_a_signed_handshake_passes_when_there_is_a_token() {
    let server = server(&[("TWILIO_AUTH_TOKEN", AUTH_TOKEN), ("PUBLIC_BASE_URL", PUBLIC)]).await;
    assert!(upgrade(&server, "").await.starts_with("http/1.1 403"));
    assert!(upgrade(&server, "X-Twilio-Signature: wrong\r\n").await.starts_with("http/1.1 403"));
    for signed in ["wss://calls.example.com/ws/twilio-media", "wss://calls.example.com/ws/twilio-media/"] {
        let signature = sign::<&str, &str>(AUTH_TOKEN, signed, &[]);
        let head = upgrade(&server, &format!("x-twilio-signature: {signature}\r\n")).await;
        assert!(head.starts_with("http/1.1 101"), "{signed}: {head}");
    }
}

#[actix_rt::test]
async fn an_unsigned_handshake_that_was_passed_on_is_refused() {
    let server = server(&[]).await;
    assert!(upgrade(&server, "X-Forwarded-For: 203.0.113.7\r\n").await.starts_with("http/1.1 403"));
}

/// The messages with which Twilio begins a stream.
fn start(call_sid: &str, token: &str) -> [Message; 2] {
    let start = serde_json::json!({
        "event": "start", "sequenceNumber": "1", "streamSid": "MZ1",
        "start": {
            "accountSid": "AC1", "streamSid": "MZ1", "callSid": call_sid, "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"token": token},
        },
    });
    let connected = r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#;
    [Message::Text(connected.into()), Message::Text(start.to_string().into())]
}

/// The first frame that is not a ping.
async fn first_frame<S, E: std::fmt::Debug>(frames: &mut S) -> Option<Frame>
where
    S: futures_util::Stream<Item = Result<Frame, E>> + Unpin,
{
    loop {
        let frame = frames.next().await?.unwrap();
        if !matches!(frame, Frame::Ping(_)) {
            return Some(frame);
        }
    }
}

#[actix_rt::test]
async fn a_stream_with_its_token_is_a_call_and_a_replay_is_closed_with_1008() {
    let server = server(&[]).await;
    let token = post(&server, "/webhook/incoming_call", &incoming("CA1")).await.token();

    let (_, mut line) = socket(&server).connect().await.unwrap();
    for message in start("CA1", &token) {
        line.send(message).await.unwrap();
    }
    let greeting = first_frame(&mut line).await;
    assert!(matches!(greeting, Some(Frame::Text(_))), "{greeting:?}");
    let live: Vec<_> = server.registry().list().into_iter().map(|call| call.call_sid.to_string()).collect();
    assert_eq!(live, ["CA1"]);

    for (call_sid, token) in [("CA1", token.as_str()), ("CA1", "guess"), ("CA2", &token)] {
        let (_, mut replay) = socket(&server).connect().await.unwrap();
        for message in start(call_sid, token) {
            replay.send(message).await.unwrap();
        }
        match first_frame(&mut replay).await {
            Some(Frame::Close(Some(reason))) => assert_eq!(reason.code, CloseCode::Policy, "{call_sid}"),
            other => panic!("{other:?}"),
        }
    }

    // A webhook replayed now must not open a second stream.
    let replayed = post(&server, "/webhook/incoming_call", &incoming("CA1")).await;
    assert_eq!(replayed.verbs(), [moked_core::twilio::Verb::Hangup]);
}

#[actix_rt::test]
async fn a_caller_who_was_cut_off_is_connected_anew_and_one_who_hung_up_is_not() {
    let server = server(&[]).await;
    for (call_sid, is_polite) in [("CA1", true), ("CA2", false)] {
        let token = post(&server, "/webhook/incoming_call", &incoming(call_sid)).await.token();
        let (_, mut line) = socket(&server).connect().await.unwrap();
        for message in start(call_sid, &token) {
            line.send(message).await.unwrap();
        }
        first_frame(&mut line).await;
        if is_polite {
            let stop = serde_json::json!({
                "event": "stop", "sequenceNumber": "2", "streamSid": "MZ1",
                "stop": {"accountSid": "AC1", "callSid": call_sid},
            });
            line.send(Message::Text(stop.to_string().into())).await.unwrap();
            // A socket dropped with audio unread is reset, and the reset overtakes the `stop`.
            while let Some(Ok(frame)) = line.next().await {
                if matches!(frame, Frame::Close(_)) {
                    break;
                }
            }
        }
        drop(line);
        let verbs = post(&server, "/webhook/stream_action", &incoming(call_sid)).await.verbs();
        match verbs.as_slice() {
            [moked_core::twilio::Verb::Hangup] => assert!(is_polite, "{call_sid} is dropped"),
            [moked_core::twilio::Verb::Connect(connect)] => {
                assert!(!is_polite, "{call_sid} is not left in peace");
                assert!(!connect.stream.parameters.contains(&("token".to_owned(), token)), "a used token");
            }
            other => panic!("{call_sid}: {other:?}"),
        }
    }
}

#[actix_rt::test]
async fn a_frame_that_claims_a_gigabyte_ends_the_connection_at_its_header() {
    let server = server(&[]).await;
    let request = format!(
        "GET {MEDIA} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let mut socket = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut claim = vec![0x82, 0xFF];
    claim.extend((1_u64 << 30).to_be_bytes());
    claim.extend([0; 4]);
    socket.write_all(&claim).await.unwrap();
    let mut rest = Vec::new();
    let end = tokio::time::timeout(std::time::Duration::from_secs(10), socket.read_to_end(&mut rest)).await;
    assert!(end.is_ok(), "the connection must end without the payload");
}
