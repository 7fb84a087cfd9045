//! The caller's keys in turn-taking: they interrupt, gather, and are an answer.

use std::time::Instant;

use super::{KeyInterrupt, TurnAction, TurnState, TurnTimer, Turns};
use crate::endpointing::Entity;
use crate::ports::CallerSaid;

impl Turns {
    pub(super) fn key(&mut self, key: char, now: Instant) {
        let settings = self.settings.keys;
        let says_something = self.keys.says_something(key, settings);
        match self.state {
            TurnState::Ended => return,
            TurnState::Speaking if self.is_closing() => return,
            // The `#` after a key that was a whole answer must not stop what answers it.
            TurnState::Speaking | TurnState::Thinking if !says_something => return,
            TurnState::Speaking if !self.key_interrupts(key) => {
                self.keys.press(key, settings, &self.expected);
                return;
            }
            TurnState::Speaking => self.interrupt(now),
            TurnState::Thinking => {
                self.actions.push_back(TurnAction::StopThinking { turn: self.turn });
                self.actions.push_back(TurnAction::CancelTurn { turn: self.turn });
                self.listen();
            }
            TurnState::Listening => {}
        }
        self.discard();
        self.timers.stop(TurnTimer::Silence);
        if self.keys.press(key, settings, &self.expected) {
            self.keys_complete(now);
        } else {
            self.wait_for_a_key(now);
        }
    }

    pub(super) fn wait_for_a_key(&mut self, now: Instant) {
        self.timers.set(TurnTimer::KeyGap, now + self.keys.gap(self.settings.keys, &self.expected));
    }

    pub(super) fn keys_complete(&mut self, now: Instant) {
        self.timers.stop(TurnTimer::KeyGap);
        let digits = self.keys.take_after(&self.unanswered, self.dictated());
        if digits.is_empty() {
            self.wait_for_the_caller(now);
        } else {
            self.unanswered.clear();
            self.think(CallerSaid::Digits(digits), now);
        }
    }

    /// What the caller was asked to dictate: keys and voice then make up one number.
    pub(super) fn dictated(&self) -> Option<Entity> {
        Entity::expected(&self.expected, &self.last_sentence)
    }

    /// A lone `*` skips any question.
    fn key_interrupts(&self, key: char) -> bool {
        match self.settings.keys.interrupt {
            KeyInterrupt::Always => true,
            KeyInterrupt::Never => false,
            KeyInterrupt::Expected => key == '*' || self.expected.expects_keys(),
        }
    }
}
