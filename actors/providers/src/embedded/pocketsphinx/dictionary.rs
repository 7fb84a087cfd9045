//! The pronunciation dictionary, cut down to the words of one call.
//!
//! The packaged CMU dictionary has 134,000 words; a decoder with a few hundred of them starts ten times
//! faster and takes a tenth of the memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::pronunciation;

/// The dictionary file's text: one pronunciation a line, `word PH PH`, further ones as `word(2) PH PH`.
#[derive(Debug)]
pub(super) struct Dictionary {
    text: String,
}

/// The part of a dictionary that a call needs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Selection {
    /// In the form of the whole dictionary.
    pub(super) text: String,
    /// Words whose pronunciation is a guess by rules.
    pub(super) guessed: Vec<String>,
    /// Words that nothing could pronounce; they cannot be heard.
    pub(super) unknown: Vec<String>,
}

impl Dictionary {
    /// Reads the file (3 MB, about 2 ms).
    ///
    /// # Errors
    /// When it cannot be read or is not UTF-8.
    pub(super) fn read(file: &Path) -> std::io::Result<Self> {
        Ok(Self { text: std::fs::read_to_string(file)? })
    }

    /// Looks up words.
    pub(super) fn select(&self, words: &BTreeSet<String>) -> Selection {
        let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for line in self.text.lines() {
            let Some((entry, _)) = line.split_once(' ') else { continue };
            let word = entry.split_once('(').map_or(entry, |(word, _)| word);
            if words.contains(word) {
                found.entry(word).or_default().push(line);
            }
        }
        let mut selection = Selection { text: String::new(), guessed: Vec::new(), unknown: Vec::new() };
        for word in words {
            if let Some(lines) = found.get(word.as_str()) {
                for line in lines {
                    selection.text.push_str(line);
                    selection.text.push('\n');
                }
            } else if let Some(phones) = pronunciation::known(word) {
                selection.text.push_str(&format!("{word} {phones}\n"));
            } else if let Some(phones) = pronunciation::guess(word) {
                selection.text.push_str(&format!("{word} {phones}\n"));
                selection.guessed.push(word.clone());
            } else {
                selection.unknown.push(word.clone());
            }
        }
        selection
    }
}

#[cfg(test)]
mod tests {
    use moked_core::hints::RecognitionHints;
    use moked_core::language_model::Corpus;

    use super::*;

    #[test]
    fn a_word_comes_with_all_its_pronunciations_and_unknown_ones_are_told() {
        let text = "a AH\na(2) EY\nab AE B\nrent R EH N T\n".to_owned();
        let words = ["a", "rent", "hayarkon"].map(str::to_owned).into_iter().collect();
        let selection = Dictionary { text }.select(&words);
        assert!(selection.text.starts_with("a AH\na(2) EY\nhayarkon "), "{}", selection.text);
        assert!(selection.text.ends_with("rent R EH N T\n"), "{}", selection.text);
        assert_eq!(selection.guessed, ["hayarkon"]);
        assert!(selection.unknown.is_empty());
    }

    #[test]
    fn every_word_that_callers_are_made_to_say_has_a_pronunciation_by_people() {
        let file = Path::new("/usr/share/pocketsphinx/model/en-us/cmudict-en-us.dict");
        let dictionary = Dictionary::read(file).expect("apt-get install pocketsphinx-en-us");
        let words = Corpus::for_call(&[], &RecognitionHints::default()).words();
        let selection = dictionary.select(&words);
        assert_eq!((selection.guessed, selection.unknown), (vec![], vec![]));
    }
}
