//! WebSockets to vendors, by tokio-tungstenite: it tells the status and body of a refused handshake.

use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use moked_core::ports::ProviderFault;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue, Request};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::http::error_message;
use super::secrets::{Secrets, without_patterns};
use super::{install_tls, meter};

/// Limit for names, TCP, TLS and the handshake.
const CONNECT: Duration = Duration::from_secs(4);

/// How long a message may take into the system's buffer, which is all but empty on a connection that works. Past
/// this the vendor's receive window has been full of seconds of audio: chosen, as long as a caller bears silence.
const SEND: Duration = Duration::from_secs(2);

/// Largest message taken from a vendor.
const LARGEST: usize = 4 << 20;

/// A WebSocket to be opened.
#[derive(Clone)]
pub struct SocketRequest {
    url: String,
    headers: Vec<(&'static str, String)>,
}

/// What a vendor said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Bytes),
}

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// An open WebSocket. Pings are answered by it; dropping it closes the connection. What comes has the keys
/// taken out that went over it.
pub struct Socket {
    stream: Stream,
    secrets: Secrets,
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").finish_non_exhaustive()
    }
}

/// The address of a WebSocket at a vendor: `base_url` as it stands in settings (`https` means `wss`), with its
/// path and `path` behind it. The caller adds the query.
///
/// # Errors
/// [`ProviderFault::Unavailable`] when `base_url` is none, with what is expected.
pub fn endpoint(base_url: &str, path: &str) -> Result<url::Url, ProviderFault> {
    let wrong = || ProviderFault::Unavailable {
        why: format!(
            "base_url is {:?}; expected an address such as wss://api.vendor.com",
            without_patterns(base_url)
        ),
    };
    let whole = format!("{}{path}", base_url.trim_end_matches('/'));
    let mut url = url::Url::parse(&whole).map_err(|_| wrong())?;
    let scheme = match url.scheme() {
        "https" | "wss" => "wss",
        "http" | "ws" => "ws",
        _ => return Err(wrong()),
    };
    url.set_scheme(scheme).map_err(|()| wrong())?;
    Ok(url)
}

impl SocketRequest {
    /// A socket at `url` (`wss`, or `ws` for local servers), with its query.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), headers: Vec::new() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Opens it, within 4 s.
    ///
    /// # Errors
    /// By kind; a refused handshake by its status, with the vendor's message.
    pub async fn connect(self) -> Result<Socket, ProviderFault> {
        let mut secrets = Secrets::default();
        secrets.learn_url(&self.url);
        for (name, value) in &self.headers {
            secrets.learn_header(name, value);
        }
        match self.open(&secrets).await {
            Ok(stream) => Ok(Socket { stream, secrets }),
            Err(fault) => Err(secrets.fault(fault)),
        }
    }

    async fn open(self, secrets: &Secrets) -> Result<Stream, ProviderFault> {
        install_tls();
        let request = self.build()?;
        let config = WebSocketConfig::default().max_message_size(Some(LARGEST));
        let begun = Instant::now();
        match timeout(CONNECT, connect_async_with_config(request, Some(config), true)).await {
            Err(_) => {
                let after_ms = CONNECT.as_millis() as u64;
                Err(ProviderFault::Stalled { waiting_for: "the WebSocket handshake", after_ms })
            }
            Ok(Err(Error::Http(response))) => {
                // Cleaned before it is cut: half a key would not be known for one.
                let body = response.body().as_deref().unwrap_or_default();
                let body = secrets.clean_bytes(Bytes::copy_from_slice(body));
                let status = response.status().as_u16();
                let retry_after = response.headers().get("retry-after");
                let retry_after = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
                let why = format!("HTTP {status}: {}", error_message(&body));
                Err(ProviderFault::from_status(status, why, retry_after.map(Duration::from_secs)))
            }
            Ok(Err(error)) => Err(ProviderFault::Connect { why: error.to_string() }),
            Ok(Ok((stream, _))) => {
                meter::connected(begun);
                Ok(stream)
            }
        }
    }

