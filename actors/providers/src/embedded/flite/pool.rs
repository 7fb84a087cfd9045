//! Threads that take jobs in the order they came.
//!
//! Jobs are short (one sentence), so one queue for all threads is fair enough. Dropping the pool lets the
//! threads finish what was asked and end.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

type Job = Box<dyn FnOnce() + Send>;

/// The threads' common queue.
pub(super) struct Pool {
    jobs: Sender<Job>,
}

impl Pool {
    /// Starts threads named `<name>-<number>`.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(name: &str, threads: NonZeroUsize) -> std::io::Result<Self> {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads.get() {
            let queue = Arc::clone(&queue);
            thread::Builder::new().name(format!("{name}-{number}")).spawn(move || work(&queue))?;
        }
        Ok(Self { jobs })
    }

    /// Puts a job in the queue. False when no thread is left to take it.
    pub(super) fn run(&self, job: impl FnOnce() + Send + 'static) -> bool {
        self.jobs.send(Box::new(job)).is_ok()
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    loop {
        // One waits with the lock held while the others wait for the lock: each job goes to one thread.
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("a listener of the voice panicked; its sentence is lost");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_panics_does_not_take_the_thread_along() {
        let pool = Pool::start("test", NonZeroUsize::MIN).unwrap();
        let (done, wait) = channel();
        assert!(pool.run(|| panic!("deliberate")));
        assert!(pool.run(move || done.send(1).unwrap()));
        assert_eq!(wait.recv().unwrap(), 1);
    }
}
