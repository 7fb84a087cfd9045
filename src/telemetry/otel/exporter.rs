//! An exporter that never troubles anyone: what a collector does not take is lost, and said so once a while.
//!
//! The library sends from a thread of its own, which has no runtime; its connection needs one. So each batch is
//! sent by a task on the server's runtime, and the library's thread waits for that. Calls wait for neither: a full
//! queue drops spans.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use tokio::runtime::Handle;

/// Time between two warnings about a collector that does not answer.
const WARN_EVERY: Duration = Duration::from_secs(10 * 60);

/// An exporter around another.
pub(super) struct Tolerant<E> {
    inner: Arc<E>,
    runtime: Handle,
    warned: Mutex<Option<Instant>>,
}

impl<E> Tolerant<E> {
    pub(super) fn new(inner: E, runtime: Handle) -> Self {
        Self { inner: Arc::new(inner), runtime, warned: Mutex::default() }
    }

    /// Whether a warning is due.
    fn may_warn(&self, now: Instant) -> bool {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = warned.is_none_or(|at| now.saturating_duration_since(at) >= WARN_EVERY);
        if is_due {
            *warned = Some(now);
        }
        is_due
    }
}

impl<E> fmt::Debug for Tolerant<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tolerant")
    }
}

impl<E: SpanExporter + 'static> SpanExporter for Tolerant<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let (inner, spans) = (Arc::clone(&self.inner), batch.len());
        let sent = self.runtime.spawn(async move { inner.export(batch).await }).await;
        let sent = sent.unwrap_or_else(|gone| Err(OTelSdkError::InternalFailure(gone.to_string())));
        if let Err(error) = &sent
            && self.may_warn(Instant::now())
        {
            tracing::warn!(
                event = "TRACES_LOST",
                spans,
                "the collector of telemetry.otlp_endpoint did not take spans: {error}; calls are not touched, and \
                 this is said at most every ten minutes"
            );
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.set_resource(resource);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_warning_comes_once_in_a_while() {
        let exporter = Tolerant::new((), Handle::current());
        let now = Instant::now();
        assert!(exporter.may_warn(now));
        assert!(!exporter.may_warn(now + WARN_EVERY / 2));
        assert!(exporter.may_warn(now + WARN_EVERY));
    }
}
