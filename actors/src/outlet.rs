//! The way of speech to the pacer: in order, and held where the pacer has too many letters.
//!
//! Whoever makes audio makes it faster than it is played. What the pacer cannot take waits here and is offered
//! again a frame later, so that nothing is lost and nothing grows without a bound that its maker sets.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use moked_core::pacing::PacingInput;

use crate::call::{Links, Offer};
use crate::messages::AgentSpeech;

/// Wait before offering again: a frame.
const RETRY: Duration = Duration::from_millis(20);

/// Speech on its way to the pacer.
pub(crate) struct Outlet {
    links: Rc<Links>,
    held: VecDeque<PacingInput>,
    is_retrying: bool,
}

impl Outlet {
    pub(crate) fn new(links: Rc<Links>) -> Self {
        Self { links, held: VecDeque::new(), is_retrying: false }
    }

    /// Hands on. If a time comes back, [`Self::retry`] is due after it.
    pub(crate) fn give(&mut self, input: PacingInput) -> Option<Duration> {
        self.held.push_back(input);
        self.offer()
    }

    /// Offers again what was held, as [`Self::give`].
    pub(crate) fn retry(&mut self) -> Option<Duration> {
        self.is_retrying = false;
        self.offer()
    }

    /// Forgets what is held.
    pub(crate) fn clear(&mut self) {
        self.held.clear();
    }

    /// Whether the pacer has everything.
    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    fn offer(&mut self) -> Option<Duration> {
        while let Some(input) = self.held.pop_front() {
            match self.links.pacer.offer_this_life(AgentSpeech(input)) {
                Offer::Taken | Offer::Nobody => {}
                Offer::Full(AgentSpeech(input)) => {
                    self.held.push_front(input);
                    return (!std::mem::replace(&mut self.is_retrying, true)).then_some(RETRY);
                }
            }
        }
        None
    }
}
