//! The bench's stubs, with a will of their own: each fails when the saboteur says so.

use std::sync::Arc;

use moked_core::hints::RecognitionHints;
use moked_core::ids::{TurnId, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{
    ChatEvent, ChatModel, ChatRequest, ChatSession, ChatTurn, HearingEvent, HearingRequest, HearingSession,
    ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, SpeechToText, TextToSpeech,
};

use super::sabotage::{Order, Saboteur};

fn fault() -> ProviderFault {
    ProviderFault::Stopped { why: "the soak ordered it".into() }
}

/// An ear whose session breaks at the end of an utterance.
#[derive(Debug)]
pub(super) struct Ears(pub(super) Arc<dyn SpeechToText>, pub(super) Saboteur);

struct EarSession {
    inner: Box<dyn HearingSession>,
    events: Sink<HearingEvent>,
    saboteur: Saboteur,
}

impl SpeechToText for Ears {
    fn name(&self) -> &'static str {
        "soak"
    }

    fn languages(&self) -> &[Language] {
        self.0.languages()
    }

    fn open(
        &self,
        request: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        let inner = self.0.open(request, events.clone())?;
        Ok(Box::new(EarSession { inner, events, saboteur: self.1.clone() }))
    }
}

impl HearingSession for EarSession {
    fn audio(&mut self, mulaw: &[u8]) {
        self.inner.audio(mulaw);
    }

    fn expect(&mut self, hints: &RecognitionHints) {
        self.inner.expect(hints);
    }

    fn utterance_started(&mut self, utterance: UtteranceId) {
        self.inner.utterance_started(utterance);
    }

    fn utterance_ended(&mut self, utterance: UtteranceId) {
        if self.saboteur.strikes(Order::EarFails) {
            return self.events.send(HearingEvent::Failed(fault()));
        }
        self.inner.utterance_ended(utterance);
    }
}

/// A mind that fails a turn.
#[derive(Debug)]
pub(super) struct Minds(pub(super) Arc<dyn ChatModel>, pub(super) Saboteur);

struct MindSession {
    inner: Box<dyn ChatSession>,
    events: Sink<ChatEvent>,
    saboteur: Saboteur,
}

impl ChatModel for Minds {
    fn name(&self) -> &'static str {
        "soak"
    }

    fn open(&self, request: ChatRequest, events: Sink<ChatEvent>) -> Box<dyn ChatSession> {
        let inner = self.0.open(request, events.clone());
        Box::new(MindSession { inner, events, saboteur: self.1.clone() })
    }
}

impl ChatSession for MindSession {
    fn think(&mut self, turn: ChatTurn) {
        if self.saboteur.strikes(Order::MindFails) {
            return self.events.send(ChatEvent::Failed { turn: turn.turn, error: fault() });
        }
        self.inner.think(turn);
    }

    fn cancel(&mut self, turn: TurnId) {
        self.inner.cancel(turn);
    }
}

/// A voice that fails a sentence.
#[derive(Debug)]
pub(super) struct Voices(pub(super) Arc<dyn TextToSpeech>, pub(super) Saboteur);

struct Silent;

impl SpeakingStream for Silent {}

impl TextToSpeech for Voices {
    fn name(&self) -> &'static str {
        "soak"
    }

    fn languages(&self) -> &[Language] {
        self.0.languages()
    }

    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        if self.1.strikes(Order::VoiceFails) {
            events.send(SpeakingEvent::Failed(fault()));
            return Box::new(Silent);
        }
        self.0.speak(request, events)
    }
}
