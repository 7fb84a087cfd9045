//! Whether one more call may come: a limit that is kept before it hurts.
//!
//! A process that takes every call ruins all of them at once, so calls above the limits go elsewhere, by a
//! document, and those that were accepted keep their quality. The numbers of a process are measured by
//! [`Measures`]; what follows from them is decided here, with the time as an argument.

mod bucket;
mod full;
mod gate;
mod memory;
mod seats;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use moked_actors::meters::Pressure;
use moked_actors::registry::{CallRegistry, Presence};
use moked_core::ids::CallSid;

use crate::settings::AdmissionSection;
use bucket::TokenBucket;
use gate::Gate;
use seats::Seats;

pub(crate) use full::Full;

/// How long a measure of memory and lateness stands. They cost some 50 µs and change over seconds.
const FRESH: Duration = Duration::from_millis(250);

const MIB: u64 = 1_024 * 1_024;

/// What is measured of a process.
pub(crate) trait Measures {
    /// How many calls live.
    fn live(&self) -> usize;
    /// Whether a call lives.
    fn lives(&self, call: &CallSid) -> bool;
    /// How late its frames and loops are.
    fn pressure(&self) -> Pressure;
    /// What it takes of memory, bytes.
    fn resident(&self) -> Option<u64> {
        memory::resident()
    }
}

impl Measures for CallRegistry {
    fn live(&self) -> usize {
        Self::live(self)
    }

    fn lives(&self, call: &CallSid) -> bool {
        self.presence(call) != Presence::Absent
    }

    fn pressure(&self) -> Pressure {
        self.meters().pressure()
    }
}

/// The limits of a process.
#[derive(Debug)]
pub(crate) struct Admission {
    most_calls: usize,
    /// Bytes.
    most_memory: Option<u64>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    bucket: Option<TokenBucket>,
    pacing: Option<Gate>,
    lag: Option<Gate>,
    seats: Seats,
    /// Whether memory, pacing or lag forbids more, and when that was looked at.
    strained: Option<(Instant, Option<Full>)>,
}

impl Admission {
    /// The limits that settings and machine give a process with so many workers.
    pub(crate) fn new(settings: &AdmissionSection, workers: usize, now: Instant) -> Self {
        let limit = settings.memory_percent.zip(memory::limit());
        let gate = |limit: Option<Duration>| limit.map(|limit| Gate::new(limit.as_micros() as u64));
        Self {
            most_calls: settings.most_calls(workers),
            most_memory: limit.map(|(percent, bytes)| bytes / 100 * percent),
            state: Mutex::new(State {
                bucket: settings.calls_per_s.map(|per_s| TokenBucket::new(per_s, now)),
                pacing: gate(settings.pacing_late),
                lag: gate(settings.loop_lag),
                seats: Seats::default(),
                strained: None,
            }),
        }
    }

    /// Lets a new call in and keeps a seat for it, or says why not.
    ///
    /// # Errors
    /// The first limit that is passed.
    pub(crate) fn admit(&self, call: &CallSid, measures: &impl Measures, now: Instant) -> Result<(), Full> {
        let mut state = self.state();
        if let Some(full) = self.look(&mut state, measures, now) {
            return Err(full);
        }
        // The last of all: a caller who is refused for another reason takes no token.
        if state.bucket.as_mut().is_some_and(|bucket| !bucket.take(now)) {
            return Err(Full::Rate);
        }
        state.seats.keep(call, now);
        Ok(())
    }

    /// Why a call that came now would be sent elsewhere, if it would.
    pub(crate) fn why_full(&self, measures: &impl Measures, now: Instant) -> Option<Full> {
        let mut state = self.state();
        let full = self.look(&mut state, measures, now);
        full.or_else(|| {
            state.bucket.as_mut().is_some_and(|bucket| !bucket.has_one(now)).then_some(Full::Rate)
        })
    }

    /// Callers who have their answer and whose stream is still to come.
    pub(crate) fn expected(&self, measures: &impl Measures, now: Instant) -> usize {
        self.state().seats.kept(|call| measures.lives(call), now)
    }

    /// A caller will not come, or no more.
    pub(crate) fn free(&self, call: &CallSid) {
        self.state().seats.free(call);
    }

    fn look(&self, state: &mut State, measures: &impl Measures, now: Instant) -> Option<Full> {
        let coming = state.seats.kept(|call| measures.lives(call), now);
        if measures.live() + coming >= self.most_calls {
            return Some(Full::Calls { most: self.most_calls });
        }
        match state.strained {
            Some((looked, full)) if now.saturating_duration_since(looked) < FRESH => full,
            Some(_) | None => {
                let full = self.strain(state, measures);
                state.strained = Some((now, full));
                full
            }
        }
    }

    fn strain(&self, state: &mut State, measures: &impl Measures) -> Option<Full> {
        let Pressure { loop_lag: lag, pacing_late: late } = measures.pressure();
        let is_shut = |gate: &mut Option<Gate>, measure: Duration| {
            gate.as_mut().is_some_and(|gate| gate.is_shut(measure.as_micros() as u64))
        };
        // Both are looked at each time, since a gate remembers.
        let (paces, turns) = (is_shut(&mut state.pacing, late), is_shut(&mut state.lag, lag));
        let memory = self.most_memory.zip(measures.resident()).filter(|(most, resident)| resident > most);
        let memory = memory
            .map(|(most, resident)| Full::Memory { resident_mib: resident / MIB, most_mib: most / MIB });
        let pacing = paces.then_some(Full::Pacing { late });
        memory.or(pacing).or(turns.then_some(Full::Lag { lag }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock, and what is half-written only counts a caller twice.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
