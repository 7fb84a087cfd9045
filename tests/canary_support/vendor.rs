//! Any vendor over HTTP and WebSocket, of five manners; each repeats the key that it was asked with.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

use crate::CANARY;

/// How a vendor answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It does what was asked, as far as one answer suits all.
    Serves,
    /// 401, with the key in the words.
    Refuses,
    /// 429, with the key in the words.
    IsBusy,
    /// What makes no sense, with the key in it.
    Babbles,
    /// It accepts, and closes with the key as the reason.
    HangsUp,
}

impl Manner {
    /// All of them.
    pub(crate) const ALL: [Self; 5] =
        [Self::Serves, Self::Refuses, Self::IsBusy, Self::Babbles, Self::HangsUp];

    /// Whether Google is asked over gRPC.
    pub(crate) fn is_streaming(self) -> bool {
        !matches!(self, Self::IsBusy)
    }

    /// How many providers fail at the least: all of them, where the manner leaves no choice.
    pub(crate) fn least_faults(self) -> usize {
        match self {
            Self::Serves => 0,
            Self::Refuses | Self::IsBusy => 18,
            Self::Babbles | Self::HangsUp => 9,
        }
    }
}

static BEARERS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Tokens that came over HTTP and are no canary: Google's.
pub(crate) fn bearers_seen() -> Vec<String> {
    BEARERS.lock().unwrap().clone()
}

/// A vendor on a port.
pub(crate) struct Vendor {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl Vendor {
    /// On a free port, as long as the runtime lives.
    pub(crate) async fn listen(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(socket, manner));
            }
        });
        Self { url, requests }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// How many connections it had.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

/// Serves one connection; a client that goes away ends it.
async fn serve(mut socket: TcpStream, manner: Manner) -> Option<()> {
    let mut asked = Vec::new();
    let head = loop {
        if socket.read_buf(&mut asked).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&asked).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
        // The length is one of bytes; half a character of the body makes the text longer, never shorter.
        if body.len() >= length.unwrap_or(0) {
            break head.to_owned();
        }
    };
    let key = key_of(&head);
    match (manner, header(&head, "sec-websocket-key")) {
        (Manner::Refuses, _) => refuse(&mut socket, "401 Unauthorized", &key).await,
        (Manner::IsBusy, _) => refuse(&mut socket, "429 Too Many Requests", &key).await,
        (Manner::Serves | Manner::Babbles | Manner::HangsUp, Some(nonce)) => {
            talk(socket, &nonce, manner, &key).await
        }
        (Manner::Serves, None) => {
            let body = sensible(&head);
            answer(&mut socket, "200 OK", &body).await
        }
        (Manner::Babbles, None) => {
            let body = format!("data: {{\"error\":{{\"message\":\"bad {key}\"}}}}\n\n{{{key}");
            answer(&mut socket, "200 OK", body.as_bytes()).await
        }
        (Manner::HangsUp, None) => {
            let body = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n{key}");
            socket.write_all(body.as_bytes()).await.ok()
        }
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// The key in the head; some words where the vendor is shown none, or none yet.
fn key_of(head: &str) -> String {
    if let Some(token) =
        header(head, "authorization").and_then(|value| Some(value.split_once(' ')?.1.to_owned()))
    {
        if !token.contains(CANARY) {
            BEARERS.lock().unwrap().push(token.clone());
        }
        return token;
    }
    canary_in(head).unwrap_or_else(|| "none was shown".to_owned())
}

fn canary_in(text: &str) -> Option<String> {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    words.find(|word| word.contains(CANARY)).map(str::to_owned)
}

async fn refuse(socket: &mut TcpStream, status: &str, key: &str) -> Option<()> {
    // So long that the message is cut amid its second key.
    let words = format!("no such key: {key}. {} Authorization: Bearer {key}", "x".repeat(200));
    let body = serde_json::json!({ "error": { "message": words } }).to_string();
    answer(socket, status, body.as_bytes()).await
}

async fn answer(socket: &mut TcpStream, status: &str, body: &[u8]) -> Option<()> {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    socket.write_all(&[head.as_bytes(), body].concat()).await.ok()
}

/// What suits the path.
fn sensible(head: &str) -> Vec<u8> {
    let path = head.split(' ').nth(1).unwrap_or_default();
    let is = |part: &str| path.contains(part);
    if is("chat/completions") {
        b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello.\"}}]}\n\ndata: [DONE]\n\n".to_vec()
    } else if is("transcriptions") {
        b"{\"text\":\"yes\"}".to_vec()
    } else {
        vec![0x20; 4_800]
    }
}

async fn talk(mut socket: TcpStream, nonce: &str, manner: Manner, key: &str) -> Option<()> {
    let accept = tokio_tungstenite::tungstenite::handshake::derive_accept_key(nonce.as_bytes());
    let head = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n";
    socket.write_all(format!("{head}sec-websocket-accept: {accept}\r\n\r\n").as_bytes()).await.ok()?;
    let mut talk = tokio_tungstenite::WebSocketStream::from_raw_socket(socket, Role::Server, None).await;
    let first = talk.next().await?.ok()?;
    let key = canary_in(&first.to_string()).unwrap_or_else(|| key.to_owned());
    match manner {
        Manner::HangsUp => {
            let frame = CloseFrame { code: 4_001.into(), reason: format!("bad {key}").into() };
            talk.close(Some(frame)).await.ok()
        }
        Manner::Serves => {
            while talk.next().await?.is_ok() {}
            Some(())
        }
        Manner::Babbles | Manner::Refuses | Manner::IsBusy => {
            let error = serde_json::json!({
                "type": "error", "message_type": "auth_error", "error": { "code": "bad", "message": key },
                "error_code": 401, "error_message": key, "message": key, "description": key,
            });
            talk.send(Message::text(format!("not JSON: {key} {first}"))).await.ok()?;
            talk.send(Message::text(error.to_string())).await.ok()?;
            talk.send(Message::text(serde_json::json!({ "type": "Error", "description": key }).to_string()))
                .await
                .ok()?;
            while talk.next().await?.is_ok() {}
            Some(())
        }
    }
}
