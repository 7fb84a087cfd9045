//! Crowds at the door: connections that say nothing, sockets that name no call, requests without end. A caller
//! still comes in, and what they took is given back.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test")]

mod support;

use std::time::Duration;

use moked::settings::Settings;
use moked::startup::Running;
use support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const GREETING: &str = "Hello, you are through.";

const HANDSHAKE: &str = "GET /ws/twilio-media HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
                         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// A house with room for few who have not said which call they are.
async fn house_with_room(variables: &[(&str, &str)], start_limit: Duration) -> Running {
    let change = |settings: &mut Settings| settings.call.start_timeout = start_limit;
    house_with(&Cast::greeting(GREETING), variables, change).await
}

/// Sends bytes on a fresh connection and gives the status that comes back, and the connection.
async fn status(house: &Running, bytes: &[u8]) -> (u16, TcpStream) {
    let mut stream = TcpStream::connect(house.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut head = [0; 12];
    let read = tokio::time::timeout(PATIENCE, stream.read_exact(&mut head)).await;
    read.unwrap_or_else(|_| panic!("no answer")).unwrap();
    let status = String::from_utf8_lossy(&head[9..]).parse().unwrap();
    (status, stream)
}

async fn waiting(house: &Running) -> String {
    let metrics = edge::get(house, "/metrics").await.body;
    metrics.lines().find(|line| line.starts_with("moked_streams_waiting ")).unwrap().to_owned()
}

async fn comes_through(house: &Running, call: &str) {
    let mut phone = Phone::ring(house, call).await;
    phone.until_it_speaks().await;
    phone.hang_up().await;
    nothing_is_left(house).await;
}

#[actix_rt::test]
async fn sockets_that_name_no_call_are_counted_and_the_one_too_many_gets_503() {
    let few = [("MOKED__SERVER__MAX_WAITING_STREAMS", "3")];
    let house = house_with_room(&few, Duration::from_secs(30)).await;
    // Who has a call takes no place of those who have not said so.
    let mut callers = Vec::new();
    for call in ["CA1", "CA2", "CA3", "CA4"] {
        let mut phone = Phone::ring(&house, call).await;
        phone.until_it_speaks().await;
        callers.push(phone);
    }
    let mut strangers = Vec::new();
    for _ in 0..3 {
        let (status, stream) = status(&house, HANDSHAKE.as_bytes()).await;
        assert_eq!(status, 101);
        strangers.push(stream);
    }
    assert_eq!(waiting(&house).await, "moked_streams_waiting 3");
    assert_eq!(status(&house, HANDSHAKE.as_bytes()).await.0, 503);
    drop(strangers.pop());
    // The place is free as soon as the server sees the end.
    let mut free = false;
    for _ in 0..400 {
        free = waiting(&house).await == "moked_streams_waiting 2";
        if free {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(free);
    for phone in &mut callers {
        phone.hang_up().await;
    }
    comes_through(&house, "CA5").await;
}

#[actix_rt::test]
async fn one_address_cannot_take_every_place() {
    let few = [("MOKED__SERVER__MAX_WAITING_STREAMS_PER_ADDRESS", "1")];
    let house = house_with_room(&few, Duration::from_secs(30)).await;
    let (first, _held) = status(&house, HANDSHAKE.as_bytes()).await;
    assert_eq!((first, status(&house, HANDSHAKE.as_bytes()).await.0), (101, 503));
}

#[actix_rt::test]
async fn places_of_those_who_never_say_a_word_are_free_after_the_time_limit() {
    let house = house_with_room(&[("MOKED__SERVER__MAX_WAITING_STREAMS", "2")], Duration::from_secs(1)).await;
    let first = RawSocket::open(&house).await;
    let mut second = RawSocket::open(&house).await;
    assert_eq!(second.ending().await, Ending::Closed(1_008));
    drop(first);
    comes_through(&house, "CA1").await;
    assert_eq!(waiting(&house).await, "moked_streams_waiting 0");
}

#[actix_rt::test]
async fn requests_without_measure_are_refused_and_a_caller_comes_through() {
    let house = house(&Cast::greeting(GREETING)).await;
    let many: String = (0..2_000).map(|number| format!("X-{number}: y\r\n")).collect();
    let long = format!("X: {}\r\n", "y".repeat(1 << 20));
    let with = |headers: &str| HANDSHAKE.replacen("Host:", &format!("{headers}Host:"), 1);
    for (what, request) in [
        ("many headers", with(&many)),
        ("a long header", with(&long)),
        ("a long path", HANDSHAKE.replacen("media", &"m".repeat(1 << 20), 1)),
    ] {
        let mut stream = TcpStream::connect(house.address()).await.unwrap();
        // The server may have had enough before the end.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "{what}: still open");
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{what}: {answer}");
    }
    // A form of very many parameters, within the size that is read.
    let form = "a&".repeat(30_000) + &edge::incoming("CA-many");
    assert_eq!(edge::post(&house, "/webhook/incoming_call", &form).await.verbs().len(), 1);
    comes_through(&house, "CA1").await;
}

#[actix_rt::test]
async fn a_handshake_that_trickles_in_is_ended_within_seconds_and_holds_nobody_up() {
    let house = house(&Cast::greeting(GREETING)).await;
    let mut slow = TcpStream::connect(house.address()).await.unwrap();
    let mut silent = TcpStream::connect(house.address()).await.unwrap();
    let trickle = async {
        for byte in HANDSHAKE.as_bytes().chunks(1) {
            if slow.write_all(byte).await.is_err() {
                return;
            }
            let pause = tokio::time::sleep(Duration::from_millis(100));
            tokio::select! {
                () = pause => {}
                read = slow.read_u8() => {
                    // 408, or the end.
                    assert!(matches!(read, Ok(b'H') | Err(_)));
                    return;
                }
            }
        }
        panic!("the whole handshake was awaited");
    };
    let silence = async {
        let mut answer = Vec::new();
        let _ = silent.read_to_end(&mut answer).await;
    };
    let both = async { tokio::join!(trickle, silence) };
    let (ended, ()) =
        tokio::join!(tokio::time::timeout(Duration::from_secs(12), both), comes_through(&house, "CA1"));
    assert!(ended.is_ok(), "still open");
}
