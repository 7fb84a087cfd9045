//! One answer of the model, and whether another must follow it in the same turn.

use moked_core::ids::TurnId;
use moked_core::ports::ChatTurn;

/// Answers a turn may take. In the last one the model must talk.
pub(super) const ROUNDS: usize = 4;

/// The turn being answered.
#[derive(Debug)]
pub(super) struct Answering {
    pub(super) turn: ChatTurn,
    pub(super) round: usize,
    /// Whether any of its audio came.
    pub(super) has_sound: bool,
    pub(super) has_retried: bool,
    /// Words of the answer under way.
    pub(super) text: String,
    /// Whether words of an earlier answer stand before those to come.
    pub(super) needs_space: bool,
}

impl Answering {
    pub(super) fn new(turn: ChatTurn) -> Self {
        let (text, round) = (String::new(), 1);
        Self { turn, round, has_sound: false, has_retried: false, text, needs_space: false }
    }

    /// The next piece of its words, as it joins those before.
    pub(super) fn words(&mut self, mut delta: String) -> String {
        self.text.push_str(&delta);
        if !delta.is_empty() && std::mem::take(&mut self.needs_space) {
            delta.insert(0, ' ');
        }
        delta
    }

    /// A question that was put waits for its answer, not for more words.
    pub(super) fn is_rounded_off(&self) -> bool {
        self.text.trim_end().ends_with('?')
    }

    /// Another answer follows in this turn.
    pub(super) fn next_round(&mut self) {
        self.round += 1;
        self.needs_space |= !self.text.is_empty();
        self.text.clear();
    }
}

/// An answer at the vendor. There is at most one; the next is asked for when it is over.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) turn: TurnId,
    /// Its id, once it has begun.
    pub(super) id: Option<String>,
    /// Whether nobody wants it any more.
    pub(super) is_dead: bool,
}

impl Response {
    pub(super) fn to(turn: TurnId) -> Self {
        Self { turn, id: None, is_dead: false }
    }

    /// Whether a piece belongs to it and is wanted. Servers that name no answer have only this one.
    pub(super) fn owns(&self, response_id: &str) -> bool {
        !self.is_dead && (response_id.is_empty() || self.id.as_deref() == Some(response_id))
    }
}
