//! One level of load: a fresh server, a call to warm it, then so many calls for so long.

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

use super::child::Server;
use super::figures::{Spread, added_ms, ms};
use super::load::{Calls, Load, Notes};
use super::process::Cores;
use super::speech::Utterance;
use super::{EARS_DELAY, Extent, MIND_DELAY, VOICE_DELAY};
use crate::settings::CallSection;

/// From the start of the last call to the first measurement: the greeting and a turn.
const SETTLING: Duration = Duration::from_secs(4);

/// What came of a level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Level {
    /// Calls at once.
    pub calls: usize,
    /// How long was measured, in seconds.
    pub seconds: f64,
    /// What moked added to each turn, in ms.
    pub added_ms: Option<Spread>,
    /// How late the agent's frames came against an ideal beat, in ms.
    pub pacing_ms: Option<Spread>,
    /// CPU of the server for one second of one call, in ms.
    pub cpu_ms: f64,
    /// The same of the bare loop.
    pub bare_ms: f64,
    /// Memory of the server for one call, in KiB.
    pub memory_kib: f64,
    /// How late the callers themselves were with their frames, in ms.
    pub caller_lateness_ms: Option<Spread>,
    /// How late the stubs were, in ms: three of them in each turn.
    pub stub_lateness_ms: Option<Spread>,
    /// Turns without an answer.
    pub unanswered: usize,
    /// Messages of the server that have no place here.
    pub oddities: usize,
}

/// Measures one level. Must be called inside an actix system.
///
/// # Errors
/// When the server does not start, or loses a call.
pub async fn measure(
    calls: usize,
    extent: Extent,
    settings: &CallSection,
    utterance: &Utterance,
    cores: Option<Cores>,
    progress: &dyn Fn(&str),
) -> Result<Level> {
    progress("starting the server");
    let server = Server::start(cores)?;
    let load = Load { server: server.ready.address, utterance: utterance.clone(), lead: settings.lead };
    warm_up(&load).await.context("the call before the measurement")?;
    let empty_kib = server.resident_kib()?;

    progress("ringing");
    let notes = Rc::<Notes>::default();
    let running = Calls::start(&load, calls, &notes).await?;
    tokio::time::sleep(SETTLING).await;
    notes.measure();
    let (begun, cpu) = (Instant::now(), server.cpu()?);
    loop {
        let turns = notes.waits.borrow().len();
        let passed = begun.elapsed();
        progress(&format!("{turns} turns in {} s", passed.as_secs()));
        if passed >= extent.limit() || passed >= extent.time && turns >= extent.turns {
            break;
        }
        if running.has_lost_one() {
            notes.stop();
            running.end().await?;
            bail!("a call ended before its time");
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let (passed, cpu) = (begun.elapsed(), server.cpu()? - cpu);
    let full_kib = server.resident_kib()?;
    let bare_ms = server.ready.bare_ms;
    notes.stop();
    running.end().await?;
    let farewell = server.stop()?;

    let inherent = settings.end_of_utterance + EARS_DELAY + MIND_DELAY + VOICE_DELAY;
    let added = notes.waits.take().into_iter().map(|waited| added_ms(waited, inherent)).collect();
    Ok(Level {
        calls,
        seconds: passed.as_secs_f64(),
        added_ms: Spread::of(added),
        pacing_ms: Spread::of(notes.pacing_ms.take()),
        cpu_ms: ms(cpu) / (passed.as_secs_f64() * calls as f64),
        bare_ms,
        memory_kib: (full_kib as f64 - empty_kib as f64) / calls as f64,
        caller_lateness_ms: Spread::of(notes.own_lateness_ms.take()),
        stub_lateness_ms: farewell.stub_lateness_ms,
        unanswered: notes.unanswered.get(),
        oddities: notes.oddities.get(),
    })
}

/// One call of one turn, so that what is made once is made before the memory is read.
async fn warm_up(load: &Load) -> Result<()> {
    let notes = Rc::<Notes>::default();
    let calls = Calls::start(load, 1, &notes).await?;
    tokio::time::sleep(SETTLING).await;
    notes.stop();
    calls.end().await?;
    // The server hears of the end a moment later.
    tokio::time::sleep(Duration::from_millis(200)).await;
    Ok(())
}
