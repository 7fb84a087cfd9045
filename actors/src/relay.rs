//! The way of a later stream's facts to a call that lives on another thread.
//!
//! The stages of a call share one thread and what lies on it. Its first socket is accepted there too; a
//! socket that comes when the first was lost may be accepted by any worker. It tells its facts to this actor,
//! which lives with the call. The socket holds the only address, so the relay ends with it.

use std::rc::Rc;

use actix::{Actor, Context, Handler, Message};
use moked_core::twilio::StreamView;

use crate::call::Links;
use crate::messages::{CallerAudio, EndCall, KeyPressed, LineEnded, MarkReached};

/// Frames the relay holds: 1 s. It is never busy.
const MAILBOX: usize = 50;

/// The relay actor.
#[derive(Debug)]
pub struct Relay(Rc<Links>);

/// The stream in numbers.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub(crate) struct StreamSeen(pub(crate) StreamView);

impl Relay {
    pub(crate) fn new(links: Rc<Links>) -> Self {
        Self(links)
    }
}

impl Actor for Relay {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
    }
}

impl Handler<CallerAudio> for Relay {
    type Result = ();

    fn handle(&mut self, audio: CallerAudio, _: &mut Self::Context) {
        self.0.caller_audio(audio);
    }
}

impl Handler<MarkReached> for Relay {
    type Result = ();

    fn handle(&mut self, mark: MarkReached, _: &mut Self::Context) {
        self.0.dialog.tell(mark);
    }
}

impl Handler<KeyPressed> for Relay {
    type Result = ();

    fn handle(&mut self, key: KeyPressed, _: &mut Self::Context) {
        self.0.dialog.tell(key);
    }
}

impl Handler<StreamSeen> for Relay {
    type Result = ();

    fn handle(&mut self, StreamSeen(view): StreamSeen, _: &mut Self::Context) {
        self.0.stream.set(view);
    }
}

impl Handler<LineEnded> for Relay {
    type Result = ();

    fn handle(&mut self, ended: LineEnded, _: &mut Self::Context) {
        self.0.tell_supervisor(ended);
    }
}

impl Handler<EndCall> for Relay {
    type Result = ();

    fn handle(&mut self, end: EndCall, _: &mut Self::Context) {
        self.0.tell_supervisor(end);
    }
}
