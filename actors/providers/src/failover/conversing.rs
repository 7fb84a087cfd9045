//! One-hop engines in order.
//!
//! A session stays with its engine: what was said lives there. When it is lost the call opens another, and
//! gets the first engine whose breaker is closed. With none, the call hears so at once, and its ear, mind and
//! voice take over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use moked_core::ids::{TurnId, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{
    ChatTurn, ConversingEvent, ConversingRequest, ConversingSession, ProviderFault, Served, Sink,
    SpeechToSpeech,
};

use super::Order;
use super::asked::Asked;
use super::now;

/// One-hop engines in order, behind one port.
#[derive(Debug, Clone)]
pub struct FailoverSpeech {
    order: Order<dyn SpeechToSpeech>,
    languages: Vec<Language>,
}

impl FailoverSpeech {
    /// Engines, first choice first.
    pub fn new(order: Order<dyn SpeechToSpeech>) -> Self {
        let languages = order.first().map(|engine| engine.languages().to_vec()).unwrap_or_default();
        Self { order, languages }
    }
}

impl SpeechToSpeech for FailoverSpeech {
    fn name(&self) -> &'static str {
        self.order.first().map_or("none", |engine| engine.name())
    }

    fn languages(&self) -> &[Language] {
        &self.languages
    }

    fn warm(&self) {
        self.order.ahead(|engine| engine.warm());
    }

    fn open(&self, request: ConversingRequest, events: Sink<ConversingEvent>) -> Box<dyn ConversingSession> {
        let Some((place, engine)) = self.order.closed() else {
            let why = "every one-hop engine is down; see /readyz".to_owned();
            events.send(ConversingEvent::Lost(ProviderFault::Unavailable { why }));
            return Box::new(Nobody);
        };
        let watch = Arc::new(Watch { order: self.order.clone(), place, state: Mutex::default() });
        let seen = Arc::clone(&watch);
        let sink = Sink::new(move |event| {
            seen.note(&event);
            events.send(event);
        });
        let (session, asked) = self.order.ask(place, || engine.open(request, sink));
        watch.state().opened = Some(asked);
        Box::new(Session { session, watch })
    }
}

/// A session with nobody.
struct Nobody;

impl ConversingSession for Nobody {
    fn audio(&mut self, _: UtteranceId, _: &[u8]) {}

    fn utterance_ended(&mut self, _: UtteranceId) {}

    fn answer(&mut self, _: ChatTurn) {}

    fn cut(&mut self, _: TurnId, _: u64) {}
}

struct Session {
    session: Box<dyn ConversingSession>,
    watch: Arc<Watch>,
}

impl ConversingSession for Session {
    fn audio(&mut self, utterance: UtteranceId, mulaw: &[u8]) {
        self.session.audio(utterance, mulaw);
    }

    fn utterance_ended(&mut self, utterance: UtteranceId) {
        self.session.utterance_ended(utterance);
    }

    fn answer(&mut self, turn: ChatTurn) {
        self.watch.begin(turn.turn);
        self.session.answer(turn);
    }

    fn cut(&mut self, turn: TurnId, heard_ms: u64) {
        self.watch.state().answer.take_if(|answer| answer.turn == turn);
        self.session.cut(turn, heard_ms);
    }

    fn served(&self) -> Option<Served> {
        self.watch.state().newest.as_ref().map(Asked::served)
    }
}

/// Watches one session, and enters what it does in the engine's figures.
struct Watch {
    order: Order<dyn SpeechToSpeech>,
    place: usize,
    state: Mutex<WatchState>,
}

#[derive(Default)]
struct WatchState {
    opened: Option<Asked>,
    answer: Option<Answer>,
    /// The newest answer's asking, also when it is over.
    newest: Option<Asked>,
}

struct Answer {
    turn: TurnId,
    asked: Asked,
    has_sound: bool,
}

impl Watch {
    fn begin(&self, turn: TurnId) {
        let mut state = self.state();
        let Some(opened) = &mut state.opened else { return };
        // The connection of the session counts for its first answer.
        let connecting = std::mem::take(&mut opened.connecting);
        let asked = Asked { engine: Arc::clone(&opened.engine), at: now(), connecting };
        state.newest = Some(asked.clone());
        state.answer = Some(Answer { turn, asked, has_sound: false });
    }

    fn note(&self, event: &ConversingEvent) {
        match event {
            ConversingEvent::Audio { turn, .. } => {
                let mut state = self.state();
                let answer = state.answer.as_mut().filter(|answer| answer.turn == *turn && !answer.has_sound);
                if let Some(answer) = answer {
                    answer.has_sound = true;
                    let ms = answer.asked.elapsed_ms();
                    self.order.record_first(self.place, ms);
                }
            }
            ConversingEvent::Done { turn, .. } => {
                let answer = self.state().answer.take_if(|answer| answer.turn == *turn);
                if let Some(answer) = answer {
                    self.order.record_whole(self.place, answer.asked.elapsed_ms());
                }
                self.order.succeeded(self.place);
            }
            ConversingEvent::Failed { error, .. } | ConversingEvent::Lost(error) => {
                self.state().answer = None;
                self.order.failed(self.place, error);
            }
            ConversingEvent::CallerSaid { .. }
            | ConversingEvent::Words { .. }
            | ConversingEvent::Expect { .. }
            | ConversingEvent::Lead { .. } => {}
        }
    }

    /// A panic while the lock was held leaves times, not a broken invariant.
    fn state(&self) -> MutexGuard<'_, WatchState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
