//! Language models as minds of a call: everything that is the same whoever runs the model.
//!
//! A vendor gives a [`MindWire`]: how a request is written and how its stream is read. The rest is here, once:
//! the [brief](briefing) that makes a model this agent, the [transcript] it answers to, the [tools] by which it
//! keeps answers and ends the call, and the [session](open) that streams a turn, retries it before its first
//! word and drops it when the caller speaks on.

mod answering;
pub mod briefing;
mod expectation;
mod gate;
mod limits;
pub(crate) mod notes;
mod probing;
mod session;
mod streaming;
pub mod tools;
pub mod transcript;
pub mod wire;

pub use limits::MindLimits;
pub use probing::{PROBE_TOKENS, for_probe};
pub use session::{open, warm};
pub use wire::{Message, MindWire, Prompt, Reply, ReplyReader, Step, ToolCall, ToolResult};
