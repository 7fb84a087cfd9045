//! Minds in order.
//!
//! What the call brought under one mind is told to the next, so that nothing is asked twice.

use std::cell::RefCell;
use std::rc::Rc;

use moked_core::ids::TurnId;
use moked_core::ports::{
    ChatEvent, ChatModel, ChatRequest, ChatSession, ChatTurn, ProviderFault, Served, Sink,
};
use moked_core::receptionist::Lead;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::Order;
use super::asked::Asked;
use crate::transport::Task;

/// Minds in order, behind one port. The last is normally the receptionist, which needs nobody.
#[derive(Debug, Clone)]
pub struct FailoverMind(Order<dyn ChatModel>);

impl FailoverMind {
    /// Minds, first choice first.
    pub fn new(order: Order<dyn ChatModel>) -> Self {
        Self(order)
    }

    /// The minds, for their health.
    pub fn order(&self) -> &Order<dyn ChatModel> {
        &self.0
    }
}

impl ChatModel for FailoverMind {
    fn name(&self) -> &'static str {
        self.0.first().map_or("none", |engine| engine.name())
    }

    fn warm(&self) {
        self.0.ahead(|engine| engine.warm());
    }

    fn open(&self, request: ChatRequest, events: Sink<ChatEvent>) -> Box<dyn ChatSession> {
        let (sender, mut receiver) = unbounded_channel();
        let state = Rc::new(RefCell::new(State {
            order: self.0.clone(),
            request,
            events,
            sender,
            place: 0,
            generation: 0,
            session: None,
            under_way: None,
            asked: None,
            lead: None,
            ear_is_lost: false,
        }));
        let shared = Rc::clone(&state);
        let task = Task::spawn(async move {
            while let Some((generation, event)) = receiver.recv().await {
                shared.borrow_mut().heard(generation, event);
            }
        });
        Box::new(Session { state, _task: task })
    }
}

struct Session {
    state: Rc<RefCell<State>>,
    _task: Task,
}

impl ChatSession for Session {
    fn think(&mut self, turn: ChatTurn) {
        let mut state = self.state.borrow_mut();
        state.under_way = Some(UnderWay { turn, has_spoken: false, is_guess: false });
        state.ask();
    }

    fn speculate(&mut self, turn: ChatTurn) -> bool {
        self.state.borrow_mut().speculate(turn)
    }

    fn commit(&mut self, turn: TurnId) {
        let mut state = self.state.borrow_mut();
        if let Some(under_way) = state.under_way.as_mut().filter(|under_way| under_way.turn.turn == turn) {
            under_way.is_guess = false;
        }
        if let Some(session) = &mut state.session {
            session.commit(turn);
        }
    }

    fn cancel(&mut self, turn: TurnId) {
        let mut state = self.state.borrow_mut();
        if let Some(session) = &mut state.session {
            session.cancel(turn);
        }
        if state.under_way.as_ref().is_some_and(|under_way| under_way.turn.turn == turn) {
            state.under_way = None;
        }
    }

    fn take_over(&mut self, lead: &Lead) {
        let mut state = self.state.borrow_mut();
        state.lead = Some(lead.clone());
        if let Some(session) = &mut state.session {
            session.take_over(lead);
        }
    }

    fn ear_is_lost(&mut self) {
        let mut state = self.state.borrow_mut();
        state.ear_is_lost = true;
        if let Some(session) = &mut state.session {
            session.ear_is_lost();
        }
    }

    fn served(&self) -> Option<Served> {
        self.state.borrow().asked.as_ref().map(Asked::served)
    }
}

struct UnderWay {
    turn: ChatTurn,
    has_spoken: bool,
    /// It may never be a turn, and is worth no second mind.
    is_guess: bool,
}

struct State {
    order: Order<dyn ChatModel>,
    request: ChatRequest,
    events: Sink<ChatEvent>,
    sender: UnboundedSender<(u32, ChatEvent)>,
    place: usize,
    /// Number of the session, so that the word of an older one is known as such.
    generation: u32,
    session: Option<Box<dyn ChatSession>>,
    under_way: Option<UnderWay>,
    /// The mind that the newest turn was put to.
    asked: Option<Asked>,
    /// What the call has brought so far, for the next mind.
    lead: Option<Lead>,
    ear_is_lost: bool,
}

