//! Overhears the log of this process: the events of calls, as data.
//!
//! The demo tells a conversation as it happens, and the doctor proves that a call ran through its stages.
//! Both read the same events that an operator reads, instead of a second account that could differ.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{Filtered, Targets};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// One event of a call.
#[derive(Debug, Clone)]
pub struct TappedEvent {
    /// When it was logged.
    pub at: Instant,
    /// Its name, such as `STT_FINAL`.
    pub name: String,
    /// Its other fields, as text.
    pub fields: BTreeMap<String, String>,
}

/// A layer that hands every named event to a receiver.
#[derive(Debug)]
pub struct EventTap(Mutex<Sender<TappedEvent>>);

impl EventTap {
    /// A tap on what the actors of calls log, transcripts included, and the end that receives it.
    pub fn new<S>() -> (Filtered<Self, Targets, S>, Receiver<TappedEvent>)
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let (sender, receiver) = channel();
        let targets = Targets::new().with_target("moked_actors", LevelFilter::DEBUG);
        (Self(Mutex::new(sender)).with_filter(targets), receiver)
    }
}

impl<S: Subscriber> Layer<S> for EventTap {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Some(name) = fields.0.remove("event") else { return };
        if let Ok(sender) = self.0.lock() {
            // Whoever listened may have stopped; the log itself goes on.
            let _ = sender.send(TappedEvent { at: Instant::now(), name, fields: fields.0 });
        }
    }
}

/// The fields of an event or a span, as text.
#[derive(Default)]
pub(crate) struct Fields(pub(crate) BTreeMap<String, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn named_events_of_the_actors_are_heard_and_others_are_not() {
        let (tap, events) = EventTap::new();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(tap), || {
            tracing::info!(target: "moked_actors::stt", event = "STT_FINAL", chars = 3);
            tracing::debug!(target: "moked_actors::stt", "no name");
            tracing::info!(target: "moked::routes", event = "LISTENING");
        });
        let event = events.try_recv().unwrap();
        assert_eq!((event.name.as_str(), event.fields["chars"].as_str()), ("STT_FINAL", "3"));
        assert!(events.try_recv().is_err());
    }
}
