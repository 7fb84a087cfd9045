//! When has the caller finished? Silence after speech, as long as what he said makes it.
//!
//! A pause shorter than the limit belongs to the utterance, so "my number is … oh five four" stays one. The
//! limit counts from the last voiced frame, not from the end of the detector's hangover. It begins with a
//! setting, follows this caller's pauses, and is changed by his words as they come: a complete sentence needs
//! less, "and …" more, half a telephone number much more. Words that come later than the limit change nothing;
//! it is decided by what is known then, by silence alone where a recogniser tells nothing before the end.

mod entity;
mod patience;
mod pauses;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::cues::Cues;
use crate::hints::{RecognitionHints, SlotKind};
use crate::ids::{TurnId, UtteranceId};
use crate::ports::TurnSignal;
use crate::vad::VoiceChange;
pub use entity::{Entity, Progress};
pub use patience::EndReason;
use patience::{Known, patience};
use pauses::Pauses;

/// Settings of endpointing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointingSettings {
    /// Silence that ends an utterance: 300 to 600 ms is what people take for an answer's due.
    pub end_of_utterance: Duration,
    /// The longest silence within a value that is dictated: a telephone number, an e-mail address.
    pub dictation: Duration,
    /// The longest utterance; then it is ended as it stands, so that a radio in the room cannot hold the turn.
    pub longest_utterance: Duration,
}

impl Default for EndpointingSettings {
    fn default() -> Self {
        Self {
            end_of_utterance: Duration::from_millis(450),
            dictation: Duration::from_secs(2),
            longest_utterance: Duration::from_secs(30),
        }
    }
}

/// What endpointing found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// An utterance began.
    SpeechStarted {
        /// Its number.
        utterance: UtteranceId,
    },
    /// It is probably complete: he pauses, and nothing in the words so far says that more must follow. Told again
    /// when further words come.
    LikelyOver {
        /// Its number.
        utterance: UtteranceId,
    },
    /// It was told to be probably complete, and is not.
    GoesOn {
        /// Its number.
        utterance: UtteranceId,
    },
    /// An utterance is complete.
    UtteranceEnded {
        /// Its number.
        utterance: UtteranceId,
        /// Time of its last voiced frame.
        speech_ended: Instant,
        /// Why it is taken as complete.
        reason: EndReason,
    },
}

/// A voice that goes on for so long after the recogniser's vote contradicts it. Votes come with the words, a little
/// after the voice, never before it.
const SPOKE_ON: Duration = Duration::from_millis(100);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Silent,
    Speaking { since: Instant },
    Paused { since: Instant, last_voice: Instant },
}

/// Cuts the caller's speech into utterances.
#[derive(Debug, Clone)]
pub struct Endpointing {
    settings: EndpointingSettings,
    cues: Arc<Cues>,
    state: State,
    utterance: UtteranceId,
    pauses: Pauses,
    /// When the last utterance's last voice was.
    last_voice: Option<Instant>,
    said: String,
    /// The words that were told to be probably all.
    likely: Option<String>,
    /// The recogniser's view, and when it told it.
    signal: Option<(TurnSignal, Instant)>,
    tells_words: bool,
    entity: Option<Entity>,
    yes_no: bool,
    /// The agent's turn that is answered, and the keys pressed since.
    keys: (TurnId, String),
}

impl Endpointing {
    /// Silent, before the first utterance.
    pub fn new(settings: EndpointingSettings, cues: Arc<Cues>) -> Self {
        Self {
            settings,
            cues,
            state: State::Silent,
            utterance: UtteranceId::default(),
            pauses: Pauses::default(),
            last_voice: None,
            said: String::new(),
            likely: None,
            signal: None,
            tells_words: false,
            entity: None,
            yes_no: false,
            keys: Default::default(),
        }
    }

    /// Takes a change of the voice gate.
    pub fn handle(&mut self, change: VoiceChange, now: Instant) -> Option<Endpoint> {
        match (change, self.state) {
            (VoiceChange::Onset, State::Silent) => {
                self.utterance = self.utterance.next();
                self.state = State::Speaking { since: now };
                self.said.clear();
                self.signal = None;
                self.paused(self.last_voice, now);
                Some(Endpoint::SpeechStarted { utterance: self.utterance })
            }
            (VoiceChange::Onset, State::Paused { since, last_voice }) => {
                self.state = State::Speaking { since };
                self.signal = None;
                self.paused(Some(last_voice), now);
                None
            }
            (VoiceChange::Offset { last_voice }, State::Speaking { since }) => {
                self.state = State::Paused { since, last_voice };
                self.last_voice = Some(last_voice);
                self.signal.take_if(|(_, told)| last_voice > *told + SPOKE_ON);
                self.handle_timeout(now)
            }
            (VoiceChange::Onset, State::Speaking { .. })
            | (VoiceChange::Offset { .. }, State::Silent | State::Paused { .. }) => None,
        }
    }

