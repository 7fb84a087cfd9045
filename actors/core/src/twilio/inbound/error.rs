//! What can be wrong with a frame.

use std::fmt::Write;

/// How much of a stranger's text goes into an error or a log line, in characters.
const QUOTED: usize = 32;

/// Why a text frame could not be read. None of them quotes more than a few characters of the frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InboundError {
    /// The text is no JSON.
    #[error("the frame is not JSON, from byte {column} of line {line} on")]
    NotJson {
        /// Line of the fault, from 1.
        line: usize,
        /// Byte of the fault in its line.
        column: usize,
    },
    /// The text is JSON, but an array, a number, a string…
    #[error("the frame is JSON but not an object")]
    NotAnObject,
    /// A field that the event cannot do without is not there.
    #[error("the {event} message lacks {field}")]
    MissingField {
        /// The event, `?` when the event itself is missing.
        event: &'static str,
        /// The field as a path, such as `media.payload`.
        field: &'static str,
    },
    /// A field holds something of the wrong kind, or comes twice.
    #[error("the {event} message has a field of the wrong kind at byte {column} of line {line}")]
    WrongKind {
        /// The event, shortened; `?` when it cannot be read.
        event: String,
        /// Line of the fault, from 1.
        line: usize,
        /// Byte of the fault in its line.
        column: usize,
    },
    /// A key press that is no key.
    #[error("the dtmf message names {digit:?}, which is no key")]
    BadDigit {
        /// What stood there, shortened.
        digit: String,
    },
    /// The payload of a media message is not base64.
    #[error("the media payload is not base64")]
    BadBase64,
    /// The frame is longer than [`super::MAX_MESSAGE_BYTES`].
    #[error("the frame has {bytes} bytes; at most {limit} are read", limit = super::MAX_MESSAGE_BYTES)]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
}

/// A stranger's text, fit for a log line: its first characters, control characters escaped.
pub(super) fn shorten(text: &str) -> String {
    let mut short = String::new();
    for character in text.chars().take(QUOTED) {
        if character.is_control() {
            short.extend(character.escape_default());
        } else {
            short.push(character);
        }
    }
    if text.chars().nth(QUOTED).is_some() {
        // Writing to a String does not fail.
        let _ = write!(short, "… ({} bytes)", text.len());
    }
    short
}
