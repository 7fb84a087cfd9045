//! What happened so far, for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// So far.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counters of the edge.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Incoming calls answered with a stream.
    pub(crate) calls_streamed: Counter,
    /// Calls that live and were given another stream.
    pub(crate) calls_resumed: Counter,
    /// Incoming calls answered with a recorded message.
    pub(crate) calls_messaged: Counter,
    /// Webhooks of calls that already had their answer.
    pub(crate) calls_spent: Counter,
    /// Webhooks refused by signature, account or origin.
    pub(crate) webhooks_refused: Counter,
    /// Media handshakes answered with 101.
    pub(crate) handshakes_accepted: Counter,
    /// Media handshakes answered with anything else.
    pub(crate) handshakes_refused: Counter,
    /// Sockets whose actor broke.
    pub(crate) sockets_broken: Counter,
}
