//! The line may die; the call need not.
//!
//! When a stream is lost without a word, the stages live on for a grace in which the carrier asks what
//! follows (`<Connect action>`) and connects the caller anew. The stream that comes then carries the same
//! call, and the agent goes on from what was last heard. If none comes, the call is over.

use std::time::{Duration, Instant};

use actix::{Actor, Addr, AsyncContext, Context, Handler, MessageResult};

use super::CallSupervisor;
use crate::call::now;
use crate::messages::{CallEnd, CloseReason, LineCame, LineDown, LineEnded, LineOrder, LineStuck, LineUp};
use crate::relay::Relay;

impl CallSupervisor {
    fn line_lost(&mut self, since: Instant, end: CallEnd, ctx: &mut Context<Self>) {
        self.host.registry.adrift(&self.summary.call_sid, true);
        self.tell_down(since);
        self.links.recording.stream_lost(end);
        let grace = self.host.settings.grace;
        let seconds = grace.as_secs_f32();
        tracing::warn!(
            event = "LINE_DOWN", why = %end,
            "the stream is lost; the call waits {seconds:.1} s for another"
        );
        self.grace = Some(ctx.run_later(grace, move |actor, ctx| actor.finish(end, ctx)));
    }

    fn tell_down(&self, since: Instant) {
        self.links.pacer.tell(LineDown { since });
        self.links.dialog.tell(LineDown { since });
    }
}

impl Handler<LineEnded> for CallSupervisor {
    type Result = ();

    fn handle(&mut self, ended: LineEnded, ctx: &mut Self::Context) {
        let LineEnded { stream_sid, was_stopped, last_seen } = ended;
        // The end of a stream that another has replaced is nobody's.
        if !self.links.line.is(&stream_sid) {
            return;
        }
        if was_stopped {
            return self.finish(CallEnd::CallerHungUp, ctx);
        }
        self.links.line.take();
        self.line_lost(last_seen, CallEnd::LineLost, ctx);
    }
}

impl Handler<LineStuck> for CallSupervisor {
    type Result = ();

    /// The order to close reaches a peer that reads again; the cut ends a connection whose peer never will.
    fn handle(&mut self, _: LineStuck, ctx: &mut Self::Context) {
        let Some(line) = self.links.line.take() else { return };
        line.orders.do_send(LineOrder::Close(CloseReason::Slow));
        ctx.run_later(Duration::from_secs(1), move |_, _| line.cut.cut());
        // What went into it since then waits in a socket that nobody reads.
        let since = self.book.borrow().ledger.last_echo().unwrap_or(self.started);
        self.line_lost(since, CallEnd::LineStuck, ctx);
    }
}

impl Handler<LineCame> for CallSupervisor {
    type Result = MessageResult<LineCame>;

    fn handle(&mut self, LineCame(line): LineCame, ctx: &mut Self::Context) -> Self::Result {
        if self.end.is_some() {
            return MessageResult(None);
        }
        let grace = self.grace.take();
        if let Some(grace) = grace {
            ctx.cancel_future(grace);
        } else {
            // Nobody had noticed yet that the stream before this one is dead.
            self.tell_down(now());
        }
        self.summary.stream_sid = line.stream_sid.clone();
        self.host.registry.moved(&self.summary);
        self.links.recording.stream_started(&self.summary.stream_sid);
        if let Some(older) = self.links.line.put(line) {
            older.orders.do_send(LineOrder::Close(CloseReason::Moved));
        }
        tracing::info!(
            event = "LINE_UP", stream_sid = %self.summary.stream_sid,
            "another stream carries the call; it goes on where the caller last heard it"
        );
        self.resumed += 1;
        self.links.pacer.tell(LineUp);
        self.links.dialog.tell(LineUp);
        let relay: Addr<Relay> = Relay::new(self.links.clone()).start();
        MessageResult(Some(relay))
    }
}
