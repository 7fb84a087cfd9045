//! When to change to a fresh stream: a machine without a clock.
//!
//! Google ends a stream at five minutes (305 s were seen). From 240 s on a stream is changed at the first
//! pause, where the change cannot cut a word; at 285 s it is changed whatever is being said.
//!
//! A pause is where no text is unsettled and nobody speaks, or the moment at which text was settled. The end
//! of speech alone is none while its text is still open: the change would have it heard twice.

use std::time::{Duration, Instant};

/// Age from which a stream is changed at a pause.
pub(crate) const AT_A_PAUSE: Duration = Duration::from_secs(240);

/// Age at which it is changed at once.
pub(crate) const AT_THE_LATEST: Duration = Duration::from_secs(285);

/// What was heard on the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A new stream was opened.
    Opened,
    /// Speech began.
    SpeechBegan,
    /// Speech ended.
    SpeechEnded,
    /// Text that is not settled came.
    Interim,
    /// Text was settled, and none is open.
    Settled,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Open a new stream, then half-close the old one.
    RollOver,
}

/// Why to wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The next pause is good for a change.
    PauseWillDo,
    /// The stream is about to be ended by Google.
    Latest,
}

/// What the machine knows, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) opened: Instant,
    pub(crate) is_speaking: bool,
    pub(crate) is_unsettled: bool,
}

/// The decision for one session.
#[derive(Debug)]
pub(crate) struct RollOver {
    view: View,
    action: Option<Action>,
    has_asked: bool,
}

impl RollOver {
    /// For a stream opened at `now`.
    pub(crate) fn new(now: Instant) -> Self {
        let view = View { opened: now, is_speaking: false, is_unsettled: false };
        Self { view, action: None, has_asked: false }
    }

    /// Takes what was heard.
    pub(crate) fn handle(&mut self, heard: Heard, now: Instant) {
        match heard {
            Heard::Opened => *self = Self::new(now),
            Heard::SpeechBegan => self.view.is_speaking = true,
            Heard::SpeechEnded => self.view.is_speaking = false,
            Heard::Interim => self.view.is_unsettled = true,
            Heard::Settled => self.view.is_unsettled = false,
        }
        if heard == Heard::Settled && self.age(now) >= AT_A_PAUSE {
            self.ask();
        }
        self.handle_timeout(now);
    }

    /// The next order.
    pub(crate) fn next_action(&mut self) -> Option<Action> {
        self.action.take()
    }

    /// When to wake, and why.
    pub(crate) fn poll_timeout(&self, now: Instant) -> Option<(Instant, Reason)> {
        if self.has_asked {
            return None;
        }
        if self.age(now) < AT_A_PAUSE {
            return Some((self.view.opened + AT_A_PAUSE, Reason::PauseWillDo));
        }
        Some((self.view.opened + AT_THE_LATEST, Reason::Latest))
    }

    /// The wake-up.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let is_quiet = !self.view.is_speaking && !self.view.is_unsettled;
        let age = self.age(now);
        if age >= AT_THE_LATEST || (age >= AT_A_PAUSE && is_quiet) {
            self.ask();
        }
    }

    /// The state.
    pub(crate) fn observe(&self) -> View {
        self.view
    }

    fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.view.opened)
    }

    fn ask(&mut self) {
        if !std::mem::replace(&mut self.has_asked, true) {
            self.action = Some(Action::RollOver);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_silent_line_changes_at_240_s_and_only_once() {
        let start = Instant::now();
        let mut machine = RollOver::new(start);
        assert_eq!(machine.poll_timeout(start), Some((at(start, 240), Reason::PauseWillDo)));
        machine.handle_timeout(at(start, 239));
        assert_eq!(machine.next_action(), None);
        machine.handle_timeout(at(start, 240));
        assert_eq!(machine.next_action(), Some(Action::RollOver));
        machine.handle(Heard::Settled, at(start, 241));
        assert_eq!((machine.next_action(), machine.poll_timeout(at(start, 241))), (None, None));
        machine.handle(Heard::Opened, at(start, 242));
        assert_eq!(machine.observe().opened, at(start, 242));
        assert_eq!(machine.poll_timeout(at(start, 242)).unwrap().0, at(start, 482));
    }

    #[test]
    fn speech_is_waited_for_until_its_text_is_settled() {
        let start = Instant::now();
        let mut machine = RollOver::new(start);
        machine.handle(Heard::SpeechBegan, at(start, 238));
        machine.handle(Heard::Interim, at(start, 239));
        machine.handle_timeout(at(start, 240));
        machine.handle(Heard::SpeechEnded, at(start, 243));
        assert_eq!(machine.next_action(), None, "its text is open");
        machine.handle(Heard::Settled, at(start, 244));
        assert_eq!(machine.next_action(), Some(Action::RollOver));
    }

    #[test]
    fn settled_text_amid_speech_is_a_pause_too() {
        let start = Instant::now();
        let mut machine = RollOver::new(start);
        machine.handle(Heard::SpeechBegan, at(start, 200));
        machine.handle(Heard::Settled, at(start, 239));
        assert_eq!(machine.next_action(), None);
        machine.handle(Heard::Settled, at(start, 250));
        assert_eq!(machine.next_action(), Some(Action::RollOver));
    }

    #[test]
    fn endless_speech_is_cut_at_285_s() {
        let start = Instant::now();
        let mut machine = RollOver::new(start);
        machine.handle(Heard::SpeechBegan, at(start, 1));
        machine.handle(Heard::Interim, at(start, 284));
        assert_eq!(machine.next_action(), None);
        assert_eq!(machine.poll_timeout(at(start, 284)), Some((at(start, 285), Reason::Latest)));
        machine.handle_timeout(at(start, 285));
        assert_eq!(machine.next_action(), Some(Action::RollOver));
    }
}
