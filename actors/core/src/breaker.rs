//! A circuit breaker for one provider, model and region.
//!
//! A provider that fails is not asked again for a while, so that the next caller does not wait for its
//! failure too. It opens on three failures in a row, or when half of at least ten requests in 30 s failed;
//! after a pause one probe is let through, whose outcome closes it or opens it again for longer. A probe is a
//! whole conversation in small, so its failure counts at once and whatever its kind: a model that the vendor
//! does not know fails every caller just as a refused key does.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::ports::ProviderFault;

/// Failures in a row that open the breaker.
const IN_A_ROW: usize = 3;

/// The window of the failure rate.
const WINDOW: Duration = Duration::from_secs(30);

/// Requests in the window from which the rate means something.
const ENOUGH: usize = 10;

/// First pause; it doubles with each failed probe.
const PAUSE: Duration = Duration::from_secs(5);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// The longest pause that a vendor may ask for: a day, which is how long the longest quotas run. What is longer
/// is a mistake, and could not be added to a clock.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Where the breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Requests go through.
    Closed,
    /// No request goes through.
    Open,
    /// One request is out to see whether the provider is back.
    Probing,
}

/// The breaker of one provider.
#[derive(Debug, Clone)]
pub struct Breaker {
    state: BreakerState,
    outcomes: VecDeque<(Instant, bool)>,
    pause: Duration,
    probe_at: Option<Instant>,
    last_fault: Option<String>,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            state: BreakerState::Closed,
            outcomes: VecDeque::new(),
            pause: PAUSE,
            probe_at: None,
            last_fault: None,
        }
    }
}

impl Breaker {
    /// Whether a request may be made now. A `true` while the breaker is open is the probe: its outcome must
    /// be told.
    pub fn admits(&mut self, now: Instant) -> bool {
        match self.state {
            BreakerState::Closed => true,
            BreakerState::Open if self.probe_at.is_none_or(|at| now >= at) => {
                self.state = BreakerState::Probing;
                self.probe_at = Some(now + self.pause);
                true
            }
            // A probe whose outcome never came must not hold the breaker open for ever.
            BreakerState::Probing if self.probe_at.is_some_and(|at| now >= at) => {
                self.probe_at = Some(now + self.pause);
                true
            }
            BreakerState::Open | BreakerState::Probing => false,
        }
    }

    /// A request succeeded.
    pub fn succeeded(&mut self, now: Instant) {
        if self.state != BreakerState::Closed {
            *self = Self::default();
        }
        self.enter(true, now);
    }

    /// A request failed. Faults of the request itself say nothing about the provider and do not count.
    pub fn failed(&mut self, fault: &ProviderFault, now: Instant) {
        if matches!(fault, ProviderFault::BadRequest { .. } | ProviderFault::UnsupportedLanguage { .. }) {
            return;
        }
        self.last_fault = Some(fault.to_string());
        self.enter(false, now);
        let asked = retry_after(fault);
        let is_hopeless = matches!(fault, ProviderFault::Auth { .. } | ProviderFault::Unavailable { .. });
        match self.state {
            BreakerState::Probing => {
                self.back_off();
                self.open(asked, now);
            }
            BreakerState::Closed if is_hopeless || asked.is_some() || self.is_too_bad() => {
                self.open(asked, now);
            }
            // A request that was under way when it opened may still bring the vendor's own wish.
            BreakerState::Open => self.probe_at = self.probe_at.max(asked.map(|pause| now + pause)),
            BreakerState::Closed => {}
        }
    }

    /// A probe failed, at the start of the process or while this is open: no request goes through from now on,
    /// whatever the kind of the fault.
    pub fn opened_by(&mut self, fault: &ProviderFault, now: Instant) {
        self.last_fault = Some(fault.to_string());
        self.enter(false, now);
        match self.state {
            BreakerState::Probing => self.back_off(),
            BreakerState::Closed | BreakerState::Open => {}
        }
        self.open(retry_after(fault), now);
    }

    /// Whether requests go through as usual. Asking changes nothing, so it lets no probe through.
    pub fn is_closed(&self) -> bool {
        self.state == BreakerState::Closed
    }

    /// When the next probe may go out, while the breaker is not closed.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.state == BreakerState::Closed { None } else { self.probe_at }
    }

    /// State for `/readyz` and the admin page.
    pub fn observe(&self) -> BreakerView {
        BreakerView { state: self.state, last_fault: self.last_fault.clone() }
    }

    fn back_off(&mut self) {
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    fn open(&mut self, retry_after: Option<Duration>, now: Instant) {
        self.state = BreakerState::Open;
        self.probe_at = Some(now + retry_after.unwrap_or(self.pause).max(self.pause));
    }

    fn enter(&mut self, is_success: bool, now: Instant) {
        while self.outcomes.front().is_some_and(|&(at, _)| now.saturating_duration_since(at) > WINDOW) {
            self.outcomes.pop_front();
        }
        self.outcomes.push_back((now, is_success));
    }

    fn is_too_bad(&self) -> bool {
        let row = self.outcomes.iter().rev().take_while(|(_, is_success)| !is_success).count();
        let failures = self.outcomes.iter().filter(|(_, is_success)| !is_success).count();
        row >= IN_A_ROW || self.outcomes.len() >= ENOUGH && failures * 2 >= self.outcomes.len()
    }
}

