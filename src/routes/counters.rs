//! What happened so far, for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::admission::Full;

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

/// A counter for each limit of admission.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    calls: Counter,
    rate: Counter,
    memory: Counter,
    pacing: Counter,
    lag: Counter,
}

impl Refusals {
    /// The counter of one limit.
    pub(crate) fn of(&self, full: Full) -> &Counter {
        match full {
            Full::Calls { .. } => &self.calls,
            Full::Rate => &self.rate,
            Full::Memory { .. } => &self.memory,
            Full::Pacing { .. } => &self.pacing,
            Full::Lag { .. } => &self.lag,
        }
    }

    /// Every counter with its limit's word.
    pub(crate) fn all(&self) -> [(&'static str, u64); 5] {
        let Self { calls, rate, memory, pacing, lag } = self;
        [("calls", calls), ("rate", rate), ("memory", memory), ("pacing", pacing), ("lag", lag)]
            .map(|(word, counter)| (word, counter.get()))
    }
}

/// The counters of the edge.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Incoming calls answered with a stream.
    pub(crate) calls_streamed: Counter,
    /// Calls that live and were given another stream.
    pub(crate) calls_resumed: Counter,
    /// Calls of which a broken stream left nothing, begun anew.
    pub(crate) calls_begun_anew: Counter,
    /// Incoming calls answered with a recorded message.
    pub(crate) calls_messaged: Counter,
    /// Incoming calls that were sent elsewhere since the process drains.
    pub(crate) calls_drained: Counter,
    /// Incoming calls that were sent elsewhere at each limit of admission.
    pub(crate) calls_refused: Refusals,
    /// Callers without a stream whom Twilio sent to a message.
    pub(crate) watchdog_redirected: Counter,
    /// Callers without a stream who had hung up when Twilio was asked.
    pub(crate) watchdog_gone: Counter,
    /// Callers without a stream whom nobody could send anywhere.
    pub(crate) watchdog_failed: Counter,
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
