//! What a WebSocket of ours runs in, whoever sits in it: the guard against long frames, the decoder with its
//! limit, the actor, and an end with a code when that actor breaks.
//!
//! Apart from the media route it serves the echo that the conformance suite talks to, so that the suite judges
//! what carriers meet and not a copy of it.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use actix::{Actor, StreamHandler};
use actix_http::ws::{CloseCode, CloseReason, Codec, Message, ProtocolError};
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use actix_web_actors::ws::WebsocketContext;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio_util::codec::Encoder;

use crate::frame_guard::{FrameGuard, MAX_FRAME_BYTES};

/// Finishes a handshake: from here on the connection belongs to `actor`. `broken` is told of its panic.
pub fn upgrade<A>(
    mut response: HttpResponseBuilder,
    payload: web::Payload,
    actor: A,
    broken: impl Fn() + 'static,
) -> HttpResponse
where
    A: Actor<Context = WebsocketContext<A>> + StreamHandler<Result<Message, ProtocolError>>,
{
    let guarded = FrameGuard::new(payload, MAX_FRAME_BYTES);
    let codec = Codec::new().max_size(MAX_FRAME_BYTES as usize);
    let socket = WebsocketContext::with_codec(actor, guarded, codec);
    let socket = AssertUnwindSafe(socket).catch_unwind();
    response.streaming(socket.map(move |piece| {
        piece.unwrap_or_else(|panic| {
            broken();
            last_frame(&*panic)
        })
    }))
}

/// The last frame of a socket whose actor broke. The panic itself was logged by the hook, where it happened.
fn last_frame(panic: &(dyn Any + Send)) -> Result<Bytes, actix_web::Error> {
    let why =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(event = "WS_STOP", why, "a media socket broke; it is closed with 1011");
    let mut frame = BytesMut::new();
    let reason = CloseReason { code: CloseCode::Error, description: None };
    Codec::new().encode(Message::Close(Some(reason)), &mut frame)?;
    Ok(frame.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    #[actix_rt::test]
    async fn a_panic_becomes_close_1011_and_a_clean_end() {
        let broken_socket = stream::iter([0, 1]).map(|step| {
            assert_eq!(step, 0, "a socket that breaks at its second piece");
            Ok::<Bytes, actix_web::Error>(Bytes::from_static(b"piece"))
        });
        let guarded = AssertUnwindSafe(broken_socket).catch_unwind();
        let (counted, pieces): (Vec<_>, Vec<_>) = guarded
            .map(|piece| match piece {
                Ok(piece) => (false, piece),
                Err(panic) => (true, last_frame(&*panic)),
            })
            .unzip()
            .await;
        assert_eq!(counted, [false, true]);
        let pieces: Vec<Bytes> = pieces.into_iter().map(Result::unwrap).collect();
        assert_eq!(pieces[0], "piece");
        // Final, opcode 8, two bytes: 1011.
        assert_eq!(pieces[1][..], [0x88, 2, 0x03, 0xF3]);
    }
}
