//! How the stages of a call find together again after one of them, or the line, was lost.
//!
//! The order is always the same: the voice falls silent, the pacer goes back to where the ear is, the voice
//! says the rest. Each step is told by the stage before it, so that no audio of before overtakes it.

use std::time::Instant;

use actix::Message;
use moked_core::ids::TurnId;

/// Be silent: what was not spoken yet comes again as [`SayRest`].
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct Hush(pub Rewind);

/// Go back to where the ear was.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct Rewind {
    /// When: now, or when the line was last known to be up.
    pub to: Instant,
    /// Whether the rest is to be said now, or when the line is back.
    pub then_speak: bool,
}

/// Say what was not heard of this turn.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct SayRest {
    /// The turn.
    pub turn: TurnId,
    /// Sentences, the first perhaps without its beginning.
    pub sentences: Vec<String>,
    /// Whether no more of the turn will come.
    pub is_complete: bool,
}

/// The line is down; it may come back.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct LineDown {
    /// When it was last known to be up.
    pub since: Instant,
}

/// The line is back.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct LineUp;
