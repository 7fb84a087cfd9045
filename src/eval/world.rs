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
    /// The caller's words, with the time at which their last sample was sent.
    said: Vec<(Instant, String)>,
    /// Words before this were heard or missed.
    cursor: usize,
    spoken: Vec<Spoken>,
    unscripted: Vec<String>,
}

/// How long before an utterance is told its first word may have ended. Ports promise an onset within 500 ms.
const ONSET_WITHIN: Duration = Duration::from_millis(500);

impl World {
    /// A word has left the caller's telephone.
    pub(crate) fn word_was_said(&self, word: String, at: Instant) {
        self.state().said.push((at, word));
    }

    /// An utterance begins: what was said long before it was missed.
    pub(crate) fn utterance_began(&self, now: Instant) {
        let mut state = self.state();
        let from = now.checked_sub(ONSET_WITHIN).unwrap_or(now);
        let missed = state.said.iter().skip(state.cursor).take_while(|(at, _)| *at < from).count();
        state.cursor += missed;
    }

    /// The words of the utterance under way that ended by `until`.
    pub(crate) fn words_until(&self, until: Instant) -> String {
        let state = self.state();
        let words = state.said.iter().skip(state.cursor).take_while(|(at, _)| *at <= until);
        words.map(|(_, word)| word.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The same, and the utterance is over: no other gets them.
    pub(crate) fn take_words_until(&self, until: Instant) -> String {
        let words = self.words_until(until);
        let mut state = self.state();
        let taken = state.said.iter().skip(state.cursor).take_while(|(at, _)| *at <= until).count();
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
            world.word_was_said(word.to_owned(), at(ms));
        }
        world.utterance_began(at(900));
        assert_eq!(world.words_until(at(1_399)), "two");
        assert_eq!(world.take_words_until(at(1_500)), "two three");
        assert_eq!(world.words_until(at(9_000)), "rooms");
    }
}
