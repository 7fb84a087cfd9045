//! Numbers that only grow: one, one for each stage, one for each cause of an end.

use std::sync::atomic::{AtomicU64, Ordering};

use moked_core::restart::Child;

use crate::messages::CallEnd;

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// One more.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// So many more.
    pub fn add_many(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// So far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number for each stage of a call.
#[derive(Debug, Default)]
pub struct PerChild {
    stt: Count,
    dialog: Count,
    tts: Count,
    pacer: Count,
    one_hop: Count,
}

impl PerChild {
    /// The number of one stage.
    pub fn of(&self, child: Child) -> &Count {
        match child {
            Child::Stt => &self.stt,
            Child::Dialog => &self.dialog,
            Child::Tts => &self.tts,
            Child::Pacer => &self.pacer,
            Child::OneHop => &self.one_hop,
        }
    }
}

/// A number for each cause that ends a call.
#[derive(Debug, Default)]
pub struct PerEnd([Count; CallEnd::ALL.len()]);

impl PerEnd {
    /// The number of one cause.
    pub fn of(&self, end: CallEnd) -> &Count {
        let place = CallEnd::ALL.iter().position(|known| *known == end);
        // Every cause is in `ALL` (a test holds it so); the first stands in for none.
        &self.0[place.unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_a_number_of_its_own() {
        let numbers = PerEnd::default();
        for end in CallEnd::ALL {
            numbers.of(end).add();
        }
        assert!(CallEnd::ALL.into_iter().all(|end| numbers.of(end).get() == 1));
    }
}
