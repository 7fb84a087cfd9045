//! Ears in order.
//!
//! The caller's audio since shortly before the utterance under way is kept, so that the next ear hears what
//! the failed one did not tell: no word is lost with an ear.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use moked_core::audio::BYTES_PER_MS;
use moked_core::hints::RecognitionHints;
use moked_core::ids::UtteranceId;
use moked_core::language::Language;
use moked_core::ports::{
    HearingEvent, HearingRequest, HearingSession, ProviderFault, Served, Sink, SpeechToText,
};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::Order;
use super::asked::Asked;
use crate::transport::Task;

/// Audio kept from before an utterance: an onset is told up to this late.
const BEFORE: usize = 600 * BYTES_PER_MS;

/// Most audio kept: 15 s, past which an answer would come too late to matter.
const MOST: usize = 15_000 * BYTES_PER_MS;

/// Ears in order, behind one port.
#[derive(Debug, Clone)]
pub struct FailoverEars {
    order: Order<dyn SpeechToText>,
    languages: Vec<Language>,
}

impl FailoverEars {
    /// Ears, first choice first.
    pub fn new(order: Order<dyn SpeechToText>) -> Self {
        let mut languages: Vec<Language> = Vec::new();
        for language in order.engines().flat_map(|engine| engine.languages()) {
            if !languages.contains(language) {
                languages.push(*language);
            }
        }
        Self { order, languages }
    }

    /// The ears, for their health.
    pub fn order(&self) -> &Order<dyn SpeechToText> {
        &self.order
    }
}

impl SpeechToText for FailoverEars {
    fn name(&self) -> &'static str {
        self.order.first().map_or("none", |engine| engine.name())
    }

    fn languages(&self) -> &[Language] {
        &self.languages
    }

    fn warm(&self) {
        self.order.ahead(|engine| engine.warm());
    }

    fn open(
        &self,
        request: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        let (sender, mut receiver) = unbounded_channel();
        let mut state = State {
            order: self.order.clone(),
            request,
            events,
            sender,
            place: 0,
            generation: 0,
            session: None,
            asked: None,
            served: None,
            hints: None,
            kept: VecDeque::new(),
            under_way: None,
        };
        state.open(0)?;
        let state = Rc::new(RefCell::new(state));
        let shared = Rc::clone(&state);
        let task = Task::spawn(async move {
            while let Some((generation, event)) = receiver.recv().await {
                shared.borrow_mut().heard(generation, event);
            }
        });
        Ok(Box::new(Session { state, _task: task }))
    }
}

struct Session {
    state: Rc<RefCell<State>>,
    _task: Task,
}

/// The utterance that has no final yet.
struct UnderWay {
    utterance: UtteranceId,
    /// Bytes of the kept audio that came before its onset was told.
    before: usize,
    ended: Option<tokio::time::Instant>,
}

struct State {
    order: Order<dyn SpeechToText>,
    request: HearingRequest,
    events: Sink<HearingEvent>,
    sender: UnboundedSender<(u32, HearingEvent)>,
    place: usize,
    /// Number of the session, so that the word of an older one is known as such.
    generation: u32,
    session: Option<Box<dyn HearingSession>>,
    /// The ear of this session.
    asked: Option<Asked>,
    /// Who heard the newest utterance.
    served: Option<Served>,
    hints: Option<RecognitionHints>,
    kept: VecDeque<u8>,
    under_way: Option<UnderWay>,
}

impl HearingSession for Session {
    fn audio(&mut self, mulaw: &[u8]) {
        let mut state = self.state.borrow_mut();
        state.keep(mulaw);
        if let Some(session) = &mut state.session {
            session.audio(mulaw);
        }
    }

    fn expect(&mut self, hints: &RecognitionHints) {
        let mut state = self.state.borrow_mut();
        state.hints = Some(hints.clone());
        if let Some(session) = &mut state.session {
            session.expect(hints);
        }
    }

    fn utterance_started(&mut self, utterance: UtteranceId) {
        let mut state = self.state.borrow_mut();
        let before = state.kept.len();
        state.under_way = Some(UnderWay { utterance, before, ended: None });
        if let Some(session) = &mut state.session {
            session.utterance_started(utterance);
        }
    }

    fn utterance_ended(&mut self, utterance: UtteranceId) {
        let mut state = self.state.borrow_mut();
        if let Some(under_way) = &mut state.under_way {
            under_way.ended = Some(tokio::time::Instant::now());
        }
        if let Some(session) = &mut state.session {
            session.utterance_ended(utterance);
        }
    }

    fn served(&self) -> Option<Served> {
        self.state.borrow().served.clone()
    }
}

impl State {
    fn keep(&mut self, mulaw: &[u8]) {
        self.kept.extend(mulaw);
        let most = if self.under_way.is_some() { MOST } else { BEFORE };
        let surplus = self.kept.len().saturating_sub(most);
        self.kept.drain(..surplus);
        if let Some(under_way) = &mut self.under_way {
            under_way.before = under_way.before.saturating_sub(surplus);
        }
    }

    /// Opens the first ear from place `from` on that lets itself be opened.
    fn open(&mut self, from: usize) -> Result<(), ProviderFault> {
        let mut from = from;
        let mut last = ProviderFault::Unavailable { why: "no ear is configured".into() };
        while let Some((place, name, engine)) = self.order.admitted(from) {
            self.generation += 1;
            let (generation, sender) = (self.generation, self.sender.clone());
            let sink = Sink::new(move |event| {
                // The call may be over by now.
                let _ = sender.send((generation, event));
            });
            let (opened, asked) = self.order.ask(place, || engine.open(self.request.clone(), sink));
            match opened {
                Ok(session) => {
                    if self.generation > 1 {
                        tracing::warn!(
                            event = "EAR_SWITCHED",
                            engine = name,
                            "the call goes on with another ear"
                        );
                    }
                    self.place = place;
                    self.asked = Some(asked);
                    self.session = Some(session);
                    return Ok(());
                }
                Err(fault) => {
                    self.order.failed(place, &fault);
                    last = fault;
                    from = place + 1;
                }
            }
        }
        Err(last)
    }

    fn heard(&mut self, generation: u32, event: HearingEvent) {
        if generation != self.generation {
            return;
        }
        match &event {
            HearingEvent::Final { utterance, .. } | HearingEvent::Rejected { utterance, .. } => {
                self.order.succeeded(self.place);
                self.served = self.asked.as_ref().map(Asked::settled);
                if let Some(done) = self.under_way.take_if(|under_way| under_way.utterance == *utterance)
                    && let Some(ended) = done.ended
                {
                    self.order.record_first(self.place, ended.elapsed().as_millis() as u64);
                }
            }
            HearingEvent::Failed(fault) => {
                self.order.failed(self.place, fault);
                self.session = None;
                if let Err(fault) = self.open(self.place + 1) {
                    return self.events.send(HearingEvent::Failed(fault));
                }
                return self.replay();
            }
            HearingEvent::Partial { .. } | HearingEvent::Turn { .. } => {}
        }
        self.events.send(event);
    }

    /// Tells the new ear what the old one heard and did not settle.
    fn replay(&mut self) {
        let Some(session) = &mut self.session else { return };
        if let Some(hints) = &self.hints {
            session.expect(hints);
        }
        let kept = self.kept.make_contiguous();
        let Some(under_way) = &self.under_way else { return session.audio(kept) };
        let (before, after) = kept.split_at(under_way.before.min(kept.len()));
        session.audio(before);
        session.utterance_started(under_way.utterance);
        session.audio(after);
        if under_way.ended.is_some() {
            session.utterance_ended(under_way.utterance);
        }
    }
}
