//! The ports a call speaks through: ears, mind, voice and the voice-activity detector.
//!
//! A port is a trait without a runtime. Opening one gives a session; facts come back through a [`Sink`],
//! from whatever thread the engine uses. Dropping a session or stream cancels its work at the vendor. So
//! core knows what an engine must do and nothing of how it does it, and an actor turns a sink's facts
//! into messages to itself.

mod conversing;
mod fault;
mod hearing;
mod served;
mod speaking;
mod thinking;
mod voice_activity;

use std::fmt;
use std::sync::Arc;

pub use conversing::*;
pub use fault::ProviderFault;
pub use hearing::*;
pub use served::Served;
pub use speaking::*;
pub use thinking::*;
pub use voice_activity::*;

/// Where an engine puts its facts. Cheap to clone, callable from any thread, never blocks.
pub struct Sink<E>(Arc<dyn Fn(E) + Send + Sync>);

impl<E> Sink<E> {
    /// A sink that hands every fact to `take`.
    pub fn new(take: impl Fn(E) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    /// Hands over a fact. A receiver that is gone drops it.
    pub fn send(&self, fact: E) {
        (self.0)(fact);
    }
}

impl<E> Clone for Sink<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E> fmt::Debug for Sink<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sink")
    }
}
