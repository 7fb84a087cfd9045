//! Turns put to the mind: certain ones, and those begun on a guess.
//!
//! A guess leaves no trace in the book until it is committed: not in the conversation, not in the record, not in
//! the timings.

use std::time::Duration;

use moked_core::ids::TurnId;
use moked_core::ports::{CallerSaid, ChatTurn};
use moked_core::turn::TurnInput;

use super::Dialog;
use crate::call::{Piece, TurnTiming, now};

impl Dialog {
    pub(super) fn think(&mut self, turn: TurnId, said: CallerSaid) {
        let asked = self.question(turn, said);
        self.turn_begins(turn, &asked.said);
        self.mind(|mind| mind.think(asked));
    }

    pub(super) fn speculate(&mut self, turn: TurnId, said: CallerSaid) {
        let asked = self.question(turn, said);
        let mut is_begun = false;
        self.mind(|mind| is_begun = mind.speculate(asked));
        if is_begun {
            self.book.borrow_mut().guesses.begun += 1;
            tracing::info!(event = "SPECULATE", %turn, "he has probably finished; the mind begins its answer");
        } else {
            self.machine.handle(TurnInput::NoSpeculation, now());
        }
    }

    pub(super) fn commit(&mut self, turn: TurnId, said: &CallerSaid, saved: Duration) {
        let saved_ms = saved.as_millis() as u64;
        tracing::info!(event = "COMMIT", %turn, saved_ms, "he had: the answer is {saved_ms} ms early");
        self.turn_begins(turn, said);
        self.mind(|mind| mind.commit(turn));
        self.book.borrow_mut().guesses.committed(saved_ms);
        self.links.watch.committed(saved);
        if self.machine.has_answer() {
            self.enter(turn, Piece::First);
        }
    }

    pub(super) fn discard(&mut self, turn: TurnId, wasted_chars: usize) {
        tracing::info!(event = "DISCARD", %turn, wasted_chars, "he had not: what was written for it is dropped");
        self.mind(|mind| mind.cancel(turn));
        self.book.borrow_mut().guesses.discarded(wasted_chars);
        self.links.watch.discarded(wasted_chars);
    }

    /// What the mind is told of a turn.
    fn question(&self, turn: TurnId, said: CallerSaid) -> ChatTurn {
        let history = self.book.borrow().conversation.before(remark(&said).as_deref()).to_vec();
        ChatTurn { turn, said, history, now: self.parts.local_time.now() }
    }

    /// Enters that a turn begins, and what the caller did.
    fn turn_begins(&mut self, turn: TurnId, said: &CallerSaid) {
        self.links.recording.caller_said(turn, said);
        let speech_ended = self.speech_ended.take();
        let mut book = self.book.borrow_mut();
        if let Some(remark) = remark(said) {
            book.conversation.caller_said(remark);
        }
        let speech_ended = match said {
            CallerSaid::Words(_) | CallerSaid::Digits(_) | CallerSaid::Unclear | CallerSaid::Spoken => {
                speech_ended
            }
            CallerSaid::Nothing | CallerSaid::Silence | CallerSaid::Resumed => None,
        };
        let by_voice = matches!(said, CallerSaid::Words(_) | CallerSaid::Unclear);
        let engines = book.heard_by.take().filter(|_| by_voice).into_iter().collect();
        book.timings.push(TurnTiming { turn, speech_ended, heard: now(), first_words: None, engines });
    }
}

/// What he did as the conversation has it.
fn remark(said: &CallerSaid) -> Option<String> {
    match said {
        CallerSaid::Words(words) => Some(words.clone()),
        CallerSaid::Digits(keys) => Some(format!("[keys {keys}]")),
        CallerSaid::Nothing
        | CallerSaid::Spoken
        | CallerSaid::Unclear
        | CallerSaid::Silence
        | CallerSaid::Resumed => None,
    }
}
