//! What the actors of one call share: its book, the addresses of its stages, its clock.
//!
//! All actors of a call live on one thread, so what they share is `Rc`, without locks. The book is plain
//! data held by the supervisor: a stage that is started anew finds in it what its last life knew.

mod book;
mod contained;
mod guesses;
mod kept;
mod latency;
mod letters;
mod line;
mod links;
mod recording;
mod restarts;
mod runner;
mod tape;

use std::time::Instant;

pub(crate) use book::{CallBook, Saying, SharedBook, TurnTiming};
pub(crate) use contained::{Contained, contain};
pub(crate) use guesses::Guesses;
pub(crate) use kept::Kept;
pub(crate) use latency::{EarClock, Piece};
pub use latency::{EngineLatency, EngineRole, TurnLatency};
pub(crate) use line::LineSlot;
pub use line::{Cut, Line};
pub(crate) use links::{Links, Offer, Slot};
pub(crate) use recording::Recording;
pub(crate) use restarts::Restarts;
pub(crate) use runner::{Keeper, Post, panic_message, run_child};
pub(crate) use tape::{EarTape, Replay};

/// The one clock of the actors: tokio's, so that paused time in tests governs whole calls.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
