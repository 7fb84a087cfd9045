//! The server that the WebSocket conformance suite talks to: an echo in the shell of the media socket.
//!
//! The suite sends messages and wants them back, which a media socket does not do. So this puts an actor that
//! does nothing else into [`moked::upgrade`], behind the same guard, decoder and [`Frames`] as a call. It
//! prints its port and serves until it is ended; `deploy/conformance.sh` starts it.
#![expect(clippy::print_stdout, reason = "its output is its interface")]

use actix::{Actor, StreamHandler};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Result, web};
use actix_web_actors::ws::{Message, ProtocolError, WebsocketContext, handshake};
use moked::upgrade::upgrade;
use moked_actors::frames::{Frames, Whole};

#[derive(Default)]
struct Echo(Frames);

impl Actor for Echo {
    type Context = WebsocketContext<Self>;
}

impl StreamHandler<Result<Message, ProtocolError>> for Echo {
    fn handle(&mut self, message: Result<Message, ProtocolError>, ctx: &mut Self::Context) {
        match self.0.attend(message, ctx) {
            Some(Whole::Text(text)) => ctx.text(text),
            Some(Whole::Binary(bytes)) => ctx.binary(bytes),
            Some(Whole::Pong) | None => {}
        }
    }
}

async fn echo(request: HttpRequest, payload: web::Payload) -> Result<HttpResponse> {
    Ok(upgrade(handshake(&request)?, payload, Echo::default(), || {}))
}

#[actix_rt::main]
async fn main() -> std::io::Result<()> {
    let server = HttpServer::new(|| App::new().default_service(web::to(echo)))
        .workers(1)
        .tcp_nodelay(true)
        .bind(("127.0.0.1", 0))?;
    for address in server.addrs() {
        println!("{}", address.port());
    }
    server.run().await
}
