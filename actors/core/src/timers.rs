//! All timers of a machine in one table, keyed by the machine's own enum.
//!
//! A machine with one table has one next wake-up, and that wake-up has a name: `poll_timeout` of every
//! machine is [`TimerTable::next`], and the admin page shows it as it stands.

use std::time::Instant;

/// The armed timers of one machine. A key is armed at most once.
#[derive(Debug, Clone)]
pub struct TimerTable<K> {
    armed: Vec<(K, Instant)>,
}

impl<K> Default for TimerTable<K> {
    fn default() -> Self {
        Self { armed: Vec::new() }
    }
}

impl<K: Copy + PartialEq> TimerTable<K> {
    /// Arms a timer, or moves it.
    pub fn set(&mut self, key: K, at: Instant) {
        self.stop(key);
        self.armed.push((key, at));
    }

    /// Disarms a timer, if it is armed.
    pub fn stop(&mut self, key: K) {
        self.armed.retain(|(armed, _)| *armed != key);
    }

    /// Disarms all.
    pub fn clear(&mut self) {
        self.armed.clear();
    }

    /// The earliest timer and when it is due.
    pub fn next(&self) -> Option<(Instant, K)> {
        self.armed.iter().min_by_key(|(_, at)| *at).map(|&(key, at)| (at, key))
    }

    /// Takes the earliest timer that is due at `now`, disarming it.
    pub fn expire(&mut self, now: Instant) -> Option<K> {
        let (at, key) = self.next()?;
        if at > now {
            return None;
        }
        self.stop(key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Key {
        Early,
        Late,
    }

    #[test]
    fn timers_expire_in_order_and_once() {
        let start = crate::testing::start();
        let mut timers = TimerTable::default();
        timers.set(Key::Late, start + Duration::from_millis(20));
        timers.set(Key::Early, start + Duration::from_millis(10));
        assert_eq!(timers.next(), Some((start + Duration::from_millis(10), Key::Early)));
        assert_eq!(timers.expire(start), None);
        let late = start + Duration::from_secs(1);
        assert_eq!(timers.expire(late), Some(Key::Early));
        assert_eq!(timers.expire(late), Some(Key::Late));
        assert_eq!(timers.expire(late), None);
    }

    #[test]
    fn setting_again_moves_a_timer() {
        let start = crate::testing::start();
        let mut timers = TimerTable::default();
        timers.set(Key::Early, start);
        timers.set(Key::Early, start + Duration::from_secs(1));
        assert_eq!(timers.expire(start), None);
        timers.stop(Key::Early);
        assert_eq!(timers.next(), None);
    }
}
