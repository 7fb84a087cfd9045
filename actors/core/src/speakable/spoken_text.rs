//! The spoken form of a piece, and the way back to the written words.

use super::spelling::{Niqqud, VoiceSpelling, is_hebrew, is_point};
use crate::language::Language;

/// A spoken word, and how much of the written text has been heard with it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SpokenWord {
    text: String,
    language: Language,
    /// Written words heard to their end when this one is.
    completes: usize,
}

/// A stretch of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its words, with the blanks behind them.
    pub text: String,
    /// Their language.
    pub language: Language,
}

/// A piece of text as a voice says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spoken {
    words: Vec<SpokenWord>,
}

impl Spoken {
    /// The text for the voice.
    pub fn text(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        words.join(" ")
    }

    /// Whether there is nothing to say, as of a lone emoji.
    pub fn is_silent(&self) -> bool {
        self.words.is_empty()
    }

    /// The same text in stretches of one language, for a voice that can change it within a sentence. Joined they
    /// are the text. A Hebrew prefix before a foreign word, as in `ב-Google`, is Hebrew.
    pub fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let add = |runs: &mut Vec<Run>, text: &str, language| match runs.last_mut() {
            Some(run) if run.language == language => run.text.push_str(text),
            Some(_) | None => runs.push(Run { text: text.to_owned(), language }),
        };
        for (place, word) in self.words.iter().enumerate() {
            if place > 0
                && let Some(before) = runs.last_mut()
            {
                before.text.push(' ');
            }
            let is_foreign = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic());
            let at = word.text.find('-').map_or(0, |at| at + 1);
            match word.text.split_at(at) {
                (prefix, rest) if prefix.starts_with(is_hebrew) && is_foreign(rest) => {
                    add(&mut runs, prefix, Language::Hebrew);
                    add(&mut runs, rest, Language::English);
                }
                _ => add(&mut runs, &word.text, word.language),
            }
        }
        runs
    }

    /// How many written words have been heard when the first `spoken` of the spoken ones have.
    ///
    /// Written words are those of `split_whitespace`, as the playback ledger counts them.
    pub fn written_words(&self, spoken: usize) -> usize {
        let last = spoken.checked_sub(1).map(|index| index.min(self.words.len().saturating_sub(1)));
        last.and_then(|index| self.words.get(index)).map_or(0, |word| word.completes)
    }

    /// Where each written word ends in `total` bytes of audio, for a voice that tells no word times: a spoken
    /// word's share of the audio is its share of the letters. `1,250,000` so takes its time.
    pub fn estimated_ends(&self, total: usize) -> Vec<usize> {
        let letters: usize = self.text().chars().count();
        let mut ends = Vec::new();
        let mut reached = 0;
        for word in &self.words {
            reached += word.text.chars().count();
            let end = (reached * total).div_ceil(letters.max(1));
            ends.resize(word.completes.max(ends.len()), end);
            reached += 1;
        }
        ends
    }
}

/// Turns the word times of a voice into those of the written words.
///
/// Voices cut words differently (some tell a comma as a word, some cut at an apostrophe), so it is letters
/// that are counted and not words.
#[derive(Debug, Clone, Default)]
pub struct WordFollower {
    /// Per spoken word: letters up to its end, and the written words complete with it.
    ends: Vec<(usize, usize)>,
    letters: usize,
    told: usize,
}

impl WordFollower {
    /// Follows a voice that says this.
    pub fn new(spoken: &Spoken) -> Self {
        let mut letters = 0;
        let place = |word: &SpokenWord| {
            letters += letters_of(&word.text);
            (letters, word.completes)
        };
        Self { ends: spoken.words.iter().map(place).collect(), letters: 0, told: 0 }
    }

    /// The voice told the end of its next word; gives how many further written words are complete with it.
    pub fn word(&mut self, word: &str) -> usize {
        self.letters += letters_of(word);
        let reached = self.ends.iter().take_while(|(letters, _)| *letters <= self.letters);
        let complete = reached.last().map_or(0, |&(_, completes)| completes);
        let more = complete.saturating_sub(self.told);
        self.told += more;
        more
    }
}

