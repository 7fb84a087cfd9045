//! The seam between what was told already and what is heard anew, so that no word is told twice.
//!
//! A fresh stream is given audio from the last settled word on, and the old stream may still settle some of
//! it. Text that lies before the seam is dropped; of text that lies across it the words before are cut off:
//! by their times where Google tells them, else by comparing them with what was told.

use super::answer::Piece;

/// Words of what was told that are compared.
const COMPARED: usize = 24;

/// Up to which place of the call text has been told.
#[derive(Debug, Default)]
pub(crate) struct Seam {
    /// In ms from the call's first audio.
    until: u64,
    tail: Vec<String>,
}

impl Seam {
    /// `text` was told and covers the audio up to `until`, in ms from the call's first audio.
    pub(crate) fn told(&mut self, text: &str, until: u64) {
        self.until = self.until.max(until);
        self.tail.extend(text.split_whitespace().map(plain).filter(|word| !word.is_empty()));
        let surplus = self.tail.len().saturating_sub(COMPARED);
        self.tail.drain(..surplus);
    }

    /// What of a piece is new. `base` is where its stream begins and `begins` where the piece begins at the
    /// earliest, both in ms from the call's first audio.
    pub(crate) fn fresh(&self, piece: &Piece, base: u64, begins: u64) -> String {
        let text = piece.text.trim();
        let ends = base + piece.ends.as_millis() as u64;
        let has_times = !piece.ends.is_zero();
        if has_times && ends <= self.until {
            return String::new();
        }
        if begins >= self.until {
            return text.to_owned();
        }
        let first = piece.words.first().map(|word| base + word.begins.as_millis() as u64);
        match first {
            Some(first) if first >= self.until => text.to_owned(),
            Some(_) => self.cut_by_time(piece, base),
            None => self.cut_by_words(text),
        }
    }

    /// Google writes a word's punctuation with it, so the words make up the text.
    fn cut_by_time(&self, piece: &Piece, base: u64) -> String {
        let middle = |word: &super::answer::Word| base + ((word.begins + word.ends) / 2).as_millis() as u64;
        let words = piece.words.iter().filter(|word| middle(word) >= self.until);
        words.map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn cut_by_words(&self, text: &str) -> String {
        let words: Vec<&str> = text.split_whitespace().collect();
        let most = words.len().min(self.tail.len());
        let overlap = (1..=most).rev().find(|&count| {
            let told = self.tail.iter().rev().take(count).rev();
            told.zip(&words).all(|(told, word)| *told == plain(word))
        });
        words.get(overlap.unwrap_or(0)..).unwrap_or_default().join(" ")
    }
}

/// A word without case and punctuation, which Google changes as it hears more.
fn plain(word: &str) -> String {
    word.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::super::answer::Word;
    use super::*;

    fn piece(text: &str, ends: u64) -> Piece {
        Piece { text: text.into(), is_final: true, ends: Duration::from_millis(ends), words: Vec::new() }
    }

    fn timed(words: &[(&str, u64, u64)]) -> Piece {
        let text = words.iter().map(|word| word.0).collect::<Vec<_>>().join(" ");
        let words = words.iter().map(|&(text, begins, ends)| Word {
            text: text.into(),
            begins: Duration::from_millis(begins),
            ends: Duration::from_millis(ends),
        });
        let words: Vec<Word> = words.collect();
        let ends = words.last().map(|word| word.ends).unwrap_or_default();
        Piece { text, is_final: true, ends, words }
    }

    #[test]
    fn text_before_the_seam_is_dropped_and_text_behind_it_is_kept() {
        let mut seam = Seam::default();
        seam.told("yes please", 10_000);
        assert_eq!(seam.fresh(&piece("yes please", 1_500), 8_000, 8_000), "");
        assert_eq!(seam.fresh(&piece("please", 3_000), 8_000, 10_000), "please", "said again");
    }

    #[test]
    fn words_are_cut_by_their_times() {
        let mut seam = Seam::default();
        seam.told("אני רוצה", 10_000);
        let piece = timed(&[("אני", 500, 900), ("רוצה", 1_000, 1_900), ("לקנות", 2_100, 2_600)]);
        assert_eq!(seam.fresh(&piece, 8_000, 8_000), "לקנות");
    }

    #[test]
    fn words_without_times_are_compared() {
        let mut seam = Seam::default();
        seam.told("I want, to", 10_000);
        assert_eq!(seam.fresh(&piece("i want to rent", 2_600), 8_000, 8_000), "rent");
        assert_eq!(seam.fresh(&piece("to rent", 2_600), 8_000, 8_000), "rent");
        assert_eq!(seam.fresh(&piece("something else", 2_600), 8_000, 8_000), "something else");
    }

    proptest! {
        #[test]
        fn wherever_the_seam_lies_every_word_is_told_once(count in 1_usize..30, cut in 0_usize..30, from in 0_usize..30) {
            let words: Vec<String> = (0..count).map(|index| format!("w{index}")).collect();
            let cut = cut.min(count);
            let from = from.min(cut).max(cut.saturating_sub(COMPARED));
            let mut seam = Seam::default();
            seam.told(&words[..cut].join(" "), cut as u64 * 500);
            let base = from as u64 * 500;
            let again = piece(&words[from..].join(" "), (count - from) as u64 * 500);
            prop_assert_eq!(seam.fresh(&again, base, base), words[cut..].join(" "));
        }
    }
}
