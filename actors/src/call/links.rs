//! Where the stages of a call find each other.
//!
//! A stage that is started anew has a new address, so nobody keeps one: each message is a letter in a slot,
//! which whoever lives next reads on. Only what a stage had in its hands as it failed is lost with it. What the ledger
//! would give again anyway is marked as for one life, and a next one that begins from the ledger throws it away.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use actix::{Actor, Addr, AsyncContext, Handler, Message, WeakAddr};
use moked_core::ids::TurnId;
use moked_core::restart::Child;
use moked_core::twilio::StreamView;

use super::letters::{Letters, Reader};
use super::{LineSlot, Recording, Restarts};
use crate::dialog::Dialog;
use crate::messages::{CallerAudio, ListenYourself, OneHopFailed};
use crate::one_hop::OneHop;
use crate::pacer::Pacer;
use crate::stt::Stt;
use crate::supervisor::CallSupervisor;
use crate::trace::CallWatch;
use crate::tts::Tts;

/// The place of a stage, whichever life it is in.
pub(crate) struct Slot<A: Actor> {
    address: RefCell<Option<Addr<A>>>,
    letters: Rc<Letters<A>>,
}

impl<A: Actor> Slot<A> {
    /// Begins a life in this context. Audio is taken while fewer than `most` letters wait.
    pub(crate) fn open(&self, context: &mut A::Context, most: usize)
    where
        A::Context: AsyncContext<A>,
    {
        self.letters.most.set(most);
        context.spawn(Reader(Rc::clone(&self.letters)));
        self.address.replace(Some(context.address()));
    }

    /// The life is over. What is told from now on is for the next.
    pub(crate) fn life_over(&self) {
        self.letters.next_life();
    }

    /// What was meant for past lives alone is of no use to this one.
    pub(crate) fn forget_past(&self) {
        self.letters.forget_past();
    }

    /// There will be no other life.
    pub(crate) fn close(&self) {
        self.letters.close();
        self.address.take();
    }

    /// The address of the life under way, to ask it for its state.
    pub(crate) fn get(&self) -> Option<Addr<A>> {
        self.address.borrow().clone()
    }

    /// Whether the stage is in one of its lives, or will be: its place was opened and is not closed.
    fn runs(&self) -> bool {
        !self.letters.is_closed() && self.address.borrow().is_some()
    }

    /// Tells a fact or an order. Control is small and rare, so it passes the bound.
    pub(crate) fn tell<M>(&self, message: M)
    where
        M: Message + 'static,
        A: Handler<M>,
    {
        self.letters.add(message, true);
    }

    /// Tells what a next life may be told another way.
    pub(crate) fn tell_this_life<M>(&self, message: M)
    where
        M: Message + 'static,
        A: Handler<M>,
    {
        self.letters.add(message, false);
    }

    /// Offers audio; gives it back when too much waits.
    pub(crate) fn offer<M>(&self, message: M) -> Offer<M>
    where
        M: Message + 'static,
        A: Handler<M>,
    {
        self.offer_to(message, true)
    }

    /// Offers audio that a next life may be offered another way.
    pub(crate) fn offer_this_life<M>(&self, message: M) -> Offer<M>
    where
        M: Message + 'static,
        A: Handler<M>,
    {
        self.offer_to(message, false)
    }

    fn offer_to<M>(&self, message: M, outlives: bool) -> Offer<M>
    where
        M: Message + 'static,
        A: Handler<M>,
    {
        if self.letters.is_closed() {
            return Offer::Nobody;
        }
        if self.letters.is_full() {
            return Offer::Full(message);
        }
        self.letters.add(message, outlives);
        Offer::Taken
    }
}

/// What became of an offer.
pub(crate) enum Offer<M> {
    /// It is on its way.
    Taken,
    /// Too many wait already; here it is back.
    Full(M),
    /// The stage is gone.
    Nobody,
}

impl<A: Actor> Default for Slot<A> {
    fn default() -> Self {
        Self { address: RefCell::default(), letters: Rc::default() }
    }
}

impl<A: Actor> fmt::Debug for Slot<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.address.borrow().is_some() { "Slot(filled)" } else { "Slot(empty)" })
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
