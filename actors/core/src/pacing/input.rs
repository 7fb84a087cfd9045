//! What the pacer is handed, what it orders, and why it wakes.

use bytes::Bytes;
use serde::Serialize;

use crate::ids::TurnId;

/// What the voice hands in, in the order of speaking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PacingInput {
    /// The audio that follows speaks this sentence.
    Sentence {
        /// The turn.
        turn: TurnId,
        /// What is spoken.
        text: String,
    },
    /// Audio, µ-law, any length.
    Audio {
        /// The turn.
        turn: TurnId,
        /// The bytes.
        mulaw: Bytes,
    },
    /// The sentence handed in last goes on: its words come while they are spoken.
    MoreText {
        /// The turn.
        turn: TurnId,
        /// What follows its text, joined without a separator.
        text: String,
    },
    /// Where words of the sentence handed in last end, in bytes from its first.
    WordEnds {
        /// The turn.
        turn: TurnId,
        /// Ends, ascending, after those told before.
        ends: Vec<usize>,
    },
    /// The sentence's audio is complete.
    SentenceEnded {
        /// The turn.
        turn: TurnId,
    },
    /// No more audio of the sentence will come, though it is not complete.
    SentenceBroken {
        /// The turn.
        turn: TurnId,
        /// Bytes that the whole sentence would have had, as far as can be told.
        whole: usize,
    },
    /// The turn's audio is complete.
    TurnEnded {
        /// The turn.
        turn: TurnId,
    },
    /// This clock follows one that was lost with all it held: what still comes up to this turn hangs on parts that
    /// went down with it, and is dropped until the turn is rewound.
    PastLost {
        /// The turn.
        turn: TurnId,
    },
    /// Nobody is there to hear: what comes waits.
    Hold,
    /// Somebody is again.
    Release,
    /// What is queued is forgotten, to be handed in anew from where the ear is.
    Rewind {
        /// Whether the carrier holds audio that it has not played.
        unplayed: bool,
    },
    /// The caller may be interrupting: speak on softly, from where his ear is.
    Duck {
        /// Bytes at the carrier that it has not played.
        unplayed: usize,
    },
    /// He speaks: be silent from where his ear is, and keep what it has not heard.
    Hush {
        /// Bytes at the carrier that it has not played.
        unplayed: usize,
    },
    /// He was not interrupting: speak on at full level, after a silence from the word that it cut.
    FullLevel,
    /// The turn is dead: what is queued of it must not be heard.
    Cancel {
        /// The turn.
        turn: TurnId,
        /// Whether the ledger holds audio that was sent and not yet played.
        unplayed: bool,
    },
}

/// What the pacer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PacingAction {
    /// The next frame speaks the beginning of this sentence.
    Sentence {
        /// The turn.
        turn: TurnId,
        /// What is spoken.
        text: String,
        /// Bytes of its audio, if all of it has come.
        bytes: Option<usize>,
        /// Where its words end, as far as that was told.
        word_ends: Vec<usize>,
    },
    /// The sentence being sent goes on.
    MoreText {
        /// The turn.
        turn: TurnId,
        /// What follows its text.
        text: String,
    },
    /// Where further words of the sentence being sent end.
    WordEnds {
        /// The turn.
        turn: TurnId,
        /// Ends, ascending.
        ends: Vec<usize>,
    },
    /// All audio of the sentence being sent has come: its length is known.
    SentenceLength {
        /// The turn.
        turn: TurnId,
        /// Bytes of its audio.
        bytes: usize,
    },
    /// Send a frame of 160 bytes.
    Frame {
        /// The turn.
        turn: TurnId,
        /// µ-law.
        mulaw: Bytes,
    },
    /// All frames of the sentence were sent.
    SentenceEnded {
        /// The turn.
        turn: TurnId,
    },
    /// Send a mark.
    Mark {
        /// The turn.
        turn: TurnId,
        /// What it marks.
        kind: MarkKind,
    },
    /// The last bytes sent of this turn come again; send `clear` if the carrier has not played them.
    TakeBack {
        /// The turn.
        turn: TurnId,
        /// How many.
        bytes: usize,
    },
    /// Send `clear`.
    Clear,
}

/// What a mark's echo tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// The ear is at least here.
    Progress,
    /// A sentence was heard.
    SentenceEnd,
    /// The turn was heard to its end.
    TurnEnd,
}

/// Why the pacer wants to wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PacingTimer {
    /// The next frame is due.
    NextFrame,
    /// The agent was silent for long enough, whatever became of the caller's words.
    EndOfSilence,
}
