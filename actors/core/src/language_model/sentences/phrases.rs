//! The agent's own phrases (facts it is asked about, choices it offers), in the sentences they come in.

use super::super::vocabulary::words;
use super::fill;

/// First words that make a phrase a sentence of its own, which needs no other around it.
const SENTENCE_STARTS: [&str; 22] = [
    "what", "what's", "where", "where's", "when", "who", "why", "how", "which", "is", "are", "do", "does",
    "can", "could", "i", "i'm", "i'd", "we", "please", "yes", "no",
];

const AROUND_SENTENCE: [(&str, f64); 8] = [
    ("{}", 6.0),
    ("{} please", 0.5),
    ("hello {}", 0.3),
    ("hi {}", 0.3),
    ("and {}", 0.3),
    ("can you tell me {}", 0.5),
    ("i would like to know {}", 0.3),
    ("sorry {}", 0.2),
];

const AROUND_PHRASE: [(&str, f64); 45] = [
    ("{}", 10.0),
    ("{} please", 1.0),
    ("a {}", 1.0),
    ("an {}", 0.5),
    ("the {}", 1.0),
    ("to {}", 1.0),
    ("i want {}", 1.0),
    ("i want a {}", 1.0),
    ("i want to {}", 3.0),
    ("i want to {} a house", 0.5),
    ("i want to {} an apartment", 1.0),
    ("i want to {} my apartment", 0.7),
    ("i'd like to {}", 1.5),
    ("i would like to {}", 2.0),
    ("i would like to {} an apartment", 1.0),
    ("i would like to {} my apartment", 0.5),
    ("i'm looking for {}", 0.7),
    ("i'm looking for a {}", 0.7),
    ("i'm looking to {}", 1.0),
    ("i am looking to {}", 1.0),
    ("i am looking for a {}", 0.7),
    ("i'm interested in {}", 0.7),
    ("i am interested in {}", 0.7),
    ("i need {}", 0.5),
    ("i need a {}", 0.5),
    ("i need to {}", 1.0),
    ("looking to {}", 0.5),
    ("what is the {}", 0.7),
    ("what is your {}", 1.0),
    ("what's your {}", 0.7),
    ("what's the {}", 0.7),
    ("what are the {}", 0.7),
    ("what are your {}", 1.5),
    ("how much is the {}", 0.5),
    ("when are your {}", 0.3),
    ("where is the {}", 0.5),
    ("tell me about {}", 0.5),
    ("tell me about the {}", 0.5),
    ("tell me about your {}", 0.5),
    ("can you tell me your {}", 0.7),
    ("can you tell me the {}", 0.7),
    ("do you have {}", 0.7),
    ("do you have a {}", 0.7),
    ("is there {}", 0.5),
    ("is there a {}", 0.5),
];

/// Sentences with weights: each phrase bare and inside the carriers that fit it.
pub(super) fn sentences(phrases: &[String]) -> Vec<(String, f64)> {
    let (mut sentences, mut parts) = (Vec::new(), Vec::new());
    for phrase in phrases {
        let words = words(phrase);
        let Some(first) = words.first() else { continue };
        let list = if SENTENCE_STARTS.contains(&first.as_str()) { &mut sentences } else { &mut parts };
        list.push(words.join(" "));
    }
    // `fill` shares a pattern's weight among the phrases; here every phrase is to weigh the same.
    let scale = |weighted: Vec<(String, f64)>, count: usize| {
        weighted.into_iter().map(move |(text, weight)| (text, weight * count as f64))
    };
    let around_sentences = scale(fill(&AROUND_SENTENCE, &sentences), sentences.len());
    let around_parts = scale(fill(&AROUND_PHRASE, &parts), parts.len());
    around_sentences.chain(around_parts).collect()
}
