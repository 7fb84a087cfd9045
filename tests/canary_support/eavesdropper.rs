//! Two readers of the log: one behind moked's own filter at TRACE, one that hears everything.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex};

use moked::telemetry;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// An event or a span with all its fields.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// The crate and module, or as the `log` crate tells it.
    pub(crate) target: String,
    /// All fields.
    pub(crate) text: String,
}

type Lines = Arc<Mutex<Vec<Line>>>;

/// What was overheard.
#[derive(Default)]
pub(crate) struct Eavesdropper {
    moked: Lines,
    anybody: Lines,
}

/// Listens to this process from now on.
pub(crate) fn eavesdrop() -> Eavesdropper {
    let log = Eavesdropper::default();
    let moked = Reader(Arc::clone(&log.moked)).with_filter(telemetry::filter("trace"));
    tracing_subscriber::registry().with(moked).with(Reader(Arc::clone(&log.anybody))).init();
    log
}

impl Eavesdropper {
    /// What `log.level = "trace"` shows.
    pub(crate) fn said_by_moked(&self) -> Vec<Line> {
        self.moked.lock().unwrap().clone()
    }

    /// Everything.
    pub(crate) fn said_by_anybody(&self) -> Vec<Line> {
        self.anybody.lock().unwrap().clone()
    }
}

struct Reader(Lines);

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Reader {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        self.take(attributes.metadata().target(), fields);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.take(event.metadata().target(), fields);
    }
}

impl Reader {
    fn take(&self, target: &str, fields: Fields) {
        let target = fields.target.unwrap_or_else(|| target.to_owned());
        self.0.lock().unwrap().push(Line { target, text: fields.text });
    }
}

#[derive(Default)]
struct Fields {
    text: String,
    /// Of a line that came by the `log` crate.
    target: Option<String>,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "log.target" {
            self.target = Some(value.to_owned());
        }
        write!(self.text, "{field}={value} ").unwrap();
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.text, "{field}={value:?} ").unwrap();
    }

    fn record_bytes(&mut self, field: &Field, value: &[u8]) {
        write!(self.text, "{field}={} ", String::from_utf8_lossy(value)).unwrap();
    }
}
