//! Traces of calls for an OpenTelemetry collector: a span for each call, in it one for each turn, in that how long
//! hearing, thinking and speaking took.
//!
//! Spans are built from the times that a call's record holds when a turn is over ([`moked_actors::trace`]), not from
//! the log's spans: those know nothing of turns, and whatever a line of the log says would go out with them. So
//! what leaves this process is chosen here, attribute by attribute: engines, durations and how it ended, never a
//! word, a number or a key.

mod exporter;

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use moked_actors::trace::{CallTrace, CallTracer, EngineNames, TurnTimes};
use moked_actors::{CallEnd, CallSummary};
use opentelemetry::trace::{Span as _, SpanKind, Status, TraceContextExt, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider, Span};
use url::Url;

use exporter::Tolerant;

/// How often spans are sent.
const EVERY: Duration = Duration::from_secs(2);

/// How long one sending may take. It holds up nothing but the next.
const SENDING: Duration = Duration::from_secs(5);

/// How long a stop waits for the last spans.
const LAST: Duration = Duration::from_secs(2);

/// The tracer of a server.
#[derive(Clone)]
pub(crate) struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Traces")
    }
}

impl Traces {
    /// A tracer that sends to this collector by OTLP over gRPC. Must be called inside a runtime; nothing is
    /// sent, and no connection made, before there are spans.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub(crate) fn to(collector: &Url, deploy_id: Option<&str>) -> Result<Self, ExporterBuildError> {
        let exporter = SpanExporter::builder()
            .with_tonic()
            .with_endpoint(collector.as_str())
            .with_timeout(SENDING)
            .build()?;
        let exporter = Tolerant::new(exporter, tokio::runtime::Handle::current());
        let batches = BatchConfigBuilder::default().with_scheduled_delay(EVERY).build();
        let processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
        let resource = Resource::builder_empty().with_attributes([
            KeyValue::new("service.name", env!("CARGO_PKG_NAME")),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("service.instance.id", deploy_id.unwrap_or_default().to_owned()),
        ]);
        let provider = SdkTracerProvider::builder()
            .with_resource(resource.build())
            .with_span_processor(processor)
            .build();
        let tracer = provider.tracer("moked");
        Ok(Self { provider, tracer })
    }

    /// Sends what is left, as the server stops.
    pub(crate) async fn close(self) {
        // It waits for the collector, which this thread must not.
        let closing = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(LAST));
        // A collector that does not take the last spans was warned about before.
        let _ = tokio::time::timeout(LAST, closing).await;
    }
}

impl CallTracer for Traces {
    fn begin(&self, call: &CallSummary, engines: EngineNames) -> Box<dyn CallTrace> {
        let span = self
            .tracer
            .span_builder("call")
            .with_kind(SpanKind::Server)
            .with_attributes([
                KeyValue::new("moked.call_sid", call.call_sid.to_string()),
                KeyValue::new("moked.engine.hearing", engines.hearing.unwrap_or("none")),
                KeyValue::new("moked.engine.thinking", engines.thinking),
                KeyValue::new("moked.engine.speaking", engines.speaking),
            ])
            .start_with_context(&self.tracer, &Context::new());
        Box::new(OneCall {
            tracer: self.tracer.clone(),
            call: Context::new().with_span(span),
            engines,
            turns: 0,
            anchor: (Instant::now(), SystemTime::now()),
        })
    }
}

/// One call being traced.
struct OneCall {
    tracer: SdkTracer,
    call: Context,
    engines: EngineNames,
    turns: i64,
    /// One moment on the clock of the call and on the wall's.
    anchor: (Instant, SystemTime),
}

impl OneCall {
    fn wall(&self, at: Instant) -> SystemTime {
        let (instant, wall) = self.anchor;
        match at.checked_duration_since(instant) {
            Some(later) => wall + later,
            None => wall - instant.duration_since(at),
        }
    }

    fn child(&self, name: &'static str, parent: &Context, begin: Instant) -> Span {
        let span =
            self.tracer.span_builder(name).with_kind(SpanKind::Internal).with_start_time(self.wall(begin));
        span.start_with_context(&self.tracer, parent)
    }

    fn stage(&self, name: &'static str, engine: &'static str, turn: &Context, times: (Instant, Instant)) {
        let mut span = self.child(name, turn, times.0);
        span.set_attribute(KeyValue::new("moked.engine", engine));
        span.end_with_timestamp(self.wall(times.1));
    }
}

impl CallTrace for OneCall {
    fn turn(&mut self, times: &TurnTimes) {
        self.turns += 1;
        let mut span = self.child("turn", &self.call, times.speech_ended.unwrap_or(times.heard));
        span.set_attribute(KeyValue::new("moked.turn", i64::from(times.turn.0)));
        span.set_attribute(KeyValue::new("moked.interrupted", times.interrupted));
        let waited = times.speech_ended.zip(times.first_frame);
        if let Some((ended, first)) = waited {
            let ms = first.saturating_duration_since(ended).as_millis() as i64;
            span.set_attribute(KeyValue::new("moked.first_frame_ms", ms));
        }
        let turn = self.call.with_span(span);
        if let Some(ended) = times.speech_ended {
            self.stage("hear", self.engines.hearing.unwrap_or("none"), &turn, (ended, times.heard));
        }
        let thought = times.first_words.unwrap_or(times.over);
        self.stage("think", self.engines.thinking, &turn, (times.heard, thought));
        if let Some(words) = times.first_words {
            self.stage("speak", self.engines.speaking, &turn, (words, times.over));
        }
        turn.span().end_with_timestamp(self.wall(times.over));
    }

    fn over(&mut self, end: CallEnd) {
        let span = self.call.span();
        span.set_attribute(KeyValue::new("moked.end", end.word()));
        span.set_attribute(KeyValue::new("moked.turns", self.turns));
        if end.is_broken() {
            span.set_status(Status::error(end.word()));
        }
        span.end();
    }
}
