//! `GET /ws/twilio-media`: the handshake of a media stream.
//!
//! Done by hand rather than by `ws::start`: the sub-protocol is found on any of
//! several header lines, a socket that has not said whose it is takes one of few places, and what is admitted
//! runs in the shell of [`crate::upgrade`].

use std::sync::Arc;

use actix_http::ws::HandshakeError;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    HeaderMap, HeaderValue, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use actix_web_actors::ws::handshake;
use moked_actors::host::CallHost;
use moked_actors::media_socket::{MediaSocket, Waiting};

use super::local::client;
use super::signed;
use super::state::{Edge, Readiness};
use crate::connection::Connection;
use crate::settings::WsMode;
use crate::upgrade::upgrade;
use crate::waiting_room::{Full, Place};

/// The sub-protocol that Twilio may offer. It is echoed if it was offered, and only then (RFC 6455).
const PROTOCOL: &str = "audio.twilio.com";

/// 101, or why not.
pub(super) async fn twilio_media(
    request: HttpRequest,
    payload: web::Payload,
    edge: web::Data<Edge>,
) -> HttpResponse {
    match admit(&request, &edge) {
        Ok(Admitted { response, host, place }) => {
            edge.counters.handshakes_accepted.add();
            Connection::bound_sending(&request);
            let socket = MediaSocket::new(host, Connection::cut_of(&request), Waiting::new(place));
            upgrade(response, payload, socket, move || edge.counters.sockets_broken.add())
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

/// A handshake that is answered with 101.
struct Admitted {
    response: HttpResponseBuilder,
    host: Arc<CallHost>,
    place: Place,
}

fn admit(request: &HttpRequest, edge: &Edge) -> Result<Admitted, Refusal> {
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
    // Last, so that only who may come in takes a place. It is held until the stream says whose it is.
    let place = edge.waiting_room.enter(client(request, &edge.settings.server)).map_err(|full| Refusal {
        status: StatusCode::SERVICE_UNAVAILABLE,
        why: match full {
            Full::Everywhere => "server.max_waiting_streams sockets wait for their start message already",
            Full::OfAddress => {
                "server.max_waiting_streams_per_address sockets of this address wait for their start message \
                 already"
            }
        },
    })?;
    Ok(Admitted { response, host, place })
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

#[cfg(test)]
mod tests {
    use super::*;

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
