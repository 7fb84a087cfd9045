//! What Twilio sends over the media socket, parsed once and borrowed from the frame's text.
//!
//! Fifty of these come each second of each call, so a media frame is read in one pass, without a tree of
//! values, and its payload stays a slice of the frame until [`Media::decode_into`] turns it into bytes.
//!
//! The reader is lenient where carriers differ and strict where it matters. Counters may be numbers or
//! strings of digits, and one that cannot be read is merely absent; unknown fields are passed over; an
//! unknown event is [`Inbound::Unknown`] for the caller to count; SignalWire leaves out the top-level
//! `streamSid` and the custom parameters. But a `media` without payload or a `start` without ids is an
//! error that names the field.

mod error;
mod media;
mod start;
pub(super) mod unknown_fields;
mod wire;

use crate::audio::dtmf::DtmfKey;
use crate::ids::{CallSid, MarkName};

pub use error::InboundError;
pub use media::{Media, Track};
pub use start::{MediaFormat, StreamStart, UnsupportedMediaFormat};

/// Longest frame that is read, in bytes of text. Twilio's are near 400; the limit keeps a stranger on the
/// socket from making us parse megabytes.
pub const MAX_MESSAGE_BYTES: usize = 64 * 1024;

/// One message from Twilio. `sequence` counts messages of any kind from 1; it is absent on `connected` and
/// at carriers that do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound<'a> {
    /// The socket is up; nothing can be sent before `start` names the stream.
    Connected {
        /// Twilio says `1.0.0`, SignalWire `0.2.0`; nothing depends on it.
        version: Option<String>,
    },
    /// The stream begins.
    Start {
        /// Position in the stream, normally 1.
        sequence: Option<u64>,
        /// Who calls, and in which format.
        start: StreamStart,
    },
    /// Audio.
    Media(Media<'a>),
    /// One of our marks came back: played out, or thrown out by a `clear`. The message does not say which.
    Mark {
        /// Position in the stream.
        sequence: Option<u64>,
        /// The name we gave it.
        name: MarkName,
    },
    /// The caller pressed a key.
    Dtmf {
        /// Position in the stream.
        sequence: Option<u64>,
        /// The key.
        digit: DtmfKey,
    },
    /// The stream ended. Not every stream says so: a lost network just closes the socket, or nothing at all.
    Stop {
        /// Position in the stream.
        sequence: Option<u64>,
        /// The call it belonged to.
        call_sid: Option<CallSid>,
    },
    /// An event that is none of the above.
    Unknown {
        /// Position in the stream; unknown events are counted by Twilio too.
        sequence: Option<u64>,
        /// What it called itself, shortened.
        event: String,
    },
}

impl<'a> Inbound<'a> {
    /// Reads one text frame.
    ///
    /// # Errors
    /// [`InboundError`] says what is wrong with the frame. The stream itself is still good: the next frame
    /// may be read.
    pub fn parse(text: &'a str) -> Result<Self, InboundError> {
        wire::parse(text)
    }

    /// Position in the stream, where the carrier counts.
    pub fn sequence(&self) -> Option<u64> {
        match self {
            Self::Connected { .. } => None,
            Self::Media(media) => media.sequence,
            Self::Start { sequence, .. }
            | Self::Mark { sequence, .. }
            | Self::Dtmf { sequence, .. }
            | Self::Stop { sequence, .. }
            | Self::Unknown { sequence, .. } => *sequence,
        }
    }
}

#[cfg(test)]
mod tests;
