//! A guard before the WebSocket decoder: a frame that claims to be too long ends the stream at its header.
//!
//! The decoder of actix-http waits for the whole frame and compares it with the limit only then, so that a
//! header which claims a gigabyte makes it collect a gigabyte (`reference/actix.md` 1.5, measured). This guard
//! reads nothing but the 2 to 14 bytes of each header (RFC 6455, section 5.2) and passes the bytes on as they
//! came.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;

/// Largest payload of a frame, bytes. Twilio's are about 400.
pub const MAX_FRAME_BYTES: u64 = 65_536;

/// The most bytes of a frame's header: 2, 8 of length, 4 of mask.
const MAX_HEADER_BYTES: usize = 14;

/// Watches the frames of a byte stream.
#[derive(Debug)]
pub struct FrameGuard<S> {
    stream: S,
    limit: u64,
    place: Place,
    over: bool,
}

/// Where in a frame the stream stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// In a header, of which this much has come.
    Header { bytes: [u8; MAX_HEADER_BYTES], len: usize },
    /// In a payload, of which this much is still to come.
    Payload { left: u64 },
}

impl Place {
    const START: Self = Self::Header { bytes: [0; MAX_HEADER_BYTES], len: 0 };
}

impl<S> FrameGuard<S> {
    /// Guards a stream; `limit` is the largest payload of a frame in bytes.
    pub fn new(stream: S, limit: u64) -> Self {
        Self { stream, limit, place: Place::START, over: false }
    }

    /// Follows the frames through a piece; false when one is too long.
    fn admits(&mut self, mut piece: &[u8]) -> bool {
        while let Some((&byte, rest)) = piece.split_first() {
            match &mut self.place {
                Place::Header { bytes, len } => {
                    bytes[*len] = byte;
                    *len += 1;
                    piece = rest;
                    if let Some(payload) = payload_length(&bytes[..*len]) {
                        if payload > self.limit {
                            return false;
                        }
                        self.place = Place::Payload { left: payload };
                    }
                }
                Place::Payload { left: 0 } => self.place = Place::START,
                Place::Payload { left } => {
                    let step = usize::try_from(*left).unwrap_or(usize::MAX).min(piece.len());
                    *left -= step as u64;
                    piece = &piece[step..];
                }
            }
        }
        true
    }
}

/// The payload length of a frame, once its header is whole.
fn payload_length(header: &[u8]) -> Option<u64> {
    let &[_, second, ref rest @ ..] = header else { return None };
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (length_bytes, length) = match second & 0x7F {
        126 => (2, rest.first_chunk::<2>().map(|bytes| u64::from(u16::from_be_bytes(*bytes)))),
        127 => (8, rest.first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes))),
        short => (0, Some(u64::from(short))),
    };
    length.filter(|_| rest.len() == length_bytes + mask)
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
        let polled = Pin::new(&mut this.stream).poll_next(cx);
        if let Poll::Ready(Some(Ok(piece))) = &polled
            && !this.admits(piece)
        {
            this.over = true;
            return Poll::Ready(Some(Err(PayloadError::Overflow)));
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;
    use futures_util::stream;
    use proptest::prelude::*;

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

    /// What comes through, and whether it ended by overflow.
    fn through(bytes: &[u8], cut: usize) -> (Vec<u8>, bool) {
        let pieces: Vec<_> = bytes.chunks(cut).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let mut guard = FrameGuard::new(stream::iter(pieces), MAX_FRAME_BYTES);
        futures_util::future::FutureExt::now_or_never(async move {
            let mut out = Vec::new();
            while let Some(piece) = guard.next().await {
                match piece {
                    Ok(piece) => out.extend(piece),
                    Err(_) => return (out, true),
                }
            }
            (out, false)
        })
        .unwrap()
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
        for cut in 1..=claim.len() {
            let (out, overflow) = through(&claim, cut);
            assert!(overflow && out.len() < claim.len(), "cut {cut}");
        }
    }

    proptest! {
        #[test]
        fn honest_frames_pass_however_they_are_cut(
            lengths in prop::collection::vec(0_usize..70_000, 0..5),
            cut in 1_usize..5_000,
        ) {
            let bytes: Vec<u8> = lengths.iter().flat_map(|&length| frame(length)).collect();
            let (out, overflow) = through(&bytes, cut);
            prop_assert_eq!(overflow, lengths.iter().any(|&length| length > 65_536));
            if !overflow {
                prop_assert_eq!(out, bytes);
            }
        }
    }
}
