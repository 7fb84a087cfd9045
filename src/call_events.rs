//! What happens in calls, as it happens, for whoever follows them at the admin endpoint.
//!
//! The source is the log: the same events that an operator reads there, with their names and fields, taken by a
//! layer of its own whatever the log's level is. A second account in the actors could differ from the first
//! and would cost each of them a line. The demo's [`crate::event_tap`] hears the same events, but it hands them
//! to one receiver through a queue without a bound and knows nothing of calls.
//!
//! Events stand in one ring of fixed length. A reader has a place in it and no queue: one that is slow finds
//! that the ring went on without it, and is told how much it missed. A call only ever writes.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};
use tokio::sync::watch;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{Filtered, Targets};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Events that are kept: half a minute of 20 busy calls.
const KEPT: usize = 2_048;

/// Events below INFO that are taken: what people say, masked where it is shown. Others may hold anything.
const SPOKEN: [&str; 3] = ["STT_PARTIAL_TEXT", "STT_TEXT", "SAY"];

/// Longest text of one field, characters: what a ring may hold of a stranger's flood.
const LONGEST_FIELD: usize = 2_000;

/// The events of this process. The log is one for the process, and so is what is overheard of it.
static EVENTS: LazyLock<CallEvents> = LazyLock::new(CallEvents::new);

/// The events of this process.
pub fn events() -> &'static CallEvents {
    &EVENTS
}

/// One event of one call.
#[derive(Debug, Clone, PartialEq)]
pub struct CallEvent {
    /// Its number: it grows by one with each event, and from one process to the next.
    pub id: u64,
    /// When it happened, milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// The call.
    pub call_sid: Arc<str>,
    /// Its name, such as `STT_FINAL`.
    pub name: String,
    /// Its other fields; words and numbers in them are as they were said.
    pub fields: Map<String, Value>,
}

/// What a reader finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Catch {
    /// Events that went by before the reader came for them.
    pub lost: u64,
    /// The events from its place on, oldest first.
    pub events: Vec<Arc<CallEvent>>,
    /// Its next place.
    pub next: u64,
}

/// A ring of events.
#[derive(Debug)]
pub struct CallEvents {
    ring: Mutex<Ring>,
    /// The next number: changes with each event.
    newest: watch::Sender<u64>,
    is_fed: AtomicBool,
}

#[derive(Debug)]
struct Ring {
    first: u64,
    next: u64,
    events: VecDeque<Arc<CallEvent>>,
}

impl CallEvents {
    fn new() -> Self {
        // Microseconds as the first number: no process has a million events a second, so numbers that a reader
        // kept from the process before are always smaller.
        let first = unix_us();
        let ring = Ring { first, next: first, events: VecDeque::with_capacity(KEPT) };
        Self { ring: Mutex::new(ring), newest: watch::Sender::new(first), is_fed: AtomicBool::new(false) }
    }

    /// Whether the log of this process reaches it.
    pub fn is_fed(&self) -> bool {
        self.is_fed.load(Ordering::Relaxed)
    }

    /// The log reaches it from now on.
    pub(crate) fn set_fed(&self) {
        self.is_fed.store(true, Ordering::Relaxed);
    }

    /// The place of a reader who wants what comes from now on.
    pub fn now(&self) -> u64 {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner).next
    }

    /// Tells when there is more.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// At most `most` events from a place on.
    pub fn from(&self, place: u64, most: usize) -> Catch {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = ring.next - ring.events.len() as u64;
        // A place before this process lost nothing of this one; a place after its end is made up.
        let place = place.max(ring.first).min(ring.next);
        let begin = place.max(oldest);
        let events: Vec<_> = ring.events.iter().skip((begin - oldest) as usize).take(most).cloned().collect();
        Catch { lost: begin - place, next: begin + events.len() as u64, events }
    }

    fn enter(&self, call_sid: Arc<str>, name: String, fields: Map<String, Value>) {
        let next = {
            let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
            if ring.events.len() == KEPT {
                ring.events.pop_front();
            }
            let id = ring.next;
            ring.next += 1;
            ring.events.push_back(Arc::new(CallEvent {
                id,
                at_ms: unix_us() / 1_000,
                call_sid,
                name,
                fields,
            }));
            ring.next
        };
        self.newest.send_replace(next);
    }
}

