//! The engines of one role in their order, each with its breaker and its figures.

mod watch;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use moked_core::breaker::{Breaker, BreakerState};
use moked_core::latency::Latency;
use moked_core::ports::{ProviderFault, Sink};
use tokio::sync::Notify;

use super::asked::{Asked, Connecting};
use super::health::{EngineHealth, RoleHealth, RoleState};
use super::now;
use crate::transport::meter::{metered, metering};
pub use watch::Watch;

/// One engine of a role.
struct Place<E: ?Sized> {
    name: Arc<str>,
    engine: Arc<E>,
    state: Arc<Mutex<PlaceState>>,
    /// Wakes whoever probes this engine.
    opened: Notify,
}

#[derive(Debug, Default)]
struct PlaceState {
    breaker: Breaker,
    /// Somebody probes it in the background: no call's request goes out to see whether it is back.
    is_watched: bool,
    connect: Latency,
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
        f.debug_list().entries(self.places.iter().map(|place| &place.name)).finish()
    }
}

impl<E: ?Sized> Order<E> {
    /// Engines with their names, first choice first.
    pub fn new<N: Into<Arc<str>>>(engines: impl IntoIterator<Item = (N, Arc<E>)>) -> Self {
        let place = |(name, engine): (N, _)| Place {
            name: name.into(),
            engine,
            state: Arc::default(),
            opened: Notify::new(),
        };
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
    pub fn named(&self) -> impl Iterator<Item = (&str, &Arc<E>)> {
        self.places.iter().map(|place| (&*place.name, &place.engine))
    }

    /// Looks after the engine at this place: as long as the watch lasts, no caller's request goes out to see whether
    /// the engine is back, for whoever watches asks it in the background.
    pub fn watch(&self, index: usize) -> Watch<E> {
        Watch::begin(self.clone(), index)
    }

    /// Does something of no call with the engine at this place, such as probing it. Its connections are entered in
    /// its figures.
    pub async fn aside<T>(&self, index: usize, work: impl Future<Output = T>) -> T {
        match self.places.get(index) {
            Some(place) => metering(place.meter(Connecting::default()), work).await,
            None => work.await,
        }
    }

    /// Tells the outcome of a request that was made of the engine at this place outside of any call: the time
    /// to its first piece in ms, or how it failed. A failure opens the breaker, whatever its kind.
    pub fn probed(&self, index: usize, outcome: &Result<u64, ProviderFault>) {
        match (outcome, self.places.get(index)) {
            (Ok(_), _) => self.succeeded(index),
            (Err(fault), Some(place)) => {
                place.lock().breaker.opened_by(fault, now());
                place.opened.notify_one();
            }
            (Err(_), None) => {}
        }
    }

    /// Does something of no call with the first engine to which requests go, such as opening connections.
    pub(super) fn ahead(&self, work: impl FnOnce(&E)) {
        let closed = self.places.iter().find(|place| place.lock().breaker.is_closed());
        if let Some(place) = closed.or(self.places.last()) {
            metered(place.meter(Connecting::default()), || work(&place.engine));
        }
    }

    /// The first engine from place `from` on whose breaker admits a request, and its place. If none does,
    /// the last one: a last resort that fails is no worse than none.
    pub(super) fn admitted(&self, from: usize) -> Option<(usize, &str, Arc<E>)> {
        let from = from.min(self.places.len());
        let index = self.places[from..].iter().position(Place::admits).map(|index| from + index);
        let index = index.or_else(|| self.places.len().checked_sub(1).filter(|&last| last >= from))?;
        let place = &self.places[index];
        Some((index, &place.name, Arc::clone(&place.engine)))
    }

    /// The first engine from place `from` on whose breaker is closed, its place and name: for what asks nothing
    /// of it.
    pub(super) fn standing(&self, from: usize) -> Option<(usize, &str, &Arc<E>)> {
        let mut places = self.places.iter().enumerate().skip(from);
        let (index, place) = places.find(|(_, place)| place.lock().breaker.is_closed())?;
        Some((index, &place.name, &place.engine))
    }

    /// The first engine whose breaker is closed, and its place: for work that somebody else can do as well.
    pub(super) fn closed(&self) -> Option<(usize, Arc<E>)> {
        let index = self.places.iter().position(Place::admits)?;
        Some((index, Arc::clone(&self.places[index].engine)))
    }

    /// Asks the engine at this place for a piece of work. Its connections are entered in its figures.
    pub(super) fn ask<R>(&self, index: usize, work: impl FnOnce() -> R) -> (R, Asked) {
        let connecting = Connecting::default();
        let place = self.places.get(index);
        let engine = place.map_or_else(|| Arc::from("none"), |place| Arc::clone(&place.name));
        let asked = Asked { engine, at: now(), connecting: connecting.clone() };
        let done = match place {
            Some(place) => metered(place.meter(connecting), work),
            None => work(),
        };
        (done, asked)
    }

    /// Whether there is an engine behind this place.
    pub(super) fn has_after(&self, place: usize) -> bool {
        place + 1 < self.places.len()
    }

    pub(super) fn succeeded(&self, index: usize) {
        let Some(place) = self.places.get(index) else { return };
        let mut state = place.lock();
        let was_closed = state.breaker.is_closed();
        state.breaker.succeeded(now());
        drop(state);
        if !was_closed {
            tracing::info!(
                event = "BREAKER_CLOSED",
                engine = &*place.name,
                "it answers again and gets calls"
            );
        }
    }

    pub(super) fn failed(&self, index: usize, fault: &ProviderFault) {
        let Some(place) = self.places.get(index) else { return };
        let mut state = place.lock();
        let was_closed = state.breaker.is_closed();
        state.breaker.failed(fault, now());
        let has_opened = was_closed && !state.breaker.is_closed();
        drop(state);
        if has_opened {
            place.opened.notify_one();
            tracing::warn!(
                event = "BREAKER_OPEN",
                engine = &*place.name,
                "{fault}; the next engine takes over"
            );
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
        let engines: Vec<_> = self.places.iter().map(Place::health).collect();
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
    fn lock(&self) -> MutexGuard<'_, PlaceState> {
        lock(&self.state)
    }

    fn admits(&self) -> bool {
        let mut state = self.lock();
        if state.is_watched { state.breaker.is_closed() } else { state.breaker.admits(now()) }
    }

    /// Enters connections into this engine's figures and into one piece of work.
    fn meter(&self, connecting: Connecting) -> Sink<Duration> {
        let state = Arc::clone(&self.state);
        Sink::new(move |time: Duration| {
            lock(&state).connect.record(time.as_millis() as u64);
            connecting.took(time);
        })
    }

    fn health(&self) -> EngineHealth {
        let state = self.lock();
        let breaker = state.breaker.observe();
        EngineHealth {
            name: self.name.to_string(),
            is_up: breaker.state == BreakerState::Closed,
            breaker: breaker.state,
            last_fault: breaker.last_fault,
            connect: state.connect.clone(),
            first: state.first.clone(),
            whole: state.whole.clone(),
        }
    }
}

/// A panic while the lock was held leaves counters, not a broken invariant.
fn lock(state: &Mutex<PlaceState>) -> MutexGuard<'_, PlaceState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
