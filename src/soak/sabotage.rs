//! Faults inside the soak's server: panics through the log, and engines that fail when told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::dice::Dice;

/// What is to break next, wherever it comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    SttPanics,
    DialogPanics,
    TtsPanics,
    PacerPanics,
    SocketPanics,
    EarFails,
    MindFails,
    VoiceFails,
}

impl Order {
    const ALL: [Self; 8] = [
        Self::SttPanics,
        Self::DialogPanics,
        Self::TtsPanics,
        Self::PacerPanics,
        Self::SocketPanics,
        Self::EarFails,
        Self::MindFails,
        Self::VoiceFails,
    ];

    pub(super) fn any(dice: &mut Dice) -> Self {
        Self::ALL[dice.below(Self::ALL.len() as u64) as usize]
    }

    /// The orders a stage's lines carry out.
    fn of_target(target: &str) -> Option<Self> {
        let stage = target.strip_prefix("moked_actors::")?;
        match stage.split("::").next()? {
            "stt" => Some(Self::SttPanics),
            "dialog" => Some(Self::DialogPanics),
            "tts" => Some(Self::TtsPanics),
            "pacer" => Some(Self::PacerPanics),
            "media_socket" => Some(Self::SocketPanics),
            _ => None,
        }
    }
}

/// The orders that wait.
#[derive(Debug, Clone, Default)]
pub(super) struct Saboteur(Arc<[AtomicUsize; 8]>);

impl Saboteur {
    pub(super) fn take(&self, order: Order) {
        self.0[order as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Whether it is to break now; the order is carried out then.
    pub(super) fn strikes(&self, order: Order) -> bool {
        let waiting = &self.0[order as usize];
        waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1)).is_ok()
    }
}

impl<S: Subscriber> Layer<S> for Saboteur {
    #[expect(clippy::panic, reason = "it is what the soak is for; see the module")]
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let Some(order) = Order::of_target(event.metadata().target()) else { return };
        if !std::thread::panicking() && self.strikes(order) {
            panic!("the soak ordered it");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn an_order_strikes_once_and_in_its_stage_only() {
        let saboteur = Saboteur::default();
        saboteur.take(Order::PacerPanics);
        let subscriber = tracing_subscriber::registry().with(saboteur.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "moked_actors::tts", "not here");
            let struck = catch_unwind(|| tracing::info!(target: "moked_actors::pacer", "here"));
            assert!(struck.is_err());
            tracing::info!(target: "moked_actors::pacer", "once");
        });
        assert!(!saboteur.strikes(Order::PacerPanics));
    }
}
