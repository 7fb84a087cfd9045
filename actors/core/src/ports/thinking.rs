//! The mind of a call: what was said goes in, what to say comes out, streamed.
//!
//! A large language model and the embedded receptionist stand behind the same port. A session lives as
//! long as its call and may keep state of its own; what the caller really heard travels with each turn.

use std::fmt::Debug;
use std::sync::Arc;

use jiff::civil::DateTime;
use serde::Serialize;

use super::{ProviderFault, Served, Sink};
use crate::conversation::Remark;
use crate::hints::RecognitionHints;
use crate::ids::{CallSid, TurnId};
use crate::language::Language;
use crate::receptionist::Lead;

/// An engine that answers. One value serves all calls.
pub trait ChatModel: Send + Sync + Debug {
    /// Short name for logs and `/readyz`, such as `receptionist`.
    fn name(&self) -> &'static str;

    /// Opens connections ahead of a call, so that names and TLS are never on a turn's path.
    fn warm(&self) {}

    /// The same mind for a probe: it answers in a few tokens, and coming to their end is an answer too.
    /// `None`: its answers cost nothing.
    fn for_probe(&self) -> Option<Arc<dyn ChatModel>> {
        None
    }

    /// Begins one call's conversation.
    fn open(&self, request: ChatRequest, events: Sink<ChatEvent>) -> Box<dyn ChatSession>;
}

/// What a mind is told at the start of a call.
#[derive(Debug, Clone)]
pub struct ChatRequest {
    /// The call, for the engine's log lines.
    pub call_sid: CallSid,
    /// The language of the call.
    pub language: Language,
    /// The caller's number as the carrier gave it, if it did: a claim, not an identity.
    pub caller: Option<String>,
}

/// One call's mind. Used on the call's thread only; must never block it.
pub trait ChatSession {
    /// Answers one turn through the sink. `Done` or `Failed` ends it.
    fn think(&mut self, turn: ChatTurn);

    /// Begins to answer a turn that may never be: the caller has probably finished, with these words. Events come as
    /// for [`ChatSession::think`], and are held until [`ChatSession::commit`] makes it a turn like any other or
    /// [`ChatSession::cancel`] undoes it. Before the commit no tool may be run and no lead told. Whether it is begun;
    /// a mind that answers at once has no reason to, nor one that keeps what it heard.
    fn speculate(&mut self, _turn: ChatTurn) -> bool {
        false
    }

    /// What was begun on a guess is the turn.
    fn commit(&mut self, _turn: TurnId) {}

    /// The turn is dead (the caller spoke on): stop working for it. One that was begun on a guess never was.
    fn cancel(&mut self, turn: TurnId);

    /// The call has brought this much already, under a mind before this one: it is not to be asked again.
    /// Told before the first turn. A mind that keeps nothing has no use for it.
    fn take_over(&mut self, _lead: &Lead) {}

    /// From now on nobody hears the caller: he has only his keys. Told once, before the turn that it first
    /// matters to. A mind that asks nothing has no use for it.
    fn ear_is_lost(&mut self) {}

    /// Who answers the newest turn. `None`: the engine that was opened, over a connection that stood.
    fn served(&self) -> Option<Served> {
        None
    }
}

/// One turn to answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatTurn {
    /// Number of the answer; comes back in every event.
    pub turn: TurnId,
    /// What just happened on the caller's side.
    pub said: CallerSaid,
    /// The conversation before it: of the agent's words only those that were heard.
    pub history: Vec<Remark>,
    /// Local date and time of the business, for "tomorrow at ten".
    pub now: DateTime,
}

/// What the caller did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerSaid {
    /// The call has just begun: greet.
    Nothing,
    /// Words, as recognised.
    Words(String),
    /// Speech that the engine of a one-hop call has heard itself.
    Spoken,
    /// Keys, such as `0541234567` (a terminating `#` is not part of it).
    Digits(String),
    /// Speech that could not be understood.
    Unclear,
    /// Nothing for longer than the silence limit.
    Silence,
    /// The line broke while he listened, and is back: he may have missed something.
    Resumed,
}

/// A fact from the mind.
#[derive(Debug, Clone, PartialEq)]
pub enum ChatEvent {
    /// More of the answer; pieces join without a separator.
    Text {
        /// The turn answered.
        turn: TurnId,
        /// The next piece.
        delta: String,
    },
    /// What the caller will probably say to this answer.
    Expect {
        /// The turn answered.
        turn: TurnId,
        /// Phrases and kinds.
        hints: RecognitionHints,
    },
    /// The conversation produced something to keep.
    Lead {
        /// The turn answered.
        turn: TurnId,
        /// The lead.
        lead: Lead,
    },
    /// The answer is complete.
    Done {
        /// The turn answered.
        turn: TurnId,
        /// What follows once it was heard.
        then: AfterTurn,
    },
    /// No (more) answer will come.
    Failed {
        /// The turn answered.
        turn: TurnId,
        /// Why.
        error: ProviderFault,
    },
}

/// What follows once an answer was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterTurn {
    /// Listen to the caller.
    Listen,
    /// Say no more and end the call.
    HangUp,
}
