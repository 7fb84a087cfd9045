//! Reads the written text back, as a recogniser would, and does the sums.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::hints::{RecognitionHints, SlotKind};

/// A reader of ARPA text that knows nothing of the writer.
struct Reader {
    grams: HashMap<Vec<String>, (f64, f64)>,
    announced: Vec<usize>,
    found: Vec<usize>,
}

impl Reader {
    fn new(text: &str) -> Self {
        let mut reader = Self { grams: HashMap::new(), announced: Vec::new(), found: vec![0; 3] };
        let mut order = 0;
        for line in text.lines() {
            let fields: Vec<&str> = line.split_whitespace().collect();
            if let Some(count) = line.strip_prefix("ngram ") {
                reader.announced.push(count.split('=').nth(1).unwrap().parse().unwrap());
            } else if let Some(section) = line.strip_prefix('\\') {
                order = section.chars().next().and_then(|c| c.to_digit(10)).unwrap_or(0) as usize;
            } else if !fields.is_empty() {
                let words = fields[1..=order].iter().map(|&word| word.to_owned()).collect();
                let back_off = fields.get(order + 1).map_or(0.0, |field| field.parse().unwrap());
                reader.grams.insert(words, (fields[0].parse().unwrap(), back_off));
                reader.found[order - 1] += 1;
            }
        }
        reader
    }

    fn probability(&self, history: &[String], word: &str) -> f64 {
        let mut sequence = history.to_vec();
        sequence.push(word.to_owned());
        if let Some(&(log, _)) = self.grams.get(&sequence) {
            return 10_f64.powf(log);
        }
        let back_off = self.grams.get(history).map_or(0.0, |&(_, back_off)| back_off);
        10_f64.powf(back_off) * self.probability(&history[1..], word)
    }

    fn assert_sums_to_one(&self) {
        let words: Vec<&String> = self.grams.keys().filter(|k| k.len() == 1).map(|k| &k[0]).collect();
        let histories = self.grams.keys().filter(|k| k.len() < 3 && k.last().unwrap() != END);
        for history in histories.cloned().chain([Vec::new()]) {
            let sum: f64 =
                words.iter().filter(|w| w.as_str() != BEGIN).map(|w| self.probability(&history, w)).sum();
            assert!((sum - 1.0).abs() < 1e-3, "after {history:?} the words sum to {sum}");
        }
        assert_eq!(self.announced, self.found, "the header counts what follows");
    }
}

fn corpus(sentences: &[(&str, f64)]) -> Corpus {
    sentences.iter().map(|&(sentence, weight)| (sentence.to_owned(), weight)).collect()
}

#[test]
fn probabilities_after_every_history_sum_to_one() {
    let model = Trigram::train(&corpus(&[("yes please", 3.0), ("no", 0.25), ("yes i do please", 1.0)]));
    Reader::new(&model.to_arpa()).assert_sums_to_one();
}

#[test]
fn a_real_model_sums_to_one_after_a_sample_of_histories() {
    let hints = RecognitionHints { phrases: vec!["rent".into()], kinds: vec![SlotKind::YesNo], keys: None };
    let text = Trigram::train(&Corpus::for_call(&["opening hours".into()], &hints)).to_arpa();
    let reader = Reader::new(&text);
    assert_eq!(reader.announced, reader.found);
    // All histories times all words is too much work; the shorter ones stand for all.
    let words: Vec<String> = reader.grams.keys().filter(|k| k.len() == 1).map(|k| k[0].clone()).collect();
    for history in [vec![], vec!["<s>".to_owned()], vec!["<s>".to_owned(), "my".to_owned()]] {
        let sum: f64 = words.iter().filter(|w| *w != BEGIN).map(|w| reader.probability(&history, w)).sum();
        assert!((sum - 1.0).abs() < 1e-3, "after {history:?}: {sum}");
    }
}

#[test]
fn a_seen_sentence_is_likelier_than_its_reverse() {
    let model = Trigram::train(&corpus(&[("i want to rent", 1.0), ("i want to buy", 1.0)]));
    let reader = Reader::new(&model.to_arpa());
    let likelihood = |words: &[&str]| {
        let mut history = vec![BEGIN.to_owned()];
        let mut product = 1.0;
        for word in words.iter().chain(&[END]) {
            product *= reader.probability(&history[history.len().saturating_sub(2)..], word);
            history.push((*word).to_owned());
        }
        product
    };
    assert!(likelihood(&["i", "want", "to", "buy"]) > 100.0 * likelihood(&["buy", "to", "want", "i"]));
    assert!(likelihood(&["buy", "to", "want", "i"]) > 0.0, "nothing is impossible");
}

#[test]
fn a_heavier_sentence_is_likelier() {
    let reader =
        Reader::new(&Trigram::train(&corpus(&[("rent", 9.0), ("buy", 1.0), ("sell", 1.0)])).to_arpa());
    let start = [BEGIN.to_owned()];
    assert!(reader.probability(&start, "rent") > 5.0 * reader.probability(&start, "buy"));
}

#[test]
fn empty_sentences_are_passed_over() {
    let model = Trigram::train(&corpus(&[("", 1.0), ("yes", 0.0), ("no", 1.0)]));
    assert_eq!(model.words().collect::<Vec<_>>(), ["no"]);
}

proptest! {
    #[test]
    fn any_corpus_gives_a_model_that_sums_to_one(
        sentences in prop::collection::vec(("[a-d]( [a-d]){0,4}", 0.01_f64..50.0), 1..12),
    ) {
        let corpus: Corpus = sentences.into_iter().collect();
        Reader::new(&Trigram::train(&corpus).to_arpa()).assert_sums_to_one();
    }
}
