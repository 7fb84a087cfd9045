//! A one-hop engine whose answers are written down.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use moked_core::audio::BYTES_PER_MS;
use moked_core::ids::{TurnId, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{
    AfterTurn, ChatTurn, ConversingEvent, ConversingRequest, ConversingSession, ProviderFault, Sink,
    SpeechToSpeech,
};

use super::voice::{PIECE, tone};
use super::{LANGUAGES, lock, next};

/// What happens in one turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conversing {
    /// The answer comes, words before their audio; then what the caller had said, if given; then `Done`.
    Says {
        /// The answer.
        text: String,
        /// The caller's words.
        heard: Option<String>,
    },
    /// So much of an answer's audio comes, and then the session is lost.
    Loses {
        /// Audio before the loss, in ms.
        after_ms: usize,
    },
    /// Nothing comes, ever: an engine that hangs.
    Stalls,
    /// Panics.
    Panics,
}

impl Conversing {
    /// An answer to words that are written down after it.
    pub fn says(text: &str, heard: &str) -> Self {
        Self::Says { text: text.to_owned(), heard: (!heard.is_empty()).then(|| heard.to_owned()) }
    }
}

/// What a session was told.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// A session was opened, with so many remarks before it.
    Opened(usize),
    /// So many bytes of an utterance; pieces of one are counted together.
    Audio(UtteranceId, usize),
    /// The utterance was over.
    Ended(UtteranceId),
    /// To answer.
    Answer(ChatTurn),
    /// To forget what lies beyond so many ms of a turn.
    Cut(TurnId, u64),
}

/// A one-hop engine that records what it was told, over all calls.
#[derive(Debug, Clone)]
pub struct ScriptedConversation {
    ms_per_character: usize,
    script: Arc<Mutex<VecDeque<Conversing>>>,
    told: Arc<Mutex<Vec<Told>>>,
}

impl ScriptedConversation {
    /// An engine that needs so many milliseconds of audio for each character, with a script, one step a turn.
    /// After its end it stalls.
    pub fn new(ms_per_character: usize, script: impl IntoIterator<Item = Conversing>) -> Self {
        let script = Arc::new(Mutex::new(script.into_iter().collect()));
        Self { ms_per_character, script, told: Arc::default() }
    }

    /// What it was told, in order.
    pub fn told(&self) -> Vec<Told> {
        lock(&self.told).clone()
    }
}

impl SpeechToSpeech for ScriptedConversation {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn languages(&self) -> &[Language] {
        &LANGUAGES
    }

    fn open(&self, request: ConversingRequest, events: Sink<ConversingEvent>) -> Box<dyn ConversingSession> {
        lock(&self.told).push(Told::Opened(request.history.len()));
        Box::new(Session { engine: self.clone(), events, newest: UtteranceId::default() })
    }
}

struct Session {
    engine: ScriptedConversation,
    events: Sink<ConversingEvent>,
    newest: UtteranceId,
}

impl Session {
    fn speak(&self, turn: TurnId, ms: usize) {
        for piece in tone(ms * BYTES_PER_MS).chunks(PIECE) {
            let mulaw = piece.to_vec().into();
            self.events.send(ConversingEvent::Audio { turn, mulaw });
        }
    }
}

impl ConversingSession for Session {
    fn audio(&mut self, utterance: UtteranceId, mulaw: &[u8]) {
        self.newest = utterance;
        let mut told = lock(&self.engine.told);
        match told.last_mut() {
            Some(Told::Audio(before, bytes)) if *before == utterance => *bytes += mulaw.len(),
            _ => told.push(Told::Audio(utterance, mulaw.len())),
        }
    }

    fn utterance_ended(&mut self, utterance: UtteranceId) {
        lock(&self.engine.told).push(Told::Ended(utterance));
    }

    #[expect(clippy::panic, reason = "a script may order a panic, to test the supervision above")]
    fn answer(&mut self, turn: ChatTurn) {
        let number = turn.turn;
        lock(&self.engine.told).push(Told::Answer(turn));
        match next(&self.engine.script).unwrap_or(Conversing::Stalls) {
            Conversing::Says { text, heard } => {
                for word in text.split_inclusive(' ') {
                    let delta = word.to_owned();
                    self.events.send(ConversingEvent::Words { turn: number, delta });
                    self.speak(number, word.chars().count() * self.engine.ms_per_character);
                }
                if let Some(text) = heard {
                    self.events.send(ConversingEvent::CallerSaid { utterance: self.newest, text });
                }
                self.events.send(ConversingEvent::Done { turn: number, then: AfterTurn::Listen });
            }
            Conversing::Loses { after_ms } => {
                self.speak(number, after_ms);
                let why = "the script says so".to_owned();
                self.events.send(ConversingEvent::Lost(ProviderFault::Closed { why }));
            }
            Conversing::Stalls => {}
            Conversing::Panics => panic!("the script orders it"),
        }
    }

    fn cut(&mut self, turn: TurnId, heard_ms: u64) {
        lock(&self.engine.told).push(Told::Cut(turn, heard_ms));
    }
}
