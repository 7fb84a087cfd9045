//! Audio on its two ways.

use actix::Message;
use bytes::Bytes;
use moked_core::pacing::PacingInput;

/// Audio of the caller, from the socket to the ear. Offered, not forced: a full ear drops it, counted.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct CallerAudio {
    /// µ-law, usually 160 bytes.
    pub mulaw: Bytes,
    /// Milliseconds that the carrier's time stamps leave out before this audio; heard as silence.
    pub gap_ms: u64,
}

/// Audio of the agent and where its sentences begin and end, from the voice to the pacer.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct AgentSpeech(pub PacingInput);
