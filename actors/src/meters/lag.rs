//! How late an event loop comes to what is due: the number that tells an overloaded thread from a busy one.
//!
//! A task on each worker sleeps for a fixed time and looks how late it wakes. All calls of a worker share its
//! loop, so what delays this task by 30 ms delays every frame of every call on it by as much.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::{Histogram, HistogramView, Meters, Recent, SHARE};
use crate::call::now;

/// How often a loop is looked at: 20 wake-ups a second cost nothing beside 50 frames of one call.
const EVERY: Duration = Duration::from_millis(50);

/// The lag of one event loop.
#[derive(Debug)]
pub struct WorkerLag {
    histogram: Histogram,
    recent: Recent,
    since: Instant,
    /// When the next look is due, microseconds from `since`.
    due_us: AtomicU64,
}

impl WorkerLag {
    pub(super) fn new(bounds_us: &'static [u64], now: Instant) -> Self {
        Self {
            histogram: Histogram::new(bounds_us),
            recent: Recent::new(bounds_us, now),
            since: now,
            due_us: AtomicU64::new(EVERY.as_micros() as u64),
        }
    }

    /// The loop woke for the look that was due.
    pub(super) fn ticked(&self, now: Instant) {
        let late = self.overdue(now);
        self.histogram.record(late);
        self.recent.record(late, now);
        let next = now.saturating_duration_since(self.since) + EVERY;
        self.due_us.store(next.as_micros() as u64, Ordering::Relaxed);
    }

    /// How late 1 of 100 looks was over the last 5 to 10 s, or how late the one is that is due, if that is more.
    pub fn lag(&self, now: Instant) -> Duration {
        let overdue = self.overdue(now);
        // A loop that is on time is a few milliseconds late at the next look, if only for the timer's grain.
        let standing = if overdue > EVERY { overdue } else { Duration::ZERO };
        standing.max(self.recent.quantile(SHARE, now).unwrap_or_default())
    }

    /// Every look so far.
    pub fn view(&self) -> HistogramView {
        self.histogram.view()
    }

    fn overdue(&self, now: Instant) -> Duration {
        let due = Duration::from_micros(self.due_us.load(Ordering::Relaxed));
        now.saturating_duration_since(self.since).saturating_sub(due)
    }
}

/// Watches the event loop that it runs on, for as long as that loop turns.
pub async fn watch_loop(meters: Arc<Meters>) {
    let worker = meters.new_worker(now());
    loop {
        tokio::time::sleep(EVERY).await;
        worker.ticked(now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_loop_that_turns_in_time_has_no_lag() {
        let meters = Arc::new(Meters::default());
        let watch = tokio::spawn(watch_loop(Arc::clone(&meters)));
        tokio::time::sleep(Duration::from_secs(1)).await;
        let [worker] = meters.workers().try_into().unwrap();
        assert!(worker.lag(now()) <= Duration::from_millis(2), "{:?}", worker.lag(now()));
        assert!((18..=20).contains(&worker.view().count), "{:?}", worker.view());
        watch.abort();
    }
}
