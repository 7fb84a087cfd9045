//! The history that moked keeps, held against what the ear heard.

use moked_core::asides::Asides;
use moked_core::conversation::Remark;
use moked_core::language::Language;
use serde::Serialize;

use crate::eval::seen::Inside;
use crate::eval::truth::HeardSentence;
use crate::eval::world::bare;

/// A turn of the agent whose words were counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::eval) struct HeardError {
    /// The history's words.
    pub(in crate::eval) claimed: String,
    /// The ear's.
    pub(in crate::eval) heard: String,
    /// Words by which they differ.
    pub(in crate::eval) words: usize,
}

/// A remark as scenarios write it.
pub(super) fn in_words(remark: &Remark) -> String {
    match remark {
        Remark::Caller { text } => format!("caller: {text}"),
        Remark::Agent { heard, interrupted: true, .. } => format!("agent cut: {heard}"),
        Remark::Agent { heard, interrupted: false, .. } => format!("agent: {heard}"),
    }
}

/// What the caller said, remark by remark.
pub(super) fn remarks_of_caller(conversation: &[Remark]) -> Vec<String> {
    let texts = conversation.iter().filter_map(|remark| match remark {
        Remark::Caller { text } => Some(text.clone()),
        Remark::Agent { .. } => None,
    });
    texts.collect()
}

/// How often the agent was cut short.
pub(super) fn interruptions(conversation: &[Remark]) -> usize {
    conversation.iter().filter(|remark| matches!(remark, Remark::Agent { interrupted: true, .. })).count()
}

/// Each remark of the agent against the words that the ear heard of it. Both are in the order of time, so the ear's
/// words are dealt out to the remarks: each takes what it claims, and where it claims too little or too much, the next
/// sentence begins the next remark.
pub(in crate::eval) fn heard_errors(inside: &Inside) -> Vec<HeardError> {
    let is_answer = |sentence: &&HeardSentence| sentence.is_begun() && !is_filler(&sentence.text);
    let mut sentences = inside.heard.iter().filter(is_answer).peekable();
    let remarks = inside.conversation.iter().filter_map(|remark| match remark {
        Remark::Agent { heard, .. } => Some(heard),
        Remark::Caller { .. } => None,
    });
    let errors = remarks.map(|claimed| {
        let wanted: Vec<String> = words(claimed);
        let mut heard: Vec<String> = Vec::new();
        // A sentence belongs to the remark if it goes on where the remark's words do.
        while let Some(sentence) = sentences.peek() {
            let whole: Vec<String> = sentence.words.iter().map(|(word, _)| bare(word)).collect();
            let rest = wanted.get(heard.len()..).unwrap_or_default();
            let begins = rest.iter().zip(&whole).take_while(|(a, b)| a == b).count();
            let is_its = heard.is_empty() || begins > 0;
            if !is_its {
                break;
            }
            heard.extend(heard_words(sentence));
            sentences.next();
            if heard.len() >= wanted.len() {
                break;
            }
        }
        let words = distance(&wanted, &heard);
        HeardError { claimed: claimed.clone(), heard: heard.join(" "), words }
    });
    errors.collect()
}

/// Whether it was said while the mind thought: such remarks stand in no history.
fn is_filler(text: &str) -> bool {
    [Language::English, Language::Hebrew].into_iter().any(|language| Asides::of(language).is_filler(text))
}

/// Words to be added, taken away or changed to make one list of the other.
fn distance(a: &[String], b: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (above, word) in a.iter().enumerate() {
        let mut diagonal = above;
        let mut left = above + 1;
        let mut next = vec![left];
        for (other, up) in b.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(word != other)).min(left + 1).min(up + 1);
            diagonal = *up;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

fn heard_words(sentence: &HeardSentence) -> Vec<String> {
    sentence.words.iter().filter(|(_, heard)| *heard).map(|(word, _)| bare(word)).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use moked_core::ids::TurnId;

    use super::*;

    fn sentence(text: &str, heard: usize) -> HeardSentence {
        let words = text.split(' ').enumerate().map(|(n, word)| (word.to_owned(), n < heard)).collect();
        HeardSentence { text: text.to_owned(), words, blocks: Vec::new() }
    }

    fn errors(heard: Vec<HeardSentence>, claimed: &[&str]) -> Vec<usize> {
        let agent =
            |text: &&str| Remark::Agent { turn: TurnId(1), heard: (*text).into(), interrupted: false };
        let conversation = claimed.iter().map(agent).collect();
        let (end, events, unscripted) = (String::new(), Vec::new(), Vec::new());
        let inside = Inside { conversation, end, events, unscripted, heard };
        heard_errors(&inside).into_iter().map(|error| error.words).collect()
    }

    #[test]
    fn words_claimed_and_words_heard_are_counted_turn_by_turn() {
        let heard = vec![sentence("Hello there.", 2), sentence("One two three.", 2), sentence("Yes.", 1)];
        assert_eq!(errors(heard.clone(), &["Hello there. One two", "Yes."]), [0, 0]);
        assert_eq!(errors(heard.clone(), &["Hello there. One", "Yes."]), [1, 0]);
        assert_eq!(errors(heard, &["Hello there. One two three.", "Yes."]), [1, 0]);
    }

    #[test]
    fn a_word_that_is_missing_counts_once() {
        let list = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(distance(&list("one two three"), &list("two three")), 1);
        assert_eq!(distance(&list("one two three"), &list("one too three four")), 2);
        assert_eq!(distance(&[], &list("one two")), 2);
    }

    #[test]
    fn a_sentence_that_was_resumed_belongs_to_the_same_turn() {
        let heard = vec![sentence("One two three four.", 2), sentence("three four.", 2)];
        assert_eq!(errors(heard, &["One two three four."]), [0]);
    }
}
