//! Is the process alive, can it hold calls, and what is it.

use std::time::Instant;

use actix_web::{HttpResponse, Responder, web};
use serde_json::json;

use super::state::{Edge, Readiness, Service};
use crate::engines::catalogue::Role;
use crate::engines::{Part, RoleState, Roster, Standing};
use crate::records::RecordsHealth;
use crate::settings::WsMode;

/// Alive. Touches nothing, so that it is true from the first moment and as long as threads turn.
pub(super) async fn healthz() -> &'static str {
    "ok"
}

/// 200 when calls are answered as the settings say, 503 while the engines are being made or cannot be.
/// Never starts anything itself.
pub(super) async fn readyz(edge: web::Data<Edge>) -> impl Responder {
    let calls = match (edge.service(), edge.settings.call.ws_mode) {
        (Service::Message { .. }, _) | (_, WsMode::Disabled) => "message",
        (Service::Stream, WsMode::Echo) => "echo",
        (Service::Stream, WsMode::Ai) => "agent",
    };
    let why = match edge.service() {
        Service::Message { why } => Some(why),
        Service::Stream => None,
    };
    let readiness = edge.readiness.borrow().clone();
    let (ready, status, parts) = match &readiness {
        Readiness::Starting => {
            (false, "starting", ["starting".to_owned(), "starting".into(), "starting".into()])
        }
        Readiness::Failed { why } => (false, "failed", [why.clone(), why.clone(), why.clone()]),
        Readiness::Ready { report, roster, .. } => {
            let parts = [
                (&report.hearing, Role::Hearing),
                (&report.speaking, Role::Speaking),
                (&report.thinking, Role::Thinking),
            ];
            let parts = parts.map(|(part, role)| said(part, &roster.standing(role)));
            (true, if parts.iter().all(|part| part == OK) { OK } else { "degraded" }, parts)
        }
    };
    // Records that wait cost no call, so they are a blemish and never a reason to be sent no calls.
    let health = edge.records.health();
    let has_blemish = status == OK && matches!(health, RecordsHealth::Degraded { .. });
    let status = if has_blemish { "degraded" } else { status };
    let records = health.to_string();
    // A process that was told to take messages only is ready whatever its engines are.
    let told = edge.settings.call.ws_mode == WsMode::Disabled && !edge.drain.is_on();
    let status = if told { "ok" } else { status };
    let [stt, tts, llm] = parts;
    let realtime = match &readiness {
        Readiness::Ready { roster, .. } => one_hop(roster),
        Readiness::Starting | Readiness::Failed { .. } => None,
    };
    let status =
        if status == OK && realtime.as_deref().is_some_and(|said| said != OK) { "degraded" } else { status };
    let full = edge.admission.why_full(&*edge.registry, Instant::now());
    let (ready, status, calls, why) = match full {
        _ if edge.drain.is_on() => {
            let live = edge.registry.live();
            (
                false,
                "draining",
                "elsewhere",
                Some(format!("draining: {live} calls live, and no new ones come")),
            )
        }
        // Not 503: a balancer would keep the carrier's next questions about the live calls from us too.
        Some(full) if ready && why.is_none() => (true, "full", "elsewhere", Some(format!("full: {full}"))),
        Some(_) | None => (ready, status, calls, why),
    };
    let body = json!({
        "status": status, "calls": calls, "why": why, "stt": stt, "tts": tts, "llm": llm, "realtime": realtime,
        "db": &records, "records": &records,
        "start_probe": start_probe(&edge),
    });
    let mut response = if ready || told { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.insert_header(("cache-control", "no-store")).json(body)
}

/// Whether providers are asked once at the start: where they are not, `ok` above only means that nothing failed yet.
fn start_probe(edge: &Edge) -> &'static str {
    match (edge.settings.call.ws_mode, edge.settings.engines.probe_at_start) {
        (WsMode::Ai, true) => "on",
        (WsMode::Ai, false) => {
            "off: engines.probe_at_start is false, so a provider's fault shows with the first call that meets it"
        }
        (WsMode::Echo | WsMode::Disabled, _) => "off: WS_MODE needs no providers",
    }
}

/// As [`said`] of the one-hop engines, where the pipeline asks for them. Calls are held without, by the other parts.
fn one_hop(roster: &Roster) -> Option<String> {
    let asked = roster.asked(Role::Conversing).first()?;
    let problem = roster.conversing.order.is_none().then(|| {
        let left = roster.left_out(Role::Conversing).first();
        left.map_or_else(|| format!("{asked} is not there"), |left| left.problem.clone())
    });
    Some(said(&Part { engine: "realtime", problem }, &roster.standing(Role::Conversing)))
}

/// The word for a part that serves with its first choice.
const OK: &str = "ok";

/// `ok`, or `unconfigured`, `degraded` (a later choice serves) or `down`, with the reason behind a colon.
fn said(part: &Part, standing: &Standing) -> String {
    let why = &standing.why;
    match (&part.problem, standing.state) {
        (Some(problem), _) => format!("unconfigured: {problem}"),
        (None, RoleState::Ok) => OK.to_owned(),
        (None, RoleState::Unconfigured) => format!("unconfigured: {why}"),
        (None, RoleState::Degraded) => format!("degraded: {why}"),
        (None, RoleState::Down) => format!("down: {why}"),
    }
}

/// The commit that was built, from the checkout's `.git` or from `MOKED_GIT_COMMIT` at the build (`build.rs`).
const BUILT_FROM: Option<&str> = option_env!("MOKED_GIT_COMMIT");

/// Name, version, commit and deployment. What the build does not know of its commit, the platform may tell.
pub(super) async fn version(edge: web::Data<Edge>) -> impl Responder {
    web::Json(json!({
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "git_commit": BUILT_FROM.or(edge.settings.commit.as_deref()),
        "deploy_id": edge.settings.server.deploy_id,
    }))
}
