//! The engines of one role in their order, each with its breaker and its figures.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use moked_core::breaker::{Breaker, BreakerState};
use moked_core::latency::Latency;
use moked_core::ports::ProviderFault;

use super::health::{EngineHealth, RoleHealth, RoleState};

/// One engine of a role.
struct Place<E: ?Sized> {
    name: &'static str,
    engine: Arc<E>,
    state: Mutex<PlaceState>,
}

#[derive(Debug, Default)]
struct PlaceState {
    breaker: Breaker,
    first: Latency,
    whole: Latency,
}

/// The engines of one role, first choice first.
pub struct Order<E: ?Sized> {
    places: Arc<[Place<E>]>,
}

impl<E: ?Sized> Clone for Order<E> {
    fn clone(&self) -> Self {
        Self { places: Arc::clone(&self.places) }
    }
}

impl<E: ?Sized> fmt::Debug for Order<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.places.iter().map(|place| place.name)).finish()
    }
}

impl<E: ?Sized> Order<E> {
    /// Engines with their names, first choice first.
    pub fn new(engines: impl IntoIterator<Item = (&'static str, Arc<E>)>) -> Self {
        let place = |(name, engine)| Place { name, engine, state: Mutex::default() };
        Self { places: engines.into_iter().map(place).collect() }
    }

    /// The first choice.
    pub fn first(&self) -> Option<&Arc<E>> {
        self.places.first().map(|place| &place.engine)
    }

    /// All engines.
    pub fn engines(&self) -> impl Iterator<Item = &Arc<E>> {
        self.places.iter().map(|place| &place.engine)
    }

    /// All engines with their names, first choice first.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &Arc<E>)> {
        self.places.iter().map(|place| (place.name, &place.engine))
    }

    /// Tells the outcome of a request that was made of the engine at this place outside of any call: the time
    /// to its first piece in ms, or how it failed.
    pub fn probed(&self, index: usize, outcome: &Result<u64, ProviderFault>, now: Instant) {
        match outcome {
            Ok(_) => self.succeeded(index, now),
            Err(fault) => self.failed(index, fault, now),
        }
    }

    /// The first engine from place `from` on whose breaker admits a request, and its place. If none does,
    /// the last one: a last resort that fails is no worse than none.
    pub(super) fn admitted(&self, from: usize, now: Instant) -> Option<(usize, &'static str, Arc<E>)> {
        let from = from.min(self.places.len());
        let admits = |place: &Place<E>| place.lock().breaker.admits(now);
        let index = self.places[from..].iter().position(admits).map(|index| from + index);
        let index = index.or_else(|| self.places.len().checked_sub(1).filter(|&last| last >= from))?;
        let place = &self.places[index];
        Some((index, place.name, Arc::clone(&place.engine)))
    }

    /// Whether there is an engine behind this place.
    pub(super) fn has_after(&self, place: usize) -> bool {
        place + 1 < self.places.len()
    }

    pub(super) fn succeeded(&self, index: usize, now: Instant) {
        if let Some(place) = self.places.get(index) {
            place.lock().breaker.succeeded(now);
        }
    }

    pub(super) fn failed(&self, index: usize, fault: &ProviderFault, now: Instant) {
        if let Some(place) = self.places.get(index) {
            let mut state = place.lock();
            let before = state.breaker.observe().state;
            state.breaker.failed(fault, now);
            if before == BreakerState::Closed && state.breaker.observe().state == BreakerState::Open {
                tracing::warn!(
                    event = "BREAKER_OPEN",
                    engine = place.name,
                    "{fault}; the next engine takes over"
                );
            }
        }
    }

    /// Enters the time to the first piece of an answer (for ears: from the end of speech to the words).
    pub(super) fn record_first(&self, index: usize, ms: u64) {
        if let Some(place) = self.places.get(index) {
            place.lock().first.record(ms);
        }
    }

    /// Enters the time to the last piece of an answer.
    pub(super) fn record_whole(&self, index: usize, ms: u64) {
        if let Some(place) = self.places.get(index) {
            place.lock().whole.record(ms);
        }
    }

    /// How the role stands.
    pub fn health(&self) -> RoleHealth {
        let engines: Vec<_> = self
            .places
            .iter()
            .map(|place| {
                let state = place.lock();
                let breaker = state.breaker.observe();
                EngineHealth {
                    name: place.name,
                    is_up: breaker.state == BreakerState::Closed,
                    breaker: breaker.state,
                    last_fault: breaker.last_fault,
                    first: state.first.clone(),
                    whole: state.whole.clone(),
                }
            })
            .collect();
        let state = match engines.iter().position(|engine| engine.is_up) {
            _ if engines.is_empty() => RoleState::Unconfigured,
            Some(0) => RoleState::Ok,
            Some(_) => RoleState::Degraded,
            None => RoleState::Down,
        };
        RoleHealth { state, engines }
    }
}

impl<E: ?Sized> Place<E> {
    /// A panic while the lock was held leaves counters, not a broken invariant.
    fn lock(&self) -> MutexGuard<'_, PlaceState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
