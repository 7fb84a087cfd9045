//! What the callers notice, and what they are asked to do next.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use super::dice::Dice;
use super::sabotage::Order;

/// A fault on the caller's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// The connection is dropped without a word.
    Drop,
    /// Nothing is sent or read any more, and nobody is told.
    Stall,
    /// Messages that mean nothing.
    Garbage,
}

/// Everything that is counted, shared by the callers of one thread.
#[derive(Debug)]
pub(super) struct Notes {
    wishes: RefCell<Vec<Option<Wish>>>,
    faults: RefCell<BTreeMap<String, usize>>,
    begun: Cell<usize>,
    pub(super) resumed: Cell<usize>,
    /// Calls that were not connected anew, and why.
    pub(super) cut: RefCell<Vec<String>>,
    /// From the loss of a stream to the agent's next words, ms.
    pub(super) gaps: RefCell<Vec<f64>>,
    /// From the end of an utterance to the agent's next words, ms.
    pub(super) waits: RefCell<Vec<f64>>,
    /// Utterances without an answer.
    pub(super) unanswered: Cell<usize>,
    is_over: Cell<bool>,
}

impl Notes {
    pub(super) fn new(seats: usize) -> Self {
        Self {
            wishes: RefCell::new(vec![None; seats]),
            faults: RefCell::default(),
            begun: Cell::default(),
            resumed: Cell::default(),
            cut: RefCell::default(),
            gaps: RefCell::default(),
            waits: RefCell::default(),
            unanswered: Cell::default(),
            is_over: Cell::default(),
        }
    }

    /// Enters an order for the server.
    pub(super) fn ordered(&self, order: Order) -> Order {
        self.fault(format!("{order:?}"));
        order
    }

    fn fault(&self, name: String) {
        *self.faults.borrow_mut().entry(name).or_default() += 1;
    }

    /// Has some caller break something.
    pub(super) fn wish(&self, dice: &mut Dice) {
        let wish = [Wish::Drop, Wish::Stall, Wish::Garbage][dice.below(3) as usize];
        let mut wishes = self.wishes.borrow_mut();
        let place = dice.below(wishes.len() as u64) as usize;
        if wishes[place].replace(wish).is_none() {
            self.fault(format!("Socket{wish:?}"));
        }
    }

    pub(super) fn take_wish(&self, seat: usize) -> Option<Wish> {
        self.wishes.borrow_mut()[seat].take()
    }

    pub(super) fn begin(&self) {
        self.begun.set(self.begun.get() + 1);
    }

    pub(super) fn begun(&self) -> usize {
        self.begun.get()
    }

    pub(super) fn faults(&self) -> usize {
        self.faults.borrow().values().sum()
    }

    pub(super) fn faults_by_kind(&self) -> BTreeMap<String, usize> {
        self.faults.borrow().clone()
    }

    pub(super) fn gap(&self, gap: Duration) {
        self.gaps.borrow_mut().push(gap.as_secs_f64() * 1_000.0);
    }

    pub(super) fn wait(&self, wait: Duration) {
        self.waits.borrow_mut().push(wait.as_secs_f64() * 1_000.0);
    }

    pub(super) fn end(&self) {
        self.is_over.set(true);
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.get()
    }
}
