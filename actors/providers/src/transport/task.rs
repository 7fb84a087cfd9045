//! A task that ends with its owner.

use tokio::task::JoinHandle;
use tracing::Instrument;

use super::meter;

/// A task on this thread, aborted when this is dropped.
#[derive(Debug)]
pub struct Task(JoinHandle<()>);

impl Task {
    /// Starts a task on the current thread's `LocalSet`, in the current span: its lines name the call. The meter
    /// in force goes along.
    pub fn spawn(work: impl Future<Output = ()> + 'static) -> Self {
        Self(spawn(work))
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts a task that nobody waits for, such as one that opens a connection ahead of a call.
pub(crate) fn detach(work: impl Future<Output = ()> + 'static) {
    drop(spawn(work));
}

fn spawn(work: impl Future<Output = ()> + 'static) -> JoinHandle<()> {
    tokio::task::spawn_local(meter::carried(work).in_current_span())
}