/// The layer that fills [`events`].
#[derive(Debug)]
pub struct CallEventsLayer(&'static CallEvents);

impl CallEventsLayer {
    /// The layer, which takes what moked's own parts log.
    pub fn new<S>() -> Filtered<Self, Targets, S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        Self::of(events())
    }

    fn of<S>(events: &'static CallEvents) -> Filtered<Self, Targets, S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        // The first is the beginning of every crate's name here.
        let targets = Targets::new()
            .with_target("moked", LevelFilter::INFO)
            .with_target("moked_actors", LevelFilter::DEBUG);
        Self(events).with_filter(targets)
    }
}

/// The call that a span belongs to.
struct SpanOfCall(Arc<str>);

impl<S> Layer<S> for CallEventsLayer
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let (Some(Value::String(call)), Some(span)) = (fields.0.remove("call_sid"), context.span(id)) {
            span.extensions_mut().insert(SpanOfCall(call.into()));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let Some(Value::String(name)) = fields.0.remove("event") else { return };
        if *event.metadata().level() > Level::INFO && !SPOKEN.contains(&name.as_str()) {
            return;
        }
        let own = match fields.0.remove("call_sid") {
            Some(Value::String(call)) => Some(call.into()),
            _ => None,
        };
        let of_span = || {
            let mut scope = context.event_scope(event)?;
            scope.find_map(|span| span.extensions().get::<SpanOfCall>().map(|call| Arc::clone(&call.0)))
        };
        if let Some(call) = own.or_else(of_span) {
            self.0.enter(call, name, fields.0);
        }
    }
}

/// Fields as JSON.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value.chars().take(LONGEST_FIELD).collect::<String>());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text: String = format!("{value:?}").chars().take(LONGEST_FIELD).collect();
        // Numbers that are written by `Display`, such as a turn's, stay numbers.
        self.set(field, text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from));
    }
}

fn unix_us() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64)
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    fn heard(log: impl FnOnce()) -> Vec<CallEvent> {
        let events: &'static CallEvents = Box::leak(Box::new(CallEvents::new()));
        let begin = events.now();
        tracing::subscriber::with_default(
            tracing_subscriber::registry().with(CallEventsLayer::of(events)),
            log,
        );
        events.from(begin, usize::MAX).events.iter().map(|event| CallEvent::clone(event)).collect()
    }

    #[test]
    fn an_event_belongs_to_the_call_of_its_span() {
        let events = heard(|| {
            let call = tracing::info_span!(target: "moked_actors::socket", "call", call_sid = %"CA1", stream_sid = %"MZ1");
            let _in_call = call.enter();
            let _deeper = tracing::info_span!(target: "moked_actors::socket", "deeper").entered();
            tracing::info!(target: "moked_actors::stt", event = "STT_FINAL", turn = %3, chars = 4_u64, "heard");
            tracing::debug!(target: "moked_actors::stt", event = "STT_TEXT", text = "שלום");
            tracing::debug!(target: "moked_actors::stt", event = "LEAD_TEXT", lead = "0541234567");
            tracing::info!(target: "moked_actors::stt", "no name");
        });
        let names: Vec<_> = events.iter().map(|event| (&*event.call_sid, event.name.as_str())).collect();
        assert_eq!(names, [("CA1", "STT_FINAL"), ("CA1", "STT_TEXT")]);
        assert_eq!(
            Value::from(events[0].fields.clone()),
            serde_json::json!({ "turn": 3, "chars": 4, "message": "heard" })
        );
        assert_eq!(events[1].fields["text"], "שלום");
        assert_eq!(events[1].id, events[0].id + 1);
    }

    #[test]
    fn what_belongs_to_no_call_is_left_out() {
        let events = heard(|| {
            tracing::info!(target: "moked::startup", event = "READY");
            tracing::info!(target: "h2", event = "FRAME", call_sid = "CA1");
            tracing::info!(target: "moked::routes", event = "STREAM_ACTION", call_sid = %"CA2");
        });
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(&*events[0].call_sid, "CA2");
    }

    #[test]
    fn a_reader_who_comes_late_is_told_what_he_missed() {
        let events = CallEvents::new();
        let begin = events.now();
        for _ in 0..KEPT + 10 {
            events.enter("CA1".into(), "STATE".to_owned(), Map::new());
        }
        let catch = events.from(begin, 3);
        assert_eq!((catch.lost, catch.events.len(), catch.next), (10, 3, begin + 13));
        assert_eq!(events.from(catch.next, 1).lost, 0);
        assert_eq!(events.from(0, 1).lost, 10, "numbers of an earlier process count from this one's first");
        let ahead = events.from(u64::MAX, 1);
        assert_eq!((ahead.lost, ahead.events.len(), ahead.next), (0, 0, events.now()));
    }
}
