//! Where the stages of a call find each other.
//!
//! A stage that is started anew has a new address, so nobody keeps one: each message looks its receiver
//! up in a slot. Between two lives the slot holds the address of the next; what a dead one still had in its
//! mailbox is lost with it.

use std::cell::{Cell, RefCell};
use std::fmt;

use actix::dev::{Envelope, ToEnvelope};
use actix::{Actor, Addr, Handler, Message, WeakAddr};
use moked_core::ids::TurnId;
use moked_core::restart::Child;
use moked_core::twilio::StreamView;

use super::{LineSlot, Recording, Restarts};
use crate::dialog::Dialog;
use crate::messages::{CallerAudio, ListenYourself, OneHopFailed};
use crate::one_hop::OneHop;
use crate::pacer::Pacer;
use crate::stt::Stt;
use crate::supervisor::CallSupervisor;
use crate::trace::CallWatch;
use crate::tts::Tts;

/// The address of a stage, whichever life it is in.
pub(crate) struct Slot<A: Actor>(RefCell<Option<Addr<A>>>);

impl<A: Actor> Slot<A> {
    pub(crate) fn put(&self, address: Addr<A>) {
        self.0.replace(Some(address));
    }

    pub(crate) fn get(&self) -> Option<Addr<A>> {
        self.0.borrow().clone()
    }

    /// Whether somebody reads the mailbox, or will.
    fn runs(&self) -> bool {
        self.0.borrow().as_ref().is_some_and(Addr::connected)
    }

    /// Tells a fact or an order. Control is small and rare, so it passes the mailbox's bound.
    pub(crate) fn tell<M>(&self, message: M)
    where
        M: Message + Send + 'static,
        M::Result: Send,
        A: Handler<M>,
        A::Context: ToEnvelope<A, M>,
    {
        if let Some(address) = self.0.borrow().as_ref() {
            address.do_send(message);
        }
    }

    /// Offers audio; gives it back when the mailbox is full.
    pub(crate) fn offer<M>(&self, message: M) -> Offer<M>
    where
        M: Message + Send + 'static,
        M::Result: Send,
        A: Handler<M>,
        A::Context: ToEnvelope<A, M>,
        Envelope<A>: Send,
    {
        match self.0.borrow().as_ref().map(|address| address.try_send(message)) {
            Some(Ok(())) => Offer::Taken,
            Some(Err(actix::prelude::SendError::Full(message))) => Offer::Full(message),
            Some(Err(actix::prelude::SendError::Closed(_))) | None => Offer::Nobody,
        }
    }
}

/// What became of an offer.
pub(crate) enum Offer<M> {
    /// It is in the mailbox.
    Taken,
    /// The mailbox is full; here it is back.
    Full(M),
    /// The stage is gone.
    Nobody,
}

impl<A: Actor> Default for Slot<A> {
    fn default() -> Self {
        Self(RefCell::new(None))
    }
}

impl<A: Actor> fmt::Debug for Slot<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.borrow().is_some() { "Slot(filled)" } else { "Slot(empty)" })
    }
}

/// The stages of one call.
#[derive(Debug)]
pub(crate) struct Links {
    pub(crate) line: LineSlot,
    pub(crate) supervisor: WeakAddr<CallSupervisor>,
    pub(crate) stt: Slot<Stt>,
    pub(crate) dialog: Slot<Dialog>,
    pub(crate) tts: Slot<Tts>,
    pub(crate) pacer: Slot<Pacer>,
    pub(crate) one_hop: Slot<OneHop>,
    /// Whether one engine hears, thinks and speaks; else the stages do.
    pub(crate) is_one_hop: Cell<bool>,
    /// What is kept of the call.
    pub(crate) recording: Recording,
    /// The stream in numbers, as the socket last told.
    pub(crate) stream: Cell<StreamView>,
    /// The newest turn handed to the voice.
    pub(crate) spoken_turn: Cell<TurnId>,
    /// Caller's frames that the ear could not take.
    pub(crate) dropped_frames: Cell<u64>,
    /// An operator's orders to start a stage anew.
    pub(crate) restarts: Restarts,
    /// Where the call tells its meters and its tracer what it does.
    pub(crate) watch: CallWatch,
}

impl Links {
    /// Whether a stage is in one of its lives.
    pub(crate) fn runs(&self, child: Child) -> bool {
        match child {
            Child::Stt => self.stt.runs(),
            Child::Dialog => self.dialog.runs(),
            Child::Tts => self.tts.runs(),
            Child::Pacer => self.pacer.runs(),
            Child::OneHop => self.one_hop.runs(),
        }
    }

    /// Hands caller's audio to the ear; what it cannot take is counted.
    pub(crate) fn caller_audio(&self, audio: CallerAudio) {
        match self.stt.offer(audio) {
            Offer::Taken => {}
            Offer::Full(_) | Offer::Nobody => {
                self.dropped_frames.set(self.dropped_frames.get() + 1);
                self.watch.frame_dropped();
            }
        }
    }

    /// The one-hop engine is lost: the stages do its work for the rest of the call.
    pub(crate) fn give_up_one_hop(&self) {
        if self.is_one_hop.replace(false) {
            self.stt.tell(ListenYourself);
            self.dialog.tell(OneHopFailed { for_good: true });
        }
    }

    /// Tells the supervisor, if it still lives.
    pub(crate) fn tell_supervisor<M>(&self, message: M)
    where
        M: Message + Send + 'static,
        M::Result: Send,
        CallSupervisor: Handler<M>,
    {
        if let Some(supervisor) = self.supervisor.upgrade() {
            supervisor.do_send(message);
        }
    }
}