    /// What the caller will probably say, after the agent has put `last_sentence` in this turn.
    pub fn expect(&mut self, turn: TurnId, hints: &RecognitionHints, last_sentence: &str) {
        self.entity = Entity::expected(hints, last_sentence);
        self.yes_no = hints.kinds.contains(&SlotKind::YesNo);
        self.begin_answer(turn);
    }

    /// A key, pressed in answer to this turn.
    pub fn key(&mut self, turn: TurnId, key: char) {
        self.begin_answer(turn);
        self.keys.1.extend(key.is_ascii_digit().then_some(key));
    }

    /// Words so far. Those of an older utterance only tell that words do come.
    pub fn words(&mut self, utterance: UtteranceId, said: &str) {
        self.tells_words = true;
        if utterance == self.utterance {
            said.clone_into(&mut self.said);
        }
    }

    /// The recogniser's view of the turn. It knows words, voice activity knows silence: neither ends a turn
    /// against the other.
    pub fn signal(&mut self, utterance: UtteranceId, signal: TurnSignal, now: Instant) {
        if utterance == self.utterance {
            self.signal = Some((signal, now));
        }
    }

    /// Whether the utterance became probably complete, or no longer is.
    pub fn outlook(&mut self) -> Option<Endpoint> {
        let utterance = self.utterance;
        if self.state == State::Silent {
            // It is over, which is told otherwise.
            self.likely = None;
            return None;
        }
        let likely = self.is_likely_over().then_some(self.said.as_str());
        if likely == self.likely.as_deref() {
            return None;
        }
        self.likely = likely.map(str::to_owned);
        let is_likely = self.likely.is_some();
        Some(if is_likely { Endpoint::LikelyOver { utterance } } else { Endpoint::GoesOn { utterance } })
    }

    /// The words of the newest utterance so far.
    pub fn said(&self) -> &str {
        &self.said
    }

    fn is_likely_over(&self) -> bool {
        let is_paused = matches!(self.state, State::Paused { .. }) && !self.said.trim().is_empty();
        is_paused
            && match self.patience().1 {
                EndReason::Silence | EndReason::Complete | EndReason::Recogniser => true,
                EndReason::LeftOpen | EndReason::Dictation | EndReason::TooLong => false,
            }
    }

    /// When to wake.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Silent => None,
            State::Speaking { since } => Some(since + self.settings.longest_utterance),
            State::Paused { since, last_voice } => {
                let cap = since + self.settings.longest_utterance;
                Some((last_voice + self.patience().0).min(cap))
            }
        }
    }

    /// Ends the utterance if its time has come.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Endpoint> {
        let due = self.poll_timeout()?;
        if now < due {
            return None;
        }
        let (speech_ended, reason) = match self.state {
            State::Paused { last_voice, since } if now < since + self.settings.longest_utterance => {
                (last_voice, self.patience().1)
            }
            State::Paused { last_voice, .. } => (last_voice, EndReason::TooLong),
            State::Silent | State::Speaking { .. } => (now, EndReason::TooLong),
        };
        self.state = State::Silent;
        Some(Endpoint::UtteranceEnded { utterance: self.utterance, speech_ended, reason })
    }

    fn begin_answer(&mut self, turn: TurnId) {
        if self.keys.0 != turn {
            self.keys = (turn, String::new());
        }
    }

    fn paused(&mut self, last_voice: Option<Instant>, now: Instant) {
        if let Some(last_voice) = last_voice {
            self.pauses.observe(now.saturating_duration_since(last_voice));
        }
    }

    fn patience(&self) -> (Duration, EndReason) {
        let known = Known {
            said: &self.said,
            keys: &self.keys.1,
            tells_words: self.tells_words,
            entity: self.entity,
            yes_no: self.yes_no,
            signal: self.signal.map(|(signal, _)| signal),
            usual: self.pauses.limit(self.settings.end_of_utterance),
            dictation: self.settings.dictation,
        };
        patience(known, &self.cues)
    }

    /// State for the admin page.
    pub fn observe(&self) -> EndpointingView {
        let phase = match self.state {
            State::Silent => "silent",
            State::Speaking { .. } => "speaking",
            State::Paused { .. } => "paused",
        };
        let (patience, _) = self.patience();
        EndpointingView {
            phase,
            utterance: self.utterance,
            patience_ms: patience.as_millis() as u64,
            dictated: self.entity,
        }
    }
}

/// Endpointing as the admin page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EndpointingView {
    /// `silent`, `speaking` or `paused`.
    pub phase: &'static str,
    /// The newest utterance.
    pub utterance: UtteranceId,
    /// Silence after which what was said so far is the whole turn, in ms.
    pub patience_ms: u64,
    /// What the caller is expected to dictate.
    pub dictated: Option<Entity>,
}

#[cfg(test)]
#[path = "endpointing_test.rs"]
mod tests;
