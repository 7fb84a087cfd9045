//! How long new connections took, told to whoever asked for the work.
//!
//! Connections are made deep inside of clients, out of pools, and no adapter passes anything down to them. So
//! the meter goes the way that a tracing span goes: it is in force while an engine is called, and every
//! [`Task`](super::Task) that is spawned meanwhile carries it on.

use std::time::{Duration, Instant};

use moked_core::ports::Sink;

tokio::task_local! {
    static METER: Option<Sink<Duration>>;
}

/// Calls an engine with a meter in force, which is told the time of every connection made for this call.
pub fn metered<R>(meter: Sink<Duration>, call: impl FnOnce() -> R) -> R {
    METER.sync_scope(Some(meter), call)
}

/// The same for work that takes its time.
pub fn metering<T>(meter: Sink<Duration>, work: impl Future<Output = T>) -> impl Future<Output = T> {
    METER.scope(Some(meter), work)
}

/// Work with the meter that is in force now.
pub(crate) fn carried<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    METER.scope(current(), work)
}

/// The meter in force, to be told later or from elsewhere.
pub(crate) fn current() -> Option<Sink<Duration>> {
    METER.try_with(Clone::clone).ok().flatten()
}

/// A connection stands that was begun then.
pub(crate) fn connected(begun: Instant) {
    if let Some(meter) = current() {
        meter.send(begun.elapsed());
    }
}
