//! `POST /webhook/incoming_call`: a call rings, and Twilio asks what to do with it.

use std::time::Instant;

use actix_web::{HttpRequest, HttpResponse, web};
use moked_actors::host::CallBrief;
use moked_actors::registry::Presence;
use moked_core::ids::CallSid;
use moked_core::twilio::webhook::Party;

use super::documents::{self, Document};
use super::origin;
use super::signed::SignedForm;
use super::state::{Edge, Service};
use crate::settings::PublicBaseUrl;
use crate::stream_tokens::{Issued, Passage};

/// What stands for the token in the preview: long enough to look like one, and of no call.
const NO_TOKEN: &str = "preview-opens-nothing";

/// The document for a fresh call. Asked again for the same call, the answer is the same, with the same
/// token, until the token was used; after that it is a hang-up, since only a replay comes so late. Of the
/// form no more is demanded than the call's id: carriers differ, and a caller is waiting.
pub(super) async fn incoming_call(
    request: HttpRequest,
    form: SignedForm,
    edge: web::Data<Edge>,
) -> HttpResponse {
    let was_sent_on = request.query_string().contains(documents::SENT_ON);
    // A call that has its answer gets it again, whatever has changed since.
    let is_new = form.call_sid().is_none_or(|call| edge.tokens.passage(&call) == Passage::Unknown);
    if is_new && edge.drain.is_on() {
        return drained(&edge, &form.base, was_sent_on).answer();
    }
    let service = edge.service_when_ready().await;
    let _entered = tracing::info_span!("call", call_sid = form.get("CallSid")).entered();
    let language = edge.language();
    if let Service::Message { why } = service {
        edge.counters.calls_messaged.add();
        tracing::info!(event = "CALL_MESSAGE", why, "a call leaves a message");
        return documents::take_message(language, &form.base).answer();
    }
    let Some(call_sid) = form.call_sid() else {
        let why = "the request lacks the parameter CallSid: is the URL called by Twilio?\n";
        return HttpResponse::BadRequest().body(why);
    };
    if is_new && let Err(busy) = admit(&edge, &call_sid, &form.base, was_sent_on) {
        return busy.answer();
    }
    let caller = form.get("From").and_then(Party::parse).map(|party| party.as_str().to_owned());
    let lives = |call: &CallSid| edge.registry.presence(call) != Presence::Absent;
    match edge.tokens.issue(&call_sid, CallBrief { language, caller: caller.clone() }, lives) {
        Issued::Token(token) => {
            edge.counters.calls_streamed.add();
            tracing::info!(event = "CALL_STREAM", "a call gets a media stream");
            if let Some(account) = form.get("AccountSid") {
                let document = documents::apology(language, &form.base).to_xml();
                edge.watchdog.answered(&call_sid, account, document, Instant::now());
            }
            documents::stream(&form.base, &token, caller.as_deref()).answer()
        }
        Issued::Spent => {
            edge.counters.calls_spent.add();
            tracing::warn!(event = "CALL_SPENT", "a call that had its stream asks again: a replay?");
            documents::hang_up().answer()
        }
    }
}

/// Where new callers go while the process drains.
fn drained(edge: &Edge, base: &PublicBaseUrl, was_sent_on: bool) -> Document {
    edge.counters.calls_drained.add();
    tracing::info!(event = "CALL_ELSEWHERE", why = "draining", "a call is sent elsewhere: the server drains");
    documents::elsewhere(&edge.settings.server.drain_new_calls, edge.language(), base, was_sent_on)
}

/// Lets a new call in, or gives the document for a caller for whom there is no room.
fn admit(edge: &Edge, call: &CallSid, base: &PublicBaseUrl, was_sent_on: bool) -> Result<(), Document> {
    edge.admission.admit(call, &*edge.registry, Instant::now()).map_err(|full| {
        edge.counters.calls_refused.of(full).add();
        tracing::warn!(event = "CALL_ELSEWHERE", why = full.word(), "a call is sent elsewhere: {full}");
        documents::elsewhere(&edge.settings.admission.busy, edge.language(), base, was_sent_on)
    })
}

/// The same document for people, with a token that opens nothing. `?answer=message` shows the other one.
pub(super) async fn preview(
    request: HttpRequest,
    query: web::Query<Vec<(String, String)>>,
    edge: web::Data<Edge>,
) -> HttpResponse {
    let Some(base) = origin::of(&request, &edge.settings.server) else {
        return HttpResponse::BadRequest().body("the Host header names no host\n");
    };
    let message = query.iter().any(|(name, value)| name == "answer" && value == "message");
    preview_of(&edge, &base, message).answer()
}

fn preview_of(edge: &Edge, base: &PublicBaseUrl, message: bool) -> Document {
    match edge.service() {
        Service::Stream if !message => documents::stream(base, NO_TOKEN, Some("+15550100")),
        Service::Stream | Service::Message { .. } => documents::take_message(edge.language(), base),
    }
}
