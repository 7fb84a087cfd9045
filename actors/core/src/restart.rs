//! When a failed child of a call is started again, and when no more.
//!
//! The convention is OTP's: a child may restart so many times within a period; one more and its supervisor
//! gives it up (`sup_princ`, "Maximum Restart Intensity"). Between lives it waits a little longer each time,
//! so that a fault that needs a moment to pass gets one. The decision is a function of the history alone.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// A child of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Child {
    /// The ear.
    Stt,
    /// The state of the conversation.
    Dialog,
    /// The voice.
    Tts,
    /// The playback clock.
    Pacer,
    /// The engine that hears, thinks and speaks in one hop.
    OneHop,
}

/// How often, and how fast, a child may come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestartPolicy {
    /// Restarts allowed within `period`.
    pub intensity: usize,
    /// The period they are counted in.
    pub period: Duration,
}

impl RestartPolicy {
    /// The policy of a child: three lives more in 30 s; in 60 s for the dialog, whose failures are rarer and
    /// worse. When they are spent, `<Connect action>` catches the caller.
    pub fn of(child: Child) -> Self {
        let seconds = match child {
            Child::Stt | Child::Tts | Child::Pacer | Child::OneHop => 30,
            Child::Dialog => 60,
        };
        Self { intensity: 3, period: Duration::from_secs(seconds) }
    }
}

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Restart {
    /// Start a fresh one after this time.
    After(Duration),
    /// No more: the call goes on without it or ends.
    GiveUp,
}

/// Waits before the first, second, third… restart of a period. The first is at once: most faults are a
/// single poisoned input, and the caller is waiting.
const BACKOFF: [Duration; 3] = [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(250)];

/// The failures of one child so far.
#[derive(Debug, Clone, Default)]
pub struct RestartHistory {
    failures: VecDeque<Instant>,
}

impl RestartHistory {
    /// Enters a failure and decides what follows.
    pub fn failed(&mut self, policy: RestartPolicy, now: Instant) -> Restart {
        while self.failures.front().is_some_and(|&at| now.duration_since(at) >= policy.period) {
            self.failures.pop_front();
        }
        let earlier = self.failures.len();
        self.failures.push_back(now);
        if earlier >= policy.intensity {
            return Restart::GiveUp;
        }
        let longest = BACKOFF[BACKOFF.len() - 1];
        Restart::After(BACKOFF.get(earlier).copied().unwrap_or(longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, start};

    const POLICY: RestartPolicy = RestartPolicy { intensity: 3, period: Duration::from_secs(30) };

    #[test]
    fn the_fourth_failure_within_the_period_is_the_last() {
        let zero = start();
        let mut history = RestartHistory::default();
        assert_eq!(history.failed(POLICY, zero), Restart::After(Duration::ZERO));
        assert_eq!(history.failed(POLICY, at(zero, 10)), Restart::After(Duration::from_millis(100)));
        assert_eq!(history.failed(POLICY, at(zero, 20)), Restart::After(Duration::from_millis(250)));
        assert_eq!(history.failed(POLICY, at(zero, 30)), Restart::GiveUp);
    }

    #[test]
    fn old_failures_are_forgiven() {
        let zero = start();
        let mut history = RestartHistory::default();
        for ms in [0, 1_000, 2_000] {
            history.failed(POLICY, at(zero, ms));
        }
        assert_eq!(history.failed(POLICY, at(zero, 31_500)), Restart::After(Duration::from_millis(100)));
    }
}
