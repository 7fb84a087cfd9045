//! What comes after a stream or a recording: the targets of `<Connect action>` and `<Record action>`.
//!
//! Always a document, never an empty body: Twilio takes an empty answer here for a broken document (error
//! 12100), and the caller hears that something failed.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use moked_core::ids::CallSid;

use moked_actors::CallEnd;
use moked_actors::registry::Presence;

use super::documents::{self, Document};
use super::signed::SignedForm;
use super::state::Edge;
use super::transfer;
use crate::settings::{Elsewhere, PublicBaseUrl, WsMode};
use crate::stream_tokens::Passage;

/// How long a call may take to enter its end, or the loss of its stream, after its socket closed, and how often
/// to look. Twilio asks at once when the socket closes, perhaps before the call's actors have wound up.
const PATIENCE: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How a stream went, as far as the caller is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aftermath {
    /// It ended as it should.
    Over,
    /// The agent excused the server, which goes down.
    SentAway,
    /// The stream was lost and the call lives: it goes on with another.
    Lost,
    /// The stream broke, and of the call there is no trace: it died before or as it began, or its supervisor did.
    Vanished,
    /// The caller was cut off.
    Broken,
    /// This process knows nothing of it.
    Unknown,
}

/// The stream is over: hang up, connect the caller anew to the call that lives, or catch one who was cut off.
pub(super) async fn stream_action(form: SignedForm, edge: web::Data<Edge>) -> HttpResponse {
    let Some(call) = form.call_sid() else { return documents::unknown(edge.language()).answer() };
    if let Some(number) = edge.registry.transfer_of(&call) {
        return transfer::dial(&call, &number, &form.base).answer();
    }
    edge.watchdog.over(&call);
    // He is in the list of live calls by now, or will not be.
    edge.admission.free(&call);
    let aftermath = aftermath(&edge, &call).await;
    tracing::info!(event = "STREAM_ACTION", call_sid = %call, ?aftermath, "a stream is over");
    match aftermath {
        Aftermath::Over => documents::hang_up().answer(),
        Aftermath::SentAway => sent_away(&edge, &form.base).answer(),
        Aftermath::Lost => match edge.tokens.renew(&call) {
            Some((token, brief)) => {
                edge.counters.calls_resumed.add();
                documents::stream(&form.base, &token, brief.caller.as_deref()).answer()
            }
            None => documents::apology(edge.language(), &form.base).answer(),
        },
        // A server that drains begins no call.
        Aftermath::Vanished if edge.drain.is_on() => documents::apology(edge.language(), &form.base).answer(),
        Aftermath::Vanished => match edge.tokens.begin_anew(&call) {
            Some((token, brief)) => {
                edge.counters.calls_begun_anew.add();
                documents::stream(&form.base, &token, brief.caller.as_deref()).answer()
            }
            None => documents::apology(edge.language(), &form.base).answer(),
        },
        Aftermath::Broken => documents::apology(edge.language(), &form.base).answer(),
        Aftermath::Unknown => documents::unknown(edge.language()).answer(),
    }
}

/// Where a caller goes whom the agent could not keep. He was told so, and is not thanked for calling.
fn sent_away(edge: &Edge, base: &PublicBaseUrl) -> Document {
    match &edge.settings.server.drain_live_calls {
        Elsewhere::Goodbye => documents::hang_up(),
        Elsewhere::Message => documents::apology(edge.language(), base),
        place @ (Elsewhere::Number(_) | Elsewhere::Document(_)) => {
            documents::elsewhere(place, edge.language(), base, false)
        }
    }
}

async fn aftermath(edge: &Edge, call: &CallSid) -> Aftermath {
    match edge.tokens.passage(call) {
        // An echo of any length is in no list.
        Passage::Past if edge.settings.call.ws_mode == WsMode::Echo => Aftermath::Over,
        Passage::Unknown | Passage::Past => Aftermath::Unknown,
        // A handshake that failed, here or on the way; the call may wait for it.
        Passage::NeverCame if edge.registry.presence(call) == Presence::Adrift => Aftermath::Lost,
        // One broken handshake, or a socket that died before `start`; the next may do better.
        Passage::NeverCame => Aftermath::Vanished,
        // An echo keeps no record; whoever heard himself knows how it went.
        Passage::LetIn if edge.settings.call.ws_mode == WsMode::Echo => Aftermath::Over,
        Passage::LetIn => {
            let settled = async {
                loop {
                    match (edge.registry.presence(call), edge.registry.last_end(call)) {
                        (Presence::Adrift, _) => break Aftermath::Lost,
                        (Presence::Absent, Some(CallEnd::SentAway)) => break Aftermath::SentAway,
                        (Presence::Absent, Some(end)) if end.is_broken() => break Aftermath::Broken,
                        (Presence::Absent, Some(_)) => break Aftermath::Over,
                        (Presence::Absent, None) | (Presence::Connected, _) => {}
                    }
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            };
            match tokio::time::timeout(PATIENCE, settled).await {
                Ok(aftermath) => aftermath,
                // The carrier knows before us that the stream is dead.
                Err(_) if edge.registry.presence(call) == Presence::Connected => Aftermath::Lost,
                Err(_) => Aftermath::Vanished,
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
