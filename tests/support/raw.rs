//! A WebSocket without manners: it sends any bytes as frames, whatever the protocol says.

use std::time::Duration;

use actix_http::ws::{Codec, Frame};
use bytes::BytesMut;
use moked::startup::Running;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::codec::Decoder;

use super::PATIENCE;

/// First bytes of frames, final bit included.
pub(crate) mod opcode {
    pub(crate) const TEXT: u8 = 0x81;
    pub(crate) const BINARY: u8 = 0x82;
    pub(crate) const CLOSE: u8 = 0x88;
    pub(crate) const PING: u8 = 0x89;
}

/// A masked frame with this first byte.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        short @ 0..=125 => frame.push(0x80 | short as u8),
        middle @ 126..=65_535 => {
            frame.push(0x80 | 126);
            frame.extend((middle as u16).to_be_bytes());
        }
        long => {
            frame.push(0x80 | 127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    // A mask of zeros leaves the payload as it is.
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// How the server ended the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With a close frame of this code (1005: none in it).
    Closed(u16),
    /// Without one.
    Cut,
    /// Not at all, as long as was waited.
    Open,
}

/// The socket, its handshake done.
pub(crate) struct RawSocket {
    stream: TcpStream,
    read: BytesMut,
}

impl RawSocket {
    pub(crate) async fn open(house: &Running) -> Self {
        let mut stream = TcpStream::connect(house.address()).await.unwrap();
        let request = "GET /ws/twilio-media HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
                       Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        Self { stream, read: BytesMut::new() }
    }

    /// Sends a frame with this first byte.
    pub(crate) async fn frame(&mut self, first: u8, payload: &[u8]) {
        self.bytes(&frame(first, payload)).await;
    }

    /// Sends a text frame.
    pub(crate) async fn text(&mut self, text: &str) {
        self.frame(opcode::TEXT, text.as_bytes()).await;
    }

    /// Sends bytes as they are. A server that has had enough may be gone before the last of them.
    pub(crate) async fn bytes(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// Waits for the end.
    pub(crate) async fn ending(&mut self) -> Ending {
        self.ending_within(PATIENCE).await
    }

    /// Waits for the end, so long at most.
    pub(crate) async fn ending_within(&mut self, limit: Duration) -> Ending {
        let mut codec = Codec::new().client_mode();
        let end = async {
            loop {
                while let Some(frame) = codec.decode(&mut self.read).unwrap() {
                    if let Frame::Close(reason) = frame {
                        return Ending::Closed(reason.map_or(1005, |reason| reason.code.into()));
                    }
                }
                match self.stream.read_buf(&mut self.read).await {
                    Ok(0) | Err(_) => return Ending::Cut,
                    Ok(_) => {}
                }
            }
        };
        tokio::time::timeout(limit, end).await.unwrap_or(Ending::Open)
    }
}