/// When the vendor wants to be asked again, within reason.
fn retry_after(fault: &ProviderFault) -> Option<Duration> {
    fault.retry_after().map(|pause| pause.min(LONGEST_RETRY_AFTER))
}

/// A breaker as `/readyz` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BreakerView {
    /// Where it stands.
    pub state: BreakerState,
    /// The last failure, in words.
    pub last_fault: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, start};

    fn closed() -> ProviderFault {
        ProviderFault::Closed { why: "bye".into() }
    }

    #[test]
    fn three_failures_in_a_row_open_it_and_a_good_probe_closes_it() {
        let zero = start();
        let mut breaker = Breaker::default();
        for ms in [0, 10, 20] {
            assert!(breaker.admits(at(zero, ms)));
            breaker.failed(&closed(), at(zero, ms));
        }
        assert!(!breaker.admits(at(zero, 30)));
        assert!(breaker.admits(at(zero, 5_020)), "the probe");
        assert!(!breaker.admits(at(zero, 5_021)), "one probe only");
        breaker.succeeded(at(zero, 5_100));
        assert_eq!(breaker.observe().state, BreakerState::Closed);
    }

    #[test]
    fn a_failed_probe_waits_twice_as_long() {
        let zero = start();
        let mut breaker = Breaker::default();
        for _ in 0..3 {
            breaker.failed(&closed(), zero);
        }
        assert!(breaker.admits(at(zero, 5_000)));
        breaker.failed(&closed(), at(zero, 5_000));
        assert!(!breaker.admits(at(zero, 14_999)));
        assert!(breaker.admits(at(zero, 15_000)));
    }

    #[test]
    fn half_of_ten_open_it_and_old_failures_do_not_count() {
        let zero = start();
        let mut breaker = Breaker::default();
        for index in 0..5 {
            breaker.succeeded(at(zero, index * 10));
            breaker.failed(&closed(), at(zero, index * 10 + 5));
        }
        assert!(!breaker.admits(at(zero, 100)));

        let mut breaker = Breaker::default();
        for index in 0..5 {
            breaker.failed(&closed(), at(zero, index * 40_000));
            breaker.succeeded(at(zero, index * 40_000 + 10));
        }
        assert!(breaker.admits(at(zero, 200_000)));
    }

    #[test]
    fn a_refused_key_opens_at_once_and_a_bad_request_never() {
        let mut breaker = Breaker::default();
        for _ in 0..9 {
            breaker.failed(&ProviderFault::BadRequest { why: "model".into() }, start());
        }
        assert!(breaker.admits(start()));
        breaker.failed(&ProviderFault::Auth { why: "no".into() }, start());
        assert!(!breaker.admits(start()));
    }

    #[test]
    fn the_vendors_own_pause_is_kept() {
        let zero = start();
        let mut breaker = Breaker::default();
        let retry_after = Some(Duration::from_secs(40));
        breaker.failed(&ProviderFault::Quota { why: "slow down".into(), retry_after }, zero);
        assert!(!breaker.admits(at(zero, 39_000)));
        assert!(breaker.admits(at(zero, 40_000)));
    }

    #[test]
    fn a_failed_probe_opens_at_once_whatever_its_kind_and_backs_off_up_to_a_cap() {
        let zero = start();
        let fault = ProviderFault::BadRequest { why: "no such model".into() };
        let mut breaker = Breaker::default();
        breaker.opened_by(&fault, zero);
        assert!(!breaker.is_closed());
        assert!(breaker.observe().last_fault.is_some_and(|fault| fault.contains("no such model")));
        let mut pauses = Vec::new();
        for _ in 0..8 {
            let due = breaker.poll_timeout().unwrap();
            pauses.push(due.duration_since(zero).as_secs());
            assert!(breaker.admits(due));
            breaker.opened_by(&fault, due);
        }
        let pauses: Vec<u64> =
            pauses.iter().scan(0, |last, &at| Some(at - std::mem::replace(last, at))).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 120, 120, 120]);
    }

    #[test]
    fn a_pause_that_no_clock_can_hold_is_cut_and_one_that_comes_late_is_kept() {
        let zero = start();
        let over =
            |retry_after| ProviderFault::Quota { why: "slow down".into(), retry_after: Some(retry_after) };
        let mut breaker = Breaker::default();
        breaker.failed(&over(Duration::MAX), zero);
        assert_eq!(breaker.poll_timeout(), Some(zero + LONGEST_RETRY_AFTER));

        let mut breaker = Breaker::default();
        breaker.failed(&ProviderFault::Auth { why: "no".into() }, zero);
        breaker.failed(&over(Duration::from_secs(60)), at(zero, 1_000));
        assert_eq!(breaker.poll_timeout(), Some(at(zero, 61_000)));
    }
}
