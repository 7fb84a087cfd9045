//! One way of listening over a WebSocket, for every vendor that streams.
//!
//! Vendors differ in words, not in kind: audio goes in, interim and settled text comes out, a command asks
//! for the rest. A vendor's folder says only that, as an [`SttWire`]; connecting, buffering audio meanwhile,
//! keeping alive, matching text to moked's utterances and noticing a stall are here, once.

mod driver;
mod message;
mod renewal;
mod session;
mod transcript;
mod wire;

pub use message::{limited_terms, text_message};
#[cfg(feature = "google")]
pub(crate) use session::{Command, Queue, listen_by};
pub use session::{SocketSession, listen};
pub use transcript::{Told, Transcript};
pub use wire::{Outgoing, SttWire, WireFact};
