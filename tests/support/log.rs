//! The log of the whole process, overheard: each line with the call that it was written in.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Layer};

/// A line.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) target: String,
    pub(crate) level: Level,
    /// Its name, such as `WS_START`, if it has one.
    pub(crate) event: Option<String>,
    /// The call of the span that it was written in.
    pub(crate) call_sid: Option<String>,
    /// All other fields, the message among them.
    pub(crate) fields: BTreeMap<String, String>,
}

/// What was overheard since the start of the process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overheard {
    lines: Arc<Mutex<Vec<Line>>>,
    /// All lines from INFO up, of every crate, as they would be printed, plain and JSON.
    pub(crate) at_info: Text,
    /// The lines of moked itself at every level.
    pub(crate) at_trace: Text,
}

/// Listens to this process from now on. There is one log in a process, so all tests share it.
pub(crate) fn overhear() -> Overheard {
    static OVERHEARD: OnceLock<Overheard> = OnceLock::new();
    let overheard = OVERHEARD.get_or_init(|| {
        let overheard = Overheard::default();
        let ours =
            || EnvFilter::new("off,moked=trace,moked_core=trace,moked_actors=trace,moked_providers=trace");
        let info = || EnvFilter::new("info");
        let print = |text: &Text| tracing_subscriber::fmt::layer().with_writer(text.clone()).with_ansi(false);
        let layers = [
            print(&overheard.at_info).with_filter(info()).boxed(),
            print(&overheard.at_info).json().flatten_event(true).with_filter(info()).boxed(),
            print(&overheard.at_trace).with_filter(ours()).boxed(),
            overheard.clone().with_filter(ours()).boxed(),
        ];
        let log = tracing_subscriber::registry().with(Vec::from(layers));
        tracing::subscriber::set_global_default(log).unwrap();
        overheard
    });
    overheard.clone()
}

impl Overheard {
    /// The lines written in one call's span, in order.
    pub(crate) fn of_call(&self, call_sid: &str) -> Vec<Line> {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter(|line| line.call_sid.as_deref() == Some(call_sid)).cloned().collect()
    }

    /// All lines.
    pub(crate) fn lines(&self) -> Vec<Line> {
        self.lines.lock().unwrap().clone()
    }
}

/// The call that a span belongs to.
struct SpanOfCall(String);

impl<S> Layer<S> for Overheard
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let (Some(call_sid), Some(span)) = (fields.0.remove("call_sid"), context.span(id)) {
            span.extensions_mut().insert(SpanOfCall(call_sid));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let call_sid = context.event_scope(event).and_then(|mut scope| {
            scope.find_map(|span| span.extensions().get::<SpanOfCall>().map(|call| call.0.clone()))
        });
        self.lines.lock().unwrap().push(Line {
            target: event.metadata().target().to_owned(),
            level: *event.metadata().level(),
            event: fields.0.remove("event"),
            call_sid,
            fields: fields.0,
        });
    }
}

#[derive(Default)]
struct Fields(BTreeMap<String, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

/// Text that is written by many.
#[derive(Debug, Clone, Default)]
pub(crate) struct Text(Arc<Mutex<Vec<u8>>>);

impl Text {
    /// So far.
    pub(crate) fn get(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Text {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
