//! The events of calls in this process, for a simulated call to be proved by.
//!
//! The doctor prints no log. It listens to it with the [`EventTap`], so that
//! `WS_START → STT_FINAL → MEDIA_TX` can be shown for the call that was placed. A server that the doctor started
//! for itself holds no other call.

use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tracing_subscriber::layer::SubscriberExt as _;

use crate::event_tap::{EventTap, TappedEvent};

/// What was heard in this process. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Events(Arc<Mutex<Heard>>);

#[derive(Debug)]
struct Heard {
    incoming: Receiver<TappedEvent>,
    names: Vec<String>,
}

impl Events {
    /// Begins to listen to this process, once; none when something else takes its events already.
    pub(super) fn listen() -> Option<Self> {
        static LISTENING: OnceLock<Option<Events>> = OnceLock::new();
        LISTENING
            .get_or_init(|| {
                let (tap, incoming) = EventTap::new();
                let subscriber = tracing_subscriber::registry().with(tap);
                tracing::subscriber::set_global_default(subscriber).ok()?;
                Some(Self::of(incoming))
            })
            .clone()
    }

    fn of(incoming: Receiver<TappedEvent>) -> Self {
        Self(Arc::new(Mutex::new(Heard { incoming, names: Vec::new() })))
    }

    /// Forgets what was heard until now.
    pub(super) fn forget(&self) {
        self.names();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).names.clear();
    }

    /// Names of the events since then, in order.
    pub(super) fn names(&self) -> Vec<String> {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Heard { incoming, names } = &mut *heard;
        names.extend(incoming.try_iter().map(|event| event.name));
        names.clone()
    }
}

/// Whether `wanted` stand among `events` in this order, others between them or not.
pub(super) fn in_order(events: &[String], wanted: &[&str]) -> bool {
    let mut events = events.iter();
    wanted.iter().all(|wanted| events.any(|event| event == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_kept_until_they_are_forgotten() {
        let (tap, incoming) = EventTap::new();
        let events = Events::of(incoming);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(tap), || {
            tracing::info!(target: "moked_actors", event = "WS_START");
            assert_eq!(events.names(), ["WS_START"]);
            tracing::info!(target: "moked_actors", event = "WS_STOP");
            assert_eq!(events.names(), ["WS_START", "WS_STOP"]);
            events.forget();
            tracing::info!(target: "moked_actors", event = "MEDIA_TX");
            assert_eq!(events.names(), ["MEDIA_TX"]);
        });
    }

    #[test]
    fn order_counts_and_others_may_stand_between() {
        let events: Vec<String> = ["WS_START", "MEDIA_TX", "STT_FINAL", "STATE"].map(str::to_owned).into();
        assert!(in_order(&events, &["WS_START", "STT_FINAL"]));
        assert!(!in_order(&events, &["WS_START", "STT_FINAL", "MEDIA_TX"]));
        assert!(in_order(&events, &[]));
    }
}
