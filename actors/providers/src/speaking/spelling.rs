//! From the times of letters to the times of words.

use moked_core::ports::WordTime;

/// A letter, as the engine writes it, and where it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One character, or a few.
    pub text: String,
    /// Where it ends, in ms.
    pub ends_at_ms: u64,
}

/// Gathers the letters of a sentence. Vendors cut their messages anywhere, also within a word.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    word: String,
    ends_at_ms: u64,
}

impl Spelling {
    /// Takes letters whose times count from `base_ms`; gives the words that are complete.
    pub(super) fn push(&mut self, letters: Vec<Letter>, base_ms: u64) -> Vec<WordTime> {
        let mut words = Vec::new();
        for letter in letters {
            if letter.text.chars().all(char::is_whitespace) {
                words.extend(self.finish());
            } else {
                self.word.push_str(letter.text.trim());
                self.ends_at_ms = base_ms.saturating_add(letter.ends_at_ms);
            }
        }
        words
    }

    /// Where the last letter ended, in ms.
    pub(super) fn reached_ms(&self) -> u64 {
        self.ends_at_ms
    }

    /// The last word.
    pub(super) fn finish(&mut self) -> Option<WordTime> {
        let word = std::mem::take(&mut self.word);
        (!word.is_empty()).then_some(WordTime { word, ends_at_ms: self.ends_at_ms })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str, ms: u64) -> Vec<Letter> {
        let place = |(index, letter): (usize, char)| Letter {
            text: letter.to_string(),
            ends_at_ms: (index as u64 + 1) * ms,
        };
        text.chars().enumerate().map(place).collect()
    }

    #[test]
    fn a_word_cut_by_the_vendor_is_one_word_with_its_last_end() {
        let mut spelling = Spelling::default();
        assert_eq!(spelling.push(letters("שלו", 10), 0), []);
        let words = spelling.push(letters("ם עו", 10), 30);
        assert_eq!(words, [WordTime { word: "שלום".into(), ends_at_ms: 40 }]);
        assert_eq!(spelling.finish(), Some(WordTime { word: "עו".into(), ends_at_ms: 70 }));
        assert_eq!(spelling.finish(), None);
    }
}
