//! An ear that hears the same words in every utterance.

use std::fmt;
use std::sync::Arc;

use moked_core::hints::RecognitionHints;
use moked_core::ids::UtteranceId;
use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText};

use super::{LANGUAGES, Later};
use crate::bench::EARS_DELAY;

/// What it hears.
const WORDS: &str = "i want to rent";

/// The ear.
#[derive(Clone)]
pub(crate) struct StubEars(pub(crate) Arc<dyn Later>);

struct Session {
    later: Arc<dyn Later>,
    events: Sink<HearingEvent>,
}

impl SpeechToText for StubEars {
    fn name(&self) -> &'static str {
        "stub"
    }

    fn languages(&self) -> &[Language] {
        &LANGUAGES
    }

    fn open(
        &self,
        _: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        Ok(Box::new(Session { later: Arc::clone(&self.0), events }))
    }
}

impl HearingSession for Session {
    fn audio(&mut self, _: &[u8]) {}

    fn expect(&mut self, _: &RecognitionHints) {}

    fn utterance_started(&mut self, _: UtteranceId) {}

    fn utterance_ended(&mut self, utterance: UtteranceId) {
        let events = self.events.clone();
        let heard = HearingEvent::Final { utterance, text: WORDS.to_owned() };
        self.later.after(EARS_DELAY, Box::new(move || events.send(heard)));
    }
}

impl fmt::Debug for StubEars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StubEars")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use moked_core::ids::CallSid;

    use super::*;
    use crate::bench::stubs::virtual_time::VirtualTime;

    #[test]
    fn words_come_a_fixed_time_after_the_utterance() {
        let time = VirtualTime::default();
        let (sender, events) = channel();
        let request = HearingRequest {
            call_sid: CallSid::new("CA1"),
            language: Language::English,
            vocabulary: Vec::new(),
        };
        let sink = Sink::new(move |event| drop(sender.send(event)));
        let mut session = StubEars(Arc::new(time.clone())).open(request, sink).unwrap();
        session.utterance_ended(UtteranceId(3));
        time.pass(EARS_DELAY - Duration::from_micros(1));
        assert_eq!(events.try_recv().ok(), None);
        time.pass(Duration::from_micros(1));
        let heard = HearingEvent::Final { utterance: UtteranceId(3), text: WORDS.into() };
        assert_eq!(events.try_recv().ok(), Some(heard));
    }
}
