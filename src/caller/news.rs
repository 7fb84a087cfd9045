//! What the observer of a call is told while it runs.

use moked_core::ids::{MarkName, StreamSid};
use serde::Serialize;

use super::report::{Problem, StreamEnd};
use super::strict::Violation;

/// Something that happened, with its time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallNews {
    /// Milliseconds from the start of the call, which is when the webhook was rung.
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: CallEvent,
}

/// What can happen in a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum CallEvent {
    /// Twilio carried out a step of the TwiML.
    Step {
        /// What it did, for a person.
        what: String,
    },
    /// The media socket is open.
    StreamOpened {
        /// The stream.
        stream_sid: StreamSid,
    },
    /// The caller began to speak or to press keys.
    CallerBegan {
        /// The text, the file or the keys.
        what: String,
    },
    /// The caller is done.
    CallerFinished,
    /// A key went down.
    Key {
        /// `0`–`9`, `*` or `#`.
        key: char,
    },
    /// The agent became audible.
    AgentBegan,
    /// The agent has been quiet for a pause.
    AgentFinished,
    /// A mark was returned to the server.
    Mark {
        /// Its label.
        name: MarkName,
        /// Whether a `clear` threw it out; otherwise the playhead reached it.
        cleared: bool,
    },
    /// The server emptied the queue.
    Clear {
        /// Audio that nobody will hear, in milliseconds.
        discarded_ms: u64,
    },
    /// A hole in the agent's speech.
    Underrun {
        /// Its length in milliseconds.
        gap_ms: f64,
    },
    /// More than ten minutes were queued.
    Overflow {
        /// Audio thrown away, in milliseconds.
        discarded_ms: u64,
    },
    /// The server broke a rule of the stream.
    Violation(Violation),
    /// A webhook broke a rule.
    Problem(Problem),
    /// The stream is over.
    StreamEnded(StreamEnd),
}
