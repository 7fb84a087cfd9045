//! The calls that live, the calls that are over, and each of them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::{HttpRequest, HttpResponse, web};
use moked_actors::registry::Inspection;
use moked_core::ids::CallSid;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::state::Edge;
use super::fault::AdminFault;
use super::guard::Viewer;
use super::past::Page;
use super::{view, words};

/// How long a call may take to answer. Its actors answer in microseconds; later means its thread is stuck.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// Calls of a page, unless the query says otherwise, and at most.
const PAGE: usize = 50;
const LARGEST_PAGE: usize = 200;

/// Which calls to list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    #[serde(default)]
    state: State,
    limit: Option<usize>,
    after: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    #[default]
    Live,
    Past,
}

/// The live calls, oldest first, or the past ones, newest first.
pub(super) async fn list(
    _: Viewer,
    request: HttpRequest,
    edge: web::Data<Edge>,
) -> Result<HttpResponse, AdminFault> {
    let query = web::Query::<Query>::from_query(request.query_string());
    let Query { state, limit, after } =
        query.map_err(|error| AdminFault::Query(error.to_string()))?.into_inner();
    let limit = limit.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(AdminFault::Query(format!("limit is {limit}")));
    }
    match state {
        State::Live => {
            let now = unix_ms();
            let live: Vec<Value> = edge.registry.list().iter().map(|summary| line(summary, now)).collect();
            Ok(HttpResponse::Ok().json(json!({ "live": live })))
        }
        State::Past => {
            let page = edge.admin.past.list(Page { limit, after }).await.map_err(AdminFault::Store)?;
            Ok(HttpResponse::Ok().json(json!({ "past": page.calls, "next": page.next })))
        }
    }
}

fn line(summary: &moked_actors::CallSummary, now_ms: u64) -> Value {
    json!({
        "call_sid": summary.call_sid,
        "stream_sid": summary.stream_sid,
        "started_at_ms": summary.started_at_ms,
        "seconds": now_ms.saturating_sub(summary.started_at_ms) / 1_000,
    })
}

/// One call: the state of each of its actors while it lives, its record once it is over.
pub(super) async fn one(
    _: Viewer,
    edge: web::Data<Edge>,
    call_sid: web::Path<String>,
) -> Result<HttpResponse, AdminFault> {
    let call_sid = CallSid::new(call_sid.into_inner());
    let summary = edge.registry.summary(&call_sid);
    let mut call = match (edge.registry.inspect(&call_sid, PATIENCE).await, summary) {
        (Inspection::View(view), _) => view::live(view),
        (Inspection::Stuck, Some(summary)) => view::stuck(&summary, unix_ms()),
        (Inspection::Stuck, None) | (Inspection::Unknown, _) => {
            let past = edge.admin.past.one(call_sid).await.map_err(AdminFault::Store)?;
            past.ok_or(AdminFault::UnknownCall)?
        }
    };
    words::mask(&mut call, edge.settings.admin.words);
    Ok(HttpResponse::Ok().json(call))
}

fn unix_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
