//! Seats kept for callers who have their answer and whose stream has not come yet.
//!
//! Between the webhook and the stream a call is in no list. Without a seat, a burst would be let in whole
//! before the first of it is counted.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use moked_core::ids::CallSid;

/// How long a seat is kept. Twilio connects within a second and gives up after five.
const KEPT: Duration = Duration::from_secs(10);

/// The seats.
#[derive(Debug, Default)]
pub(super) struct Seats(HashMap<CallSid, Instant>);

impl Seats {
    /// Keeps one; at most once a call.
    pub(super) fn keep(&mut self, call: &CallSid, now: Instant) {
        self.0.insert(call.clone(), now + KEPT);
    }

    /// Gives one up, since its caller will not come.
    pub(super) fn free(&mut self, call: &CallSid) {
        self.0.remove(call);
    }

    /// Seats whose callers are still to come. Those who `live` are counted elsewhere from now on.
    pub(super) fn kept(&mut self, live: impl Fn(&CallSid) -> bool, now: Instant) -> usize {
        self.0.retain(|call, until| now < *until && !live(call));
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_kept_until_its_caller_comes_or_does_not() {
        let (start, [one, two, three]) = (Instant::now(), ["CA1", "CA2", "CA3"].map(CallSid::new));
        let mut seats = Seats::default();
        for call in [&one, &two, &three, &three] {
            seats.keep(call, start);
        }
        assert_eq!(seats.kept(|_| false, start), 3);
        seats.free(&one);
        assert_eq!(seats.kept(|call| *call == two, start), 1);
        assert_eq!(seats.kept(|_| false, start + KEPT), 0);
    }
}
