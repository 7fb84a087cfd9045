//! What the one-hop stage knows and must not lose with a life: its session, and the answer being made.

use std::cell::RefCell;
use std::rc::Rc;

use moked_core::ports::{AfterTurn, ChatTurn, ConversingSession};

use super::utterances::Utterances;
use crate::call::{Kept, Links};
use crate::outlet::Outlet;

/// What outlives a life of the stage.
pub(super) struct Notes {
    pub(super) session: Kept<dyn ConversingSession>,
    pub(super) outlet: Outlet,
    pub(super) utterances: Utterances,
    pub(super) answer: Option<Answer>,
    pub(super) has_begun: bool,
}

/// The notes, shared by the lives of one stage. Borrowed for one statement at a time.
#[derive(Clone)]
pub(crate) struct OneHopNotes(Rc<RefCell<Notes>>);

impl OneHopNotes {
    /// Those of a stage that has not lived yet.
    pub(crate) fn new(links: &Rc<Links>) -> Self {
        Self(Rc::new(RefCell::new(Notes {
            session: Kept::default(),
            outlet: Outlet::new(Rc::clone(links)),
            utterances: Utterances::default(),
            answer: None,
            has_begun: false,
        })))
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Notes) -> T) -> T {
        work(&mut self.0.borrow_mut())
    }
}

/// An answer that is being made.
pub(super) struct Answer {
    pub(super) asked: ChatTurn,
    /// Whether the stage failed over it before.
    pub(super) has_failed: bool,
    pub(super) has_words: bool,
    /// Characters of its words.
    pub(super) characters: usize,
    /// Bytes of its audio handed on.
    pub(super) bytes: usize,
    /// Set when it is complete: what follows.
    pub(super) then: Option<AfterTurn>,
}

impl Answer {
    /// The answer to this, of which nothing came yet.
    pub(super) fn to(asked: ChatTurn) -> Self {
        Self { asked, has_failed: false, has_words: false, characters: 0, bytes: 0, then: None }
    }
}
