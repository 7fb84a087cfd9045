//! A background watch over one engine: when it is due for a probe.

use super::super::now;
use super::Order;

/// Somebody probes an engine in the background. When this is dropped, the callers' requests are the probes again.
#[derive(Debug)]
pub struct Watch<E: ?Sized> {
    order: Order<E>,
    index: usize,
}

impl<E: ?Sized> Watch<E> {
    pub(super) fn begin(order: Order<E>, index: usize) -> Self {
        let watch = Self { order, index };
        watch.mark(true);
        watch
    }

    /// Resolves when the engine is due for a probe: its breaker is open and the pause over. The outcome must be
    /// told with [`Order::probed`]. Safe to cancel.
    pub async fn due(&self) {
        let Some(place) = self.order.places.get(self.index) else { return std::future::pending().await };
        loop {
            let due = place.lock().breaker.poll_timeout();
            let Some(due) = due else {
                place.opened.notified().await;
                continue;
            };
            tokio::time::sleep_until(due.into()).await;
            let mut state = place.lock();
            // In the pause a call that was under way may have closed it, or the vendor asked for a longer one.
            if !state.breaker.is_closed() && state.breaker.admits(now()) {
                return;
            }
        }
    }

    fn mark(&self, is_watched: bool) {
        if let Some(place) = self.order.places.get(self.index) {
            place.lock().is_watched = is_watched;
        }
    }
}

impl<E: ?Sized> Drop for Watch<E> {
    fn drop(&mut self) {
        self.mark(false);
    }
}
