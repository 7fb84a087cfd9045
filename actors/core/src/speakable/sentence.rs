//! A piece of text as its written words, and the language of each.

use super::markup;
use super::nouns;
use super::word::Word;
use crate::language::Language;

/// Words of the other language that make a piece one in that language, when none of the agent's is in it. A
/// name or two before a telephone number do not.
const FOREIGN_WORDS: usize = 3;

/// What a rule makes of the words from a place on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    /// How many written words it takes, at least 1.
    pub(super) words: usize,
    /// What is said for them, in order. Each text may be several words.
    pub(super) said: Vec<(String, Language)>,
    /// Whether a full stop after the last of them is part of it.
    pub(super) eats_dot: bool,
}

impl Reading {
    /// So many words, said so.
    pub(super) fn new(words: usize, said: String, language: Language) -> Self {
        Self { words, said: vec![(said, language)], eats_dot: false }
    }
}

/// The written words of a piece.
#[derive(Debug)]
pub(super) struct Sentence {
    words: Vec<Word>,
}

impl Sentence {
    pub(super) fn read(text: &str, language: Language) -> Self {
        let raw: Vec<&str> = text.split_whitespace().collect();
        let is_code = markup::code_words(&raw);
        let read = |(raw, is_code): (&&str, bool)| {
            if is_code { Word::silent(language) } else { Word::read(raw, language) }
        };
        let mut words: Vec<Word> = raw.iter().zip(is_code).map(read).collect();
        move_article(&mut words);
        give_languages(&mut words, language);
        Self { words }
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    pub(super) fn word(&self, at: usize) -> Option<&Word> {
        self.words.get(at)
    }

    /// The word after `at`, if nothing stands between the two.
    pub(super) fn next(&self, at: usize) -> Option<&Word> {
        let next = self.words.get(at + 1)?;
        (self.words.get(at)?.runs_on() && !next.opens && !next.core.is_empty()).then_some(next)
    }

    /// The word before `at`, if nothing but an abbreviation's dot stands between the two.
    pub(super) fn before(&self, at: usize) -> Option<&Word> {
        let before = self.words.get(at.checked_sub(1)?)?;
        (!before.closes && matches!(before.tail.as_str(), "" | "." | ":")).then_some(before)
    }
}

/// `ה-3 חדרים` is said שלושת החדרים: the ה goes from the number to the noun.
fn move_article(words: &mut [Word]) {
    for at in 1..words.len() {
        let Some([number, noun]) = words.get_mut(at - 1..=at) else { return };
        let is_few = number.core.parse().is_ok_and(|count: u64| (2..=10).contains(&count));
        let is_noun = nouns::gender_of(&noun.core).is_some();
        if is_few && is_noun && number.runs_on() && number.prefix.ends_with('ה') {
            number.prefix.pop();
            let has_article = noun.core.starts_with('ה') && nouns::listed(&noun.core).is_none();
            if !has_article {
                noun.core.insert(0, 'ה');
            }
        }
    }
}

/// A word without letters of its own is read in the language of the piece, unless both neighbours agree on
/// the other.
fn give_languages(words: &mut [Word], agents: Language) {
    let scripts: Vec<Option<Language>> = words.iter().map(Word::script).collect();
    let count = |language| scripts.iter().filter(|&&script| script == Some(language)).count();
    let other = match agents {
        Language::English => Language::Hebrew,
        Language::Hebrew => Language::English,
    };
    let base = if count(agents) == 0 && count(other) >= FOREIGN_WORDS { other } else { agents };
    for (at, word) in words.iter_mut().enumerate() {
        let before = scripts.iter().take(at).rev().find_map(|script| *script);
        let after = scripts.iter().skip(at + 1).find_map(|script| *script);
        let around = if before == after { before } else { None };
        word.language = scripts.get(at).copied().flatten().or(around).unwrap_or(base);
    }
}
