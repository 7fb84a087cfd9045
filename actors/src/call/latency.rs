//! How fast each turn was answered, and how fast each engine did its part of it.

use std::fmt;
use std::time::Instant;

use moked_core::ids::TurnId;
use moked_core::ports::Served;
use serde::Serialize;

/// A turn's latency for people, in ms from the end of the caller's speech, or from his last key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TurnLatency {
    /// The turn.
    pub turn: TurnId,
    /// Until the words reached the dialog: what the ear needed after the true end of speech.
    pub words_ms: u64,
    /// Until the first sentence went to the voice.
    pub answer_ms: Option<u64>,
    /// Until the first frame went to the caller.
    pub first_frame_ms: Option<u64>,
    /// Who did it, in the order in which they were done.
    pub engines: Vec<EngineLatency>,
}

/// What one engine needed for its part of a turn. An engine that failed before its first piece is not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineLatency {
    /// Its part.
    pub role: EngineRole,
    /// Its name in the settings.
    pub engine: String,
    /// How long its connection took, if one was made for this turn.
    pub connect_ms: Option<u64>,
    /// Until its first piece: words or audio from when it was asked; for an ear the first words from when speech
    /// began.
    pub first_ms: Option<u64>,
    /// Until its last piece: of the answer, or of the turn's first sentence, from when it was asked; for an ear the
    /// settled words from the true end of speech. Missing when the turn was cut before.
    pub last_ms: Option<u64>,
}

/// An engine's part of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineRole {
    /// Speech to text.
    Hearing,
    /// The mind.
    Thinking,
    /// Text to speech.
    Speaking,
    /// All three in one hop.
    Conversing,
}

impl fmt::Display for EngineRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hearing => "hearing",
            Self::Thinking => "thinking",
            Self::Speaking => "speaking",
            Self::Conversing => "conversing",
        })
    }
}

/// A piece of an engine's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    First,
    Last,
}

/// Enters a piece that just came. Later work of the same engine in the turn changes nothing: the caller waited for
/// the first.
pub(super) fn enter(
    engines: &mut Vec<EngineLatency>,
    role: EngineRole,
    served: &Served,
    piece: Piece,
    now: Instant,
) {
    let ms = Some(ms(served.asked, now));
    let known = engines.iter_mut().find(|entry| entry.role == role && entry.engine == *served.engine);
    match (known, piece) {
        (None, piece) => engines.push(EngineLatency {
            role,
            engine: served.engine.to_string(),
            connect_ms: served.connect_ms,
            first_ms: ms,
            last_ms: ms.filter(|_| piece == Piece::Last),
        }),
        (Some(entry), Piece::Last) => entry.last_ms = entry.last_ms.or(ms),
        (Some(_), Piece::First) => {}
    }
}

/// The times of the utterance under way.
#[derive(Debug, Default)]
pub(crate) struct EarClock {
    started: Option<Instant>,
    first_words: Option<Instant>,
    speech_ended: Option<Instant>,
}

impl EarClock {
    pub(crate) fn started(&mut self, now: Instant) {
        *self = Self { started: Some(now), ..Self::default() };
    }

    pub(crate) fn has_words(&mut self, now: Instant) {
        self.first_words.get_or_insert(now);
    }

    pub(crate) fn speech_ended(&mut self, at: Instant) {
        self.speech_ended = Some(at);
    }

    /// The words are settled, by this ear.
    pub(crate) fn settled(&mut self, engine: String, connect_ms: Option<u64>, now: Instant) -> EngineLatency {
        self.has_words(now);
        EngineLatency {
            role: EngineRole::Hearing,
            engine,
            connect_ms,
            first_ms: self.started.zip(self.first_words).map(|(from, to)| ms(from, to)),
            last_ms: Some(self.speech_ended.map_or(0, |ended| ms(ended, now))),
        }
    }
}

pub(super) fn ms(from: Instant, to: Instant) -> u64 {
    to.saturating_duration_since(from).as_millis() as u64
}
