//! The agent's side of a turn: the answer as it comes, is spoken, and is heard to its end.

use std::time::{Duration, Instant};

use super::{PLAYBACK_BASE, PLAYBACK_PER_CHAR, TurnAction, TurnState, TurnTimer, Turns};
use crate::hints::RecognitionHints;
use crate::ids::TurnId;
use crate::ports::AfterTurn;

impl Turns {
    pub(super) fn expect(&mut self, turn: TurnId, hints: RecognitionHints) {
        if turn == self.turn {
            self.expected = hints.clone();
            self.actions.push_back(TurnAction::Expect(hints));
        }
    }

    pub(super) fn answer(&mut self, turn: TurnId, delta: &str, now: Instant) {
        if turn != self.turn || self.is_answered {
            return;
        }
        match self.state {
            TurnState::Thinking | TurnState::Speaking => {
                for sentence in self.sentences.push(delta) {
                    self.say(sentence, now);
                }
                self.timers.set(TurnTimer::Thinking, now + self.settings.thinking_limit);
            }
            TurnState::Listening | TurnState::Ended => {}
        }
    }

    /// The engine speaks for itself, so there is nothing to hand to the voice.
    pub(super) fn answer_spoken(&mut self, turn: TurnId, ms: u64, now: Instant) {
        if turn != self.turn || self.is_answered {
            return;
        }
        match self.state {
            TurnState::Thinking | TurnState::Speaking => {
                self.begin_speaking(now);
                self.longest += Duration::from_millis(ms);
                self.timers.set(TurnTimer::Thinking, now + self.settings.thinking_limit);
            }
            TurnState::Listening | TurnState::Ended => {}
        }
    }

    pub(super) fn answer_done(&mut self, turn: TurnId, then: AfterTurn, now: Instant) {
        if turn != self.turn || self.is_answered {
            return;
        }
        match self.state {
            TurnState::Thinking | TurnState::Speaking => {
                if let Some(rest) = self.sentences.finish() {
                    self.say(rest, now);
                }
                self.is_answered = true;
                self.then = then;
                self.timers.stop(TurnTimer::Thinking);
                if self.state == TurnState::Thinking {
                    // An answer without words: nothing to play, so nothing to wait for.
                    self.enter(TurnState::Speaking);
                    self.played(turn, now);
                    return;
                }
                self.actions.push_back(TurnAction::FinishTurn { turn });
                self.timers.set(TurnTimer::Playback, now + PLAYBACK_BASE + self.longest);
            }
            TurnState::Listening | TurnState::Ended => {}
        }
    }

    /// No (more) words came in time: excuse it, or let what was said stand as the answer.
    pub(super) fn thinking_overdue(&mut self, now: Instant) {
        self.actions.push_back(TurnAction::StopThinking { turn: self.turn });
        match self.state {
            TurnState::Thinking => self.actions.push_back(TurnAction::Apologise { turn: self.turn }),
            TurnState::Speaking => self.answer_done(self.turn, AfterTurn::Listen, now),
            TurnState::Listening | TurnState::Ended => {}
        }
    }

    pub(super) fn say(&mut self, text: String, now: Instant) {
        self.begin_speaking(now);
        self.last_sentence.clone_from(&text);
        self.longest += PLAYBACK_PER_CHAR * text.chars().count() as u32;
        self.actions.push_back(TurnAction::Say { turn: self.turn, text });
    }

    fn begin_speaking(&mut self, now: Instant) {
        if self.state == TurnState::Thinking {
            self.enter(TurnState::Speaking);
            self.speaking_since = Some(now);
        }
    }

    pub(super) fn played(&mut self, turn: TurnId, now: Instant) {
        if turn != self.turn || self.state != TurnState::Speaking {
            return;
        }
        self.actions.push_back(TurnAction::TurnOver { turn, interrupted: false });
        self.unanswered.clear();
        match self.then {
            AfterTurn::Listen => {
                self.was_interrupted = false;
                self.listen();
                self.wait_for_the_caller(now);
            }
            AfterTurn::HangUp => self.hang_up(),
        }
    }

    pub(super) fn hang_up(&mut self) {
        self.enter(TurnState::Ended);
        self.actions.push_back(TurnAction::HangUp);
    }

    /// The turn ends here. What is still on its way to the ear must not be heard, since the caller's turn
    /// has come and an interruption would find nothing to stop.
    pub(super) fn voice_failed(&mut self, turn: TurnId, now: Instant) {
        if turn != self.turn || self.state != TurnState::Speaking {
            return;
        }
        if !self.is_answered {
            self.actions.push_back(TurnAction::StopThinking { turn });
        }
        self.actions.push_back(TurnAction::CancelTurn { turn });
        self.played(turn, now);
    }
}
