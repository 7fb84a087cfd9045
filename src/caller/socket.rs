//! The media socket, seen from Twilio: the handshake with its headers, and whole messages in and out.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use awc::error::{ConnectError, SendRequestError, WsClientError};
use awc::ws::{CloseCode, CloseReason, Frame, Message};
use bytes::Bytes;
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use moked_core::twilio::signature;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use thiserror::Error;

use super::http;
use super::route::Place;

/// The sub-protocol that Twilio's media gateways were seen to offer.
pub const SUBPROTOCOL: &str = "audio.twilio.com";

/// Largest message read, in bytes: ten minutes of audio in base64 and its envelope.
const MAX_MESSAGE: usize = 8 * 1024 * 1024;

/// How long the handshake may take. Twilio publishes no figure; this is its limit for a TCP connection.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// How the socket introduces itself.
#[derive(Debug, Clone, Default)]
pub struct Handshake {
    /// The account's token; with it the upgrade is signed.
    pub auth_token: Option<SecretString>,
    /// Leave out `Sec-WebSocket-Protocol`, as some of Twilio's gateways do.
    pub without_subprotocol: bool,
}

/// Why there is no stream.
#[derive(Debug, Error)]
pub enum SocketError {
    /// The server answered the upgrade with something other than 101 (Twilio error 31920).
    #[error("{url} answered the WebSocket handshake with {status} instead of 101")]
    Refused {
        /// Address dialled.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The server did not return the sub-protocol it was offered, or returned another (Twilio error 31920).
    #[error(
        "{url} was offered the sub-protocol {SUBPROTOCOL} and returned {found}; a server must return one of \
         those offered"
    )]
    Subprotocol {
        /// Address dialled.
        url: String,
        /// What came back.
        found: String,
    },
    /// The answer is no valid WebSocket handshake (Twilio error 31920).
    #[error("{url} does not speak WebSocket there: {why}")]
    Handshake {
        /// Address dialled.
        url: String,
        /// What the client says.
        why: String,
    },
    /// Nobody answers at that address (Twilio errors 31901, 31902, 31904, 31910).
    #[error("{url} cannot be reached: {why}")]
    Unreachable {
        /// Address dialled.
        url: String,
        /// Twilio's number for this kind of failure.
        code: u32,
        /// What the system says.
        why: String,
    },
    /// The socket broke while in use (Twilio error 31903).
    #[error("the media socket broke: {0}")]
    Broken(String),
}

impl SocketError {
    /// The error under which Twilio would report it.
    pub fn twilio_code(&self) -> u32 {
        match self {
            Self::Refused { .. } | Self::Subprotocol { .. } | Self::Handshake { .. } => 31_920,
            Self::Unreachable { code, .. } => *code,
            Self::Broken(_) => 31_903,
        }
    }
}

/// How a socket ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Closing {
    /// The close code; 1005 for a close without one, 1006 when the connection broke without a close frame.
    pub code: u16,
    /// The server's words, if any.
    pub reason: Option<String>,
}

/// Something that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// A whole text message.
    Text(String),
    /// A whole binary message.
    Binary(Bytes),
    /// A ping, to be answered with its own bytes.
    Ping(Bytes),
    /// The end; nothing follows.
    Closed(Closing),
}

type Writer = Pin<Box<dyn Sink<Message, Error = awc::error::WsProtocolError>>>;
type Reader = Pin<Box<dyn Stream<Item = Result<Frame, awc::error::WsProtocolError>>>>;

/// An open socket.
pub struct Socket {
    writer: Writer,
    reader: Reader,
    partial: Option<Partial>,
}

struct Partial {
    bytes: Vec<u8>,
    is_text: bool,
}

impl Socket {
    /// Opens the socket as Twilio does: HTTP/1.1, no `Origin`, the sub-protocol offered, and signed over the
    /// address as it stands in the TwiML.
    ///
    /// # Errors
    /// Why there is none, with Twilio's number for it.
    pub async fn open(place: &Place, handshake: &Handshake) -> Result<Self, SocketError> {
        let url = place.reach.to_string();
        let mut request = http::client().ws(url.as_str()).max_frame_size(MAX_MESSAGE);
        if !handshake.without_subprotocol {
            request = request.protocols([SUBPROTOCOL]);
        }
        if let Some(token) = &handshake.auth_token {
            let signature = signature::sign::<&str, &str>(token.expose_secret(), &place.signed, &[]);
            request = request.header(signature::HEADER, signature);
        }
        let opened = tokio::time::timeout(HANDSHAKE_LIMIT, request.connect()).await;
        let (response, framed) = opened
            .map_err(|_| SocketError::Unreachable {
                url: url.clone(),
                code: 31_901,
                why: format!("no answer in {} s", HANDSHAKE_LIMIT.as_secs()),
            })?
            .map_err(|error| explain(&url, error))?;
        let returned = response.headers().get("sec-websocket-protocol");
        let returned = returned.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let wanted = (!handshake.without_subprotocol).then_some(SUBPROTOCOL);
        if returned.as_deref() != wanted {
            let found = returned.unwrap_or_else(|| "none".to_owned());
            return Err(SocketError::Subprotocol { url, found });
        }
        let (writer, reader) = framed.split();
        Ok(Self { writer: Box::pin(writer), reader: Box::pin(reader), partial: None })
    }

