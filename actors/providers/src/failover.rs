//! Engines in order, behind one port: when the first fails, the next takes over, within the call.
//!
//! A provider that fails is not a call that fails. Each engine has a breaker; an engine whose breaker is
//! open is passed over. Within a call a switch is for good, so that a caller does not hear two voices take
//! turns. Nothing is repeated once the caller may have heard of it: an answer or a sentence moves on only
//! before its first piece came out.

mod asked;
mod conversing;
mod ears;
mod health;
mod mind;
mod order;
mod voice;

pub use conversing::FailoverSpeech;
pub use ears::FailoverEars;
pub use health::{EngineHealth, RoleHealth, RoleState};
pub use mind::FailoverMind;
pub use order::{Order, Watch};
pub use voice::FailoverVoice;

/// The clock of breakers and figures: tokio's, so that a test which moves it moves them too.
fn now() -> std::time::Instant {
    tokio::time::Instant::now().into_std()
}
