//! How loud the agent speaks while the caller may be interrupting.

use std::time::Instant;

use actix::Message;

/// Speak on softly, at once.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct Duck {
    /// When the caller began to speak.
    pub onset: Instant,
}

/// Be silent at once, and keep what was not heard.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct FallSilent;

/// Speak on at full level.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct FullLevel;
