//! Ears that hear a script.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use moked_core::hints::RecognitionHints;
use moked_core::ids::UtteranceId;
use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText};

use super::{LANGUAGES, lock, next};

/// What happens in one utterance.
#[derive(Debug, Clone, PartialEq)]
pub enum Hearing {
    /// A partial with the first audio (at the end, if there was none), the same text as final at the end.
    Hears(String),
    /// Rejected at the end, with this score.
    Rejects(f32),
    /// The session fails at the start, in these words, and says nothing more.
    Fails(String),
    /// Panics at the start.
    Panics,
    /// Nothing comes, ever: an engine that hangs.
    Stalls,
}

/// Ears that take the next step of their script at each utterance, whichever call it is in.
#[derive(Debug, Clone, Default)]
pub struct ScriptedEars {
    script: Arc<Mutex<VecDeque<Hearing>>>,
    record: Arc<Mutex<Record>>,
}

#[derive(Debug, Default)]
struct Record {
    expected: Vec<RecognitionHints>,
    vocabularies: Vec<Vec<String>>,
    bytes: usize,
}

impl ScriptedEars {
    /// Ears with a script. After its end each utterance gives an empty final.
    pub fn new(script: impl IntoIterator<Item = Hearing>) -> Self {
        Self { script: Arc::new(Mutex::new(script.into_iter().collect())), record: Arc::default() }
    }

    /// Ears that hear these texts.
    pub fn hearing<S: Into<String>>(texts: impl IntoIterator<Item = S>) -> Self {
        Self::new(texts.into_iter().map(|text| Hearing::Hears(text.into())))
    }

    /// The hints that were given, in order, over all calls.
    pub fn expected(&self) -> Vec<RecognitionHints> {
        lock(&self.record).expected.clone()
    }

    /// The vocabularies of the calls opened so far.
    pub fn vocabularies(&self) -> Vec<Vec<String>> {
        lock(&self.record).vocabularies.clone()
    }

    /// Bytes of audio that came, over all calls, silence included.
    pub fn bytes_heard(&self) -> usize {
        lock(&self.record).bytes
    }
}

impl SpeechToText for ScriptedEars {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn languages(&self) -> &[Language] {
        &LANGUAGES
    }

    fn open(
        &self,
        request: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        lock(&self.record).vocabularies.push(request.vocabulary);
        Ok(Box::new(Session { ears: self.clone(), events, current: None, failed: false }))
    }
}

struct Session {
    ears: ScriptedEars,
    events: Sink<HearingEvent>,
    current: Option<Current>,
    failed: bool,
}

struct Current {
    utterance: UtteranceId,
    hearing: Hearing,
    partial_sent: bool,
}

impl Session {
    fn send_partial(&mut self) {
        let Some(current) = &mut self.current else { return };
        if current.partial_sent {
            return;
        }
        if let Hearing::Hears(text) = &current.hearing {
            current.partial_sent = true;
            let (utterance, text) = (current.utterance, text.clone());
            self.events.send(HearingEvent::Partial { utterance, text });
        }
    }
}

impl HearingSession for Session {
    fn audio(&mut self, mulaw: &[u8]) {
        lock(&self.ears.record).bytes += mulaw.len();
        self.send_partial();
    }

    fn expect(&mut self, hints: &RecognitionHints) {
        lock(&self.ears.record).expected.push(hints.clone());
    }

    #[expect(clippy::panic, reason = "a script may order a panic, to test the supervision above")]
    fn utterance_started(&mut self, utterance: UtteranceId) {
        if self.failed {
            return;
        }
        let hearing = next(&self.ears.script).unwrap_or_else(|| Hearing::Hears(String::new()));
        match &hearing {
            Hearing::Panics => panic!("the script of the ears ordered a panic"),
            Hearing::Fails(why) => {
                self.failed = true;
                self.events.send(HearingEvent::Failed(ProviderFault::Stopped { why: why.clone() }));
            }
            Hearing::Hears(_) | Hearing::Rejects(_) | Hearing::Stalls => {
                // Nothing was heard where the script has ended: no partial for it.
                let partial_sent = hearing == Hearing::Hears(String::new());
                self.current = Some(Current { utterance, hearing, partial_sent });
            }
        }
    }

    fn utterance_ended(&mut self, utterance: UtteranceId) {
        self.send_partial();
        match self.current.take().map(|current| current.hearing) {
            Some(Hearing::Hears(text)) => self.events.send(HearingEvent::Final { utterance, text }),
            Some(Hearing::Rejects(score)) => {
                self.events.send(HearingEvent::Rejected { utterance, score });
            }
            Some(Hearing::Fails(_) | Hearing::Panics | Hearing::Stalls) | None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use moked_core::ids::CallSid;

    use super::*;

    fn open(ears: &ScriptedEars) -> (Box<dyn HearingSession>, Receiver<HearingEvent>) {
        let (sender, events) = channel();
        let request = HearingRequest {
            call_sid: CallSid::new("CA1"),
            language: Language::Hebrew,
            vocabulary: vec!["שכירות".to_owned()],
        };
        let sink = Sink::new(move |event| drop(sender.send(event)));
        (ears.open(request, sink).unwrap(), events)
    }

    #[test]
    fn an_utterance_gives_a_partial_with_audio_and_a_final_at_its_end() {
        let ears = ScriptedEars::hearing(["שלום"]);
        let (mut session, events) = open(&ears);
        let (utterance, text) = (UtteranceId(1), "שלום".to_owned());
        session.utterance_started(utterance);
        assert!(events.try_recv().is_err(), "no word before audio");
        session.audio(&[0; 160]);
        session.audio(&[0; 160]);
        session.utterance_ended(utterance);
        let all: Vec<HearingEvent> = events.try_iter().collect();
        assert_eq!(
            all,
            [
                HearingEvent::Partial { utterance, text: text.clone() },
                HearingEvent::Final { utterance, text }
            ]
        );
        assert_eq!(ears.bytes_heard(), 320);
    }

    #[test]
    fn a_failed_session_says_nothing_more() {
        let ears = ScriptedEars::new([Hearing::Fails("gone".into()), Hearing::Hears("late".into())]);
        let (mut session, events) = open(&ears);
        for number in [1, 2] {
            session.utterance_started(UtteranceId(number));
            session.audio(&[0; 160]);
            session.utterance_ended(UtteranceId(number));
        }
        let all: Vec<HearingEvent> = events.try_iter().collect();
        assert_eq!(all, [HearingEvent::Failed(ProviderFault::Stopped { why: "gone".into() })]);
    }

    #[test]
    fn after_the_script_an_utterance_is_an_empty_final() {
        let (mut session, events) = open(&ScriptedEars::default());
        let utterance = UtteranceId(7);
        session.utterance_started(utterance);
        session.audio(&[0; 160]);
        session.utterance_ended(utterance);
        let all: Vec<HearingEvent> = events.try_iter().collect();
        assert_eq!(all, [HearingEvent::Final { utterance, text: String::new() }]);
    }
}
