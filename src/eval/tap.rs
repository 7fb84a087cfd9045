//! The log of this process, kept by call: what moked says that it did.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use moked_core::ids::CallSid;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{Filtered, Targets};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::event_tap::{Fields, TappedEvent};

/// Keeps the events of every call. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Tap(Arc<Mutex<HashMap<CallSid, Vec<TappedEvent>>>>);

impl Tap {
    /// The layer that fills it, for the subscriber of this process.
    pub fn layer<S>(&self) -> Filtered<Self, Targets, S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        self.clone().with_filter(Targets::new().with_target("moked_actors", LevelFilter::DEBUG))
    }

    /// The events of a call so far, in order; they are forgotten here.
    pub(super) fn take(&self, call: &CallSid) -> Vec<TappedEvent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(call).unwrap_or_default()
    }
}

/// The call that a span belongs to.
struct SpanOfCall(CallSid);

impl<S> Layer<S> for Tap
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let (Some(call_sid), Some(span)) = (fields.0.remove("call_sid"), context.span(id)) {
            span.extensions_mut().insert(SpanOfCall(CallSid::new(call_sid)));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Some(name) = fields.0.remove("event") else { return };
        let call = context.event_scope(event).and_then(|mut scope| {
            scope.find_map(|span| span.extensions().get::<SpanOfCall>().map(|call| call.0.clone()))
        });
        let Some(call) = call else { return };
        let event = TappedEvent { at: Instant::now(), name, fields: fields.0 };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(call).or_default().push(event);
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn events_are_kept_by_the_call_whose_span_they_are_in() {
        let tap = Tap::default();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(tap.layer()), || {
            let call = tracing::info_span!(target: "moked_actors::socket", "call", call_sid = %"CA1");
            let _call = call.entered();
            let _deeper = tracing::info_span!(target: "moked_actors::stt", "deeper").entered();
            tracing::info!(target: "moked_actors::dialog", event = "STATE", to = "SPEAKING");
            tracing::debug!(target: "moked_actors::dialog", "no name");
        });
        let events = tap.take(&CallSid::new("CA1"));
        assert_eq!((events.len(), events[0].fields["to"].as_str()), (1, "SPEAKING"));
        assert!(tap.take(&CallSid::new("CA1")).is_empty());
    }
}
