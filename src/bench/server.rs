//! The server of the bench: `moked serve` with one worker, on loopback, with stubs behind its ports.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use moked_actors::host::Engines;
use moked_core::ports::VoiceActivity;
use serde::Serialize;

use super::bare_loop;
use super::child::{Farewell, Ready};
use super::process::bind_this_thread;
use super::stubs::{Delays, Lateness, Later, StubEars, StubMind, StubVoice};
use crate::engines::{EngineSet, Roster};
use crate::settings::{AdmissionSection, Settings, WsMode};
use crate::{startup, telemetry};

/// Serves until standard input is closed; the stubs run on the core `world`, if one is named.
///
/// # Errors
/// When the system refuses a thread or a socket, or nobody reads the answers.
pub fn run(settings: Settings, voice_activity: Arc<dyn VoiceActivity>, world: Option<usize>) -> Result<()> {
    // As in life: what is logged about a turn is part of its cost.
    let _log = telemetry::init(&settings.log);
    let bare_ms = bare_loop::cpu_ms_per_call_second().context("the bare loop")?;
    let delays = Arc::new(Delays::start(Lateness::Kept, move || {
        if let Some(core) = world {
            bind_this_thread(core);
        }
    })?);
    let engines = engines(Arc::clone(&delays) as _, voice_activity);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    actix_rt::System::new().block_on(serve(alone(settings), listener, engines, bare_ms))?;
    tell(&Farewell { stub_lateness_ms: delays.lateness() })
}

async fn serve(settings: Settings, listener: TcpListener, engines: Engines, bare_ms: f64) -> Result<()> {
    let set = EngineSet { engines, hearing_problem: None, roster: Roster::default() };
    let running = startup::run_with(settings, listener, move |_| Ok(set))?;
    running.prepared().await;
    tell(&Ready { address: running.address(), bare_ms })?;
    actix_rt::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new())).await??;
    running.stop().await?;
    Ok(())
}

/// The settings with what the bench's callers need: one worker, unsigned webhooks of this machine, no account.
fn alone(mut settings: Settings) -> Settings {
    settings.server.workers = Some(1);
    settings.server.public_base_url = None;
    settings.secrets.twilio_auth_tokens.clear();
    settings.twilio.account_sid = None;
    settings.call.ws_mode = WsMode::Ai;
    // The lateness of frames is told from one beat.
    settings.call.most_lead = settings.call.lead;
    settings.admission = AdmissionSection::unlimited();
    settings.records.keep = None;
    settings
}

fn engines(later: Arc<dyn Later>, voice_activity: Arc<dyn VoiceActivity>) -> Engines {
    Engines {
        hearing: Some(Arc::new(StubEars(Arc::clone(&later)))),
        speaking: Arc::new(StubVoice::new(Arc::clone(&later))),
        thinking: Arc::new(StubMind(later)),
        conversing: None,
        voice_activity,
    }
}

fn tell(what: &impl Serialize) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(what)?)?;
    Ok(out.flush()?)
}
