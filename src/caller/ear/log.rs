//! What the ear writes down.

use moked_core::ids::MarkName;
use serde::Serialize;

/// Something that happened at the playhead.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EarEvent {
    /// A mark arrived and stands in the queue.
    MarkQueued {
        /// Its label.
        name: MarkName,
    },
    /// The playhead reached a mark; it is echoed.
    MarkPlayed {
        /// Its label.
        name: MarkName,
    },
    /// A mark was thrown out by a `clear`; it is echoed all the same, and the echo does not say so.
    MarkCleared {
        /// Its label.
        name: MarkName,
    },
    /// The server emptied the queue.
    Cleared {
        /// Audio that nobody will hear, in milliseconds.
        discarded_ms: u64,
    },
    /// The agent became audible after a pause.
    AgentBegan,
    /// The agent has been quiet for a pause. The entry's time is when the pause was complete.
    AgentFinished {
        /// When the last sound of the utterance ended, in milliseconds from the start of the stream.
        last_audible_ms: u64,
    },
    /// The queue ran dry inside an utterance and more followed: the caller heard a hole.
    Underrun {
        /// Length of the hole in milliseconds.
        gap_ms: f64,
    },
    /// More than ten minutes were queued; the rest was thrown away (Twilio warning 31931).
    Overflow {
        /// Audio thrown away, in milliseconds.
        discarded_ms: u64,
    },
}

/// An event and its time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EarLogEntry {
    /// Milliseconds from the start of the stream.
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: EarEvent,
}
