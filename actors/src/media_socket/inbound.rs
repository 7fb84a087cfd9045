//! What the carrier says, passed on.

use std::sync::Arc;

use actix::{ActorContext, ActorFutureExt, AsyncContext, WrapFuture};
use actix_web_actors::ws::{CloseCode, WebsocketContext};
use bytes::Bytes;
use moked_core::twilio::{Media, StreamEvent, StreamStart, outbound};

use super::{MediaSocket, Way};
use crate::call::{Line, now};
use crate::host::{CallBrief, SocketMode};
use crate::messages::{CallEnd, CallerAudio, LineCame};
use crate::supervisor::CallSupervisor;

impl MediaSocket {
    pub(super) fn text(&mut self, text: &str, ctx: &mut WebsocketContext<Self>) {
        match self.stream.read(text, now()) {
            Ok(StreamEvent::Connected | StreamEvent::Nothing) => {}
            Ok(StreamEvent::Started(start)) => self.start(start, ctx),
            Ok(StreamEvent::Audio { media, gap_ms }) => self.audio(&media, gap_ms, ctx),
            Ok(StreamEvent::Mark(name)) => self.tell(|call| call.mark(name)),
            Ok(StreamEvent::Digit(key)) => self.tell(|call| call.key(key.as_char())),
            Ok(StreamEvent::Stopped) => {
                self.tell(|call| call.end(CallEnd::CallerHungUp));
                ctx.stop();
            }
            Err(fault) if fault.ends_stream() => {
                tracing::warn!(event = "WS_REFUSED", "{fault}; the socket is closed with 1008");
                self.close(CloseCode::Policy, "the stream was refused", ctx);
            }
            Err(fault) => self.complain(&fault.to_string()),
        }
    }

    /// Logs the first bad message of a stream; the stream's counters tell of the rest.
    pub(super) fn complain(&mut self, why: &str) {
        self.host.registry.meters().garbage.add();
        if !self.has_complained {
            self.has_complained = true;
            tracing::warn!(event = "WS_GARBAGE", "{why}; dropped, and more of the kind are only counted");
        }
    }

    fn start(&mut self, start: StreamStart, ctx: &mut WebsocketContext<Self>) {
        self.waiting = None;
        let brief = match self.host.admission.admit(&start) {
            Ok(brief) => brief,
            Err(refusal) => {
                tracing::warn!(
                    event = "WS_REFUSED", call_sid = %start.call_sid,
                    "{refusal}; the socket is closed with 1008"
                );
                self.close(CloseCode::Policy, "the stream was refused", ctx);
                return;
            }
        };
        self.span = tracing::info_span!("call", call_sid = %start.call_sid, stream_sid = %start.stream_sid);
        self.stream_sid = Some(start.stream_sid.clone());
        self.unheard = Some(start.call_sid.clone());
        let span = self.span.clone();
        let _entered = span.enter();
        match self.host.mode {
            SocketMode::Echo => {
                tracing::info!(event = "WS_START", mode = "ECHO", "the caller hears himself");
            }
            SocketMode::Agent => {
                tracing::info!(
                    event = "WS_START",
                    mode = "AI",
                    language = brief.language.code(),
                    "stream started"
                );
                self.join(brief, start, ctx);
            }
        }
    }

    /// Joins the call that lives and has lost its stream, or begins one.
    fn join(&mut self, brief: CallBrief, start: StreamStart, ctx: &mut WebsocketContext<Self>) {
        let orders = ctx.address().recipient();
        let line = Line { stream_sid: start.stream_sid.clone(), orders, cut: self.cut.clone() };
        let Some(supervisor) = self.host.registry.supervisor(&start.call_sid) else {
            return self.begin(brief, &start, line);
        };
        // What the carrier says meanwhile waits: the socket reads nothing until it knows its call.
        let answer = supervisor.send(LineCame(line.clone())).into_actor(self);
        ctx.wait(answer.map(move |answer, socket, _| match answer {
            Ok(Some(relay)) => {
                let meters = Arc::clone(socket.host.registry.meters());
                socket.call = Some(Way::Relayed { relay, meters });
            }
            // It ended as this stream began.
            Ok(None) | Err(_) => socket.begin(brief, &start, line),
        }));
    }

    fn begin(&mut self, brief: CallBrief, start: &StreamStart, line: Line) {
        let span = self.span.clone();
        let _entered = span.enter();
        let links = CallSupervisor::begin(Arc::clone(&self.host), brief, start, line);
        self.call = Some(Way::Direct(links));
    }

    fn audio(&mut self, media: &Media<'_>, gap_ms: u64, ctx: &mut WebsocketContext<Self>) {
        let mulaw = match media.decode() {
            Ok(mulaw) => Bytes::from(mulaw),
            Err(error) => return self.complain(&error.to_string()),
        };
        match (&mut self.call, self.host.mode, &self.stream_sid) {
            (Some(call), _, _) => call.audio(CallerAudio { mulaw, gap_ms }),
            (None, SocketMode::Echo, Some(stream)) => ctx.text(outbound::media(stream, &mulaw)),
            (None, SocketMode::Echo | SocketMode::Agent, _) => {}
        }
    }

    fn tell(&self, what: impl FnOnce(&Way)) {
        if let Some(call) = &self.call {
            what(call);
        }
    }
}
