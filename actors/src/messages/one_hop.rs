//! What a one-hop engine is told, and what it tells beside audio.

use actix::Message;
use bytes::Bytes;
use moked_core::ids::{TurnId, UtteranceId};
use moked_core::ports::{ChatEvent, ChatTurn};

/// The caller speaks: audio of an utterance under way, from shortly before its onset on.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct CallerSpeech {
    /// The stretch of speech.
    pub utterance: UtteranceId,
    /// µ-law at 8 kHz, any length.
    pub mulaw: Bytes,
}

/// The caller has spoken; an answer may be asked for.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct CallerSpoke {
    /// The stretch of speech.
    pub utterance: UtteranceId,
}

/// Answer this turn.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct AnswerTurn(pub ChatTurn);

/// No more of this answer is wanted; what was handed on may be heard.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct StopAnswer {
    /// The turn.
    pub turn: TurnId,
}

/// A mind's word on its way home to the dialog.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Thought(pub ChatEvent);

/// More of an answer went to the pacer, spoken by its engine.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct AnswerSpoken {
    /// The turn.
    pub turn: TurnId,
    /// Its audio, in ms.
    pub ms: u64,
}

/// The words of an utterance that was answered without them.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct CallerWords {
    /// The turn that answers them.
    pub turn: TurnId,
    /// All of them.
    pub text: String,
}

/// Listen with the recogniser from now on: the one-hop engine is lost.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct ListenYourself;

/// The one-hop engine lost the answer under way.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct OneHopFailed {
    /// Whether ear, mind and voice take over for the rest of the call.
    pub for_good: bool,
}
