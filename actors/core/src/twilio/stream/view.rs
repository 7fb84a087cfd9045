//! The stream in numbers.

use serde::Serialize;

/// Counters of one stream, from its opening on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct StreamView {
    /// Whether it has started and not ended.
    pub streaming: bool,
    /// Messages read, of any kind.
    pub messages: u64,
    /// Frames of the caller's audio.
    pub media: u64,
    /// Milliseconds of the caller's line that never came, by the frames' time stamps.
    pub gap_ms: u64,
    /// Marks that came back.
    pub marks: u64,
    /// Keys pressed.
    pub digits: u64,
    /// Messages that the carrier counted and we never got.
    pub missing: u64,
    /// Messages whose number was not above the one before.
    pub repeated: u64,
    /// Events we do not know.
    pub unknown: u64,
    /// Fields we do not know, in all messages but audio and in the first of audio: a carrier does not change
    /// the shape of its frames within a stream.
    pub unknown_fields: u64,
    /// Messages that came when they may not, or for another stream.
    pub out_of_order: u64,
    /// Frames that could not be read.
    pub unreadable: u64,
    /// Frames of the track that we speak on.
    pub own_track: u64,
}
