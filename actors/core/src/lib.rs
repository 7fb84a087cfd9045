//! The rules of a phone call, as plain machines.
//!
//! Nothing in this crate reads a clock, the environment, a file or a socket: bytes, text and `now` go in,
//! actions come out. That is what makes an hour of conversation testable in a millisecond, and a rule
//! readable without knowing which actor runs it. The manifest and `clippy.toml` of this crate enforce it.
//!
//! Every machine has one shape: `handle(input, now)` takes a fact, `next_action()` is drained for orders,
//! `poll_timeout()` says when to wake and why, `handle_timeout(now)` is the wake-up, and `observe()` is the
//! view the admin page shows. The actor of the same stem, in the crate above, only translates.

pub mod agent;
pub mod audio;
pub mod barge_in;
pub mod breaker;
pub mod conversation;
pub mod cues;
pub mod endpointing;
pub mod hearing;
pub mod hints;
pub mod ids;
pub mod key_pattern;
pub mod language;
pub mod language_model;
pub mod latency;
pub mod pacing;
pub mod playback;
pub mod ports;
pub mod receptionist;
pub mod record;
pub mod restart;
pub mod sentence;
pub mod speakable;
pub mod spoken;
pub mod timers;
pub mod turn;
pub mod twilio;
pub mod vad;

#[cfg(test)]
mod testing;