    fn build(&self) -> Result<Request<()>, ProviderFault> {
        let bad = |why: String| ProviderFault::BadRequest { why };
        let mut request = self.url.as_str().into_client_request().map_err(|error| bad(error.to_string()))?;
        for (name, value) in &self.headers {
            let value =
                HeaderValue::from_str(value).map_err(|_| bad(format!("header {name} is not text")))?;
            request.headers_mut().insert(HeaderName::from_static(name), value);
        }
        Ok(request)
    }
}

impl Socket {
    /// Sends a text message.
    ///
    /// # Errors
    /// When the connection is gone; [`ProviderFault::Stalled`] when it takes nothing for 2 s. Then half the
    /// message may be out, and the connection is of no more use.
    pub async fn send_text(&mut self, text: impl Into<String>) -> Result<(), ProviderFault> {
        let text = text.into();
        self.secrets.learn_json(&text);
        self.send(Message::Text(text.into())).await
    }

    /// Sends JSON as a text message.
    ///
    /// # Errors
    /// As [`Self::send_text`].
    pub async fn send_json(&mut self, value: &serde_json::Value) -> Result<(), ProviderFault> {
        self.send_text(value.to_string()).await
    }

    /// Sends a binary message.
    ///
    /// # Errors
    /// As [`Self::send_text`].
    pub async fn send_binary(&mut self, bytes: Bytes) -> Result<(), ProviderFault> {
        self.send(Message::Binary(bytes)).await
    }

    /// The next message; `None` when the vendor closed properly (1000 or 1005). Safe to cancel, so it can
    /// stand in a `select!` beside what is to be sent.
    ///
    /// # Errors
    /// When the connection breaks, or is closed with another code.
    pub async fn next(&mut self) -> Result<Option<Incoming>, ProviderFault> {
        let said = self.read().await;
        said.map_err(|fault| self.secrets.fault(fault))
    }

    async fn read(&mut self) -> Result<Option<Incoming>, ProviderFault> {
        loop {
            return match self.stream.next().await {
                None => Ok(None),
                Some(Ok(Message::Text(text))) => {
                    Ok(Some(Incoming::Text(self.secrets.clean(&text).into_owned())))
                }
                Some(Ok(Message::Binary(bytes))) => {
                    Ok(Some(Incoming::Binary(self.secrets.clean_bytes(bytes))))
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
                Some(Ok(Message::Close(frame))) => match frame {
                    Some(frame) if u16::from(frame.code) != 1000 => Err(ProviderFault::Closed {
                        why: format!("code {}: {}", u16::from(frame.code), frame.reason.as_str()),
                    }),
                    Some(_) | None => Ok(None),
                },
                Some(Err(Error::ConnectionClosed | Error::AlreadyClosed)) => Ok(None),
                Some(Err(error)) => Err(ProviderFault::Closed { why: error.to_string() }),
            };
        }
    }

    /// Says goodbye, for 2 s at most. The vendor's answer is not awaited.
    pub async fn close(&mut self) {
        // A connection that is gone already, or takes nothing, needs no goodbye.
        let _ = timeout(SEND, self.stream.close(None)).await;
    }

    async fn send(&mut self, message: Message) -> Result<(), ProviderFault> {
        match timeout(SEND, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.secrets.fault(ProviderFault::Closed { why: error.to_string() })),
            Err(_) => {
                let after_ms = SEND.as_millis() as u64;
                Err(ProviderFault::Stalled { waiting_for: "room to send", after_ms })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_path_and_becomes_a_web_socket() {
        let url = endpoint("https://proxy.example/deepgram/", "/v1/listen").unwrap();
        assert_eq!(url.as_str(), "wss://proxy.example/deepgram/v1/listen");
        for local in ["ws://127.0.0.1:9", "http://127.0.0.1:9/"] {
            assert_eq!(endpoint(local, "/x").unwrap().as_str(), "ws://127.0.0.1:9/x");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_value() {
        for wrong in ["", "api.deepgram.com", "ftp://files.example"] {
            let fault = endpoint(wrong, "/v1/listen").unwrap_err().to_string();
            assert!(fault.contains(&format!("{wrong:?}")), "{fault}");
        }
        let keyed = endpoint("ftp://files.example/?key=abc", "/v1/listen").unwrap_err().to_string();
        assert!(keyed.contains("?key=[key]") && !keyed.contains("abc"), "{keyed}");
    }
}
