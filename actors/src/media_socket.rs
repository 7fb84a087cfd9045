//! The socket to the carrier, as an actor: a pipe with a gate.
//!
//! It reads the carrier's messages, lets a stream in by its token, and passes facts on; it writes what the
//! pacer orders. It judges no audio and holds no state of the conversation, and nothing that comes through
//! the network can make it panic.

mod inbound;
mod way;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, ActorContext, AsyncContext, Handler, Running, StreamHandler};
use actix_web_actors::ws::{self, CloseCode, ProtocolError, WebsocketContext};
use moked_core::ids::{CallSid, StreamSid};
use moked_core::twilio::{Stream, outbound};
use tracing::Span;

use crate::call::{Cut, now};
use crate::frames::{Frames, Whole};
use crate::host::{CallHost, SocketMode};
use crate::messages::{CloseReason, LineEnded, LineOrder};
use way::Way;

/// Orders the socket holds before the pacer must wait. The lead is a dozen; the rest is for a slow reader.
const MAILBOX: usize = 64;

/// How often the clock is looked at.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Quiet time after which the peer is asked for a sign of life. A carrier sends 50 frames a second.
const QUIET: Duration = Duration::from_secs(1);

/// Quiet time after which the line is taken as lost: twice as long as it takes to answer a ping.
const LOST: Duration = Duration::from_secs(3);

/// What a socket holds of the edge's until its stream starts or it ends, and then gives back by dropping it.
#[derive(Debug)]
pub struct Waiting(#[expect(dead_code, reason = "held for its drop")] Box<dyn Debug>);

impl Waiting {
    /// Holds `place`.
    pub fn new(place: impl Debug + 'static) -> Self {
        Self(Box::new(place))
    }
}

/// One media stream's socket. The edge hands it a connection whose handshake is done.
#[derive(Debug)]
pub struct MediaSocket {
    host: Arc<CallHost>,
    stream: Stream,
    stream_sid: Option<StreamSid>,
    /// The call, until its first audio is known to have come.
    unheard: Option<CallSid>,
    call: Option<Way>,
    cut: Cut,
    frames: Frames,
    waiting: Option<Waiting>,
    span: Span,
    opened: Instant,
    last_seen: Instant,
    /// Whether a bad message was logged: one line a stream, the rest is counted.
    has_complained: bool,
}

impl MediaSocket {
    /// A socket that waits for `start`, over a connection that `cut` ends.
    pub fn new(host: Arc<CallHost>, cut: Cut, waiting: Waiting) -> Self {
        let now = now();
        Self {
            stream: Stream::new(now, host.start_limit),
            host,
            stream_sid: None,
            unheard: None,
            call: None,
            cut,
            frames: Frames::default(),
            waiting: Some(waiting),
            span: Span::none(),
            opened: now,
            last_seen: now,
            has_complained: false,
        }
    }

    fn heartbeat(&mut self, ctx: &mut WebsocketContext<Self>) {
        if let Some(fault) = self.stream.handle_timeout(now()) {
            tracing::warn!(event = "WS_REFUSED", "{fault}; the socket is closed with 1008");
            self.close(CloseCode::Policy, "no start message", ctx);
            return;
        }
        if let Some(call) = &self.call {
            let view = self.stream.observe();
            call.seen(view);
            if view.media > 0
                && let Some(call_sid) = self.unheard.take()
            {
                self.host.registry.media_came(&call_sid);
            }
        } else if now().duration_since(self.opened) >= self.host.settings.longest_call {
            self.close(CloseCode::Normal, "the longest time of a call has passed", ctx);
            return;
        }
        let quiet = now().duration_since(self.last_seen);
        if quiet >= LOST {
            tracing::warn!(
                event = "WS_LOST",
                "no sign of life for {} s; the line is given up",
                LOST.as_secs()
            );
            ctx.stop();
        } else if quiet >= QUIET {
            tracing::debug!(event = "PNG_PONG_TX");
            ctx.ping(b"moked");
        }
    }

    /// Tells the call behind the socket, once, that this line is gone.
    fn tell_end(&mut self) {
        let (Some(call), Some(stream_sid)) = (self.call.take(), self.stream_sid.clone()) else { return };
        let was_stopped = !self.stream.closed();
        call.seen(self.stream.observe());
        call.line_ended(LineEnded { stream_sid, was_stopped, last_seen: self.last_seen });
    }

    fn close(&mut self, code: CloseCode, why: &str, ctx: &mut WebsocketContext<Self>) {
        ctx.close(Some((code, why).into()));
        ctx.stop();
    }
}

impl Actor for MediaSocket {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        ctx.run_interval(HEARTBEAT, |socket, ctx| {
            let span = socket.span.clone();
            span.in_scope(|| socket.heartbeat(ctx));
        });
    }

    fn stopping(&mut self, _: &mut Self::Context) -> Running {
        match &self.call {
            Some(_) => self.tell_end(),
            None if self.stream_sid.is_some() && self.host.mode == SocketMode::Echo => {
                let seconds = now().duration_since(self.opened).as_secs();
                self.span.in_scope(|| {
                    tracing::info!(event = "WS_STOP", mode = "ECHO", seconds, "echo over after {seconds} s");
                });
            }
            None => {}
        }
        Running::Stop
    }
}

impl StreamHandler<Result<ws::Message, ProtocolError>> for MediaSocket {
    fn handle(&mut self, message: Result<ws::Message, ProtocolError>, ctx: &mut Self::Context) {
        self.last_seen = now();
        let span = self.span.clone();
        span.in_scope(|| match self.frames.attend(message, ctx) {
            Some(Whole::Text(text)) => self.text(&text, ctx),
            Some(Whole::Binary(bytes)) => {
                self.complain(&format!("a binary message of {} bytes came", bytes.len()));
            }
            Some(Whole::Pong) => tracing::debug!(event = "PNG_PONG_RX"),
            None => {}
        });
    }
}

impl Handler<LineOrder> for MediaSocket {
    type Result = ();

    fn handle(&mut self, order: LineOrder, ctx: &mut Self::Context) {
        let Some(stream) = &self.stream_sid else { return };
        match order {
            LineOrder::Media(mulaw) => ctx.text(outbound::media(stream, &mulaw)),
            LineOrder::Mark(name) => ctx.text(outbound::mark(stream, &name)),
            LineOrder::Clear => ctx.text(outbound::clear(stream)),
            LineOrder::Close(reason) => {
                self.call = None;
                match reason {
                    CloseReason::Slow => self.close(CloseCode::Again, "audio was not taken in time", ctx),
                    CloseReason::Moved => {
                        self.close(CloseCode::Normal, "another stream carries the call", ctx);
                    }
                    CloseReason::Finished => self.close(CloseCode::Normal, "the call is over", ctx),
                    CloseReason::Fault => self.close(CloseCode::Error, "the call failed", ctx),
                }
            }
        }
    }
}

/// A socket whose actor panicked tells of its end too.
impl Drop for MediaSocket {
    fn drop(&mut self) {
        self.tell_end();
    }
}
