//! `/admin`: what lives and how it is, and what the last calls brought, for the operator at this machine.
//!
//! Access is by place, not yet by identity: only requests made on this machine get in, and a request that a
//! proxy passed on was not.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use moked_actors::CallEnd;
use moked_actors::registry::{CallSummary, EndedCall, Inspection};
use moked_core::ids::CallSid;
use serde::Serialize;
use serde_json::json;

use super::local::is_local;
use super::state::Edge;

/// How long a call may take to answer. Its actors answer in microseconds; later means its thread is stuck.
const PATIENCE: Duration = Duration::from_secs(1);

/// An ended call in the list: what it was, without what was said in it.
#[derive(Debug, Serialize)]
struct EndedLine {
    #[serde(flatten)]
    summary: CallSummary,
    end: CallEnd,
    seconds: u64,
    has_lead: bool,
}

impl From<EndedCall> for EndedLine {
    fn from(call: EndedCall) -> Self {
        let EndedCall { summary, end, seconds, lead, .. } = call;
        Self { summary, end, seconds, has_lead: lead.is_some() }
    }
}

/// The live calls, oldest first, and the last that ended, newest first.
pub(super) async fn list(request: HttpRequest, edge: web::Data<Edge>) -> HttpResponse {
    if !is_local(&request) {
        return refuse();
    }
    let ended: Vec<EndedLine> = edge.registry.ended().into_iter().map(EndedLine::from).collect();
    HttpResponse::Ok().json(json!({ "live": edge.registry.list(), "ended": ended }))
}

/// The state of each actor of one call; of one that is over, its record with lead and conversation.
pub(super) async fn inspect(
    request: HttpRequest,
    edge: web::Data<Edge>,
    call_sid: web::Path<String>,
) -> HttpResponse {
    if !is_local(&request) {
        return refuse();
    }
    let call_sid = CallSid::new(call_sid.into_inner());
    match edge.registry.inspect(&call_sid, PATIENCE).await {
        Inspection::View(view) => HttpResponse::Ok().json(view),
        Inspection::Unknown => of_the_past(&edge, &call_sid),
        Inspection::Stuck => HttpResponse::GatewayTimeout().json(
            json!({ "error": "the call lives but did not answer within a second: its thread is stuck" }),
        ),
    }
}

/// The newest stream of a call that is over, if it is remembered.
fn of_the_past(edge: &Edge, call_sid: &CallSid) -> HttpResponse {
    let ended = edge.registry.ended();
    match ended.iter().find(|call| call.summary.call_sid == *call_sid) {
        Some(call) => HttpResponse::Ok().json(call),
        None => HttpResponse::NotFound().json(json!({
            "error": "no such call lives here, and it is not among the last that ended",
        })),
    }
}

fn refuse() -> HttpResponse {
    HttpResponse::Forbidden().json(json!({
        "error": "the admin pages are open on this machine only, without a proxy: \
                  ask http://localhost:<port>/admin/calls from the machine that runs moked",
    }))
}
