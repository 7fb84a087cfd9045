//! A one-hop engine that takes its time.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use moked_core::audio::BYTES_PER_MS;
use moked_core::ids::{TurnId, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{
    ChatTurn, ConversingEvent, ConversingRequest, ConversingSession, ProviderFault, Sink, SpeechToSpeech,
};

use super::engines::{Answer, Mishap, Mishaps, Work, caller_words, loud_bytes, mishap, spell};

/// Hears and answers as the engines of three hops together do.
#[derive(Debug, Clone)]
pub(crate) struct TimedConversation {
    pub(crate) answers: fn(&ChatTurn) -> Answer,
    pub(crate) mishaps: Mishaps,
}

impl SpeechToSpeech for TimedConversation {
    fn name(&self) -> &'static str {
        "timed"
    }

    fn languages(&self) -> &[Language] {
        &[Language::English]
    }

    fn open(&self, _: ConversingRequest, events: Sink<ConversingEvent>) -> Box<dyn ConversingSession> {
        let (loud, work, written) = Default::default();
        Box::new(Session { engine: self.clone(), events, loud, work, written })
    }
}

struct Session {
    engine: TimedConversation,
    events: Sink<ConversingEvent>,
    loud: BTreeMap<UtteranceId, usize>,
    work: Work,
    written: Vec<Work>,
}

impl ConversingSession for Session {
    fn audio(&mut self, utterance: UtteranceId, mulaw: &[u8]) {
        *self.loud.entry(utterance).or_default() += loud_bytes(mulaw);
    }

    fn utterance_ended(&mut self, utterance: UtteranceId) {
        let text = caller_words(self.loud.get(&utterance).copied().unwrap_or_default());
        let events = self.events.clone();
        let mut work = Work::default();
        work.begin(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            events.send(ConversingEvent::CallerSaid { utterance, text });
        });
        self.written.push(work);
    }

    fn answer(&mut self, asked: ChatTurn) {
        let Answer(pieces, then) = (self.engine.answers)(&asked);
        let turn = asked.turn;
        let mishap = mishap(&self.engine.mishaps);
        let events = self.events.clone();
        self.work.begin(async move {
            let late = match mishap {
                None => 0,
                Some(Mishap::Late(ms)) => ms,
                Some(Mishap::Stalls) => return,
                Some(Mishap::Fails) => {
                    return events
                        .send(ConversingEvent::Lost(ProviderFault::Stopped { why: "chaos".into() }));
                }
            };
            tokio::time::sleep(Duration::from_millis(400 + late)).await;
            for piece in pieces {
                events.send(ConversingEvent::Words { turn, delta: piece.to_owned() });
                for audio in spell(piece).chunks(200 * BYTES_PER_MS) {
                    let mulaw = Bytes::copy_from_slice(audio);
                    events.send(ConversingEvent::Audio { turn, mulaw });
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            events.send(ConversingEvent::Done { turn, then });
        });
    }

    fn cut(&mut self, _: TurnId, _: u64) {
        self.work.stop();
    }
}
