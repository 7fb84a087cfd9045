//! Panics in moked's own hands: where a stage writes a line of its log, when a test ordered it.
//!
//! A panic in the subscriber unwinds through whoever writes, like any panic of his own; so no line of the code that
//! serves real calls knows of faults.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Panics that wait for the next line.
#[derive(Debug, Clone)]
pub(crate) struct Saboteur(Arc<AtomicUsize>);

impl Saboteur {
    /// Reads all lines of a module from a level on. One in a test's process.
    pub(crate) fn reading(target: &str, level: LevelFilter) -> Self {
        let saboteur = Self(Arc::default());
        let lines = Targets::new().with_target(target, level);
        tracing_subscriber::registry().with(saboteur.clone().with_filter(lines)).init();
        saboteur
    }

    /// Orders a panic in the next line.
    pub(crate) fn arm(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether an order was not carried out yet.
    pub(crate) fn is_armed(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

impl<S: Subscriber> Layer<S> for Saboteur {
    #[expect(clippy::panic, reason = "it is what the test is for")]
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        let order = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1));
        if order.is_ok() {
            panic!("the test ordered it");
        }
    }
}
