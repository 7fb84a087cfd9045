//! The server, from an open port to the last request.
//!
//! [`run`] takes a listener that is already open, answers `/healthz` at once, and makes the engines behind
//! it. `moked serve`, the demo and every test start the same server here.

mod prepare;
mod shutdown;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Instant;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use moked_actors::meters::watch_loop;
use moked_actors::registry::CallRegistry;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::admission::Admission;
use crate::connection::Connection;
use crate::drain::Drain;
use crate::engines::{self, EngineSet, EnginesError};
use crate::records::{Records, RecordsHealth};
use crate::routes::{self, Admin, Edge, Readiness, Service};
use crate::settings::{Settings, WsMode};
use crate::stream_tokens::StreamTokens;
use crate::telemetry::otel::Traces;
use crate::waiting_room::WaitingRoom;
use crate::watchdog::{self, Watchdog};

pub use shutdown::Drained;

/// A server that runs. Dropping it does not stop it.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    server: JoinHandle<io::Result<()>>,
    /// Makes the engines, then probes those that fail.
    background: JoinHandle<()>,
    watchdog: JoinHandle<()>,
    edge: web::Data<Edge>,
    traces: Option<Traces>,
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
    let registry = Arc::<CallRegistry>::default();
    let traces = traces(&settings, &registry)?;
    let records = Arc::new(Records::start(&settings));
    let workers = settings.server.workers.unwrap_or_else(cores);
    let waiting_room = WaitingRoom::new(
        settings.server.max_waiting_streams,
        settings.server.max_waiting_streams_per_address,
    );
    let edge = web::Data::new(Edge {
        admin: Admin::new(&settings, Arc::clone(&registry), Arc::clone(&records)),
        records,
        admission: Admission::new(&settings.admission, workers, Instant::now()),
        drain: Drain::default(),
        watchdog: Watchdog::new(&settings),
        settings,
        tokens,
        registry,
        readiness: watched,
        counters: Default::default(),
        waiting_room,
        started: Instant::now(),
    });
    let shared = edge.clone();
    let server = HttpServer::new(move || {
        // Each worker makes its own application, on its own thread.
        actix_rt::spawn(watch_loop(Arc::clone(shared.registry.meters())));
        App::new().app_data(shared.clone()).configure(routes::configure)
    })
    .on_connect(Connection::hold)
    .tcp_nodelay(true)
    .disable_signals()
    .shutdown_timeout(edge.settings.server.shutdown.as_secs_f64().ceil() as u64);
    let server = server.workers(workers).listen(listener)?.run();
    let handle = server.handle();
    let server = actix_rt::spawn(server);
    tracing::info!(event = "LISTENING", "Listening at: http://{address}");
    announce(&edge);
    let background = prepare::prepare(edge.clone(), readiness, make);
    let watchdog = actix_rt::spawn(watchdog::watch(edge.clone()));
    Ok(Running { address, handle, server, background, watchdog, edge, traces })
}

/// As many workers as actix-web starts by itself.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

/// Has calls followed by a tracer, if the settings name a collector.
fn traces(settings: &Settings, registry: &CallRegistry) -> io::Result<Option<Traces>> {
    let Some(collector) = &settings.telemetry.otlp_endpoint else { return Ok(None) };
    let traces = Traces::to(collector, settings.server.deploy_id.as_deref()).map_err(io::Error::other)?;
    registry.follow(Arc::new(traces.clone()));
    Ok(Some(traces))
}

/// Says once what is unusual about the way this process lets calls in.
fn announce(edge: &Edge) {
    if edge.settings.secrets.twilio_auth_tokens.is_empty() {
        tracing::warn!(
            event = "UNSIGNED",
            "TWILIO_AUTH_TOKEN is not set: webhooks are taken from this machine only, and everyone else gets 403"
        );
    }
    if let RecordsHealth::Off { why } = edge.records.health() {
        tracing::info!(event = "RECORDS_OFF", "calls are not recorded: {why}");
    }
    if edge.settings.call.ws_mode == WsMode::Disabled {
        tracing::info!(event = "MESSAGES_ONLY", "WS_MODE is DISABLED: every call leaves a message");
    }
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

    /// What is recorded of calls.
    pub fn records(&self) -> &Arc<Records> {
        &self.edge.records
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
}
