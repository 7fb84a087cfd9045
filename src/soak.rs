//! `moked soak`: many calls for a long time while something breaks every second.
//!
//! The server is a process of its own, the real one on loopback with stubs for engines, as in the bench; the
//! callers are here. Faults come from both sides: stages that panic and engines that fail are ordered
//! of the server's saboteur, sockets that are dropped or fall silent and garbage come from the callers.
//!
//! The saboteur is a reader of the log (`sabotage`): the soak's server has it in its subscriber and panics in it when
//! the ordered stage says its next line, which unwinds through the stage like any panic of its own. So no line of
//! the code that serves real calls knows of faults, and no setting or order can cause one there.

mod caller;
pub(crate) mod dice;
mod engines;
pub mod growth;
mod notes;
pub mod report;
mod sabotage;
mod server;
mod watch;

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

pub use report::Report;
pub use server::serve;

use crate::bench::Utterance;
use dice::Dice;
use notes::Notes;
use sabotage::Order;
use watch::{Server, Watch};

/// How much is soaked.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// For how long.
    pub time: Duration,
    /// Calls at once.
    pub calls: usize,
    /// Faults a second.
    pub faults: f64,
    /// What the dice begin with.
    pub seed: u64,
}

/// Between the starts of the first calls.
const STAGGER: Duration = Duration::from_millis(100);

/// After the last hang-up: longer than the grace in which a call waits for another stream.
const WIND_UP: Duration = Duration::from_secs(15);

/// Soaks a server. Must be called inside an actix system.
///
/// # Errors
/// When the server does not start, or is gone before the end.
pub async fn soak(extent: Extent, utterance: &Utterance, progress: &dyn Fn(&str)) -> Result<Report> {
    let mut server = Server::start()?;
    let before = server.measure()?;
    let notes = Rc::new(Notes::new(extent.calls));
    let mut dice = Dice::new(extent.seed);
    let begun = Instant::now();
    let calls: Vec<_> = (0..extent.calls)
        .map(|place| {
            let seat = caller::Seat::new(server.address(), utterance.clone(), place, &notes, dice.split());
            actix_rt::spawn(async move {
                tokio::time::sleep(STAGGER * u32::try_from(place).unwrap_or_default()).await;
                seat.sit().await;
            })
        })
        .collect();
    let pause = Duration::from_secs_f64(1.0 / extent.faults.max(0.001));
    let mut watch = Watch::default();
    let mut next_fault = begun + STAGGER * u32::try_from(extent.calls).unwrap_or_default();
    while begun.elapsed() < extent.time {
        tokio::time::sleep_until((next_fault.min(Instant::now() + pause)).into()).await;
        if Instant::now() >= next_fault {
            next_fault += pause;
            match dice.below(10) {
                0..6 => server.order(notes.ordered(Order::any(&mut dice)))?,
                _ => notes.wish(&mut dice),
            }
        }
        watch.look(begun.elapsed(), &server)?;
        progress(&format!(
            "{} s, {} calls, {} faults",
            begun.elapsed().as_secs(),
            notes.begun(),
            notes.faults()
        ));
    }
    notes.end();
    for call in calls {
        call.await.context("a caller broke")?;
    }
    progress("winding up");
    tokio::time::sleep(WIND_UP).await;
    let after = server.measure()?;
    let census = server.stop()?;
    Ok(Report::of(extent, begun.elapsed(), &notes, &watch, (before, after), census))
}
