//! The caller's keys in turn-taking: they interrupt, gather, and are an answer.

use std::time::Instant;

use super::{TurnAction, TurnState, TurnTimer, Turns};
use crate::ports::CallerSaid;

impl Turns {
    pub(super) fn key(&mut self, key: char, now: Instant) {
        match self.state {
            TurnState::Ended => return,
            TurnState::Speaking if self.is_closing() => return,
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
        if self.keys.press(key, &self.expected) {
            self.keys_complete(now);
        } else {
            self.timers.set(TurnTimer::KeyGap, now + self.keys.gap(self.settings.keys, &self.expected));
        }
    }

    pub(super) fn keys_complete(&mut self, now: Instant) {
        self.timers.stop(TurnTimer::KeyGap);
        let digits = self.keys.take_after(&self.unanswered, &self.expected);
        if digits.is_empty() {
            self.wait_for_the_caller(now);
        } else {
            self.unanswered.clear();
            self.think(CallerSaid::Digits(digits), now);
        }
    }
}
