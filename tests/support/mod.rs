//! Whole calls against the whole server: scripted engines behind it, a carrier with an ear before it.
//!
//! The server is the one that `moked serve` starts, on a free port of this machine; the carrier is the one of
//! `moked call`. Time is real, so a test waits for what must happen, with a limit, and never for a while.
#![allow(dead_code, unused_imports, reason = "each test file uses its own part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test")]

pub(crate) mod admin;
mod cast;
mod fault_proxy;
mod log;
mod phone;
mod raw;
mod saboteur;
mod telling_voice;

#[path = "../edge_support/mod.rs"]
pub(crate) mod edge;

pub(crate) use cast::{ByCall, Cast, answers};
pub(crate) use fault_proxy::{Fault, FaultProxy};
pub(crate) use log::{Line, Overheard, overhear};
pub(crate) use phone::{Phone, assert_same, socket_url, start_of, voiced};
pub(crate) use raw::{Ending, RawSocket, frame, opcode};
pub(crate) use saboteur::Saboteur;
pub(crate) use telling_voice::{TellingVoice, turn_audio};

use std::net::TcpListener;
use std::time::{Duration, Instant};

use moked::settings::{AdmissionSection, Settings};
use moked::startup::{self, Running};
use moked_core::ids::CallSid;
use moked_core::twilio::twiml::Verb;

/// How long anything may take that should happen at once: long enough for a machine that builds meanwhile.
pub(crate) const PATIENCE: Duration = Duration::from_secs(8);

/// A server with these engines and one worker, so that all its calls share a thread.
pub(crate) async fn house(cast: &Cast) -> Running {
    house_with(cast, &[], |_| {}).await
}

/// The same with variables, and settings changed beyond what variables allow (shorter limits).
pub(crate) async fn house_with(
    cast: &Cast,
    variables: &[(&str, &str)],
    change: impl FnOnce(&mut Settings),
) -> Running {
    let mut all = vec![("MOKED__SERVER__WORKERS", "1")];
    all.extend(variables);
    let mut settings = Settings::load(None, &edge::environment(&all)).unwrap();
    // A machine that builds meanwhile is late, and these calls are not about that.
    settings.admission = AdmissionSection::unlimited();
    // For the same reason: the ears here listen for holes to the sample. How the lead grows is tested in virtual time.
    settings.call.lead = settings.call.most_lead;
    // What nobody takes up again is over soon.
    settings.call.resume = Duration::from_secs(2);
    change(&mut settings);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let engines = cast.engines();
    let running = startup::run_with(settings, listener, move |_| Ok(engines)).unwrap();
    running.prepared().await;
    running
}

/// Asks what comes after a call's stream, as Twilio does when the socket has closed.
pub(crate) async fn stream_action(house: &Running, call_sid: &CallSid) -> Vec<Verb> {
    edge::post(house, "/webhook/stream_action", &edge::incoming(call_sid.as_str())).await.verbs()
}

/// Whether the verbs excuse a broken call and take a message.
pub(crate) fn is_apology(verbs: &[Verb]) -> bool {
    matches!(verbs, [Verb::Say(_), Verb::Record(_), Verb::Hangup])
}

/// Waits until `holds`; fails when it does not come true in time.
pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < limit, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until no call and no actor is left.
pub(crate) async fn nothing_is_left(house: &Running) {
    let registry = house.registry();
    eventually("no call and no actor is left", || (registry.live(), registry.live_actors()) == (0, 0)).await;
}
