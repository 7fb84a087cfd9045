//! Engines of three hops that take their time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use moked_core::audio::{BYTES_PER_MS, SILENCE};
use moked_core::hints::RecognitionHints;
use moked_core::ids::{TurnId, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{
    AfterTurn, ChatEvent, ChatModel, ChatRequest, ChatSession, ChatTurn, HearingEvent, HearingRequest,
    HearingSession, ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, SpeechToText,
    TextToSpeech,
};
use tokio::task::JoinHandle;

/// The caller's speech for one word, in bytes: 200 ms.
const CALLER_WORD: usize = 200 * BYTES_PER_MS;

/// The voice's audio for one letter, in bytes: 50 ms.
pub(super) const LETTER: usize = 50 * BYTES_PER_MS;

const LANGUAGES: [Language; 1] = [Language::English];

/// Work that ends with the session that began it.
#[derive(Debug, Default)]
pub(super) struct Work(Option<JoinHandle<()>>);

impl Work {
    pub(super) fn begin(&mut self, work: impl Future<Output = ()> + 'static) {
        self.stop();
        self.0 = Some(tokio::task::spawn_local(work));
    }

    pub(super) fn stop(&mut self) {
        if let Some(work) = self.0.take() {
            work.abort();
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What the caller says with so many bytes of loud audio: "w1 w2 w3" is three words of 200 ms.
pub(super) fn caller_words(loud: usize) -> String {
    let count = (loud + CALLER_WORD / 2) / CALLER_WORD;
    (1..=count).map(|word| format!("w{word}")).collect::<Vec<_>>().join(" ")
}

pub(super) fn loud_bytes(mulaw: &[u8]) -> usize {
    mulaw.iter().filter(|&&byte| byte != SILENCE).count()
}

/// What one of the engine's works comes to; a fault is taken from the list once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// The session breaks.
    Fails,
    /// Nothing comes.
    Stalls,
    /// It comes, but so much later, in ms.
    Late(u64),
}

/// The mishaps ahead, by the number of the work.
pub(crate) type Mishaps = Arc<Mutex<Vec<Option<Mishap>>>>;

pub(super) fn mishap(mishaps: &Mishaps) -> Option<Mishap> {
    mishaps.lock().unwrap().pop().flatten()
}

fn fault() -> ProviderFault {
    ProviderFault::Stopped { why: "chaos".into() }
}

/// An ear that tells how many words of speech it was given.
#[derive(Debug, Clone, Default)]
pub(crate) struct TimedEars {
    pub(crate) mishaps: Mishaps,
}

impl SpeechToText for TimedEars {
    fn name(&self) -> &'static str {
        "timed"
    }

    fn languages(&self) -> &[Language] {
        &LANGUAGES
    }

    fn open(
        &self,
        _: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        let (mishaps, loud, work) = (self.mishaps.clone(), 0, Vec::new());
        Ok(Box::new(Ear { events, mishaps, loud, work }))
    }
}

struct Ear {
    events: Sink<HearingEvent>,
    mishaps: Mishaps,
    loud: usize,
    work: Vec<Work>,
}

impl HearingSession for Ear {
    fn audio(&mut self, mulaw: &[u8]) {
        self.loud += loud_bytes(mulaw);
    }

    fn expect(&mut self, _: &RecognitionHints) {}

    fn utterance_started(&mut self, _: UtteranceId) {}

    fn utterance_ended(&mut self, utterance: UtteranceId) {
        let text = caller_words(std::mem::take(&mut self.loud));
        let mishap = mishap(&self.mishaps);
        let events = self.events.clone();
        let mut work = Work::default();
        work.begin(async move {
            let late = match mishap {
                None => 0,
                Some(Mishap::Late(ms)) => ms,
                Some(Mishap::Stalls) => return,
                Some(Mishap::Fails) => return events.send(HearingEvent::Failed(fault())),
            };
            tokio::time::sleep(Duration::from_millis(250 + late)).await;
            events.send(HearingEvent::Final { utterance, text });
        });
        self.work.push(work);
    }
}

/// A whole answer: pieces that come one after another, and what follows.
#[derive(Debug, Clone)]
pub(crate) struct Answer(pub(crate) Vec<&'static str>, pub(crate) AfterTurn);

type Answers = fn(&ChatTurn) -> Answer;

/// A mind that thinks for 400 ms and then takes 150 ms for each piece.
#[derive(Debug, Clone)]
pub(crate) struct TimedMind {
    pub(crate) answers: Answers,
    pub(crate) mishaps: Mishaps,
    pub(crate) asked: Arc<Mutex<Vec<ChatTurn>>>,
}

impl TimedMind {
    pub(crate) fn new(answers: Answers) -> Self {
        Self { answers, mishaps: Mishaps::default(), asked: Arc::default() }
    }
}

impl ChatModel for TimedMind {
    fn name(&self) -> &'static str {
        "timed"
    }

    fn open(&self, _: ChatRequest, events: Sink<ChatEvent>) -> Box<dyn ChatSession> {
        Box::new(Mind { mind: self.clone(), events, work: Work::default() })
    }
}

struct Mind {
    mind: TimedMind,
    events: Sink<ChatEvent>,
    work: Work,
}

impl ChatSession for Mind {
    fn think(&mut self, turn: ChatTurn) {
        let Answer(pieces, then) = (self.mind.answers)(&turn);
        self.mind.asked.lock().unwrap().push(turn.clone());
        let turn = turn.turn;
        let mishap = mishap(&self.mind.mishaps);
        let events = self.events.clone();
        self.work.begin(async move {
            let late = match mishap {
                None => 0,
                Some(Mishap::Late(ms)) => ms,
                Some(Mishap::Stalls) => return,
                Some(Mishap::Fails) => return events.send(ChatEvent::Failed { turn, error: fault() }),
            };
            tokio::time::sleep(Duration::from_millis(400 + late)).await;
            for delta in pieces {
                events.send(ChatEvent::Text { turn, delta: delta.to_owned() });
                tokio::time::sleep(Duration::from_millis(150)).await;
            }
            events.send(ChatEvent::Done { turn, then });
        });
    }

    fn speculate(&mut self, turn: ChatTurn) -> bool {
        self.think(turn);
        true
    }

    fn cancel(&mut self, _: TurnId) {
        self.work.stop();
    }
}

/// A voice with a tone for each letter, which begins after 60 ms and then speaks four times as fast as it is played.
#[derive(Debug, Clone, Default)]
pub(crate) struct SpellingVoice {
    pub(crate) mishaps: Mishaps,
}

/// The letters that have a tone.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz .,!?";

/// A tone in bytes: a millisecond, the unit in which audio is cut.
pub(super) const TONE: usize = BYTES_PER_MS;

/// All tones are equally loud. Which letter it is stands in their samples' signs, as no change of level touches them.
pub(super) fn spell(text: &str) -> Vec<u8> {
    text.chars().flat_map(|letter| tone(letter).repeat(LETTER / TONE)).collect()
}

fn tone(letter: char) -> [u8; TONE] {
    let place = LETTERS.find(letter.to_ascii_lowercase()).unwrap_or(LETTERS.len());
    std::array::from_fn(|bit| if place >> bit & 1 == 1 { NEGATIVE } else { LOUD })
}

/// The letter of a tone, whatever its level; of silence none.
pub(super) fn letter(tone: &[u8]) -> Option<char> {
    let bits = tone.iter().enumerate().filter(|(_, byte)| **byte & 0x80 == 0);
    let place: usize = bits.map(|(bit, _)| 1 << bit).sum();
    let is_silent = tone.contains(&SILENCE);
    (!is_silent).then(|| LETTERS.chars().nth(place).unwrap_or('#'))
}

/// A loud sample of µ-law, and the same below zero.
const LOUD: u8 = 0x88;
const NEGATIVE: u8 = 0x08;

impl TextToSpeech for SpellingVoice {
    fn name(&self) -> &'static str {
        "spelling"
    }

    fn languages(&self) -> &[Language] {
        &LANGUAGES
    }

    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        let mut audio = spell(&request.text);
        let mishap = mishap(&self.mishaps);
        let mut work = Work::default();
        work.begin(async move {
            if let Some(Mishap::Late(ms)) = mishap {
                tokio::time::sleep(Duration::from_millis(ms)).await;
            }
            if mishap.is_some_and(|mishap| !matches!(mishap, Mishap::Late(_))) {
                audio.truncate(audio.len() / 2);
            }
            tokio::time::sleep(Duration::from_millis(60)).await;
            for piece in audio.chunks(200 * BYTES_PER_MS) {
                events.send(SpeakingEvent::Audio(Bytes::copy_from_slice(piece)));
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            match mishap {
                Some(Mishap::Stalls) => {}
                Some(Mishap::Fails) => events.send(SpeakingEvent::Failed(fault())),
                Some(Mishap::Late(_)) | None => events.send(SpeakingEvent::Finished),
            }
        });
        Box::new(Stream { _work: work })
    }
}

struct Stream {
    _work: Work,
}

impl SpeakingStream for Stream {}
