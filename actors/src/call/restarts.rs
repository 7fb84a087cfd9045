//! How an operator's order to start a stage anew reaches the runner of that stage.
//!
//! The order goes to the runner and not to the stage: a stage that waits for ever on something reads no
//! message, and it is the one that needs the order.

use moked_core::restart::Child;
use tokio::sync::Notify;

/// The orders that wait for nobody: one that finds the stage between two lives is void.
#[derive(Debug, Default)]
pub(crate) struct Restarts {
    stt: Notify,
    dialog: Notify,
    tts: Notify,
    pacer: Notify,
    one_hop: Notify,
}

impl Restarts {
    /// Ends the stage's life.
    pub(crate) fn order(&self, child: Child) {
        self.of(child).notify_waiters();
    }

    /// Waits until the stage's life shall end.
    pub(crate) async fn ordered(&self, child: Child) {
        self.of(child).notified().await;
    }

    fn of(&self, child: Child) -> &Notify {
        match child {
            Child::Stt => &self.stt,
            Child::Dialog => &self.dialog,
            Child::Tts => &self.tts,
            Child::Pacer => &self.pacer,
            Child::OneHop => &self.one_hop,
        }
    }
}
