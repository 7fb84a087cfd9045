//! What a server makes behind its open port: the engines, and what it knows of their health.

use std::sync::Arc;
use std::time::Instant;

use actix_web::web;
use futures_util::future::join;
use jiff::civil::DateTime;
use moked_actors::host::{CallHost, SocketMode};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::engines::catalogue::Role;
use crate::engines::probe::{mend, probe_all, watch as watch_breakers};
use crate::engines::{EngineReport, EngineSet, EnginesError, Roster};
use crate::routes::{Edge, Readiness};
use crate::settings::{Settings, WsMode, call_settings, local_time};

/// Providers that are asked at one time at the start: all, in any sensible order of engines, so that one that
/// stalls does not hide the fault of the next.
const AT_ONCE: usize = 16;

/// Makes the engines off the workers, tells what came of it, and looks after them from then on.
pub(super) fn prepare(
    edge: web::Data<Edge>,
    readiness: watch::Sender<Readiness>,
    make: impl FnOnce(&Settings) -> Result<EngineSet, EnginesError> + Send + 'static,
) -> JoinHandle<()> {
    let maker = edge.clone();
    actix_rt::spawn(async move {
        let begun = Instant::now();
        let made = actix_rt::task::spawn_blocking(move || make(&maker.settings)).await;
        let outcome = match made {
            Ok(Ok(set)) => ready(&edge, set),
            Ok(Err(error)) => Readiness::Failed { why: error.to_string() },
            Err(panic) => {
                Readiness::Failed { why: format!("the engines broke while they were made: {panic}") }
            }
        };
        match &outcome {
            Readiness::Ready { report, roster, .. } => {
                let ms = begun.elapsed().as_millis() as u64;
                for part in [&report.hearing, &report.speaking, &report.thinking] {
                    if let Some(problem) = &part.problem {
                        tracing::warn!(event = "ENGINE_MISSING", engine = part.engine, "{problem}");
                    }
                }
                for left in Role::ALL.into_iter().flat_map(|role| roster.left_out(role)) {
                    tracing::warn!(event = "ENGINE_LEFT_OUT", engine = left.name, "{}", left.problem);
                }
                tracing::info!(event = "READY", ms, "engines are made");
            }
            Readiness::Failed { why } => tracing::error!(event = "NOT_READY", "no engines: {why}"),
            Readiness::Starting => {}
        }
        readiness.send_replace(outcome);
        probe(&edge).await;
    })
}

fn ready(edge: &Edge, set: EngineSet) -> Readiness {
    let report = EngineReport::of(&set, edge.language());
    let host = CallHost {
        engines: set.engines,
        settings: Arc::new(call_settings(&edge.settings)),
        admission: edge.tokens.clone(),
        registry: Arc::clone(&edge.registry),
        recorder: edge.records.clone(),
        local_time: local_time(&edge.settings),
        mode: match edge.settings.call.ws_mode {
            WsMode::Echo => SocketMode::Echo,
            // A disabled socket is never opened, so what it would do is of no account.
            WsMode::Ai | WsMode::Disabled => SocketMode::Agent,
        },
        start_limit: edge.settings.call.start_timeout,
    };
    Readiness::Ready { host: Arc::new(host), report, roster: Arc::new(set.roster) }
}

/// Asks every provider once, so that a refused key shows before the first caller hears of it; from then on only
/// those whose breaker is open. Beside it has what the agent always says spoken.
async fn probe(edge: &Edge) {
    let (Some(roster), WsMode::Ai) = (edge.roster(), edge.settings.call.ws_mode) else { return };
    let time = local_time(&edge.settings);
    // At once: the first caller wants the greeting, and the owner wants to know of a refused key.
    let keeping = async {
        if let Some(cache) = &roster.voice_cache {
            cache.warm(edge.settings.voice_cache.at_start).await;
        }
    };
    let probing = async {
        if edge.settings.engines.probe_at_start {
            probe_at_start(edge, &roster, time.now()).await;
        }
        watch_breakers(&roster, edge.language(), || time.now()).await;
    };
    join(keeping, probing).await;
}

async fn probe_at_start(edge: &Edge, roster: &Roster, now: DateTime) {
    probe_all(roster, edge.language(), now, AT_ONCE, |probe| {
        let (engine, role) = (&*probe.engine, probe.role.word());
        match &probe.outcome {
            Ok(ms) => tracing::info!(event = "PROVIDER_OK", engine, role, ms, "a provider answered"),
            Err(fault) => {
                let mend = mend(probe, fault, &edge.settings.providers);
                tracing::warn!(event = "PROVIDER_FAULT", engine, role, "{fault}; {mend}");
            }
        }
    })
    .await;
}
