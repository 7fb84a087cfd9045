//! The mind of a one-hop call: it asks the engine for answers, which come to the line another way.

use std::rc::Rc;

use moked_core::ids::TurnId;
use moked_core::ports::{ChatSession, ChatTurn};

use crate::call::Links;
use crate::messages::{AnswerTurn, StopAnswer};

/// Puts turns to the one-hop stage.
pub(crate) struct OneHopMind(pub(crate) Rc<Links>);

impl ChatSession for OneHopMind {
    fn think(&mut self, turn: ChatTurn) {
        self.0.one_hop.tell(AnswerTurn(turn));
    }

    fn cancel(&mut self, turn: TurnId) {
        self.0.one_hop.tell(StopAnswer { turn });
    }
}
