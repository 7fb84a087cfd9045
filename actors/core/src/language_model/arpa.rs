//! A trigram model with back-off, and its text form.
//!
//! Recognisers read the ARPA format: log10 probabilities of the one, two and three word sequences that
//! were seen, and for each history a back-off weight that scales the shorter history's probability for
//! words not seen after it. Counts are discounted absolutely (Ney, Essen and Kneser 1994): each sequence
//! gives up a fixed part of its count to the unseen, which suits counts that are made up rather than
//! collected, because the share kept for surprises depends on how many different words can follow and not
//! on how heavily the sentences were weighted.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::sentences::Corpus;

/// The part of each count that is given to unseen words, for counts of one and more; smaller counts give
/// the same share of themselves. Between 0 and 1; half is the usual choice for sparse counts.
const DISCOUNT: f64 = 0.5;

/// What ARPA files write for the logarithm of nothing.
const LOG_ZERO: f64 = -99.0;

const BEGIN: &str = "<s>";
const END: &str = "</s>";

type Word = u32;

/// What can follow one history.
#[derive(Debug, Default)]
struct Continuations {
    /// Weighted counts at first; probabilities after training.
    of: BTreeMap<Word, f64>,
    /// Scale of the shorter history's probabilities for words not in `of`.
    back_off: f64,
}

/// A trained model.
#[derive(Debug)]
pub struct Trigram {
    words: Vec<String>,
    unigrams: BTreeMap<Word, f64>,
    after_one: BTreeMap<Word, Continuations>,
    after_two: BTreeMap<(Word, Word), Continuations>,
}

impl Trigram {
    /// Counts a corpus. Sentences without words or without weight are passed over.
    pub fn train(corpus: &Corpus) -> Self {
        let mut ids: BTreeMap<&str, Word> = BTreeMap::new();
        let mut words: Vec<String> = Vec::new();
        let mut id = |word| {
            *ids.entry(word).or_insert_with(|| {
                words.push(String::from(word));
                words.len() as Word - 1
            })
        };
        let (begin, end) = (id(BEGIN), id(END));
        let mut unigrams: BTreeMap<Word, f64> = BTreeMap::new();
        let mut after_one: BTreeMap<Word, Continuations> = BTreeMap::new();
        let mut after_two: BTreeMap<(Word, Word), Continuations> = BTreeMap::new();
        for (sentence, weight) in corpus.sentences() {
            if sentence.trim().is_empty() || weight <= 0.0 {
                continue;
            }
            let (mut before, mut last) = (None, begin);
            for word in sentence.split_whitespace().map(&mut id).chain([end]) {
                *unigrams.entry(word).or_default() += weight;
                *after_one.entry(last).or_default().of.entry(word).or_default() += weight;
                if let Some(before) = before {
                    *after_two.entry((before, last)).or_default().of.entry(word).or_default() += weight;
                }
                (before, last) = (Some(last), word);
            }
        }
        let total: f64 = unigrams.values().sum();
        for probability in unigrams.values_mut() {
            *probability /= total;
        }
        for next in after_one.values_mut() {
            next.discount(|word| unigrams.get(&word).copied().unwrap_or_default());
        }
        for (&(_, last), next) in &mut after_two {
            next.discount(|word| probability_after(&after_one, &unigrams, last, word));
        }
        Self { words, unigrams, after_one, after_two }
    }

    /// The words of the model, without the sentence marks.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str).filter(|&word| word != BEGIN && word != END)
    }

    /// The model as ARPA text.
    pub fn to_arpa(&self) -> String {
        let pairs: usize = self.after_one.values().map(|next| next.of.len()).sum();
        let triples: usize = self.after_two.values().map(|next| next.of.len()).sum();
        let mut text = String::with_capacity(40 * (self.words.len() + pairs + triples));
        // Writing to a string does not fail.
        let _ = self.write(&mut text, pairs, triples);
        text
    }

    fn write(&self, text: &mut String, pairs: usize, triples: usize) -> std::fmt::Result {
        writeln!(text, "\\data\\\nngram 1={}\nngram 2={pairs}\nngram 3={triples}\n", self.words.len())?;
        writeln!(text, "\\1-grams:")?;
        for (id, word) in self.words.iter().enumerate() {
            let id = id as Word;
            let probability = self.unigrams.get(&id).copied().unwrap_or_default();
            let back_off = self.after_one.get(&id).map_or(1.0, |next| next.back_off);
            writeln!(text, "{:.4} {word} {:.4}", log10(probability), log10(back_off))?;
        }
        writeln!(text, "\n\\2-grams:")?;
        for (&one, next) in &self.after_one {
            for (&two, &probability) in &next.of {
                let back_off = self.after_two.get(&(one, two)).map_or(1.0, |next| next.back_off);
                let (one, two) = (self.word(one), self.word(two));
                writeln!(text, "{:.4} {one} {two} {:.4}", log10(probability), log10(back_off))?;
            }
        }
        writeln!(text, "\n\\3-grams:")?;
        for (&(one, two), next) in &self.after_two {
            for (&three, &probability) in &next.of {
                let (one, two, three) = (self.word(one), self.word(two), self.word(three));
                writeln!(text, "{:.4} {one} {two} {three}", log10(probability))?;
            }
        }
        writeln!(text, "\n\\end\\")
    }

    fn word(&self, id: Word) -> &str {
        self.words.get(id as usize).map_or(END, String::as_str)
    }
}

impl Continuations {
    /// Turns counts into probabilities, and what was taken from them into the back-off weight.
    fn discount(&mut self, shorter: impl Fn(Word) -> f64) {
        let total: f64 = self.of.values().sum();
        let mut kept = 0.0;
        let mut covered = 0.0;
        for (&word, value) in &mut self.of {
            *value = (*value - DISCOUNT * value.min(1.0)) / total;
            kept += *value;
            covered += shorter(word);
        }
        let uncovered = 1.0 - covered;
        if uncovered > 1e-9 {
            self.back_off = (1.0 - kept) / uncovered;
        } else {
            // Every word was seen here: there is nothing to give to, so take nothing.
            self.back_off = 0.0;
            for value in self.of.values_mut() {
                *value /= kept;
            }
        }
    }
}

fn probability_after(
    after_one: &BTreeMap<Word, Continuations>,
    unigrams: &BTreeMap<Word, f64>,
    last: Word,
    word: Word,
) -> f64 {
    let single = || unigrams.get(&word).copied().unwrap_or_default();
    match after_one.get(&last) {
        Some(next) => next.of.get(&word).copied().unwrap_or_else(|| next.back_off * single()),
        None => single(),
    }
}

fn log10(value: f64) -> f64 {
    if value > 0.0 { value.log10() } else { LOG_ZERO }
}

#[cfg(test)]
mod tests;
