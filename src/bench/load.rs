//! Many callers at once, and what they note together.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use moked_core::audio::FRAME_MS;
use tokio::task::JoinHandle;

use super::phone::Phone;
use super::speech::Utterance;
use super::turns::{Finding, Turns};

/// Time between the starts of two calls: a hundred a second, so that 400 are up in four.
const STAGGER: Duration = Duration::from_millis(10);

/// Least pause between an answer and the next question, and how much it differs from call to call, so that
/// callers do not fall into step.
const PAUSE: Duration = Duration::from_millis(400);
const PAUSE_SPREAD_MS: usize = 300;

/// What a load is made of.
#[derive(Debug, Clone)]
pub(super) struct Load {
    /// The server.
    pub(super) server: SocketAddr,
    /// What callers say.
    pub(super) utterance: Utterance,
    /// How far ahead of the ear the server sends.
    pub(super) lead: Duration,
}

/// What callers note. Only turns whose speech ended after [`Notes::measure`] count.
#[derive(Debug, Default)]
pub(super) struct Notes {
    since: Cell<Option<Instant>>,
    over: Cell<bool>,
    pub(super) waits: RefCell<Vec<Duration>>,
    pub(super) pacing_ms: RefCell<Vec<f64>>,
    pub(super) own_lateness_ms: RefCell<Vec<f64>>,
    pub(super) unanswered: Cell<usize>,
    pub(super) oddities: Cell<usize>,
}

impl Notes {
    pub(super) fn measure(&self) {
        self.since.set(Some(Instant::now()));
    }

    pub(super) fn stop(&self) {
        self.over.set(true);
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.get()
    }

    /// A caller's own tick came so late.
    pub(super) fn own_lateness(&self, ms: f64) {
        if self.since.get().is_some() {
            self.own_lateness_ms.borrow_mut().push(ms);
        }
    }

    /// Something came that has no place in this load, such as a `clear`.
    pub(super) fn oddity(&self) {
        self.oddities.set(self.oddities.get() + 1);
    }

    pub(super) fn take(&self, finding: Finding) {
        let Some(since) = self.since.get() else { return };
        match finding {
            Finding::Answered { spoken, waited } if spoken >= since => self.waits.borrow_mut().push(waited),
            Finding::Answered { .. } => {}
            Finding::Unanswered => self.unanswered.set(self.unanswered.get() + 1),
            Finding::Paced(errors) => self.pacing_ms.borrow_mut().extend(errors),
        }
    }
}

/// When in the 20 ms of a frame a call's frames go out. Calls of many callers are in no step with each other; the
/// golden ratio spreads any number of them evenly.
fn phase(call: usize) -> Duration {
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    Duration::from_millis(u64::from(FRAME_MS)).mul_f64((call as f64 * golden).fract())
}

/// Calls that are up.
pub(super) struct Calls(Vec<JoinHandle<Result<()>>>);

impl Calls {
    /// Starts calls, one after another.
    ///
    /// # Errors
    /// When one of them is not let in.
    pub(super) async fn start(load: &Load, count: usize, notes: &Rc<Notes>) -> Result<Self> {
        let begun = Instant::now();
        let mut calls = Vec::with_capacity(count);
        for (number, place) in (0..count).zip(0_u32..) {
            tokio::time::sleep_until((begun + STAGGER * place).into()).await;
            // A stride that shares no factor with the spread visits all of it.
            let pause = PAUSE + Duration::from_millis((number * 37 % PAUSE_SPREAD_MS) as u64);
            let turns = Turns::new(load.utterance.frames(), pause, load.lead);
            let ringing = Phone::ring(load.server, load.utterance.clone(), turns, Rc::clone(notes));
            let phone = ringing.await.with_context(|| format!("call {} of {count}", number + 1))?;
            calls.push(actix_rt::spawn(phone.talk(phase(number))));
        }
        Ok(Self(calls))
    }

    /// Whether one has ended before its time.
    pub(super) fn has_lost_one(&self) -> bool {
        self.0.iter().any(JoinHandle::is_finished)
    }

    /// Waits until all have hung up.
    ///
    /// # Errors
    /// Why one was lost.
    pub(super) async fn end(self) -> Result<()> {
        for call in self.0 {
            call.await.context("a caller broke")??;
        }
        Ok(())
    }
}
