//! A vendor in a test: a server on loopback whose every word the test writes itself.
//!
//! The test accepts each connection, reads what moked says, and answers; so a scenario reads from top to
//! bottom, on one thread, without a clock.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code outside of a test function, which clippy does not see as such"
)]

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

/// A test that waits longer is broken and should say so.
const PATIENCE: Duration = Duration::from_secs(10);

/// Waits for what must come.
pub(crate) async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done,
        Err(_) => panic!("waited in vain for {what}"),
    }
}

/// The vendor's server.
pub(crate) struct Vendor {
    listener: TcpListener,
}

/// A request as it came, its body read.
pub(crate) struct Visit {
    stream: TcpStream,
    /// Request line and headers, as sent.
    pub(crate) head: String,
    /// Body, by its `content-length`.
    pub(crate) body: String,
}

/// An open WebSocket, the vendor's side.
pub(crate) struct Peer {
    socket: WebSocketStream<TcpStream>,
    /// Request line and headers of the handshake.
    pub(crate) head: String,
}

impl Vendor {
    pub(crate) async fn bind() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.listener.local_addr().unwrap())
    }

    /// The next request.
    pub(crate) async fn visit(&self) -> Visit {
        let (mut stream, _) = soon("a connection", self.listener.accept()).await.unwrap();
        // Or the second of two messages waits 40 ms for the first one's receipt.
        stream.set_nodelay(true).unwrap();
        let mut read = Vec::new();
        let end = loop {
            let mut buffer = [0; 4096];
            let count = soon("a request", stream.read(&mut buffer)).await.unwrap();
            assert!(count > 0, "the connection was closed within the request");
            read.extend_from_slice(&buffer[..count]);
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = String::from_utf8(read[..end].to_vec()).unwrap();
        let length = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = read[end..].to_vec();
        while body.len() < length {
            let mut buffer = [0; 4096];
            let count = soon("a body", stream.read(&mut buffer)).await.unwrap();
            body.extend_from_slice(&buffer[..count]);
        }
        Visit { stream, head, body: String::from_utf8(body).unwrap() }
    }

    /// The next request, which must be for a WebSocket, accepted.
    pub(crate) async fn socket(&self) -> Peer {
        self.visit().await.accept().await
    }

    /// Whether a connection waits to be accepted.
    pub(crate) async fn has_visitor(&self) -> bool {
        tokio::time::timeout(Duration::from_millis(20), self.listener.accept()).await.is_ok()
    }
}

impl Visit {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    /// The JSON body.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Says yes to a WebSocket.
    pub(crate) async fn accept(mut self) -> Peer {
        let key = self.header("sec-websocket-key").expect("a WebSocket handshake").to_owned();
        let accept = derive_accept_key(key.as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        self.write(answer.as_bytes()).await;
        let socket = WebSocketStream::from_raw_socket(self.stream, Role::Server, None).await;
        Peer { socket, head: self.head }
    }

    /// A whole answer, then the end of the connection.
    pub(crate) async fn answer(mut self, status: u16, headers: &str, body: &str) {
        let length = body.len();
        let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}");
        self.write(head.as_bytes()).await;
        let _ = self.stream.shutdown().await;
    }

    /// The head of an answer in chunks.
    pub(crate) async fn begin_chunks(&mut self) {
        self.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
    }

    /// One chunk; an empty one is the end.
    pub(crate) async fn chunk(&mut self, bytes: &[u8]) {
        self.write(format!("{:x}\r\n", bytes.len()).as_bytes()).await;
        self.write(bytes).await;
        self.write(b"\r\n").await;
    }

    /// Waits until moked has closed the connection.
    pub(crate) async fn closed(&mut self) {
        let mut buffer = [0; 1024];
        soon("the end of the connection", async {
            while self.stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
        })
        .await;
    }

    /// Breaks the connection (RST), as a machine that dies does. A mere end would not do: awc takes it for
    /// the end of the body, unless TLS tells otherwise.
    pub(crate) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }
}

impl Peer {
    /// The next text message, as JSON.
    pub(crate) async fn json(&mut self) -> Value {
        loop {
            match soon("a message", self.socket.next()).await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("a text message was due, not {other:?}"),
            }
        }
    }

    /// Sends JSON.
    pub(crate) async fn say(&mut self, value: Value) {
        self.text(&value.to_string()).await;
    }

    /// Sends a text.
    pub(crate) async fn text(&mut self, text: &str) {
        self.socket.send(Message::Text(text.into())).await.unwrap();
    }

    /// Sends bytes.
    pub(crate) async fn binary(&mut self, bytes: &[u8]) {
        self.socket.send(Message::Binary(Bytes::copy_from_slice(bytes))).await.unwrap();
    }

    /// Waits until moked has closed the connection.
    pub(crate) async fn closed(&mut self) {
        soon("the end of the connection", async {
            while let Some(Ok(message)) = self.socket.next().await {
                if message.is_close() {
                    return;
                }
            }
        })
        .await;
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
