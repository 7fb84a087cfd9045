//! The time of the stubs: jobs that run at their hour, on a thread of their own.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::bench::figures::{Spread, ms};

/// What is done later.
pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// Something that does a job after a time.
pub(crate) trait Later: Send + Sync {
    /// Does `job` when `delay` has passed.
    fn after(&self, delay: Duration, job: Job);
}

/// A thread that waits on a condition variable, good for about a tenth of a millisecond.
pub(crate) struct Delays(Arc<Shared>);

struct Shared {
    agenda: Mutex<Agenda>,
    changed: Condvar,
}

#[derive(Default)]
struct Agenda {
    jobs: BTreeMap<(Instant, u64), Job>,
    entered: u64,
    /// Unless it is forgotten.
    lateness_ms: Option<Vec<f64>>,
}

/// What becomes of how late each job was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lateness {
    /// It is kept, 8 bytes a job.
    Kept,
    /// A soak looks for what grows.
    Forgotten,
}

impl Delays {
    /// Starts the thread; `on_start` runs on it first.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub(crate) fn start(lateness: Lateness, on_start: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let lateness_ms = (lateness == Lateness::Kept).then(Vec::new);
        let agenda = Mutex::new(Agenda { lateness_ms, ..Agenda::default() });
        let shared = Arc::new(Shared { agenda, changed: Condvar::new() });
        let works = Arc::clone(&shared);
        std::thread::Builder::new().name("stubs".into()).spawn(move || {
            on_start();
            works.work();
        })?;
        Ok(Self(shared))
    }

    /// How late jobs were done so far, in ms.
    pub(crate) fn lateness(&self) -> Option<Spread> {
        self.0.agenda().lateness_ms.clone().and_then(Spread::of)
    }
}

impl Later for Delays {
    fn after(&self, delay: Duration, job: Job) {
        let due = Instant::now() + delay;
        let mut agenda = self.0.agenda();
        agenda.entered += 1;
        let key = (due, agenda.entered);
        agenda.jobs.insert(key, job);
        let is_next = agenda.jobs.first_key_value().is_some_and(|(first, _)| *first == key);
        drop(agenda);
        if is_next {
            self.0.changed.notify_one();
        }
    }
}

impl Shared {
    fn agenda(&self) -> MutexGuard<'_, Agenda> {
        // No code panics while it holds the lock.
        self.agenda.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does the jobs at their hour, for the life of the process.
    fn work(&self) {
        let mut agenda = self.agenda();
        loop {
            let now = Instant::now();
            let Some(due) = agenda.jobs.first_key_value().map(|((due, _), _)| *due) else {
                agenda = self.changed.wait(agenda).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            if let Some(wait) = due.checked_duration_since(now).filter(|wait| !wait.is_zero()) {
                let waited = self.changed.wait_timeout(agenda, wait);
                agenda = waited.unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            if let Some((_, job)) = agenda.jobs.pop_first() {
                if let Some(kept) = &mut agenda.lateness_ms {
                    kept.push(ms(now - due));
                }
                drop(agenda);
                job();
                agenda = self.agenda();
            }
        }
    }
}
