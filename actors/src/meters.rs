//! What the calls of this process measure of themselves, for `/metrics` and for admission.
//!
//! Everything is an atomic that the call's own thread touches without a lock: measuring must not cost what it
//! measures. [`Pressure`] is the reading by which new calls are let in or sent away.

mod barge_in;
mod counters;
mod guesses;
mod histogram;
mod lag;
mod recent;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moked_core::restart::Child;

pub use barge_in::BargeInMeters;
pub use counters::{Count, PerChild, PerEnd};
pub use guesses::GuessMeters;
pub use histogram::{Histogram, HistogramView};
pub use lag::{WorkerLag, watch_loop};
pub use recent::Recent;

use crate::call::now;
use crate::messages::CallEnd;

/// Bounds of short delays: timers are exact to 1 ms, a frame is 20 ms, the lead hides 200 ms.
const DELAYS_US: [u64; 12] =
    [500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 5_000_000];

/// Bounds of a turn's stages: people find 0.3 s quick, 0.8 s slow, and ask "hello?" after 1.5 s
/// (`reliability.md` 5).
const TURNS_US: [u64; 12] = [
    50_000, 100_000, 200_000, 300_000, 500_000, 800_000, 1_000_000, 1_500_000, 2_500_000, 4_000_000,
    6_000_000, 10_000_000,
];

/// The share of readings that a [`Pressure`] leaves out at the top: one hiccup is no pressure.
const SHARE: f64 = 0.99;

/// The meters of one process.
#[derive(Debug)]
pub struct Meters {
    /// Calls that ended, by cause.
    pub ended: PerEnd,
    /// Stages that began a further life.
    pub restarts: PerChild,
    /// Answers that were spoken, wholly or until the caller cut in.
    pub turns: Count,
    /// Those in which the caller cut in.
    pub interrupted: Count,
    /// The caller's frames that the ear could not take.
    pub dropped_frames: Count,
    /// Messages on media sockets that could not be used.
    pub garbage: Count,
    /// Callers who spoke over the agent.
    pub barge_in: BargeInMeters,
    /// Answers begun before the caller's words were certain.
    pub guesses: GuessMeters,
    /// From the end of the caller's speech to his words.
    pub words: Histogram,
    /// From the end of the caller's speech to the first sentence of the answer.
    pub answer: Histogram,
    /// From the end of the caller's speech to the first frame of the answer on the line.
    pub first_frame: Histogram,
    /// How late frames were sent against the time at which they were due.
    pub pacing: Histogram,
    recent_pacing: Recent,
    workers: Mutex<Vec<Arc<WorkerLag>>>,
}

/// How hard the process is pressed, over the last 5 to 10 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pressure {
    /// How late 1 of 100 timers came on the worst worker; of a worker that stands still, for how long it has.
    pub loop_lag: Duration,
    /// How late 1 of 100 audio frames went out against its due time; zero without frames.
    pub pacing_late: Duration,
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            ended: PerEnd::default(),
            restarts: PerChild::default(),
            turns: Count::default(),
            interrupted: Count::default(),
            dropped_frames: Count::default(),
            garbage: Count::default(),
            barge_in: BargeInMeters::default(),
            guesses: GuessMeters::default(),
            words: Histogram::new(&TURNS_US),
            answer: Histogram::new(&TURNS_US),
            first_frame: Histogram::new(&TURNS_US),
            pacing: Histogram::new(&DELAYS_US),
            recent_pacing: Recent::new(&DELAYS_US, now()),
            workers: Mutex::default(),
        }
    }
}

impl Meters {
    /// A frame went out, so long after it was due.
    pub fn frame_late(&self, late: Duration, now: Instant) {
        self.pacing.record(late);
        self.recent_pacing.record(late, now);
    }

    /// A stage begins a further life.
    pub fn restarted(&self, child: Child) {
        self.restarts.of(child).add();
    }

    /// A call is over.
    pub fn call_ended(&self, end: CallEnd) {
        self.ended.of(end).add();
    }

    /// A worker's event loop that is watched from now on.
    pub fn new_worker(&self, now: Instant) -> Arc<WorkerLag> {
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        let worker = Arc::new(WorkerLag::new(&DELAYS_US, now));
        workers.push(Arc::clone(&worker));
        worker
    }

    /// The watched event loops, in the order in which they came.
    pub fn workers(&self) -> Vec<Arc<WorkerLag>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How hard the process is pressed.
    pub fn pressure(&self) -> Pressure {
        let now = now();
        Pressure {
            loop_lag: self.workers().iter().map(|worker| worker.lag(now)).max().unwrap_or_default(),
            pacing_late: self.recent_pacing.quantile(SHARE, now).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pressure_tells_the_worst_of_now_and_forgets() {
        let meters = Meters::default();
        assert_eq!(meters.pressure(), Pressure::default());
        for late_ms in [0, 0, 7] {
            meters.frame_late(Duration::from_millis(late_ms), now());
        }
        assert_eq!(meters.pressure().pacing_late, Duration::from_millis(10), "the bound above 7 ms");
        tokio::time::advance(Duration::from_secs(11)).await;
        assert_eq!(meters.pressure().pacing_late, Duration::ZERO);
        assert_eq!(meters.pacing.view().count, 3, "the histogram for Prometheus never forgets");
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_stands_still_is_pressure_before_it_moves_again() {
        let meters = Meters::default();
        let worker = meters.new_worker(now());
        tokio::time::advance(Duration::from_secs(3)).await;
        assert!(meters.pressure().loop_lag >= Duration::from_millis(2_900), "{:?}", meters.pressure());
        worker.ticked(now());
        tokio::time::advance(Duration::from_millis(10)).await;
        assert!(meters.pressure().loop_lag >= Duration::from_secs(1), "it is remembered for a while");
    }
}
