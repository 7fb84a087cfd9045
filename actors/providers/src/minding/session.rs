//! The mind of one call.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use moked_core::agent::Agent;
use moked_core::ids::TurnId;
use moked_core::ports::{ChatEvent, ChatRequest, ChatSession, ChatTurn, Sink};
use moked_core::receptionist::{Answer, Lead};
use tokio::time::Instant;

use super::answering::{Answering, Memory, Said};
use super::briefing::{About, brief};
use super::gate::Gate;
use super::limits::MindLimits;
use super::tools::Toolbox;
use super::transcript::Transcript;
use super::wire::MindWire;
use crate::transport::{Task, detach};

/// Limit for the request that only opens a connection.
const WARMING: Duration = Duration::from_secs(5);

/// Longest answer to it that is read; a longer one costs the connection, no more.
const WARMING_BYTES: usize = 1 << 20;

/// Opens a call's session. Turns run as tasks on the current thread's `LocalSet`.
pub fn open(
    wire: Arc<dyn MindWire>,
    agent: Arc<Agent>,
    limits: MindLimits,
    request: ChatRequest,
    events: Sink<ChatEvent>,
) -> Box<dyn ChatSession> {
    Box::new(Session::new(wire, agent, limits, request, events))
}

/// Opens a connection of this thread's pool, in a task of the current `LocalSet`. A failure is for the first
/// turn to meet.
pub fn warm(wire: Arc<dyn MindWire>) {
    detach(async move {
        let warmed = async { wire.greeting().send(WARMING).await?.all(WARMING_BYTES, WARMING).await };
        if let Err(fault) = warmed.await {
            tracing::debug!(engine = wire.name(), "warming: {fault}");
        }
    });
}

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// A call.
    Call,
    /// Finding out whether the model answers.
    Probe,
}

pub(super) struct Session {
    wire: Arc<dyn MindWire>,
    agent: Arc<Agent>,
    limits: MindLimits,
    request: ChatRequest,
    events: Sink<ChatEvent>,
    /// From the first turn on, which tells when the call began.
    memory: Option<Rc<RefCell<Memory>>>,
    at_work: Option<(TurnId, Task)>,
    /// The turn at work, while it may never be one.
    guess: Option<Guess>,
    work: Work,
    /// What the call had brought before this session.
    known: BTreeMap<String, Answer>,
    ear_is_lost: bool,
}

impl Session {
    pub(super) fn new(
        wire: Arc<dyn MindWire>,
        agent: Arc<Agent>,
        limits: MindLimits,
        request: ChatRequest,
        events: Sink<ChatEvent>,
    ) -> Self {
        let known = BTreeMap::new();
        let (memory, at_work, guess, work) = (None, None, None, Work::Call);
        Self { wire, agent, limits, request, events, memory, at_work, guess, work, known, ear_is_lost: false }
    }

    pub(super) fn at(self, work: Work) -> Self {
        Self { work, ..self }
    }

    fn memory(&mut self, first: &ChatTurn) -> Rc<RefCell<Memory>> {
        let (agent, request, known) = (&self.agent, &self.request, &self.known);
        let memory = self.memory.get_or_insert_with(|| {
            let about = About { agent, caller: request.caller.as_deref(), began: first.now, known };
            Rc::new(RefCell::new(Memory {
                call_sid: request.call_sid.clone(),
                language: request.language,
                agent: Arc::clone(agent),
                brief: brief(about, request.language).into(),
                transcript: Transcript::default(),
                toolbox: Toolbox::knowing(Arc::clone(agent), known.clone()),
                made_ids: 0,
            }))
        });
        Rc::clone(memory)
    }
}

/// A turn that was begun on a guess.
struct Guess {
    turn: TurnId,
    gate: Gate,
}

impl Session {
    fn begin(&mut self, turn: ChatTurn, gate: Gate) {
        self.at_work = None;
        self.forget_guess();
        let memory = self.memory(&turn);
        {
            let mut memory = memory.borrow_mut();
            if std::mem::take(&mut self.ear_is_lost) {
                memory.transcript.ear_is_lost();
            }
            memory.transcript.begin(&turn);
            memory.toolbox.begin_turn();
        }
        let number = turn.turn;
        let answering = Answering {
            wire: Arc::clone(&self.wire),
            limits: self.limits,
            memory,
            events: self.events.clone(),
            turn,
            gate,
            words_due: Instant::now() + self.limits.turn(),
            voice: Said::default(),
            has_retried: false,
            work: self.work,
        };
        self.at_work = Some((number, Task::spawn(answering.run())));
    }

    /// What was begun on a guess never was a turn.
    fn forget_guess(&mut self) {
        if let (Some(_), Some(memory)) = (self.guess.take(), &self.memory) {
            memory.borrow_mut().transcript.forget_newest();
        }
    }
}

impl ChatSession for Session {
    fn think(&mut self, turn: ChatTurn) {
        self.begin(turn, Gate::open());
    }

    fn speculate(&mut self, turn: ChatTurn) -> bool {
        let (number, gate) = (turn.turn, Gate::closed());
        self.begin(turn, gate.clone());
        self.guess = Some(Guess { turn: number, gate });
        true
    }

    fn commit(&mut self, turn: TurnId) {
        if let Some(guess) = self.guess.take_if(|guess| guess.turn == turn) {
            guess.gate.unlock();
        }
    }

    fn cancel(&mut self, turn: TurnId) {
        self.at_work.take_if(|(at_work, _)| *at_work == turn);
        if self.guess.as_ref().is_some_and(|guess| guess.turn == turn) {
            self.forget_guess();
        }
    }

    fn take_over(&mut self, lead: &Lead) {
        self.known.clone_from(&lead.answers);
    }

    fn ear_is_lost(&mut self) {
        self.ear_is_lost = true;
    }
}
