//! A small server that answers like moked, save for one fault.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::net::TcpListener;

use actix_web::http::header::HeaderMap;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use actix_web_actors::ws;
use bytes::Bytes;
use futures_util::StreamExt as _;

/// What is wrong with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The sub-protocol never comes back.
    NoEcho,
    /// The sub-protocol comes back although nobody offered it.
    EchoUnasked,
    /// Of several header lines only the first is read.
    FirstLineOnly,
    /// The handshake is answered with 200.
    PlainAnswer,
    /// Compression is accepted.
    Compression,
    /// The action of `<Connect>` is answered with an empty 204.
    EmptyAction,
    /// The stream's address has an empty step.
    DoubleSlash,
    /// There are no engines.
    NotReady,
    /// One of the status webhooks does not exist.
    WebhookGone,
    /// It is another program.
    Stranger,
}

/// Starts it on a free port. It ends with the test's system.
pub(crate) fn patient(fault: Option<Fault>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = HttpServer::new(move || {
        App::new().default_service(web::to(move |request: HttpRequest, payload: web::Payload| async move {
            answer(&request, payload, fault, port)
        }))
    });
    actix_rt::spawn(server.workers(1).disable_signals().listen(listener).unwrap().run());
    port
}

fn answer(request: &HttpRequest, payload: web::Payload, fault: Option<Fault>, port: u16) -> HttpResponse {
    if fault == Some(Fault::Stranger) {
        return HttpResponse::NotFound().body("<html>not here</html>");
    }
    match request.path() {
        "/healthz" => HttpResponse::Ok().body("ok"),
        "/version" => HttpResponse::Ok()
            .body(r#"{"name":"moked","version":"1","git_commit":null,"deploy_id":null}"#),
        "/readyz" if fault == Some(Fault::NotReady) => HttpResponse::ServiceUnavailable().body(
            r#"{"status":"failed","calls":"message","why":"no voice","stt":"x","tts":"x","llm":"x","db":"x"}"#,
        ),
        "/readyz" => HttpResponse::Ok()
            .body(r#"{"status":"ok","calls":"agent","why":null,"stt":"ok","tts":"ok","llm":"ok","db":"x"}"#),
        "/webhook/incoming_call" | "/webhook/incoming_call_preview" => {
            let is_preview = request.path().ends_with("preview");
            let slash = if fault == Some(Fault::DoubleSlash) && !is_preview { "/" } else { "" };
            document(&format!(
                "<Connect action=\"http://127.0.0.1:{port}/webhook/stream_action\">\
                 <Stream url=\"ws://127.0.0.1:{port}{slash}/ws/twilio-media\">\
                 <Parameter name=\"token\" value=\"t\"/></Stream></Connect>"
            ))
        }
        "/webhook/stream_action" if fault == Some(Fault::EmptyAction) => HttpResponse::NoContent().finish(),
        "/webhook/stream_action" => document("<Hangup/>"),
        "/webhook/stream_ended" if fault == Some(Fault::WebhookGone) => HttpResponse::NotFound().finish(),
        "/webhook/stream_status" | "/webhook/stream_ended" | "/webhook/call_status" => {
            HttpResponse::NoContent().finish()
        }
        "/ws/twilio-media" => handshake(request, payload, fault),
        _ => HttpResponse::NotFound().finish(),
    }
}

fn document(verbs: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("application/xml").body(format!("<Response>{verbs}</Response>"))
}

fn handshake(request: &HttpRequest, payload: web::Payload, fault: Option<Fault>) -> HttpResponse {
    if fault == Some(Fault::PlainAnswer) {
        return HttpResponse::Ok().body("<html>welcome</html>");
    }
    let Ok(mut response) = ws::handshake(request) else { return HttpResponse::UpgradeRequired().finish() };
    let echoes = match fault {
        Some(Fault::NoEcho) => false,
        Some(Fault::EchoUnasked) => true,
        Some(Fault::FirstLineOnly) => offers(request.headers(), 1),
        _ => offers(request.headers(), usize::MAX),
    };
    if echoes {
        response.insert_header(("Sec-WebSocket-Protocol", "audio.twilio.com"));
    }
    if fault == Some(Fault::Compression) && request.headers().contains_key("sec-websocket-extensions") {
        response.insert_header(("Sec-WebSocket-Extensions", "permessage-deflate"));
    }
    // Whoever speaks is shown the door: a close frame with 1008.
    let door = payload.take(1).map(|_| Ok::<_, actix_web::Error>(Bytes::from_static(&[0x88, 2, 0x03, 0xF0])));
    response.streaming(door)
}

fn offers(headers: &HeaderMap, lines: usize) -> bool {
    headers.get_all("sec-websocket-protocol").take(lines).any(|line| line == "audio.twilio.com")
}
