//! One vendor, two ways: a WebSocket, and HTTP where that does not come about.

use moked_core::ports::{ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream};
use tokio::sync::mpsc::unbounded_channel;

use super::lines::VoiceLines;
use super::over_http::fetch;
use super::wire::Limits;
use crate::transport::{HttpRequest, Task};

/// A sentence that may come either way.
struct EitherStream {
    _task: Task,
}

impl SpeakingStream for EitherStream {}

/// Speaks over a WebSocket; if that breaks before any audio came, by the HTTP request. A fault that would
/// meet the request too (the key, the quota, the model) is told at once. Needs a tokio `LocalSet`.
pub fn speak_or_fetch(
    lines: VoiceLines,
    request: SpeakingRequest,
    second: HttpRequest,
    limits: Limits,
    events: Sink<SpeakingEvent>,
) -> Box<dyn SpeakingStream> {
    let task = Task::spawn(async move {
        let (sender, mut told) = unbounded_channel();
        let _stream = lines.speak(request, Sink::new(move |event| drop(sender.send(event))));
        let mut has_delivered = false;
        while let Some(event) = told.recv().await {
            match event {
                SpeakingEvent::Failed(fault) if !has_delivered && is_of_the_socket(&fault) => {
                    return fetch(second, limits, events).await;
                }
                SpeakingEvent::Audio(_) | SpeakingEvent::Words(_) => {
                    has_delivered = true;
                    events.send(event);
                }
                SpeakingEvent::Finished | SpeakingEvent::Failed(_) => return events.send(event),
            }
        }
    });
    Box::new(EitherStream { _task: task })
}

fn is_of_the_socket(fault: &ProviderFault) -> bool {
    match fault {
        ProviderFault::Connect { .. }
        | ProviderFault::Stalled { .. }
        | ProviderFault::Garbage { .. }
        | ProviderFault::Closed { .. }
        | ProviderFault::Stopped { .. } => true,
        ProviderFault::Unavailable { .. }
        | ProviderFault::UnsupportedLanguage { .. }
        | ProviderFault::Auth { .. }
        | ProviderFault::Quota { .. }
        | ProviderFault::BadRequest { .. } => false,
    }
}
