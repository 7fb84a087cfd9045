//! One piece of work in the hands of one engine: since when, and what its connection cost.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moked_core::ports::Served;

/// An engine that was asked.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) engine: Arc<str>,
    pub(super) at: Instant,
    pub(super) connecting: Connecting,
}

impl Asked {
    /// For the call's record.
    pub(super) fn served(&self) -> Served {
        Served { engine: Arc::clone(&self.engine), asked: self.at, connect_ms: self.connecting.ms() }
    }

    /// The same for an engine that does one piece of work after another: a connection counts for the first only.
    pub(super) fn settled(&self) -> Served {
        Served { connect_ms: self.connecting.take_ms(), ..self.served() }
    }

    /// Time since it was asked, in ms.
    pub(super) fn elapsed_ms(&self) -> u64 {
        super::now().saturating_duration_since(self.at).as_millis() as u64
    }
}

/// The newest connection that was made for a piece of work, if one was.
#[derive(Debug, Clone, Default)]
pub(super) struct Connecting(Arc<Mutex<Option<Duration>>>);

impl Connecting {
    pub(super) fn took(&self, time: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(time);
    }

    pub(super) fn ms(&self) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).map(|time| time.as_millis() as u64)
    }

    /// The same, and forgets it: work that comes later was done over a connection that stood.
    pub(super) fn take_ms(&self) -> Option<u64> {
        let time = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        time.map(|time| time.as_millis() as u64)
    }
}
