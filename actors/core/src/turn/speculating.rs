//! An answer begun before it is certain that the caller has finished: speculate, then commit or discard.
//!
//! In the silence that ends a turn, and while its last words are still being recognised, the mind can think already.
//! What it writes is held here, out of everybody's sight. When the words have come and are those that were
//! expected, all of it counts from then on; if they are others, or the caller goes on, it never was: nothing of it
//! was said, and the conversation does not know of it. A speculation is a value that is used up by either, so that
//! none can be both.

use std::time::{Duration, Instant};

use super::{TurnAction, TurnState, Turns};
use crate::hints::RecognitionHints;
use crate::ids::TurnId;
use crate::ports::{AfterTurn, CallerSaid};
use crate::receptionist::understand::words;

/// Speculations for one turn of the caller. Who pauses more often than this thinks aloud, and costs tokens.
const MOST_TRIES: u32 = 3;

/// A piece of an answer that may never be given.
#[derive(Debug, Clone)]
pub(super) enum Held {
    /// Words.
    Text(String),
    /// What the caller will say to it.
    Expect(RecognitionHints),
    /// It is complete.
    Done(AfterTurn),
}

/// An answer begun on a guess.
#[derive(Debug, Clone)]
pub(super) struct Speculation {
    turn: TurnId,
    said: String,
    began: Instant,
    /// When its first words came.
    first: Option<Instant>,
    held: Vec<Held>,
}

/// It was guessed right: what was held counts.
struct Committed {
    turn: TurnId,
    saved: Duration,
    held: Vec<Held>,
}

/// It never was.
struct Discarded {
    turn: TurnId,
    wasted_chars: usize,
}

impl Speculation {
    /// Held against what the caller did say.
    fn resolve(self, said: &CallerSaid, now: Instant) -> Result<Committed, Discarded> {
        let is_right = match said {
            CallerSaid::Words(said) => is_same(said, &self.said),
            CallerSaid::Nothing
            | CallerSaid::Spoken
            | CallerSaid::Digits(_)
            | CallerSaid::Unclear
            | CallerSaid::Silence
            | CallerSaid::Resumed => false,
        };
        if is_right { Ok(self.commit(now)) } else { Err(self.discard()) }
    }

    /// Without it the mind would be asked now. If its first words are here, the wait for them is what was saved.
    fn commit(self, now: Instant) -> Committed {
        let saved = self.first.unwrap_or(now).saturating_duration_since(self.began);
        Committed { turn: self.turn, saved, held: self.held }
    }

    fn discard(self) -> Discarded {
        let chars = self.held.iter().map(|held| match held {
            Held::Text(text) => text.chars().count(),
            Held::Expect(_) | Held::Done(_) => 0,
        });
        Discarded { turn: self.turn, wasted_chars: chars.sum() }
    }
}

/// Whether two recognitions are the same words: case, punctuation and vowel points come and go with the final.
fn is_same(said: &str, other: &str) -> bool {
    words(said).iter().map(|word| &word.text).eq(words(other).iter().map(|word| &word.text))
}

impl Turns {
    /// Whether this turn is only guessed at: nothing of it may be kept, done or heard.
    pub fn is_speculative(&self, turn: TurnId) -> bool {
        self.speculation.as_ref().is_some_and(|speculation| speculation.turn == turn)
    }

    /// Whether words of an answer to the turn under way have come.
    pub fn has_answer(&self) -> bool {
        self.speaking_since.is_some()
    }

    /// The caller has probably finished, with these words.
    pub(super) fn likely_over(&mut self, partial: &str, now: Instant) {
        let may = self.settings.speculate
            && self.state == TurnState::Listening
            && !self.is_line_down
            && self.keys.is_empty()
            && self.farewell.is_none();
        let said = self.unanswered_with(partial);
        if !may || said.is_empty() {
            return;
        }
        if self.speculation.as_ref().is_some_and(|speculation| is_same(&speculation.said, &said)) {
            return;
        }
        self.discard();
        if self.tries < MOST_TRIES {
            self.tries += 1;
            let turn = self.next_number();
            self.actions.push_back(TurnAction::Speculate { turn, said: CallerSaid::Words(said.clone()) });
            let (first, held) = Default::default();
            self.speculation = Some(Speculation { turn, said, began: now, first, held });
        }
    }

    /// It is no longer wanted.
    pub(super) fn discard(&mut self) {
        if let Some(speculation) = self.speculation.take() {
            self.throw_away(&speculation.discard());
        }
    }

    /// The mind does not begin before it is certain, or lost what it had begun.
    pub(super) fn speculation_lost(&mut self) {
        self.speculation = None;
    }

    /// A piece of an answer: kept aside while its turn is only guessed at.
    pub(super) fn piece(&mut self, turn: TurnId, piece: Held, now: Instant) {
        match self.speculation.as_mut().filter(|speculation| speculation.turn == turn) {
            Some(speculation) => {
                if matches!(piece, Held::Text(_)) {
                    speculation.first.get_or_insert(now);
                }
                speculation.held.push(piece);
            }
            None => self.take_piece(turn, piece, now),
        }
    }

    /// Answers with what was held, if it was guessed right. Gives whether it was.
    pub(super) fn commit(&mut self, said: &CallerSaid, now: Instant) -> bool {
        let Some(speculation) = self.speculation.take() else { return false };
        match speculation.resolve(said, now) {
            Ok(Committed { turn, saved, held }) => {
                self.begin_turn(turn);
                self.asked_now(said, now);
                self.actions.push_back(TurnAction::Commit { turn, said: said.clone(), saved });
                held.into_iter().for_each(|piece| self.take_piece(turn, piece, now));
                true
            }
            Err(discarded) => {
                self.throw_away(&discarded);
                false
            }
        }
    }

    fn throw_away(&mut self, discarded: &Discarded) {
        let &Discarded { turn, wasted_chars } = discarded;
        self.actions.push_back(TurnAction::Discard { turn, wasted_chars });
    }

    fn take_piece(&mut self, turn: TurnId, piece: Held, now: Instant) {
        match piece {
            Held::Text(delta) => self.answer(turn, &delta, now),
            Held::Expect(hints) => self.expect(turn, hints),
            Held::Done(then) => self.answer_done(turn, then, now),
        }
    }
}

#[cfg(test)]
#[path = "speculating_test.rs"]
mod tests;
