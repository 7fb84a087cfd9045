//! What comes after a stream or a recording: the targets of `<Connect action>` and `<Record action>`.
//!
//! Always a document, never an empty body: Twilio takes an empty answer here for a broken document (error
//! 12100), and the caller hears that something failed.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use moked_core::ids::CallSid;

use super::documents;
use super::signed::SignedForm;
use super::state::Edge;
use super::transfer;
use crate::settings::WsMode;
use crate::stream_tokens::Passage;

/// How long a call may take to enter its end after its socket closed, and how often to look. Twilio asks at
/// once when the socket closes, perhaps before the call's actors have wound up.
const PATIENCE: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How a stream went, as far as the caller is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aftermath {
    /// It ended as it should.
    Over,
    /// The caller was cut off, or never got through.
    Broken,
    /// This process knows nothing of it.
    Unknown,
}

/// The stream is over: hang up, or catch a caller who was cut off.
pub(super) async fn stream_action(form: SignedForm, edge: web::Data<Edge>) -> HttpResponse {
    let Some(call) = form.call_sid() else { return documents::unknown(edge.language()).answer() };
    if let Some(number) = edge.registry.transfer_of(&call) {
        return transfer::dial(&call, &number, &form.base).answer();
    }
    let aftermath = aftermath(&edge, &call).await;
    tracing::info!(event = "STREAM_ACTION", call_sid = %call, ?aftermath, "a stream is over");
    match aftermath {
        Aftermath::Over => documents::hang_up().answer(),
        Aftermath::Broken => documents::apology(edge.language(), &form.base).answer(),
        Aftermath::Unknown => documents::unknown(edge.language()).answer(),
    }
}

async fn aftermath(edge: &Edge, call: &CallSid) -> Aftermath {
    match edge.tokens.passage(call) {
        Passage::Unknown => Aftermath::Unknown,
        // A handshake that failed, here or on the way.
        Passage::NeverCame => Aftermath::Broken,
        // An echo keeps no record; whoever heard himself knows how it went.
        Passage::LetIn if edge.settings.call.ws_mode == WsMode::Echo => Aftermath::Over,
        Passage::LetIn => {
            let ended = async {
                loop {
                    if let Some(end) = edge.registry.last_end(call) {
                        break Some(end);
                    }
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            };
            match tokio::time::timeout(PATIENCE, ended).await {
                Ok(Some(end)) if !end.is_broken() => Aftermath::Over,
                // It broke, or it vanished without a word.
                Ok(_) | Err(_) => Aftermath::Broken,
            }
        }
    }
}

/// A message was recorded: thank the caller.
pub(super) async fn recording_done(form: SignedForm, edge: web::Data<Edge>) -> HttpResponse {
    let (recording, seconds) = (form.get("RecordingSid"), form.get("RecordingDuration"));
    tracing::info!(
        event = "MESSAGE_LEFT",
        call_sid = form.get("CallSid"),
        recording,
        seconds,
        "a caller left a message"
    );
    documents::thanks(edge.language()).answer()
}
