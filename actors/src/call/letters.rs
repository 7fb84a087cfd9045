//! The letters of a stage: what was told to it and not yet read.
//!
//! The mailbox of an actix actor dies with it, and what waits in it is lost: keys pressed in a burst, audio that
//! a busy ear had not heard. So the stages of a call are written letters, which lie beside the actor and not in
//! it; each life has a reader that hands them to the actor one at a time. One that fails takes with it the letter
//! in its hands and no other. What the engines of ear and voice tell comes by the mailbox: that is nobody else's business, and dies with
//! the session that said it. The mind and the one-hop engine outlive a life of their stage, and theirs are letters too.
//!
//! All stages of a call share a thread, so this is plain data without a lock.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix::fut::ActorFuture;
use actix::{Actor, Handler, Message};

/// Letters read at a time before the thread's other tasks have a turn: three seconds of audio frames.
const BATCH: usize = 150;

type Read<A> = Box<dyn FnOnce(&mut A, &mut <A as Actor>::Context)>;

struct Letter<A: Actor> {
    read: Read<A>,
    /// The life it is for, if it is of no use to the next.
    only_for: Option<u32>,
}

/// What waits for a stage, whichever life it is in.
pub(crate) struct Letters<A: Actor> {
    waiting: RefCell<VecDeque<Letter<A>>>,
    reader: RefCell<Option<Waker>>,
    life: Cell<u32>,
    is_closed: Cell<bool>,
    /// How many may wait before audio is given back.
    pub(super) most: Cell<usize>,
}

impl<A: Actor> Letters<A> {
    /// Adds a letter, unless nobody will read any more; `outlives` says whether the next life is to read it
    /// when this one does not.
    pub(super) fn add<M>(&self, message: M, outlives: bool)
    where
        M: Message + 'static,
        A: Handler<M>,
    {
        if self.is_closed.get() {
            return;
        }
        let read = Box::new(move |actor: &mut A, context: &mut A::Context| {
            actor.handle(message, context);
        });
        let only_for = (!outlives).then(|| self.life.get());
        self.waiting.borrow_mut().push_back(Letter { read, only_for });
        let reader = self.reader.borrow_mut().take();
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.waiting.borrow().len() >= self.most.get()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// A life is over. What comes now is for the next.
    pub(super) fn next_life(&self) {
        self.life.set(self.life.get() + 1);
    }

    /// What was for past lives alone is of no use to this one.
    pub(super) fn forget_past(&self) {
        let life = self.life.get();
        self.waiting.borrow_mut().retain(|letter| letter.only_for.is_none_or(|only| only == life));
    }

    /// There is no further life.
    pub(super) fn close(&self) {
        self.is_closed.set(true);
        let left = std::mem::take(&mut *self.waiting.borrow_mut());
        drop(left);
    }

    fn next(&self) -> Option<Letter<A>> {
        self.waiting.borrow_mut().pop_front()
    }
}

impl<A: Actor> Default for Letters<A> {
    fn default() -> Self {
        Self {
            waiting: RefCell::default(),
            reader: RefCell::default(),
            life: Cell::default(),
            is_closed: Cell::default(),
            most: Cell::default(),
        }
    }
}

/// Reads a stage its letters, for one life.
pub(crate) struct Reader<A: Actor>(pub(super) Rc<Letters<A>>);

impl<A: Actor> ActorFuture<A> for Reader<A> {
    type Output = ();

    fn poll(
        self: Pin<&mut Self>,
        actor: &mut A,
        context: &mut A::Context,
        task: &mut Context<'_>,
    ) -> Poll<()> {
        for _ in 0..BATCH {
            let Some(letter) = self.0.next() else {
                self.0.reader.borrow_mut().get_or_insert_with(|| task.waker().clone());
                return Poll::Pending;
            };
            (letter.read)(actor, context);
        }
        task.waker().wake_by_ref();
        Poll::Pending
    }
}
