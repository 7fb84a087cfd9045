//! Who did a piece of work, where a session may have handed it on.

use std::sync::Arc;
use std::time::Instant;

/// The engine behind the newest answer of a session that stands for several.
///
/// A session that stands for itself tells nothing: its engine is known by name and was asked when it was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The engine's name in the settings.
    pub engine: Arc<str>,
    /// When this engine was asked: later than the session itself when others failed before.
    pub asked: Instant,
    /// How long connecting took, in ms: name, TCP, TLS and the protocol's own greeting. `None`: the connection
    /// stood already, or the engine needs none.
    pub connect_ms: Option<u64>,
}
