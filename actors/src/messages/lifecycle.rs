//! Birth and death of a call and its actors.

use std::fmt;

use std::time::Instant;

use actix::{Addr, Message};
use moked_core::ids::{StreamSid, TurnId};
use moked_core::restart::Child;
use moked_core::turn::LastWords;
use serde::Serialize;

use crate::call::Line;
use crate::relay::Relay;

/// A child of the call ended although nobody asked it to.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct ChildFailed {
    /// The child.
    pub child: Child,
    /// The newest turn handed to the voice by then. Later ones find the next life.
    pub turn: TurnId,
    /// Its panic message, or that it stopped.
    pub why: String,
    /// Whether it comes back.
    pub gave_up: bool,
}

/// A stream's socket is gone.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct LineEnded {
    /// The stream.
    pub stream_sid: StreamSid,
    /// Whether the carrier said `stop` (else the socket was lost).
    pub was_stopped: bool,
    /// When the last sign of life came from the carrier.
    pub last_seen: Instant,
}

/// The carrier does not take our audio.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct LineStuck;

/// A stream came for a call that lives: it is the call's line now. Answered by the way to the call's stages,
/// or nothing if the call is ending.
#[derive(Debug, Message)]
#[rtype(result = "Option<Addr<Relay>>")]
pub struct LineCame(pub Line);

/// End the call.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct EndCall(pub CallEnd);

/// The call must end: excuse it to the caller with these words, then hang up.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct SayGoodbye {
    /// The last words.
    pub words: String,
    /// Why it must end.
    pub why: LastWords,
}

/// Asks an actor for its state.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "serde_json::Value")]
pub struct Inspect;

/// Why a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallEnd {
    /// The caller hung up, or the carrier ended the stream.
    CallerHungUp,
    /// The agent said goodbye.
    AgentHungUp,
    /// The socket was lost without a word, and no other came in time.
    LineLost,
    /// The carrier did not take our audio, and no other stream came.
    LineStuck,
    /// A part of the call failed for good.
    Crashed,
    /// The longest allowed time of a call passed.
    TooLong,
    /// A newer stream of the same call took over.
    Replaced,
    /// The server is stopping.
    ServerStopped,
    /// An operator ended it.
    OperatorHungUp,
    /// An operator handed the caller to a person.
    Transferred,
    /// The server is going down, and the caller was told so.
    SentAway,
}

impl CallEnd {
    /// Every cause, for tables of them.
    pub const ALL: [Self; 11] = [
        Self::CallerHungUp,
        Self::AgentHungUp,
        Self::LineLost,
        Self::LineStuck,
        Self::Crashed,
        Self::TooLong,
        Self::Replaced,
        Self::ServerStopped,
        Self::OperatorHungUp,
        Self::Transferred,
        Self::SentAway,
    ];

    /// The cause as one word, as records and metrics have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::CallerHungUp => "caller_hung_up",
            Self::AgentHungUp => "agent_hung_up",
            Self::LineLost => "line_lost",
            Self::LineStuck => "line_stuck",
            Self::Crashed => "crashed",
            Self::TooLong => "too_long",
            Self::Replaced => "replaced",
            Self::ServerStopped => "server_stopped",
            Self::OperatorHungUp => "operator_hung_up",
            Self::Transferred => "transferred",
            Self::SentAway => "sent_away",
        }
    }

    /// Whether the caller was cut off, and should be caught by the document after `<Connect>`.
    pub fn is_broken(self) -> bool {
        match self {
            Self::LineLost | Self::LineStuck | Self::Crashed | Self::ServerStopped => true,
            Self::CallerHungUp | Self::AgentHungUp | Self::TooLong | Self::Replaced => false,
            Self::OperatorHungUp | Self::Transferred | Self::SentAway => false,
        }
    }
}

impl fmt::Display for CallEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CallerHungUp => "the caller hung up",
            Self::AgentHungUp => "the agent said goodbye",
            Self::LineLost => "the media socket was lost and no other came",
            Self::LineStuck => "the carrier stopped taking audio and no other socket came",
            Self::Crashed => "a part of the call failed for good",
            Self::TooLong => "the longest allowed time of a call passed",
            Self::Replaced => "a newer stream of the same call took over",
            Self::ServerStopped => "the server is stopping",
            Self::OperatorHungUp => "an operator hung up",
            Self::Transferred => "an operator transferred the caller",
            Self::SentAway => "the server is going down and the caller was told so",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_has_one_word_in_records_and_metrics() {
        for end in CallEnd::ALL {
            assert_eq!(serde_json::to_value(end).unwrap(), end.word());
        }
    }
}