    /// Sends a text message.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn text(&mut self, text: String) -> Result<(), SocketError> {
        self.send(Message::Text(text.into())).await
    }

    /// Sends a binary message, which Twilio never does; for tests of what a server makes of it.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn binary(&mut self, bytes: Bytes) -> Result<(), SocketError> {
        self.send(Message::Binary(bytes)).await
    }

    /// Sends a ping.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn ping(&mut self, bytes: Bytes) -> Result<(), SocketError> {
        self.send(Message::Ping(bytes)).await
    }

    /// Answers a ping.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn pong(&mut self, bytes: Bytes) -> Result<(), SocketError> {
        self.send(Message::Pong(bytes)).await
    }

    /// Says goodbye with close code 1000.
    ///
    /// # Errors
    /// The connection is gone already.
    pub async fn close(&mut self) -> Result<(), SocketError> {
        self.send(Message::Close(Some(CloseReason { code: CloseCode::Normal, description: None }))).await
    }

    /// The next message, fragments put together. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Incoming {
        loop {
            let incoming = match self.reader.next().await {
                Some(Ok(frame)) => self.take(frame),
                Some(Err(error)) => Some(gone(Some(error.to_string()))),
                None => Some(gone(None)),
            };
            if let Some(incoming) = incoming {
                return incoming;
            }
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), SocketError> {
        self.writer.send(message).await.map_err(|error| SocketError::Broken(error.to_string()))
    }

    fn take(&mut self, frame: Frame) -> Option<Incoming> {
        use awc::ws::Frame::{Binary, Close, Continuation, Ping, Pong, Text};
        match frame {
            Text(bytes) => Some(whole(&bytes, true)),
            Binary(bytes) => Some(Incoming::Binary(bytes)),
            Ping(bytes) => Some(Incoming::Ping(bytes)),
            Pong(_) => None,
            Close(reason) => Some(Incoming::Closed(Closing {
                code: reason.as_ref().map_or(1005, |reason| reason.code.into()),
                reason: reason.and_then(|reason| reason.description),
            })),
            Continuation(item) => self.join(item),
        }
    }

    fn join(&mut self, item: actix_http::ws::Item) -> Option<Incoming> {
        use actix_http::ws::Item;
        match item {
            Item::FirstText(bytes) => {
                self.partial = Some(Partial { bytes: bytes.to_vec(), is_text: true });
            }
            Item::FirstBinary(bytes) => {
                self.partial = Some(Partial { bytes: bytes.to_vec(), is_text: false });
            }
            Item::Continue(bytes) => {
                if let Some(partial) = &mut self.partial {
                    partial.bytes.extend_from_slice(&bytes);
                }
            }
            Item::Last(bytes) => {
                let mut partial = self.partial.take()?;
                partial.bytes.extend_from_slice(&bytes);
                return Some(whole(&partial.bytes, partial.is_text));
            }
        }
        None
    }
}

fn whole(bytes: &[u8], is_text: bool) -> Incoming {
    if is_text {
        Incoming::Text(String::from_utf8_lossy(bytes).into_owned())
    } else {
        Incoming::Binary(Bytes::copy_from_slice(bytes))
    }
}

fn gone(reason: Option<String>) -> Incoming {
    Incoming::Closed(Closing { code: 1006, reason })
}

#[expect(clippy::wildcard_enum_match_arm, reason = "awc's error enums are foreign and may grow")]
fn explain(url: &str, error: WsClientError) -> SocketError {
    let url = url.to_owned();
    match error {
        WsClientError::InvalidResponseStatus(status) => SocketError::Refused { url, status: status.as_u16() },
        WsClientError::SendRequest(SendRequestError::Connect(connect)) => {
            let code = match &connect {
                ConnectError::Resolver(_) | ConnectError::NoRecords => 31_904,
                ConnectError::Io(io) if io.kind() == io::ErrorKind::ConnectionRefused => 31_902,
                ConnectError::Io(io) if io.kind() == io::ErrorKind::InvalidData => 31_910,
                _ => 31_901,
            };
            SocketError::Unreachable { url, code, why: connect.to_string() }
        }
        WsClientError::SendRequest(other) => {
            SocketError::Unreachable { url, code: 31_901, why: other.to_string() }
        }
        other => SocketError::Handshake { url, why: other.to_string() },
    }
}
