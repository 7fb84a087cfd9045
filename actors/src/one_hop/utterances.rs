//! What the caller said and has no answer to yet, kept for a session that is opened anew.

use std::collections::VecDeque;

use moked_core::audio::BYTES_PER_MS;
use moked_core::ids::{TurnId, UtteranceId};
use moked_core::ports::ConversingSession;

/// Most audio kept of one utterance, in bytes: its last 15 s.
const MOST: usize = 15_000 * BYTES_PER_MS;

/// Utterances remembered: their words may come long after their answers.
const MOST_UTTERANCES: usize = 16;

struct Utterance {
    id: UtteranceId,
    audio: VecDeque<u8>,
    has_ended: bool,
    /// The turn that answers it.
    turn: Option<TurnId>,
    is_answered: bool,
    /// Its words came, so that the history tells them.
    has_words: bool,
}

/// The newest utterances of a call, oldest first.
#[derive(Default)]
pub(super) struct Utterances(VecDeque<Utterance>);

impl Utterances {
    /// Keeps audio of an utterance under way.
    pub(super) fn audio(&mut self, id: UtteranceId, mulaw: &[u8]) {
        if self.0.back().is_none_or(|newest| newest.id != id) {
            if self.0.len() == MOST_UTTERANCES {
                self.0.pop_front();
            }
            let audio = VecDeque::new();
            let (has_ended, is_answered, has_words) = (false, false, false);
            self.0.push_back(Utterance { id, audio, has_ended, turn: None, is_answered, has_words });
        }
        if let Some(newest) = self.0.back_mut() {
            newest.audio.extend(mulaw);
            let excess = newest.audio.len().saturating_sub(MOST);
            newest.audio.drain(..excess);
        }
    }

    /// The utterance is over.
    pub(super) fn ended(&mut self, id: UtteranceId) {
        self.0.iter_mut().filter(|utterance| utterance.id == id).for_each(|utterance| {
            utterance.has_ended = true;
        });
    }

    /// This turn answers all that is over and has no turn yet.
    pub(super) fn answered_by(&mut self, turn: TurnId) {
        for utterance in self.0.iter_mut().filter(|utterance| utterance.has_ended) {
            utterance.turn.get_or_insert(turn);
        }
    }

    /// The answer is complete, so what it answers need not be told again.
    pub(super) fn answered(&mut self) {
        for utterance in self.0.iter_mut().filter(|utterance| utterance.turn.is_some()) {
            utterance.is_answered = true;
            utterance.audio = VecDeque::new();
        }
    }

    /// The words of an utterance came. Gives the turn that answers it; the one after all of them while that
    /// is open.
    pub(super) fn written_down(&mut self, id: UtteranceId) -> TurnId {
        self.0.iter_mut().filter(|utterance| utterance.id == id).for_each(|utterance| {
            utterance.has_words = true;
        });
        let turn = |utterance: &Utterance| utterance.turn.map(|turn| (utterance.id, turn));
        let known: Vec<_> = self.0.iter().filter_map(turn).collect();
        let own = known.iter().find(|(known, _)| *known == id).map(|(_, turn)| *turn);
        own.or_else(|| known.last().map(|(_, turn)| turn.next())).unwrap_or_default()
    }

    /// How many wait for an answer.
    pub(super) fn unanswered(&self) -> usize {
        self.0.iter().filter(|utterance| !utterance.is_answered).count()
    }

    /// Tells a session what waits for an answer and does not stand in the history.
    pub(super) fn replay(&self, session: &mut dyn ConversingSession) {
        for utterance in self.0.iter().filter(|utterance| !utterance.is_answered && !utterance.has_words) {
            let (first, second) = utterance.audio.as_slices();
            for audio in [first, second].into_iter().filter(|audio| !audio.is_empty()) {
                session.audio(utterance.id, audio);
            }
            if utterance.has_ended {
                session.utterance_ended(utterance.id);
            }
        }
    }
}
