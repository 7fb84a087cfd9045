//! What was said, and what is to be said.

use std::time::Instant;

use actix::Message;
use moked_core::hints::RecognitionHints;
use moked_core::ids::{MarkName, TurnId, UtteranceId};

/// The caller began to speak.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct SpeechStarted {
    /// The stretch of speech.
    pub utterance: UtteranceId,
    /// When the agent gave way to it, if it spoke.
    pub gave_way: Option<Instant>,
}

/// The caller finished; words are due.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct UtteranceEnded {
    /// The stretch of speech.
    pub utterance: UtteranceId,
    /// Time of its last voiced frame.
    pub speech_ended: Instant,
}

/// The words so far.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct PartialWords {
    /// The stretch of speech.
    pub utterance: UtteranceId,
    /// All of them.
    pub text: String,
}

/// The caller has probably finished.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct LikelyOver {
    /// The stretch of speech.
    pub utterance: UtteranceId,
    /// All of its words so far.
    pub text: String,
}

/// He has not, after it was told.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct GoesOn {
    /// The stretch of speech.
    pub utterance: UtteranceId,
}

/// The words of an utterance; empty for a noise.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Words {
    /// The stretch of speech.
    pub utterance: UtteranceId,
    /// All of them.
    pub text: String,
}

/// The utterance was heard by the engine that answers it.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct Spoken {
    /// The stretch of speech.
    pub utterance: UtteranceId,
}

/// There were words, but nobody could say which.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct NotUnderstood {
    /// The stretch of speech.
    pub utterance: UtteranceId,
}

/// The ear broke off: utterances under way will not be told.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct EarFailed;

/// The ear is gone for good: from now on the caller has only keys.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct EarLost;

/// The caller pressed a key.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct KeyPressed(pub char);

/// A mark came back from the carrier.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct MarkReached(pub MarkName);

/// What the caller will probably say next, for the ear.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Expect(pub RecognitionHints);

/// Speak a sentence.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Say {
    /// The turn.
    pub turn: TurnId,
    /// The sentence.
    pub text: String,
}

/// Speak a filler, unless the answer comes before its first sound.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Fill {
    /// The turn that it waits for.
    pub turn: TurnId,
    /// What to say.
    pub text: String,
}

/// No more sentences of this turn.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct FinishTurn {
    /// The turn.
    pub turn: TurnId,
}

/// Nothing more of this turn may be heard.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct CancelTurn {
    /// The turn.
    pub turn: TurnId,
}

/// A stage between the mind and the line lost what it held of the turn under way.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct StageRestarted {
    /// The newest turn that it may have held. A newer one is with the next life.
    pub turn: TurnId,
}
