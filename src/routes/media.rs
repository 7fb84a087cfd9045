//! `GET /ws/twilio-media`: the handshake of a media stream.
//!
//! Done by hand rather than by `ws::start`, for three things (`reference/actix.md` 1.5): the sub-protocol is
//! found on any of several header lines, a frame that claims to be too long is refused at its header, and a
//! panic of the socket's actor becomes a Close 1011 instead of a cut connection.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use actix_http::ws::{CloseCode, CloseReason, Codec, HandshakeError, Message};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    HeaderMap, HeaderValue, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{WebsocketContext, handshake};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use moked_actors::host::CallHost;
use moked_actors::media_socket::MediaSocket;
use tokio_util::codec::Encoder;

use super::signed;
use super::state::{Edge, Readiness};
use crate::connection::Connection;
use crate::frame_guard::{FrameGuard, MAX_FRAME_BYTES};
use crate::settings::WsMode;

/// The sub-protocol that Twilio may offer. It is echoed if it was offered, and only then (RFC 6455).
const PROTOCOL: &str = "audio.twilio.com";

/// 101, or why not.
pub(super) async fn twilio_media(
    request: HttpRequest,
    payload: web::Payload,
    edge: web::Data<Edge>,
) -> HttpResponse {
    match admit(&request, &edge) {
        Ok((mut response, host)) => {
            edge.counters.handshakes_accepted.add();
            let cut = Connection::cut_of(&request);
            let guarded = FrameGuard::new(payload, MAX_FRAME_BYTES);
            let codec = Codec::new().max_size(MAX_FRAME_BYTES as usize);
            let socket = WebsocketContext::with_codec(MediaSocket::new(host, cut), guarded, codec);
            let socket = AssertUnwindSafe(socket).catch_unwind();
            response.streaming(socket.map(move |piece| piece.unwrap_or_else(|panic| broken(&edge, &*panic))))
        }
        Err(refusal) => {
            edge.counters.handshakes_refused.add();
            tracing::warn!(
                event = "WS_REFUSED",
                status = refusal.status.as_u16(),
                why = refusal.why,
                "refused a media handshake"
            );
            refusal.response()
        }
    }
}

/// Why a handshake is not answered with 101.
struct Refusal {
    status: StatusCode,
    why: &'static str,
}

impl Refusal {
    fn response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if self.status == StatusCode::UPGRADE_REQUIRED {
            response.insert_header((UPGRADE, "websocket")).insert_header((SEC_WEBSOCKET_VERSION, "13"));
        }
        // A stranger learns that he is one, not what would have made him none.
        let why = if self.status == StatusCode::FORBIDDEN { "forbidden" } else { self.why };
        response.content_type("text/plain; charset=utf-8").body(format!("{why}\n"))
    }
}

fn admit(
    request: &HttpRequest,
    edge: &Edge,
) -> Result<(actix_web::HttpResponseBuilder, Arc<CallHost>), Refusal> {
    let refuse = |status, why| Err(Refusal { status, why });
    if edge.settings.call.ws_mode == WsMode::Disabled {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "media streams are off: WS_MODE is DISABLED");
    }
    let mut response = match handshake(request) {
        Ok(response) => response,
        Err(error) => {
            let (status, why) = explain(&error);
            return refuse(status, why);
        }
    };
    if let Err(denied) = signed::check_upgrade(request, edge) {
        let why = match denied {
            signed::Denied::Stranger(why) => why,
            signed::Denied::Body(_) | signed::Denied::Host => "the Host header names no host",
        };
        return refuse(StatusCode::FORBIDDEN, why);
    }
    let host = match &*edge.readiness.borrow() {
        Readiness::Ready { host, .. } => Arc::clone(host),
        Readiness::Starting => {
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "the engines are still being made");
        }
        Readiness::Failed { .. } => {
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "there are no engines; see /readyz");
        }
    };
    if offers(request.headers()) {
        response.insert_header((SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL)));
    }
    Ok((response, host))
}

/// Whether the client offers the sub-protocol, on whichever header line.
fn offers(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(SEC_WEBSOCKET_PROTOCOL).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|offered| offered.trim() == PROTOCOL)
}

fn explain(error: &HandshakeError) -> (StatusCode, &'static str) {
    match error {
        HandshakeError::GetMethodRequired => (StatusCode::METHOD_NOT_ALLOWED, "a WebSocket begins with GET"),
        HandshakeError::NoWebsocketUpgrade => (
            StatusCode::UPGRADE_REQUIRED,
            "this is a WebSocket for Twilio's media streams: the request has no `Upgrade: websocket`; \
             a proxy in between may have removed it",
        ),
        HandshakeError::NoConnectionUpgrade => (
            StatusCode::UPGRADE_REQUIRED,
            "the request has no `Connection: Upgrade`; a proxy in between may have removed it",
        ),
        HandshakeError::NoVersionHeader | HandshakeError::UnsupportedVersion => {
            (StatusCode::UPGRADE_REQUIRED, "the WebSocket version must be 13")
        }
        HandshakeError::BadWebsocketKey => (StatusCode::BAD_REQUEST, "there is no Sec-WebSocket-Key"),
    }
}

/// Counts a socket whose actor broke, and ends it.
fn broken(edge: &Edge, panic: &(dyn Any + Send)) -> Result<Bytes, actix_web::Error> {
    edge.counters.sockets_broken.add();
    last_frame(panic)
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

    #[test]
    fn offers_are_found_on_every_line() {
        let mut headers = HeaderMap::new();
        assert!(!offers(&headers));
        headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("a, b"));
        assert!(!offers(&headers));
        headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("c ,audio.twilio.com"));
        assert!(offers(&headers));
    }
}
