//! Orders to the line: what goes out through the socket.

use actix::Message;
use bytes::Bytes;
use moked_core::ids::MarkName;

/// One thing to write to the carrier.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub enum LineOrder {
    /// Play this, µ-law.
    Media(Bytes),
    /// Echo this when it is reached.
    Mark(MarkName),
    /// Throw away what is queued.
    Clear,
    /// End the stream.
    Close(CloseReason),
}

/// Why the stream is ended by us; becomes the WebSocket close code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The conversation is over: 1000.
    Finished,
    /// Something in moked broke: 1011.
    Fault,
    /// The peer takes no audio: 1013.
    Slow,
    /// Another stream carries the call: 1000.
    Moved,
}
