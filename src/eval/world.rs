//! What the caller and the scripted engines of one call know together.
//!
//! The ear does not recognise: it is told which word has just left the caller's telephone, and hears it as long as
//! moked gives it the utterance that the word was in. So transcripts are as early, as late and as torn as a good
//! recogniser's would be, and an utterance that moked does not notice is lost, but no word is ever misheard.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A sentence that the voice made.
#[derive(Debug, Clone)]
pub(crate) struct Spoken {
    /// Its text, as moked gave it to the voice.
    pub(crate) text: String,
    /// Its audio, µ-law.
    pub(crate) mulaw: Vec<u8>,
    /// Its words in order.
    pub(crate) words: Vec<SpokenWord>,
    /// When it was made: nobody heard it before.
    pub(crate) at: Instant,
}

/// A word of a sentence.
#[derive(Debug, Clone)]
pub(crate) struct SpokenWord {
    /// The word.
    pub(crate) word: String,
    /// First byte of its sound in the sentence.
    pub(crate) from: usize,
    /// Byte behind its sound.
    pub(crate) to: usize,
}

/// Shared by all that play in one call.
#[derive(Debug, Clone, Default)]
pub(crate) struct World(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The caller's words.
    said: Vec<Said>,
    /// Words before this were heard or missed.
    cursor: usize,
    spoken: Vec<Spoken>,
    unscripted: Vec<String>,
}

/// A word of the caller's.
#[derive(Debug)]
struct Said {
    word: String,
    /// When its first sample was sent.
    began: Instant,
    /// When its last one was.
    ended: Option<Instant>,
}

/// How much of a word an ear must have heard to tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// Its beginning: it guesses well.
    Begun,
    /// All of it.
    Ended,
}

impl Said {
    fn is_known(&self, known: Known, until: Instant) -> bool {
        match known {
            Known::Begun => self.began <= until,
            Known::Ended => self.ended.is_some_and(|ended| ended <= until),
        }
    }
}

/// How long before an utterance is told its first word may have ended. Ports promise an onset within 500 ms.
const ONSET_WITHIN: Duration = Duration::from_millis(500);

impl World {
    /// The first sound of a word has left the caller's telephone.
    pub(crate) fn word_began(&self, word: String, began: Instant) {
        self.state().said.push(Said { word, began, ended: None });
    }

    /// The oldest word that is not over is.
    pub(crate) fn word_ended(&self, at: Instant) {
        if let Some(said) = self.state().said.iter_mut().find(|said| said.ended.is_none()) {
            said.ended = Some(at);
        }
    }

    /// An utterance begins: what was said long before it was missed.
    pub(crate) fn utterance_began(&self, now: Instant) {
        let mut state = self.state();
        let from = now.checked_sub(ONSET_WITHIN).unwrap_or(now);
        let is_missed = |said: &&Said| said.ended.is_some_and(|ended| ended < from);
        let missed = state.said.iter().skip(state.cursor).take_while(is_missed).count();
        state.cursor += missed;
    }

    /// The words of the utterance under way that were known by `until`.
    pub(crate) fn words_until(&self, known: Known, until: Instant) -> String {
        let state = self.state();
        let words = state.said.iter().skip(state.cursor).take_while(|said| said.is_known(known, until));
        words.map(|said| said.word.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// All words of the utterance that ended by `until`; it is over, and no other gets them.
    pub(crate) fn take_words_until(&self, until: Instant) -> String {
        let words = self.words_until(Known::Ended, until);
        let mut state = self.state();
        let is_taken = |said: &&Said| said.is_known(Known::Ended, until);
        let taken = state.said.iter().skip(state.cursor).take_while(is_taken).count();
        state.cursor += taken;
        words
    }

    /// The voice made a sentence.
    pub(crate) fn was_spoken(&self, spoken: Spoken) {
        self.state().spoken.push(spoken);
    }

    /// The sentences that the voice made, in order.
    pub(crate) fn spoken(&self) -> Vec<Spoken> {
        self.state().spoken.clone()
    }

    /// The newest sentence with these words, and the bytes of their last.
    pub(crate) fn find_words(&self, words: &str) -> Option<Vec<u8>> {
        let wanted: Vec<String> = words.split_whitespace().map(bare).collect();
        let state = self.state();
        state.spoken.iter().rev().find_map(|spoken| {
            let said: Vec<String> = spoken.words.iter().map(|word| bare(&word.word)).collect();
            let place = said.windows(wanted.len().max(1)).position(|window| window == wanted)?;
            let last = spoken.words.get(place + wanted.len() - 1)?;
            spoken.mulaw.get(last.from..last.to).map(<[u8]>::to_vec)
        })
    }

    /// The mind was asked something that the scenario has no answer for.
    pub(crate) fn has_no_answer(&self, said: String) {
        self.state().unscripted.push(said);
    }

    /// All of those.
    pub(crate) fn unscripted(&self) -> Vec<String> {
        self.state().unscripted.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nobody panics while holding it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A word without its punctuation, in small letters.
pub(crate) fn bare(word: &str) -> String {
    word.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_utterance_gets_its_words_once_and_not_those_before_it() {
        let world = World::default();
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        for (ms, word) in [(100, "lost"), (1_000, "two"), (1_400, "three"), (2_000, "rooms")] {
            world.word_began(word.to_owned(), at(ms - 100));
            world.word_ended(at(ms));
        }
        world.utterance_began(at(900));
        assert_eq!(world.words_until(Known::Ended, at(1_399)), "two");
        assert_eq!(world.words_until(Known::Begun, at(1_399)), "two three");
        assert_eq!(world.take_words_until(at(1_500)), "two three");
        assert_eq!(world.words_until(Known::Ended, at(9_000)), "rooms");
    }
}
