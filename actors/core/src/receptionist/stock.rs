//! The texts that an agent says to everybody, known before anybody calls.
//!
//! For a voice that keeps them. Whatever holds a caller's words is no such text: a sentence with a placeholder in
//! it is left out, and so is all that is put together in a call.

use std::sync::Arc;

use super::Receptionist;
use super::phrases::Phrases;
use crate::agent::Agent;
use crate::asides::Asides;
use crate::ports::CallerSaid;
use crate::sentence::SentenceSplitter;

/// The sentences an agent says of itself, as they are handed to the voice, those that a caller waits for first.
///
/// The greeting first, then what the call says for it, such as fillers, then what it asks and answers.
pub fn stock_sentences(agent: &Arc<Agent>) -> Vec<String> {
    let phrases = Phrases::of(agent.language);
    // The greeting as it is really said: with the first question behind it, which may change where it is cut.
    let noon = jiff::civil::date(2000, 1, 1).at(12, 0, 0, 0);
    let opening = Receptionist::new(Arc::clone(agent)).answer(&CallerSaid::Nothing, noon).text;
    let questions = agent.slots.iter().flat_map(|slot| std::iter::once(&slot.question).chain(&slot.retry));
    let last = [
        agent.goodbye.as_deref().unwrap_or(phrases.goodbye),
        agent.closing_incomplete.as_deref().unwrap_or(phrases.closing_incomplete),
        agent.callback.as_deref().unwrap_or(phrases.callback),
        agent.closing.as_str(),
    ];
    let asides = Asides::of(agent.language).texts(agent);
    let own = [opening.as_str(), agent.greeting.as_str()].into_iter().chain(asides);
    let sorry = agent.sorry.iter().chain(&agent.still_there).map(String::as_str);
    let set: Vec<&str> = phrases.set_texts();
    let facts = agent.facts.iter().map(|fact| fact.answer.as_str());
    let texts = own.chain(sorry).chain(set).chain(last).chain(questions.map(String::as_str)).chain(facts);
    let mut sentences: Vec<String> = Vec::new();
    for sentence in texts.flat_map(pieces) {
        if !sentence.contains('{') && !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    sentences
}

/// A text as it is cut at the beginning of an answer, where the first piece may be short, and in the midst of one.
fn pieces(text: &str) -> Vec<String> {
    let cut = |splitter: &mut SentenceSplitter| {
        let mut pieces = splitter.push(text);
        pieces.extend(splitter.finish());
        pieces
    };
    let mut begun = SentenceSplitter::new();
    begun.push("Yes. ");
    [cut(&mut SentenceSplitter::new()), cut(&mut begun)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    fn agent() -> Arc<Agent> {
        let text = r#"
            name = "Maya"
            language = "en"
            greeting = "Hello, this is Maya from Green Door Homes, the house of houses. How are you?"
            closing = "Thank you, {name}. We will meet soon. Goodbye."
            [[facts]]
            phrases = ["hours"]
            answer = "We are open from nine to six."
            [[slots]]
            id = "name"
            kind = "name"
            question = "What is your name?"
            retry = "Please say only your name."
        "#;
        Arc::new(toml::from_str(text).unwrap())
    }

    #[test]
    fn the_greeting_comes_first_as_it_is_cut_when_it_is_said() {
        let sentences = stock_sentences(&agent());
        assert_eq!(sentences[0], "Hello, this is Maya from Green Door Homes,");
        let place = |text: &str| sentences.iter().position(|sentence| sentence == text);
        assert!(place("One moment, please.").unwrap() < place("We are open from nine to six.").unwrap());
        for text in
            ["How are you?", "What is your name?", "Please say only your name.", "Are you still there?"]
        {
            assert!(place(text).is_some(), "{text} is missing in {sentences:?}");
        }
    }

    #[test]
    fn of_a_text_with_a_place_for_the_callers_words_only_the_other_sentences_are_taken() {
        let sentences = stock_sentences(&agent());
        assert!(sentences.iter().any(|sentence| sentence == "We will meet soon."));
        assert!(sentences.iter().all(|sentence| !sentence.contains('{')));
        assert!(sentences.iter().all(|sentence| !sentence.contains("Thank you,")), "{sentences:?}");
    }

    #[test]
    fn no_sentence_comes_twice_and_hebrew_has_its_own() {
        let mut hebrew = (*agent()).clone();
        hebrew.language = Language::Hebrew;
        let sentences = stock_sentences(&Arc::new(hebrew));
        assert!(sentences.iter().any(|sentence| sentence == "הלו, עדיין על הקו?"));
        for (place, sentence) in sentences.iter().enumerate() {
            assert!(!sentences[..place].contains(sentence), "{sentence}");
        }
    }
}
