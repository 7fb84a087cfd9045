//! Sentences a caller may say to an agent, each with a weight.
//!
//! One file a kind of answer, one for what is said in any call, one for the agent's own phrases. Every kind
//! is always in, so that a caller may ask for the opening hours while a phone number is due; the kinds that
//! the dialog waits for are only made heavier. Nothing here is random: sampled parts (telephone numbers,
//! pairs of names) come from a small generator with a fixed seed, so the same agent always gets the same
//! model and a test can rely on it.

mod dates;
mod draw;
mod everyday;
mod names;
mod numbers;
mod phones;
mod phrases;
mod times;
mod yes_no;

use std::collections::BTreeSet;

use super::vocabulary;
use crate::hints::{RecognitionHints, SlotKind};

/// Total weight of a kind that nobody waits for.
const UNEXPECTED: f64 = 300.0;

/// How much heavier a kind is that the dialog waits for. Measured on 213 utterances of the embedded voice:
/// with 3 a sixth more words are misheard, with 30 hardly fewer, and questions asked instead of an answer
/// are heard with any of them.
const EXPECTED_FACTOR: f64 = 10.0;

/// Weighted sentences, lower case, words apart by one space.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Corpus(Vec<(String, f64)>);

impl Corpus {
    /// What a caller may say now.
    ///
    /// `vocabulary` holds the phrases of the whole call (facts, choices), `hints` what the dialog has just
    /// asked for. Different hints over the same vocabulary give the same words, unless the hints bring
    /// phrases of their own.
    pub fn for_call(vocabulary: &[String], hints: &RecognitionHints) -> Self {
        let mut corpus = Self::default();
        let expects = |kind| hints.kinds.contains(&kind);
        let weight = |expected| if expected { UNEXPECTED * EXPECTED_FACTOR } else { UNEXPECTED };
        let name = expects(SlotKind::Name);
        corpus.add(weight(expects(SlotKind::FreeText)), everyday::sentences());
        corpus.add(weight(expects(SlotKind::YesNo)), yes_no::sentences());
        corpus.add(weight(expects(SlotKind::Number)), numbers::sentences());
        corpus.add(weight(expects(SlotKind::Phone)), phones::sentences());
        corpus.add(weight(expects(SlotKind::Date)), dates::sentences());
        corpus.add(weight(expects(SlotKind::Time)), times::sentences());
        corpus.add(weight(expects(SlotKind::Date) || expects(SlotKind::Time)), times::on_days());
        corpus.add(weight(name), names::sentences(name));
        corpus.add(2.0 * weight(expects(SlotKind::FreeText)), phrases::sentences(vocabulary));
        corpus.add(weight(true), phrases::sentences(&hints.phrases));
        corpus
    }

    /// Takes in a kind's sentences, scaled so that together they weigh `total`.
    fn add(&mut self, total: f64, sentences: Vec<(String, f64)>) {
        let sum: f64 = sentences.iter().map(|(_, weight)| weight).sum();
        self.0.extend(sentences.into_iter().map(|(sentence, weight)| (sentence, weight * total / sum)));
    }

    /// The sentences with their weights.
    pub fn sentences(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(sentence, weight)| (sentence.as_str(), *weight))
    }

    /// The distinct words, sorted: what a pronunciation dictionary has to know.
    pub fn words(&self) -> BTreeSet<String> {
        vocabulary::distinct(self.0.iter().map(|(sentence, _)| sentence.as_str()))
    }
}

impl FromIterator<(String, f64)> for Corpus {
    fn from_iter<I: IntoIterator<Item = (String, f64)>>(sentences: I) -> Self {
        Self(sentences.into_iter().collect())
    }
}

/// Fills the `{}` of each pattern with each value; a pattern's weight is shared by its sentences.
fn fill<S: AsRef<str>>(patterns: &[(&str, f64)], values: &[S]) -> Vec<(String, f64)> {
    let share = 1.0 / values.len().max(1) as f64;
    patterns
        .iter()
        .flat_map(|&(pattern, weight)| {
            values.iter().map(move |value| (pattern.replace("{}", value.as_ref()), weight * share))
        })
        .collect()
}

/// Whole sentences of equal weight.
fn whole(sentences: &[&str]) -> Vec<(String, f64)> {
    sentences.iter().map(|&sentence| (sentence.to_owned(), 1.0)).collect()
}

#[cfg(test)]
mod tests;
