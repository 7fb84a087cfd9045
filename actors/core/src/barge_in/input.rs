//! What barge-in is told of the agent and the caller, and what it orders.

use std::time::Instant;

use super::BargeInFact;
use crate::ids::UtteranceId;
use crate::vad::Sound;

/// What the agent is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agent {
    /// Nothing that could be interrupted: the caller has the floor.
    Quiet,
    /// It speaks, since this time.
    Speaking {
        /// When the first frame of the turn was sent.
        since: Instant,
        /// Whether the caller may interrupt.
        interruptible: bool,
        /// Whether his words will be known soon after he said them.
        awaits_words: bool,
    },
}

/// What was told of the caller.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BargeInput<'a> {
    /// An utterance began.
    Onset {
        /// Its number.
        utterance: UtteranceId,
    },
    /// A frame of his audio: 20 ms.
    Frame {
        /// What it is.
        sound: Sound,
        /// RMS level in dBFS.
        level_dbfs: f32,
    },
    /// Words of an utterance, so far or at last.
    Words {
        /// Its number.
        utterance: UtteranceId,
        /// All of them.
        said: &'a str,
        /// What the agent says in this turn, heard or not.
        agent_says: &'a str,
        /// Whether the agent has just put a question that a yes would answer.
        asked: bool,
    },
    /// An utterance is complete.
    Ended {
        /// Its number.
        utterance: UtteranceId,
        /// Time of its last voiced frame.
        speech_ended: Instant,
    },
    /// The utterance has its last words, or will have none.
    Settled {
        /// Its number.
        utterance: UtteranceId,
    },
}

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BargeAction {
    /// Speak on at a quarter of the amplitude.
    Duck {
        /// When the caller began to speak.
        onset: Instant,
    },
    /// Be silent; what was not heard is kept.
    Hush,
    /// Speak on at full level; after a silence from the word that it cut.
    Resume,
    /// Tell the dialog of this utterance, which has the floor from now on.
    Release {
        /// The utterance.
        utterance: UtteranceId,
        /// When the agent gave way to it: now, or when it fell silent.
        gave_way: Instant,
        /// Time of its last voiced frame, if it is over.
        speech_ended: Option<Instant>,
    },
    /// Nothing to do, only to log and count.
    Tell(BargeInFact),
}