/// Letters and digits; vowel points are not counted, since some voices drop them.
fn letters_of(text: &str) -> usize {
    text.chars().filter(|&c| c.is_alphanumeric() && !is_point(c)).count()
}

/// Builds a [`Spoken`].
pub(super) struct Speech {
    spelling: VoiceSpelling,
    words: Vec<SpokenWord>,
    written: usize,
}

impl Speech {
    pub(super) fn new(spelling: VoiceSpelling) -> Self {
        Self { spelling, words: Vec::new(), written: 0 }
    }

    /// Adds words; `prefix` joins the first.
    pub(super) fn say(&mut self, prefix: &str, said: &[(String, Language)]) {
        let mut prefix = prefix;
        for (text, language) in said {
            for word in text.split_whitespace() {
                let prefix = std::mem::take(&mut prefix);
                let joint = if prefix.is_empty() || word.starts_with(is_hebrew) { "" } else { "-" };
                let mut text = format!("{prefix}{joint}{word}");
                if self.spelling.niqqud == Niqqud::Strip {
                    text.retain(|c| !is_point(c));
                }
                self.words.push(SpokenWord { text, language: *language, completes: self.written });
            }
        }
    }

    /// Adds punctuation to the last word, unless it has some that says as much.
    pub(super) fn punctuate(&mut self, tail: &str) {
        if let Some(last) = self.words.last_mut() {
            if !tail.is_empty() && last.text.ends_with([',', ':', ';']) {
                last.text.pop();
            }
            if !last.text.ends_with(['.', '!', '?']) {
                last.text.push_str(tail);
            }
        }
    }

    /// A short pause, unless there is one.
    pub(super) fn pause(&mut self) {
        if self.words.last().is_some_and(|word| !word.text.ends_with([',', '.', '!', '?', ':', ';'])) {
            self.punctuate(",");
        }
    }

    /// So many written words are done with.
    pub(super) fn written(&mut self, words: usize) {
        self.written = words;
        if let Some(last) = self.words.last_mut() {
            last.completes = words;
        }
    }

    /// The end. A pause there would be one before nothing, unless the piece `goes_on`.
    pub(super) fn finish(mut self, goes_on: bool) -> Spoken {
        if let Some(last) = self.words.last_mut()
            && !goes_on
            && last.text.ends_with(',')
        {
            last.text.pop();
        }
        Spoken { words: self.words }
    }
}

#[cfg(test)]
mod tests {
    use super::super::speakable;
    use super::*;

    fn spoken(text: &str) -> Spoken {
        speakable(text, Language::Hebrew, VoiceSpelling::default())
    }

    #[test]
    fn spoken_words_lead_back_to_written_ones() {
        let spoken = spoken("יש 3 דירות ב-20.11 😊 בסדר?");
        assert_eq!(spoken.text(), "יש שלוש דירות בעשרים בנובמבר בסדר?");
        let heard: Vec<usize> = (0..=7).map(|count| spoken.written_words(count)).collect();
        assert_eq!(heard, [0, 1, 2, 3, 3, 5, 6, 6], "the emoji is heard with the day before it");
    }

    #[test]
    fn letters_and_not_words_are_counted_when_a_voice_tells_its_words() {
        let mut follower = WordFollower::new(&spoken("יש 21 דירות."));
        let told = ["יש", "עשרים", "ו", "אחת", "דירות", "."];
        let more: Vec<usize> = told.iter().map(|word| follower.word(word)).collect();
        assert_eq!(more, [1, 0, 0, 1, 1, 0]);
    }

    #[test]
    fn a_long_number_takes_its_share_of_the_audio() {
        let spoken = spoken("זה ₪1,250,000 בלבד");
        let ends = spoken.estimated_ends(8_000);
        assert_eq!(ends.len(), 3);
        assert!(ends[0] < 800 && ends[1] > 6_000, "{ends:?}");
        assert_eq!(ends[2], 8_000);
    }
}
