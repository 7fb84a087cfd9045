//! A guard before the WebSocket decoder: a frame that claims to be too long ends the stream at its header.
//!
//! The decoder of actix-http waits for the whole frame and compares it with the limit only then, so that a
//! header which claims a gigabyte makes it collect a gigabyte (measured with actix-http 3). This guard
//! reads nothing but the 2 to 14 bytes of each header (RFC 6455, section 5.2) and passes the bytes on as they
//! came. For a header above the limit it passes one that the decoder refuses at sight, and ends: an error of
//! the stream itself would overtake the messages before it that still wait to be decoded.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;

/// Largest payload of a frame, bytes. Twilio's are about 400.
pub const MAX_FRAME_BYTES: u64 = 65_536;

/// The header of a frame whose length no frame may have: its highest bit is set.
const REFUSED: [u8; 14] = [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Watches the frames of a byte stream.
#[derive(Debug)]
pub struct FrameGuard<S> {
    stream: S,
    limit: u64,
    /// A header that has not come whole, at most 13 bytes. It is passed on when it has.
    header: Vec<u8>,
    /// Bytes of the payload under way that are still to come.
    left: u64,
    over: bool,
}

impl<S> FrameGuard<S> {
    /// Guards a stream; `limit` is the largest payload of a frame in bytes.
    pub fn new(stream: S, limit: u64) -> Self {
        Self { stream, limit, header: Vec::new(), left: 0, over: false }
    }

    /// Follows the frames through a piece. Gives what may pass of it, and of what was held before it.
    fn admit(&mut self, piece: Bytes) -> Bytes {
        let piece = if self.header.is_empty() {
            piece
        } else {
            Bytes::from([std::mem::take(&mut self.header), piece.to_vec()].concat())
        };
        let mut at = 0;
        while at < piece.len() {
            let rest = &piece[at..];
            if self.left > 0 {
                let step = usize::try_from(self.left).unwrap_or(usize::MAX).min(rest.len());
                self.left -= step as u64;
                at += step;
                continue;
            }
            match lengths(rest) {
                None => {
                    self.header = rest.to_vec();
                    return piece.slice(..at);
                }
                Some((_, payload)) if payload > self.limit => {
                    self.over = true;
                    return Bytes::from([&piece[..at], &REFUSED].concat());
                }
                Some((header, payload)) => {
                    self.left = payload;
                    at += header;
                }
            }
        }
        piece
    }
}

/// The lengths of a frame's header and payload, once its header is whole.
fn lengths(frame: &[u8]) -> Option<(usize, u64)> {
    let &[_, second, ref rest @ ..] = frame else { return None };
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (bytes, payload) = match second & 0x7F {
        126 => (2, u64::from(u16::from_be_bytes(*rest.first_chunk()?))),
        127 => (8, u64::from_be_bytes(*rest.first_chunk()?)),
        short => (0, u64::from(short)),
    };
    (rest.len() >= bytes + mask).then_some((2 + bytes + mask, payload))
}

impl<S> Stream for FrameGuard<S>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.over {
            return Poll::Ready(None);
        }
        Pin::new(&mut this.stream).poll_next(cx).map_ok(|piece| this.admit(piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_http::ws::{Codec, ProtocolError};
    use bytes::BytesMut;
    use futures_util::StreamExt;
    use futures_util::stream;
    use proptest::prelude::*;
    use tokio_util::codec::Decoder;

    fn frame(payload: usize) -> Vec<u8> {
        let mut frame = vec![0x81];
        match payload {
            0..=125 => frame.push(0x80 | payload as u8),
            126..=65_535 => {
                frame.push(0x80 | 126);
                frame.extend((payload as u16).to_be_bytes());
            }
            _ => {
                frame.push(0x80 | 127);
                frame.extend((payload as u64).to_be_bytes());
            }
        }
        frame.extend([1, 2, 3, 4]);
        frame.extend(vec![b'x'; payload]);
        frame
    }

    /// What comes through, and whether a frame was refused.
    fn through(bytes: &[u8], cut: usize) -> (Vec<u8>, bool) {
        let pieces: Vec<_> = bytes.chunks(cut).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let mut guard = FrameGuard::new(stream::iter(pieces), MAX_FRAME_BYTES);
        let mut out = Vec::new();
        while let Some(Some(piece)) = futures_util::future::FutureExt::now_or_never(guard.next()) {
            out.extend(piece.unwrap());
        }
        (out, guard.over)
    }

    #[test]
    fn a_frame_at_the_limit_passes_and_one_byte_more_does_not() {
        assert_eq!(through(&frame(65_536), 1_000), (frame(65_536), false));
        assert!(through(&frame(65_537), 1_000).1);
    }

    #[test]
    fn a_header_that_claims_a_gigabyte_ends_the_stream_before_any_payload() {
        let mut claim = vec![0x82, 0xFF];
        claim.extend((1_u64 << 30).to_be_bytes());
        claim.extend([0; 4]);
        let hello = frame(5);
        let both = [hello.clone(), claim].concat();
        for cut in 1..=both.len() {
            assert_eq!(through(&both, cut), ([&hello[..], &REFUSED].concat(), true), "cut {cut}");
        }
    }

    #[test]
    fn the_decoder_refuses_what_is_passed_in_its_place_as_too_long() {
        let refused = Codec::new().decode(&mut BytesMut::from(&REFUSED[..]));
        assert!(matches!(refused, Err(ProtocolError::Overflow)), "{refused:?}");
    }

    proptest! {
        #[test]
        fn honest_frames_pass_however_they_are_cut(
            lengths in prop::collection::vec(0_usize..70_000, 0..5),
            cut in 1_usize..5_000,
        ) {
            let bytes: Vec<u8> = lengths.iter().flat_map(|&length| frame(length)).collect();
            let (out, overflow) = through(&bytes, cut);
            let honest: Vec<u8> = lengths
                .iter()
                .take_while(|&&length| length <= 65_536)
                .flat_map(|&length| frame(length))
                .collect();
            let is_honest = honest.len() == bytes.len();
            let expected = if is_honest { honest } else { [&honest[..], &REFUSED].concat() };
            prop_assert_eq!((out, overflow), (expected, !is_honest));
        }
    }
}
