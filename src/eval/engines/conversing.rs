//! One engine that hears, thinks and speaks, from the same script.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moked_core::ids::{TurnId, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{
    CallerSaid, ChatTurn, ConversingEvent, ConversingRequest, ConversingSession, Sink, SpeechToSpeech,
};

use super::LANGUAGES;
use super::mind::{Script, in_words};
use super::voice::{EvalVoice, pieces};
use crate::bench::stubs::Later;
use crate::eval::scenario::Pace;
use crate::eval::world::World;

/// The engine.
#[derive(Clone)]
pub(super) struct EvalConversation {
    script: Script,
    voice: EvalVoice,
    pace: Pace,
    world: World,
    later: Arc<dyn Later>,
}

impl EvalConversation {
    pub(super) fn new(
        script: Script,
        voice: EvalVoice,
        pace: Pace,
        world: World,
        later: Arc<dyn Later>,
    ) -> Self {
        Self { script, voice, pace, world, later }
    }
}

struct Session {
    engine: EvalConversation,
    events: Sink<ConversingEvent>,
    newest: UtteranceId,
    heard: String,
    dead: Arc<Mutex<BTreeSet<TurnId>>>,
}

impl SpeechToSpeech for EvalConversation {
    fn name(&self) -> &'static str {
        "eval"
    }

    fn languages(&self) -> &[Language] {
        &LANGUAGES
    }

    fn open(&self, _: ConversingRequest, events: Sink<ConversingEvent>) -> Box<dyn ConversingSession> {
        let (newest, heard) = (UtteranceId::default(), String::new());
        Box::new(Session { engine: self.clone(), events, newest, heard, dead: Arc::default() })
    }
}

impl ConversingSession for Session {
    fn audio(&mut self, utterance: UtteranceId, _: &[u8]) {
        if utterance != self.newest {
            self.newest = utterance;
            self.engine.world.utterance_began(Instant::now());
        }
    }

    fn utterance_ended(&mut self, _: UtteranceId) {
        let words = self.engine.world.take_words_until(Instant::now());
        self.heard = [std::mem::take(&mut self.heard), words].join(" ").trim().to_owned();
    }

    fn answer(&mut self, turn: ChatTurn) {
        let heard = std::mem::take(&mut self.heard);
        let said = match &turn.said {
            CallerSaid::Spoken => heard.clone(),
            said @ (CallerSaid::Nothing
            | CallerSaid::Words(_)
            | CallerSaid::Digits(_)
            | CallerSaid::Unclear
            | CallerSaid::Silence
            | CallerSaid::Resumed) => in_words(said),
        };
        let (number, utterance) = (turn.turn, self.newest);
        let (line, _) = self.engine.script.answer(&said);
        let delay = line.after_ms.unwrap_or(self.engine.pace.mind_ms) + self.engine.pace.voice_ms;
        let (engine, events, dead) = (self.engine.clone(), self.events.clone(), Arc::clone(&self.dead));
        let job = move || {
            if dead.lock().unwrap_or_else(PoisonError::into_inner).contains(&number) {
                return;
            }
            if !line.says.is_empty() {
                let spoken = engine.voice.say(&line.says);
                engine.world.was_spoken(spoken.clone());
                let mut audio = pieces(&spoken);
                for word in line.says.split_inclusive(' ') {
                    events.send(ConversingEvent::Words { turn: number, delta: word.to_owned() });
                    let mulaw = audio.next();
                    mulaw.into_iter().for_each(|mulaw| {
                        events.send(ConversingEvent::Audio { turn: number, mulaw });
                    });
                }
                audio.for_each(|mulaw| events.send(ConversingEvent::Audio { turn: number, mulaw }));
            }
            if !heard.is_empty() {
                events.send(ConversingEvent::CallerSaid { utterance, text: heard });
            }
            events.send(ConversingEvent::Expect { turn: number, hints: line.hints() });
            events.send(ConversingEvent::Done { turn: number, then: line.then() });
        };
        self.engine.later.after(Duration::from_millis(delay), Box::new(job));
    }

    fn cut(&mut self, turn: TurnId, _: u64) {
        self.dead.lock().unwrap_or_else(PoisonError::into_inner).insert(turn);
    }
}

impl fmt::Debug for EvalConversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EvalConversation").field("pace", &self.pace).finish_non_exhaustive()
    }
}
