//! The supervisor of one call: it owns what must survive, starts the stages, hears of their deaths, and
//! ends the call.
//!
//! It holds the least logic of all actors, since nothing restarts it. Its own future runs under
//! `catch_unwind`; when it ends, however it ends, the token it holds is dropped and every stage ends with
//! it.

mod line;
mod orders;
mod start;
mod time;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler, ResponseFuture, SpawnHandle};
use futures_util::future::join_all;
use moked_core::restart::Child;
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::call::{Links, SharedBook, now};
use crate::host::{CallBrief, CallHost};
use crate::messages::{
    CallEnd, ChildFailed, CloseReason, EarLost, EndCall, Inspect, LineOrder, StageRestarted,
};
use crate::registry::{CallSummary, EndedCall};

/// How long a stage may take to tell its state.
const INSPECTION_LIMIT: Duration = Duration::from_millis(300);

/// The supervisor actor.
#[derive(Debug)]
pub struct CallSupervisor {
    host: Arc<CallHost>,
    brief: CallBrief,
    summary: CallSummary,
    links: Rc<Links>,
    book: SharedBook,
    token: CancellationToken,
    _ends_the_stages: DropGuard,
    started: std::time::Instant,
    /// Set while no stream carries the call: ends it when none comes.
    grace: Option<SpawnHandle>,
    /// Streams that came after the first.
    resumed: u32,
    end: Option<CallEnd>,
}

impl CallSupervisor {
    fn finish(&mut self, end: CallEnd, ctx: &mut Context<Self>) {
        if self.end.is_some() {
            return;
        }
        self.end = Some(end);
        let reason = if end == CallEnd::Crashed { CloseReason::Fault } else { CloseReason::Finished };
        self.links.line.tell(LineOrder::Close(reason));
        self.book.borrow_mut().close(now());
        let book = self.book.borrow();
        self.links.watch.call_over(&book, end);
        let seconds = now().duration_since(self.started).as_secs();
        self.links.recording.ended(end, seconds, self.links.dropped_frames.get(), &book);
        tracing::info!(
            event = "WS_STOP",
            seconds,
            turns = book.timings.len(),
            failures = book.failures.len(),
            dropped_frames = self.links.dropped_frames.get(),
            has_lead = book.lead.is_some(),
            resumed = self.resumed,
            "call over after {seconds} s: {end}"
        );
        self.host.registry.leave(EndedCall {
            summary: self.summary.clone(),
            end,
            seconds,
            lead: book.lead.clone(),
            conversation: book.conversation.remarks().to_vec(),
            latencies: book.latencies(),
        });
        drop(book);
        ctx.stop();
    }

    fn view(&self) -> Value {
        let book = self.book.borrow();
        json!({
            "call_sid": self.summary.call_sid,
            "stream_sid": self.summary.stream_sid,
            "started_at_ms": self.summary.started_at_ms,
            "seconds": now().duration_since(self.started).as_secs(),
            "language": self.brief.language,
            "conversation": book.conversation.remarks(),
            "lead": book.lead,
            "latencies": book.latencies(),
            "failures": book.failures,
            "dropped_frames": self.links.dropped_frames.get(),
            "is_adrift": self.grace.is_some(),
            "resumed": self.resumed,
            "stream": self.links.stream.get(),
        })
    }
}

impl Actor for CallSupervisor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.host.registry.enter(self.summary.clone(), &ctx.address());
        self.watch_the_time(ctx);
    }
}

impl Handler<EndCall> for CallSupervisor {
    type Result = ();

    fn handle(&mut self, EndCall(end): EndCall, ctx: &mut Self::Context) {
        self.finish(end, ctx);
    }
}

impl Handler<ChildFailed> for CallSupervisor {
    type Result = ();

    fn handle(&mut self, failed: ChildFailed, ctx: &mut Self::Context) {
        let ChildFailed { child, turn, why, gave_up } = failed;
        self.links.recording.stage_failed(child, &why, gave_up);
        let outcome = if gave_up { "it does not come back" } else { "it starts anew" };
        if gave_up {
            tracing::error!(event = "CHILD_FAILED", ?child, gave_up, "{child:?}: {why}; {outcome}");
        } else {
            tracing::warn!(event = "CHILD_FAILED", ?child, gave_up, "{child:?}: {why}; {outcome}");
        }
        self.book.borrow_mut().failures.push(format!("{child:?}: {why}; {outcome}"));
        match (child, gave_up) {
            // The next ear is played what the last one heard.
            (Child::Stt, false) => {}
            (Child::Stt, true) => self.links.dialog.tell(EarLost),
            // They take up their work where it stood, or tell what is lost themselves.
            (Child::Dialog | Child::OneHop | Child::Pacer, false) => {}
            (Child::OneHop, true) => self.links.give_up_one_hop(),
            (Child::Tts, false) => self.links.dialog.tell(StageRestarted { turn }),
            (Child::Tts | Child::Pacer | Child::Dialog, true) => self.finish(CallEnd::Crashed, ctx),
        }
    }
}

impl Handler<Inspect> for CallSupervisor {
    type Result = ResponseFuture<Value>;

    fn handle(&mut self, _: Inspect, _: &mut Self::Context) -> Self::Result {
        let mut view = self.view();
        let mut stages = vec![
            ask("stt", self.links.stt.get()),
            ask("dialog", self.links.dialog.get()),
            ask("tts", self.links.tts.get()),
            ask("pacer", self.links.pacer.get()),
        ];
        stages.extend(self.links.one_hop.get().map(|address| ask("one_hop", Some(address))));
        Box::pin(async move {
            view["actors"] = join_all(stages).await.into_iter().collect::<serde_json::Map<_, _>>().into();
            view
        })
    }
}

type Answer = std::pin::Pin<Box<dyn Future<Output = (String, Value)>>>;

/// Asks one stage for its state, for a limited time: a stuck stage shows as stuck.
fn ask<A>(name: &'static str, address: Option<Addr<A>>) -> Answer
where
    A: Actor<Context = Context<A>> + Handler<Inspect>,
{
    Box::pin(async move {
        let answer = match address {
            None => json!("not running"),
            Some(address) => match tokio::time::timeout(INSPECTION_LIMIT, address.send(Inspect)).await {
                Ok(Ok(view)) => view,
                Ok(Err(_)) => json!("not running"),
                Err(_) => json!("stuck"),
            },
        };
        (name.to_owned(), answer)
    })
}
