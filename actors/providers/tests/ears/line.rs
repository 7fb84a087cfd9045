//! A call's side of the ears: what the call hears from them.

use moked_core::hints::RecognitionHints;
use moked_core::ids::{CallSid, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{
    HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText, TurnSignal,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::vendor::soon;

/// A key that must be seen nowhere but on the wire.
pub(crate) const CANARY: &str = "canary-5up3r-53cr3t";

pub(crate) const FIRST: UtteranceId = UtteranceId(1);
pub(crate) const SECOND: UtteranceId = UtteranceId(2);

/// 20 ms of something.
pub(crate) const FRAME: [u8; 160] = [0x55; 160];

pub(crate) fn key() -> secrecy::SecretString {
    CANARY.into()
}

pub(crate) fn request(language: Language, vocabulary: &[&str]) -> HearingRequest {
    HearingRequest {
        call_sid: CallSid::new("CA00000000000000000000000000000000"),
        language,
        vocabulary: vocabulary.iter().map(|&phrase| phrase.to_owned()).collect(),
    }
}

/// Where a session's facts arrive.
pub(crate) struct Facts(UnboundedReceiver<HearingEvent>);

/// A sink and its other end.
pub(crate) fn sink() -> (Sink<HearingEvent>, Facts) {
    let (sender, receiver): (UnboundedSender<HearingEvent>, _) = unbounded_channel();
    (Sink::new(move |event| drop(sender.send(event))), Facts(receiver))
}

/// A call with these ears.
pub(crate) struct Line {
    pub(crate) session: Box<dyn HearingSession>,
    pub(crate) facts: Facts,
}

impl Line {
    pub(crate) fn open(ears: &dyn SpeechToText, language: Language, vocabulary: &[&str]) -> Self {
        let (events, facts) = sink();
        let session = ears.open(request(language, vocabulary), events).unwrap();
        Self { session, facts }
    }

    /// Sends `frames` of 20 ms.
    pub(crate) fn speak(&mut self, frames: usize) {
        for _ in 0..frames {
            self.session.audio(&FRAME);
        }
    }

    pub(crate) fn expect(&mut self, phrases: &[&str]) {
        let phrases = phrases.iter().map(|&phrase| phrase.to_owned()).collect();
        self.session.expect(&RecognitionHints { phrases, ..RecognitionHints::default() });
    }
}

impl Facts {
    pub(crate) async fn next(&mut self) -> HearingEvent {
        soon("a fact", self.0.recv()).await.expect("the session still speaks")
    }

    pub(crate) async fn partial(&mut self, utterance: UtteranceId, text: &str) {
        assert_eq!(self.next().await, HearingEvent::Partial { utterance, text: text.into() });
    }

    pub(crate) async fn last(&mut self, utterance: UtteranceId, text: &str) {
        assert_eq!(self.next().await, HearingEvent::Final { utterance, text: text.into() });
    }

    pub(crate) async fn turn(&mut self, utterance: UtteranceId, signal: TurnSignal) {
        assert_eq!(self.next().await, HearingEvent::Turn { utterance, signal });
    }

    /// The fault that ends the session. Its words must not hold the key.
    pub(crate) async fn fault(&mut self) -> ProviderFault {
        match self.next().await {
            HearingEvent::Failed(fault) => {
                assert!(!format!("{fault} {fault:?}").contains(CANARY), "{fault}");
                fault
            }
            other @ (HearingEvent::Partial { .. }
            | HearingEvent::Final { .. }
            | HearingEvent::Rejected { .. }
            | HearingEvent::Turn { .. }) => panic!("{other:?} where a fault was due"),
        }
    }

    /// Nothing came that was not taken.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.0.try_recv().is_err()
    }
}
