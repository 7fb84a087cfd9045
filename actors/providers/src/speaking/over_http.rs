//! Speaking by an HTTP request whose answer is the audio. Dropping the stream closes the connection.

use std::time::{Duration, Instant};

use moked_core::ports::{ProviderFault, Sink, SpeakingEvent, SpeakingStream};

use super::delivery::Delivery;
use super::wire::Limits;
use crate::transport::{HttpBody, HttpRequest, Task, detach};

/// How long an answer is awaited whose only use is the connection.
const WARM_LIMIT: Duration = Duration::from_secs(4);

/// The most that is read of it, bytes; with more to come the connection is dropped.
const WARM_BODY: usize = 64 * 1024;

/// A sentence that comes over HTTP.
struct HttpStream {
    _task: Task,
}

impl SpeakingStream for HttpStream {}

/// Sends a request and speaks the body of its answer, raw µ-law. Needs a tokio `LocalSet`.
pub fn speak_over_http(
    request: HttpRequest,
    limits: Limits,
    events: Sink<SpeakingEvent>,
) -> Box<dyn SpeakingStream> {
    Box::new(HttpStream { _task: Task::spawn(fetch(request, limits, events)) })
}

/// Sends a request and hands the body of its answer to the call.
pub(super) async fn fetch(request: HttpRequest, limits: Limits, events: Sink<SpeakingEvent>) {
    let mut delivery = Delivery::new(events);
    match receive(request, limits, &mut delivery).await {
        Ok(()) => delivery.finish(),
        Err(fault) => delivery.fail(fault),
    }
}

async fn receive(request: HttpRequest, limits: Limits, delivery: &mut Delivery) -> Result<(), ProviderFault> {
    let began = Instant::now();
    let mut body = send(request, limits).await?;
    let mut limit = limits.first_byte.saturating_sub(began.elapsed());
    let mut waiting_for = "a sentence's first audio";
    while let Some(audio) = body.next(waiting_for, limit).await? {
        delivery.audio(audio)?;
        (waiting_for, limit) = ("more of a sentence's audio", limits.gap);
    }
    Ok(())
}

/// A pooled connection may have been closed by the vendor a moment ago; then a fresh one is tried, once.
async fn send(request: HttpRequest, limits: Limits) -> Result<HttpBody, ProviderFault> {
    let began = Instant::now();
    match request.clone().send(limits.first_byte).await {
        Err(ProviderFault::Connect { .. }) if began.elapsed() < limits.first_byte / 4 => {
            request.send(limits.first_byte).await
        }
        sent => sent,
    }
}

/// Opens a pooled connection ahead of a sentence, by asking for a page of no interest. Needs a tokio
/// `LocalSet`.
pub fn warm_http(url: String) {
    detach(async move {
        // Any answer leaves an open connection behind, and a failure will be told by the first sentence.
        if let Ok(mut body) = HttpRequest::get(url).send(WARM_LIMIT).await {
            let _ = body.all(WARM_BODY, WARM_LIMIT).await;
        }
    });
}
