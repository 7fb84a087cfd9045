//! Calls that are done with, remembered in a few bytes each, so that a replay finds them known.
//!
//! A table of whole entries grew with every call until it was full, hours later, which nobody can tell from a leak.
//! This one has its size from the beginning.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

use moked_core::ids::CallSid;

/// Calls remembered. The oldest is forgotten first; at 10 calls a second this is a quarter of an hour.
const MOST: usize = 10_000;

/// The newest calls that are done with.
#[derive(Debug)]
pub(crate) struct RememberedCalls {
    /// Its key is this process's own: nobody can make calls that look alike.
    hasher: RandomState,
    known: HashSet<u64>,
    oldest_first: VecDeque<u64>,
}

impl Default for RememberedCalls {
    fn default() -> Self {
        let (known, oldest_first) = (HashSet::with_capacity(MOST), VecDeque::with_capacity(MOST));
        Self { hasher: RandomState::new(), known, oldest_first }
    }
}

impl RememberedCalls {
    /// Remembers a call.
    pub(crate) fn insert(&mut self, call: &CallSid) {
        let print = self.hasher.hash_one(call);
        if !self.known.insert(print) {
            return;
        }
        if self.oldest_first.len() == MOST
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.oldest_first.push_back(print);
    }

    /// Whether it is known.
    pub(crate) fn contains(&self, call: &CallSid) -> bool {
        self.known.contains(&self.hasher.hash_one(call))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(number: usize) -> CallSid {
        CallSid::new(format!("CA{number}"))
    }

    #[test]
    fn the_newest_are_known_and_the_oldest_is_forgotten_first() {
        let mut calls = RememberedCalls::default();
        (0..MOST).for_each(|number| calls.insert(&call(number)));
        calls.insert(&call(0));
        assert!(calls.contains(&call(0)) && calls.contains(&call(MOST - 1)) && !calls.contains(&call(MOST)));
        calls.insert(&call(MOST));
        assert!(!calls.contains(&call(0)) && calls.contains(&call(1)) && calls.contains(&call(MOST)));
        assert_eq!((calls.known.len(), calls.oldest_first.len()), (MOST, MOST));
    }
}
