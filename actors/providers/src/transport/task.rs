//! A task that ends with its owner.

use tokio::task::JoinHandle;
use tracing::Instrument;

/// A task on this thread, aborted when this is dropped.
#[derive(Debug)]
pub struct Task(JoinHandle<()>);

impl Task {
    /// Starts a task on the current thread's `LocalSet`, in the current span: its lines name the call.
    pub fn spawn(work: impl Future<Output = ()> + 'static) -> Self {
        Self(tokio::task::spawn_local(work.in_current_span()))
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