impl State {
    /// Puts the turn under way to the mind of this place, opening it if needed.
    fn ask(&mut self) {
        let mut fresh = None;
        if self.session.is_none() {
            let Some((place, name, engine)) = self.order.admitted(self.place) else {
                return self.give_up(ProviderFault::Unavailable { why: "no mind is configured".into() });
            };
            if place != self.place || self.generation > 0 {
                tracing::warn!(event = "MIND_SWITCHED", engine = name, "the call goes on with another mind");
            }
            self.place = place;
            fresh = Some(engine);
        }
        let order = self.order.clone();
        let ((), asked) = order.ask(self.place, || {
            if let Some(engine) = fresh {
                self.open(engine.as_ref());
            }
            if let (Some(session), Some(under_way)) = (&mut self.session, &self.under_way) {
                session.think(under_way.turn.clone());
            }
        });
        self.asked = Some(asked);
    }

    /// Only the mind that has the call begins on a guess: opening another is for a turn that is one.
    fn speculate(&mut self, turn: ChatTurn) -> bool {
        let Some(session) = &mut self.session else { return false };
        let (is_begun, asked) = self.order.ask(self.place, || session.speculate(turn.clone()));
        if is_begun {
            self.under_way = Some(UnderWay { turn, has_spoken: false, is_guess: true });
            self.asked = Some(asked);
        }
        is_begun
    }

    fn open(&mut self, engine: &dyn ChatModel) {
        self.generation += 1;
        let (generation, sender) = (self.generation, self.sender.clone());
        let sink = Sink::new(move |event| {
            // The call may be over by now.
            let _ = sender.send((generation, event));
        });
        let mut session = engine.open(self.request.clone(), sink);
        if let Some(lead) = &self.lead {
            session.take_over(lead);
        }
        if self.ear_is_lost {
            session.ear_is_lost();
        }
        self.session = Some(session);
    }

    fn heard(&mut self, generation: u32, event: ChatEvent) {
        if generation != self.generation {
            return;
        }
        let elapsed = self.asked.as_ref().map(Asked::elapsed_ms).unwrap_or_default();
        match &event {
            ChatEvent::Text { turn, .. } => {
                if let Some(under_way) =
                    self.under_way.as_mut().filter(|under_way| under_way.turn.turn == *turn)
                    && !std::mem::replace(&mut under_way.has_spoken, true)
                {
                    self.order.record_first(self.place, elapsed);
                }
            }
            ChatEvent::Done { turn, .. } => {
                self.order.succeeded(self.place);
                if self.under_way.take_if(|under_way| under_way.turn.turn == *turn).is_some() {
                    self.order.record_whole(self.place, elapsed);
                }
            }
            ChatEvent::Failed { turn, error } => {
                self.order.failed(self.place, error);
                return self.failed(*turn, error.clone());
            }
            ChatEvent::Lead { lead, .. } => self.lead = Some(lead.clone()),
            ChatEvent::Expect { .. } => {}
        }
        self.events.send(event);
    }

    /// Moves on if there is another mind; the turn moves along if nothing of its answer came out.
    fn failed(&mut self, turn: TurnId, fault: ProviderFault) {
        let has_next = self.order.has_after(self.place);
        let can_repeat = self.under_way.as_ref().is_some_and(|under_way| {
            under_way.turn.turn == turn && !under_way.has_spoken && !under_way.is_guess
        });
        if has_next {
            self.place += 1;
            self.session = None;
        }
        if has_next && can_repeat { self.ask() } else { self.give_up(fault) }
    }

    fn give_up(&mut self, error: ProviderFault) {
        if let Some(under_way) = self.under_way.take() {
            self.events.send(ChatEvent::Failed { turn: under_way.turn.turn, error });
        }
    }
}
