//! Ears for tests of timing: each utterance has partials that come when so much of it was heard.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use moked_core::audio::BYTES_PER_MS;
use moked_core::hints::RecognitionHints;
use moked_core::ids::UtteranceId;
use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText};

/// What is heard in an utterance: ms of audio after its onset was told, with the words by then. The last is also
/// the final; empty gives an empty final.
pub(crate) type Script = Vec<(u64, &'static str)>;

#[derive(Debug, Clone, Default)]
pub(crate) struct TimedEars(Arc<Mutex<VecDeque<Script>>>);

impl TimedEars {
    pub(crate) fn new(utterances: impl IntoIterator<Item = Script>) -> Self {
        Self(Arc::new(Mutex::new(utterances.into_iter().collect())))
    }
}

impl SpeechToText for TimedEars {
    fn name(&self) -> &'static str {
        "timed"
    }

    fn languages(&self) -> &[Language] {
        &[Language::English, Language::Hebrew]
    }

    fn open(
        &self,
        _: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        Ok(Box::new(Session { ears: self.clone(), events, heard: None }))
    }
}

struct Heard {
    utterance: UtteranceId,
    script: VecDeque<(u64, &'static str)>,
    last: &'static str,
    bytes: usize,
}

struct Session {
    ears: TimedEars,
    events: Sink<HearingEvent>,
    heard: Option<Heard>,
}

impl HearingSession for Session {
    fn audio(&mut self, mulaw: &[u8]) {
        let Some(heard) = &mut self.heard else { return };
        heard.bytes += mulaw.len();
        while heard.script.front().is_some_and(|(ms, _)| *ms as usize * BYTES_PER_MS <= heard.bytes) {
            let text = heard.script.pop_front().unwrap().1.to_owned();
            self.events.send(HearingEvent::Partial { utterance: heard.utterance, text });
        }
    }

    fn expect(&mut self, _: &RecognitionHints) {}

    fn utterance_started(&mut self, utterance: UtteranceId) {
        let script = self.ears.0.lock().unwrap().pop_front().unwrap_or_default();
        let last = script.last().map_or("", |(_, text)| text);
        self.heard = Some(Heard { utterance, script: script.into(), last, bytes: 0 });
    }

    fn utterance_ended(&mut self, utterance: UtteranceId) {
        let text = self.heard.take().map_or("", |heard| heard.last).to_owned();
        self.events.send(HearingEvent::Final { utterance, text });
    }
}
