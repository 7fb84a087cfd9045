//! The server of the soak: `moked serve` on loopback, with stubs behind its ports and a saboteur in its log.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufRead as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use moked_actors::host::Engines;
use moked_actors::registry::CallRegistry;
use moked_core::ids::CallSid;
use moked_core::ports::VoiceActivity;
use serde::Serialize;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::engines::{Ears, Minds, Voices};
use super::sabotage::{Order, Saboteur};
use super::watch::{Census, Ready};
use crate::bench::stubs::{Delays, Lateness, Later, StubEars, StubMind, StubVoice};
use crate::engines::{EngineSet, Roster};
use crate::records::RecordsHealth;
use crate::settings::{Settings, WsMode};
use crate::startup;

/// How often ended calls are counted: the registry remembers 200.
const COUNT_EVERY: Duration = Duration::from_secs(1);

/// Serves until standard input is closed, and carries out the orders that come in there.
///
/// # Errors
/// When the system refuses a thread or a socket, or nobody reads the answers.
pub fn serve(settings: Settings, voice_activity: Arc<dyn VoiceActivity>) -> Result<()> {
    let saboteur = Saboteur::default();
    let stages = Targets::new().with_target("moked_actors", LevelFilter::DEBUG);
    tracing_subscriber::registry().with(saboteur.clone().with_filter(stages)).try_init()?;
    std::panic::set_hook(Box::new(|_| {}));
    let later: Arc<dyn Later> = Arc::new(Delays::start(Lateness::Forgotten, || {})?);
    let engines = Engines {
        hearing: Some(Arc::new(Ears(Arc::new(StubEars(Arc::clone(&later))), saboteur.clone()))),
        speaking: Arc::new(Voices(Arc::new(StubVoice::new(Arc::clone(&later))), saboteur.clone())),
        thinking: Arc::new(Minds(Arc::new(StubMind(later)), saboteur.clone())),
        conversing: None,
        voice_activity,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    actix_rt::System::new().block_on(run(unsigned(settings), listener, engines, saboteur))
}

async fn run(settings: Settings, listener: TcpListener, engines: Engines, saboteur: Saboteur) -> Result<()> {
    let set = EngineSet { engines, hearing_problem: None, roster: Roster::default() };
    let running = startup::run_with(settings, listener, move |_| Ok(set))?;
    running.prepared().await;
    // The descriptors of the database are none that a call leaves behind.
    running.records().until(|health| *health != RecordsHealth::Starting).await;
    tell(&Ready { address: running.address() })?;
    let registry = Arc::clone(running.registry());
    let orders = actix_rt::task::spawn_blocking(move || {
        let lines = io::stdin().lock().lines().map_while(io::Result::ok);
        lines
            .filter_map(|line| serde_json::from_str::<Order>(&line).ok())
            .for_each(|order| saboteur.take(order));
    });
    let mut count = Count::default();
    tokio::pin!(orders);
    loop {
        tokio::select! {
            _ = &mut orders => break,
            () = tokio::time::sleep(COUNT_EVERY) => count.look(&registry),
        }
    }
    count.look(&registry);
    let (live, actors) = (registry.live(), registry.live_actors());
    tell(&Census { live, actors, begun: registry.begun(), ends: count.ends })?;
    running.stop().await?;
    Ok(())
}

/// How calls ended.
#[derive(Default)]
struct Count {
    /// Those that the registry remembered at the last look.
    seen: HashSet<CallSid>,
    ends: BTreeMap<String, usize>,
}

impl Count {
    fn look(&mut self, registry: &CallRegistry) {
        let before = std::mem::take(&mut self.seen);
        for ended in registry.ended() {
            if !before.contains(&ended.summary.call_sid) {
                *self.ends.entry(ended.end.to_string()).or_default() += 1;
            }
            self.seen.insert(ended.summary.call_sid);
        }
    }
}

/// The settings with what the callers need: two workers, so that a stream may come to another thread than its
/// call, unsigned webhooks, no account.
fn unsigned(mut settings: Settings) -> Settings {
    settings.server.workers = Some(2);
    settings.server.public_base_url = None;
    settings.secrets.twilio_auth_tokens.clear();
    settings.twilio.account_sid = None;
    settings.call.ws_mode = WsMode::Ai;
    settings
}

fn tell(what: &impl Serialize) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(what)?)?;
    Ok(out.flush()?)
}
