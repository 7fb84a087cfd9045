//! An ear, a mind and a voice that answer after a fixed time, and do nothing else.
//!
//! Their time passes outside of the server, as a provider's does: on a thread that is not bound to the
//! server's core and whose clock is finer than the timers of tokio, which round up to a millisecond. How late
//! that thread itself was is told beside the results.

mod ears;
mod later;
mod mind;
mod voice;

pub(crate) use ears::StubEars;
pub(crate) use later::{Delays, Lateness, Later};
pub(crate) use mind::StubMind;
pub(crate) use voice::StubVoice;

use moked_core::language::Language;

/// What all stubs serve.
const LANGUAGES: [Language; 2] = [Language::English, Language::Hebrew];

#[cfg(test)]
pub(super) mod virtual_time {
    //! Time that passes when a test says so.

    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::later::{Job, Later};

    /// Holds jobs until [`VirtualTime::pass`] reaches them.
    #[derive(Clone, Default)]
    pub(crate) struct VirtualTime(Arc<Mutex<Agenda>>);

    #[derive(Default)]
    struct Agenda {
        now: Duration,
        jobs: Vec<(Duration, Job)>,
    }

    impl VirtualTime {
        /// Lets time pass and runs what becomes due, in order.
        pub(crate) fn pass(&self, time: Duration) {
            let due: Vec<_> = {
                let mut state = self.0.lock().unwrap();
                state.now += time;
                let now = state.now;
                state.jobs.sort_by_key(|(at, _)| *at);
                let count = state.jobs.iter().take_while(|(at, _)| *at <= now).count();
                state.jobs.drain(..count).collect()
            };
            due.into_iter().for_each(|(_, job)| job());
        }
    }

    impl Later for VirtualTime {
        fn after(&self, delay: Duration, job: Job) {
            let mut state = self.0.lock().unwrap();
            let at = state.now + delay;
            state.jobs.push((at, job));
        }
    }
}
