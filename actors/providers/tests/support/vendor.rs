//! A scripted vendor: a server on loopback that says what a test tells it to, byte for byte.
//!
//! It does nothing by itself. A test accepts a connection, reads what the adapter sent, answers, and sees the
//! connection close; so the order of things is the test's own, and faults are said as easily as answers.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    clippy::result_large_err,
    reason = "test code outside of a test function, which clippy does not see as such"
)]

use std::future::Future;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use moked_core::ports::Sink;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::LocalSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// Longer than anything takes on a busy machine: a test that hangs should say so.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs a test as a call runs: one thread, local tasks.
pub(crate) fn on_a_call(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(LocalSet::new().run_until(test));
}

async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| panic!("{what} never came"))
}

/// What an adapter told, in order.
pub(crate) struct Events<E>(UnboundedReceiver<E>);

/// A sink and what comes through it.
pub(crate) fn events<E: Send + 'static>() -> (Sink<E>, Events<E>) {
    let (sender, receiver) = unbounded_channel();
    (Sink::new(move |event| drop(sender.send(event))), Events(receiver))
}

impl<E> Events<E> {
    /// The next one.
    pub(crate) async fn next(&mut self) -> E {
        soon("an event", self.0.recv()).await.expect("the adapter dropped its sink")
    }

    /// What came and was not taken yet.
    pub(crate) fn rest(&mut self) -> Vec<E> {
        std::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }
}

/// A vendor that listens.
pub(crate) struct Vendor(TcpListener);

impl Vendor {
    /// On a free port.
    pub(crate) async fn listen() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// A base URL: `scheme://127.0.0.1:port` and `path`.
    pub(crate) fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://{}{path}", self.0.local_addr().unwrap())
    }

    async fn accept(&self) -> TcpStream {
        soon("a connection", self.0.accept()).await.unwrap().0
    }

    /// The next connection, with its HTTP request read.
    pub(crate) async fn accept_http(&self) -> HttpCall {
        HttpCall::read(self.accept().await).await
    }

    /// The next connection, its WebSocket handshake answered.
    pub(crate) async fn accept_socket(&self) -> SocketCall {
        let (mut path, mut headers) = (String::new(), Vec::new());
        let take = |request: &Request, response: Response| {
            path = request.uri().to_string();
            for (name, value) in request.headers() {
                headers.push((name.to_string(), value.to_str().unwrap().to_owned()));
            }
            Ok(response)
        };
        let stream = self.accept().await;
        let handshake = tokio_tungstenite::accept_hdr_async(stream, take);
        let stream = soon("a handshake", handshake).await.unwrap();
        SocketCall { stream, path, headers }
    }
}

/// One HTTP request under way.
pub(crate) struct HttpCall {
    stream: TcpStream,
    /// The request line and headers, as they came.
    pub(crate) head: String,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl HttpCall {
    async fn read(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            assert_ne!(soon("a request", stream.read_buf(&mut bytes)).await.unwrap(), 0, "a request cut off");
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut body = bytes.split_off(end);
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
        });
        while body.len() < length.unwrap_or(0) {
            assert_ne!(soon("a body", stream.read_buf(&mut body)).await.unwrap(), 0, "a body cut off");
        }
        Self { stream, head, body }
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// A whole answer. `headers` are lines, each ended by CR LF. The connection stays for another request.
    pub(crate) async fn answer(&mut self, status: &str, headers: &str, body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
        self.write(head.as_bytes()).await;
        self.write(body).await;
    }

    /// An answer that breaks off: `length` bytes are announced, `body` comes.
    pub(crate) async fn answer_cut(mut self, length: usize, body: impl AsRef<[u8]>) {
        self.write(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").as_bytes()).await;
        self.write(body.as_ref()).await;
    }

    /// The head of an answer that comes in chunks.
    pub(crate) async fn begin(&mut self, content_type: &str) {
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\n\r\n");
        self.write(head.as_bytes()).await;
    }

    /// One chunk.
    pub(crate) async fn chunk(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
        self.write(&chunk).await;
    }

    /// The end of the chunks.
    pub(crate) async fn end(&mut self) {
        self.write(b"0\r\n\r\n").await;
    }

    /// The next request on the same connection.
    pub(crate) async fn next(self) -> Self {
        Self::read(self.stream).await
    }

    /// Waits until the adapter closes the connection.
    pub(crate) async fn closed(mut self) {
        let mut rest = [0; 1_024];
        // A reset is as good as an end.
        while soon("the end of the connection", self.stream.read(&mut rest)).await.is_ok_and(|read| read > 0)
        {
        }
    }

    /// Bytes as they are.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }
}

/// One WebSocket.
pub(crate) struct SocketCall {
    stream: WebSocketStream<TcpStream>,
    /// Path and query of the handshake.
    pub(crate) path: String,
    headers: Vec<(String, String)>,
}

impl SocketCall {
    /// The value of a header of the handshake.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The next message that is no ping; none when the adapter is gone.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        loop {
            match soon("a message", self.stream.next()).await {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(message)) => return Some(message),
            }
        }
    }

    /// The next message, a text of JSON.
    pub(crate) async fn next_json(&mut self) -> Value {
        match self.next().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
            other => panic!("expected JSON, got {other:?}"),
        }
    }

    /// The next message, of bytes.
    pub(crate) async fn next_bytes(&mut self) -> Vec<u8> {
        match self.next().await {
            Some(Message::Binary(bytes)) => bytes.to_vec(),
            other => panic!("expected bytes, got {other:?}"),
        }
    }

    /// Says a text.
    pub(crate) async fn say(&mut self, text: impl ToString) {
        self.stream.send(Message::text(text.to_string())).await.unwrap();
    }

    /// Closes with a code and a reason.
    pub(crate) async fn close(&mut self, code: u16, reason: &str) {
        let frame = CloseFrame { code: code.into(), reason: reason.to_owned().into() };
        self.stream.close(Some(frame)).await.unwrap();
    }

    /// Breaks the connection without a goodbye.
    pub(crate) fn cut(self) {
        drop(self);
    }

    /// Waits until the adapter closes the connection.
    pub(crate) async fn closed(mut self) {
        while self.next().await.is_some() {}
    }
}
