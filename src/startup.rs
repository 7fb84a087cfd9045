//! The server, from an open port to the last request.
//!
//! [`run`] takes a listener that is already open, answers `/healthz` at once, and makes the engines behind
//! it. `moked serve`, the demo and every test start the same server here.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use moked_actors::host::{CallHost, SocketMode};
use moked_actors::registry::CallRegistry;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::connection::Connection;
use crate::engines::catalogue::Role;
use crate::engines::probe::{mend, probe_all};
use crate::engines::{self, EngineReport, EngineSet, EnginesError};
use crate::routes::{self, Edge, Readiness, Service};
use crate::settings::{Settings, WsMode, call_settings, local_time};
use crate::stream_tokens::StreamTokens;
use crate::waiting_room::WaitingRoom;

/// How long the server goes on answering once it has ended its calls: the carrier closes the stream and asks
/// for the next document within one round trip and a little.
const ASK_NEXT: Duration = Duration::from_secs(2);

/// A server that runs. Dropping it does not stop it.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    server: JoinHandle<io::Result<()>>,
    edge: web::Data<Edge>,
}

/// Starts the server with the engines that the settings name. Must be called inside an actix system.
///
/// # Errors
/// When the system refuses a thread, a socket or random numbers.
pub fn run(settings: Settings, listener: TcpListener) -> io::Result<Running> {
    run_with(settings, listener, engines::make)
}

/// Starts the server with engines from `make`, which is called once, on a thread of its own.
///
/// # Errors
/// When the system refuses a thread, a socket or random numbers.
pub fn run_with(
    settings: Settings,
    listener: TcpListener,
    make: impl FnOnce(&Settings) -> Result<EngineSet, EnginesError> + Send + 'static,
) -> io::Result<Running> {
    let address = listener.local_addr()?;
    let (readiness, watched) = watch::channel(Readiness::Starting);
    let tokens = Arc::new(StreamTokens::new(settings.call.token_ttl).map_err(io::Error::other)?);
    let waiting_room = WaitingRoom::new(
        settings.server.max_waiting_streams,
        settings.server.max_waiting_streams_per_address,
    );
    let edge = web::Data::new(Edge {
        settings,
        tokens,
        registry: Arc::default(),
        readiness: watched,
        counters: Default::default(),
        waiting_room,
        started: Instant::now(),
    });
    let shared = edge.clone();
    let mut server =
        HttpServer::new(move || App::new().app_data(shared.clone()).configure(routes::configure))
            .on_connect(Connection::hold)
            .tcp_nodelay(true)
            .disable_signals()
            .shutdown_timeout(edge.settings.server.shutdown.as_secs_f64().ceil() as u64);
    if let Some(workers) = edge.settings.server.workers {
        server = server.workers(workers);
    }
    let server = server.listen(listener)?.run();
    let handle = server.handle();
    let server = actix_rt::spawn(server);
    tracing::info!(event = "LISTENING", "Listening at: http://{address}");
    announce(&edge);
    prepare(edge.clone(), readiness, make);
    Ok(Running { address, handle, server, edge })
}

/// Says once what is unusual about the way this process lets calls in.
fn announce(edge: &Edge) {
    if edge.settings.secrets.twilio_auth_tokens.is_empty() {
        tracing::warn!(
            event = "UNSIGNED",
            "TWILIO_AUTH_TOKEN is not set: webhooks are taken from this machine only, and everyone else gets 403"
        );
    }
    if edge.settings.call.ws_mode == WsMode::Disabled {
        tracing::info!(event = "MESSAGES_ONLY", "WS_MODE is DISABLED: every call leaves a message");
    }
}

/// Makes the engines off the workers, and tells what came of it.
fn prepare(
    edge: web::Data<Edge>,
    readiness: watch::Sender<Readiness>,
    make: impl FnOnce(&Settings) -> Result<EngineSet, EnginesError> + Send + 'static,
) {
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
    });
}

fn ready(edge: &Edge, set: EngineSet) -> Readiness {
    let report = EngineReport::of(&set, edge.language());
    let host = CallHost {
        engines: set.engines,
        settings: Arc::new(call_settings(&edge.settings)),
        admission: edge.tokens.clone(),
        registry: Arc::clone(&edge.registry),
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

/// Asks every provider once, so that a refused key shows before the first caller hears of it.
async fn probe(edge: &Edge) {
    let (Some(roster), true) = (edge.roster(), edge.settings.engines.probe_at_start) else { return };
    if edge.settings.call.ws_mode != WsMode::Ai {
        return;
    }
    let now = local_time(&edge.settings).now();
    probe_all(&roster, edge.language(), now, |probe| {
        let (engine, role) = (probe.engine, probe.role.word());
        match &probe.outcome {
            Ok(ms) => tracing::info!(event = "PROVIDER_OK", engine, role, ms, "a provider answered"),
            Err(fault) => {
                let mend = mend(probe, fault);
                tracing::warn!(event = "PROVIDER_FAULT", engine, role, "{fault}; {mend}");
            }
        }
    })
    .await;
}

impl Running {
    /// Where it listens, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The live calls.
    pub fn registry(&self) -> &Arc<CallRegistry> {
        &self.edge.registry
    }

    /// Why a call that came now would leave a message; `None` when it would get a media stream.
    pub fn why_no_conversation(&self) -> Option<String> {
        match self.edge.service() {
            Service::Message { why } => Some(why),
            Service::Stream => None,
        }
    }

    /// Waits until the engines are made, or cannot be.
    pub async fn prepared(&self) {
        let mut readiness = self.edge.readiness.clone();
        // The sender speaks once and is gone; either end of the wait is the answer.
        let _ = readiness.wait_for(|readiness| !matches!(readiness, Readiness::Starting)).await;
    }

    /// Stops: live calls are ended and told so, no new connections, open requests get `server.shutdown_ms`.
    ///
    /// # Errors
    /// When the server itself had failed.
    pub async fn stop(self) -> io::Result<()> {
        if self.edge.registry.live() > 0 {
            self.edge.registry.end_all();
            // Twilio now asks what comes next, and only this process can answer.
            tokio::time::sleep(self.edge.settings.server.shutdown.min(ASK_NEXT)).await;
        }
        let graceful = !self.edge.settings.server.shutdown.is_zero();
        self.handle.stop(graceful).await;
        self.server.await.map_err(io::Error::other)?
    }
}
