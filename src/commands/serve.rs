//! `moked serve`: take the port, answer calls, stop on a signal.
//!
//! The port is taken before anything slow: a platform that sees no listener within its patience kills the
//! process, whatever good reason it has to be slow.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, port_owner};
use crate::settings::Settings;
use crate::startup;
use crate::telemetry;

/// How long the stop itself may take, after calls were let finish: a second signal promises an end within 5 s.
const LAST: Duration = Duration::from_millis(4_500);

/// Serves until a signal comes.
///
/// # Errors
/// When the port cannot be taken or the system refuses a thread.
pub fn run(settings: Settings) -> Result<(), Failure> {
    let _log = telemetry::init(&settings.log);
    let listener = listen(settings.server.address())?;
    actix_rt::System::new().block_on(serve(settings, listener))
}

async fn serve(settings: Settings, listener: TcpListener) -> Result<(), Failure> {
    let refused = |error: io::Error| Failure::System(format!("cannot start the server: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
    let open_requests = settings.server.shutdown;
    let running = startup::run(settings, listener).map_err(refused)?;

    let name = tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    };
    tracing::info!(event = "STOPPING", signal = name, "{name} came");
    let hurry = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let drained = running.drain(hurry).await;
    let limit = if drained.was_hurried { LAST } else { LAST + open_requests };
    match tokio::time::timeout(limit, running.stop()).await {
        Ok(stopped) => stopped.map_err(refused)?,
        Err(_late) => tracing::warn!(event = "STOPPED", "connections that did not end in time are cut"),
    }
    tracing::info!(event = "STOPPED", "stopped");
    Ok(())
}

/// Takes the address, or says in one line why not and what to do.
pub(super) fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| {
        let kind = error.kind();
        if kind == ErrorKind::AddrInUse {
            let owner =
                port_owner::of(address.port()).map(|owner| format!(" by {owner}")).unwrap_or_default();
            Failure::Unavailable(format!(
                "cannot listen on {address}: the port is taken{owner}; stop that program or set PORT to \
                 another port"
            ))
        } else if kind == ErrorKind::AddrNotAvailable {
            Failure::Config(format!(
                "cannot listen on {address}: this machine has no such address; set server.bind to 0.0.0.0 or \
                 to one it has"
            ))
        } else if kind == ErrorKind::PermissionDenied {
            Failure::Config(format!(
                "cannot listen on {address}: ports below 1024 are for privileged programs; set PORT to 1024 \
                 or more"
            ))
        } else {
            Failure::System(format!("cannot listen on {address}: {error}"))
        }
    })
}
