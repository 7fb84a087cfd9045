//! WebSocket frames: it makes no difference where the network cuts them, and no message is longer than is
//! read.

use actix_http::ws::{Codec, Frame, Message, ProtocolError};
use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt, StreamExt, stream};
use moked::frame_guard::{FrameGuard, MAX_FRAME_BYTES};
use moked_actors::frames::{Frames, Step, Whole};
use moked_core::twilio::inbound::MAX_MESSAGE_BYTES;
use tokio_util::codec::Decoder;

/// The first byte says how long the pieces are, the rest comes in them.
pub fn check(bytes: &[u8]) {
    let Some((&length, bytes)) = bytes.split_first() else { return };
    let length = usize::from(length).max(1);
    let single = steps(bytes, 1);
    assert_eq!(single, steps(bytes, length), "cut every {length} bytes");
    for step in single {
        let length = match step {
            Step::Whole(Whole::Text(text)) => text.len(),
            Step::Whole(Whole::Binary(bytes)) => bytes.len(),
            Step::Pong(payload) => payload.len(),
            Step::Whole(Whole::Pong) | Step::Goodbye(_) | Step::Broken { .. } | Step::More => 0,
        };
        assert!(length <= MAX_MESSAGE_BYTES, "{length} bytes");
    }
}

/// What comes of the bytes, up to the first goodbye or fault.
fn steps(bytes: &[u8], length: usize) -> Vec<Step> {
    let pieces: Vec<_> = bytes.chunks(length).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let mut guarded = FrameGuard::new(stream::iter(pieces), MAX_FRAME_BYTES);
    let mut codec = Codec::new().max_size(MAX_FRAME_BYTES as usize);
    let mut frames = Frames::default();
    let (mut buffer, mut steps) = (BytesMut::new(), Vec::new());
    while let Some(Some(piece)) = guarded.next().now_or_never() {
        buffer.extend_from_slice(&piece.expect("no fault of the network"));
        assert!(buffer.len() <= MAX_FRAME_BYTES as usize + 14 + length, "{} bytes are held", buffer.len());
        loop {
            let frame = match codec.decode(&mut buffer) {
                Ok(None) => break,
                Ok(Some(frame)) => message(frame),
                Err(error) => Err(error),
            };
            let step = frames.read(frame);
            let is_end = matches!(step, Step::Goodbye(_) | Step::Broken { .. });
            steps.push(step);
            if is_end {
                return steps;
            }
        }
    }
    steps
}

/// As actix-web-actors makes messages of frames.
fn message(frame: Frame) -> Result<Message, ProtocolError> {
    Ok(match frame {
        Frame::Text(bytes) => Message::Text(
            bytes.try_into().map_err(|error| ProtocolError::Io(std::io::Error::other(format!("{error}"))))?,
        ),
        Frame::Binary(bytes) => Message::Binary(bytes),
        Frame::Continuation(item) => Message::Continuation(item),
        Frame::Ping(bytes) => Message::Ping(bytes),
        Frame::Pong(bytes) => Message::Pong(bytes),
        Frame::Close(reason) => Message::Close(reason),
    })
}
