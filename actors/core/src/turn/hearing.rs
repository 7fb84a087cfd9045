//! What the ear tells of the caller, taken by each state in its own way.

use std::time::Instant;

use super::{TurnAction, TurnState, TurnTimer, Turns};
use crate::ports::CallerSaid;

impl Turns {
    pub(super) fn speech_started(&mut self, now: Instant) {
        self.discard();
        match self.state {
            TurnState::Listening => {
                self.timers.stop(TurnTimer::Silence);
                self.timers.stop(TurnTimer::Transcript);
                self.timers.stop(TurnTimer::KeyGap);
            }
            TurnState::Thinking => {
                self.actions.push_back(TurnAction::StopThinking { turn: self.turn });
                self.actions.push_back(TurnAction::CancelTurn { turn: self.turn });
                self.listen();
            }
            // Closing words are spoken to their end: "thank you, bye" over them is no wish to go on.
            TurnState::Speaking if self.is_closing() => {}
            TurnState::Speaking => self.interrupt(now),
            TurnState::Ended => {}
        }
    }

    pub(super) fn utterance_ended(&mut self, now: Instant) {
        match self.state {
            TurnState::Listening => {
                self.timers.set(TurnTimer::Transcript, now + self.settings.transcript_limit);
            }
            TurnState::Thinking | TurnState::Speaking | TurnState::Ended => {}
        }
    }

    pub(super) fn words(&mut self, text: &str, now: Instant) {
        match self.state {
            TurnState::Listening => {
                self.timers.stop(TurnTimer::Transcript);
                self.add_unanswered(text);
                self.no_words(now);
            }
            TurnState::Thinking | TurnState::Speaking | TurnState::Ended => {}
        }
    }

    /// A one-hop engine has heard the utterance: it is answered now, whatever its words.
    pub(super) fn spoken(&mut self, now: Instant) {
        match self.state {
            TurnState::Listening => self.think(CallerSaid::Spoken, now),
            TurnState::Thinking | TurnState::Speaking | TurnState::Ended => {}
        }
    }

    /// Words of an utterance after which the caller has begun another: they are answered with it.
    pub(super) fn earlier_words(&mut self, text: &str, now: Instant) {
        match self.state {
            TurnState::Listening => self.add_unanswered(text),
            TurnState::Speaking if !self.is_closing() => {
                self.interrupt(now);
                self.add_unanswered(text);
                self.timers.set(TurnTimer::Transcript, now + self.settings.transcript_limit);
            }
            TurnState::Thinking | TurnState::Speaking | TurnState::Ended => {}
        }
    }

    pub(super) fn add_unanswered(&mut self, text: &str) {
        self.unanswered = self.unanswered_with(text);
    }

    /// What has no answer yet, with words that follow it.
    pub(super) fn unanswered_with(&self, text: &str) -> String {
        let (before, text) = (self.unanswered.as_str(), text.trim());
        let separator = if before.is_empty() || text.is_empty() { "" } else { " " };
        format!("{before}{separator}{text}")
    }

    /// The ear broke off, perhaps in the middle of an utterance whose end will now never be told.
    pub(super) fn ear_failed(&mut self, now: Instant) {
        if self.state == TurnState::Listening && self.timers.next().is_none() {
            self.timers.set(TurnTimer::Transcript, now + self.settings.transcript_limit);
        }
    }

    pub(super) fn unclear(&mut self, now: Instant) {
        match self.state {
            TurnState::Listening => {
                self.timers.stop(TurnTimer::Transcript);
                if self.unanswered.is_empty() {
                    self.think(CallerSaid::Unclear, now);
                } else {
                    self.no_words(now);
                }
            }
            TurnState::Thinking | TurnState::Speaking | TurnState::Ended => {}
        }
    }

    /// Nothing more was said: answer what is unanswered, wait for more keys, take up what a noise
    /// interrupted, or go on listening.
    pub(super) fn no_words(&mut self, now: Instant) {
        if !self.unanswered.is_empty() {
            let words = std::mem::take(&mut self.unanswered);
            let said = self.keys.then_spoken(&words, self.dictated());
            self.think(said.map_or(CallerSaid::Words(words), CallerSaid::Digits), now);
        } else if !self.keys.is_empty() {
            self.wait_for_a_key(now);
        } else if self.was_interrupted {
            self.think(CallerSaid::Unclear, now);
        } else {
            self.wait_for_the_caller(now);
        }
    }
}
