//! The receptionist as a mind of a call: it answers at once, through the sink.

use std::sync::Arc;

use super::{Lead, Receptionist, Reply};
use crate::agent::Agent;
use crate::ids::TurnId;
use crate::ports::{ChatEvent, ChatModel, ChatRequest, ChatSession, ChatTurn, Sink};

/// Serves all calls of one agent.
#[derive(Debug, Clone)]
pub struct ReceptionistModel {
    agent: Arc<Agent>,
    keypad_only: bool,
}

impl ReceptionistModel {
    /// A receptionist for an agent that has passed [`Agent::check`].
    pub fn new(agent: Arc<Agent>) -> Self {
        Self { agent, keypad_only: false }
    }

    /// A receptionist for lines on which nobody hears the caller: she says so, and every question names the
    /// keys that answer it.
    pub fn keypad_only(agent: Arc<Agent>) -> Self {
        Self { agent, keypad_only: true }
    }
}

impl ChatModel for ReceptionistModel {
    fn name(&self) -> &'static str {
        "receptionist"
    }

    fn open(&self, _request: ChatRequest, events: Sink<ChatEvent>) -> Box<dyn ChatSession> {
        let agent = Arc::clone(&self.agent);
        let receptionist =
            if self.keypad_only { Receptionist::keypad_only(agent) } else { Receptionist::new(agent) };
        Box::new(Session { receptionist, events })
    }
}

struct Session {
    receptionist: Receptionist,
    events: Sink<ChatEvent>,
}

impl ChatSession for Session {
    fn think(&mut self, turn: ChatTurn) {
        let Reply { text, hints, lead, then } = self.receptionist.answer(&turn.said, turn.now);
        let turn = turn.turn;
        self.events.send(ChatEvent::Text { turn, delta: text });
        self.events.send(ChatEvent::Expect { turn, hints });
        if let Some(lead) = lead {
            self.events.send(ChatEvent::Lead { turn, lead });
        }
        self.events.send(ChatEvent::Done { turn, then });
    }

    /// The answer was complete before anyone could cancel it. What the caller said stays known: he said it.
    fn cancel(&mut self, _turn: TurnId) {}

    fn take_over(&mut self, lead: &Lead) {
        self.receptionist.take_over(lead);
    }

    fn ear_is_lost(&mut self) {
        self.receptionist.only_keys();
    }
}
