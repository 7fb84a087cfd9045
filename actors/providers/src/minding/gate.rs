//! What a turn must wait for before it does anything that cannot be undone.

use std::rc::Rc;

use tokio::sync::Semaphore;

/// Open for a turn that is one; for one begun on a guess, once it is committed.
#[derive(Debug, Clone)]
pub(super) struct Gate(Rc<Semaphore>);

impl Gate {
    pub(super) fn open() -> Self {
        let gate = Self::closed();
        gate.unlock();
        gate
    }

    pub(super) fn closed() -> Self {
        Self(Rc::new(Semaphore::new(0)))
    }

    /// Lets everyone through from now on.
    pub(super) fn unlock(&self) {
        self.0.close();
    }

    /// Waits until it is open.
    pub(super) async fn passed(&self) {
        // It holds no permits: the only end of this wait is that it was closed, which is the gate's opening.
        let _ = self.0.acquire().await;
    }
}
