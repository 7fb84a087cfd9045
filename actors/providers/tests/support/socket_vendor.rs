//! A vendor in the test: a WebSocket server on loopback that a test scripts line by line.
//!
//! It runs on the test's own thread, beside the session under test, so a test reads as a conversation: the
//! vendor takes the call, reads what moked says, says its lines, and sees the connection go.

#![allow(dead_code, reason = "each test program uses a part of it")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code outside of a test function, which clippy does not see as such"
)]

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderMap;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// Longer than anything takes on a busy machine: a test that hangs should say so.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The end of what a test waits for.
pub(crate) async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done,
        Err(_) => panic!("{what} did not come"),
    }
}

/// Runs a test where sessions can spawn their tasks.
pub(crate) fn on_a_call<F: Future<Output = ()>>(test: F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, test);
}

/// A vendor's server.
pub(crate) struct Vendor {
    listener: TcpListener,
    /// Its address, for `base_url`.
    pub(crate) url: String,
}

/// A session at the vendor.
pub(crate) struct Visitor {
    socket: WebSocketStream<TcpStream>,
    /// What was asked for: path and query.
    pub(crate) target: String,
    /// The headers of the handshake.
    pub(crate) headers: HeaderMap,
}

/// What moked said.
#[derive(Debug, PartialEq)]
pub(crate) enum Said {
    Json(Value),
    Binary(Vec<u8>),
    /// The connection is gone.
    Gone,
}

impl Vendor {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        Self { listener, url }
    }

    /// Takes the next connection.
    #[expect(clippy::result_large_err, reason = "the type of the library's callback")]
    pub(crate) async fn accept(&self) -> Visitor {
        let (stream, _) = soon("a connection", self.listener.accept()).await.unwrap();
        let (mut target, mut headers) = (String::new(), HeaderMap::new());
        let look = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
            target = request.uri().to_string();
            headers = request.headers().clone();
            Ok(response)
        };
        let handshake = tokio_tungstenite::accept_hdr_async(stream, look);
        let socket = soon("a handshake", handshake).await.unwrap();
        Visitor { socket, target, headers }
    }

    /// Takes the next connection and refuses the handshake: a status, header lines and a body.
    pub(crate) async fn refuse(&self, status: u16, headers: &[(&str, &str)], body: &str) {
        let mut stream = self.silent().await;
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            asked.push(soon("a request", stream.read_u8()).await.unwrap());
        }
        let mut answer = format!("HTTP/1.1 {status} Refused\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            answer.push_str(&format!("{name}: {value}\r\n"));
        }
        answer.push_str("\r\n");
        answer.push_str(body);
        stream.write_all(answer.as_bytes()).await.unwrap();
    }

    /// Takes the next connection and says nothing on it.
    pub(crate) async fn silent(&self) -> TcpStream {
        soon("a connection", self.listener.accept()).await.unwrap().0
    }
}

impl Visitor {
    /// A value of the query.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        self.queries(name).into_iter().next()
    }

    /// All values of a name in the query.
    pub(crate) fn queries(&self, name: &str) -> Vec<String> {
        let url = url::Url::parse(&format!("ws://vendor{}", self.target)).unwrap();
        url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
    }

    /// A header of the handshake.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) async fn say(&mut self, json: Value) {
        self.say_raw(&json.to_string()).await;
    }

    pub(crate) async fn say_raw(&mut self, text: &str) {
        self.socket.send(Message::Text(text.into())).await.unwrap();
    }

    /// The next thing that moked says.
    pub(crate) async fn next(&mut self) -> Said {
        loop {
            return match soon("something from moked", self.socket.next()).await {
                Some(Ok(Message::Text(text))) => {
                    Said::Json(serde_json::from_str(&text).expect("moked says JSON"))
                }
                Some(Ok(Message::Binary(bytes))) => Said::Binary(bytes.to_vec()),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
                Some(Ok(Message::Close(_)) | Err(_)) | None => Said::Gone,
            };
        }
    }

    /// The next JSON, and the bytes that came before it.
    pub(crate) async fn json(&mut self) -> (Value, Vec<u8>) {
        let mut before = Vec::new();
        loop {
            match self.next().await {
                Said::Json(json) => return (json, before),
                Said::Binary(bytes) => before.extend(bytes),
                Said::Gone => panic!("moked is gone"),
            }
        }
    }

    /// Bytes until there are `length` of them.
    pub(crate) async fn binary(&mut self, length: usize) -> Vec<u8> {
        let mut all = Vec::new();
        while all.len() < length {
            match self.next().await {
                Said::Binary(bytes) => all.extend(bytes),
                other @ (Said::Json(_) | Said::Gone) => panic!("{other:?} among audio"),
            }
        }
        all
    }

    /// Waits until moked is gone.
    pub(crate) async fn gone(&mut self) {
        while self.next().await != Said::Gone {}
    }

    /// Closes with a code.
    pub(crate) async fn close(mut self, code: u16, reason: &'static str) {
        self.socket.close(Some(CloseFrame { code: code.into(), reason: reason.into() })).await.unwrap();
    }

    /// Breaks the connection without a goodbye.
    pub(crate) fn hang_up(self) {
        drop(self);
    }
}
