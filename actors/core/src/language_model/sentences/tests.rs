//! The corpus promises: everything stays possible, the expected is heavier, nothing is random.

use super::*;

fn hints(kinds: &[SlotKind]) -> RecognitionHints {
    RecognitionHints { phrases: Vec::new(), kinds: kinds.to_vec(), keys: None }
}

fn weight(corpus: &Corpus, wanted: impl Fn(&str) -> bool) -> f64 {
    corpus.sentences().filter(|(sentence, _)| wanted(sentence)).map(|(_, weight)| weight).sum()
}

fn digits_only(sentence: &str) -> bool {
    let digits = "oh zero one two three four five six seven eight nine";
    sentence.split(' ').count() > 6 && sentence.split(' ').all(|word| digits.contains(word))
}

#[test]
fn a_fact_stays_possible_while_a_phone_number_is_due() {
    let corpus = Corpus::for_call(&["opening hours".to_owned()], &hints(&[SlotKind::Phone]));
    assert!(weight(&corpus, |sentence| sentence == "what are your opening hours") > 0.0);
}

#[test]
fn an_expected_kind_weighs_ten_times_as_much() {
    let idle = weight(&Corpus::for_call(&[], &hints(&[])), digits_only);
    let due = weight(&Corpus::for_call(&[], &hints(&[SlotKind::Phone])), digits_only);
    assert!((due / idle - EXPECTED_FACTOR).abs() < 0.01, "{due} against {idle}");
}

#[test]
fn every_kind_is_in_whatever_is_expected() {
    let all = [
        "yes",
        "twenty three",
        "tomorrow",
        "on the third of march",
        "half past ten",
        "tuesday at ten thirty",
        "my name is maya",
        "goodbye",
    ];
    for kind in [SlotKind::Name, SlotKind::Choice, SlotKind::FreeText, SlotKind::Number] {
        let corpus = Corpus::for_call(&[], &hints(&[kind]));
        for sentence in all {
            assert!(weight(&corpus, |other| other == sentence) > 0.0, "{sentence:?} with {kind:?}");
        }
    }
}

#[test]
fn hints_change_weights_and_not_words() {
    let vocabulary = ["rent".to_owned(), "where are you located".to_owned()];
    let idle = Corpus::for_call(&vocabulary, &hints(&[])).words();
    for kind in [SlotKind::Name, SlotKind::Phone, SlotKind::Date, SlotKind::Choice] {
        assert_eq!(Corpus::for_call(&vocabulary, &hints(&[kind])).words(), idle, "{kind:?}");
    }
}

#[test]
fn the_same_agent_always_gets_the_same_sentences() {
    let vocabulary = ["parking".to_owned()];
    let due = hints(&[SlotKind::Phone, SlotKind::Name]);
    assert_eq!(Corpus::for_call(&vocabulary, &due), Corpus::for_call(&vocabulary, &due));
}

#[test]
fn every_digit_follows_every_digit_in_the_phone_numbers() {
    let corpus = Corpus::for_call(&[], &hints(&[]));
    let text: Vec<&str> =
        corpus.sentences().filter(|(s, _)| digits_only(s)).map(|(sentence, _)| sentence).collect();
    let text = text.join(" ");
    for one in ["two", "five", "eight", "nine"] {
        for two in ["one", "three", "five", "nine"] {
            assert!(text.contains(&format!("{one} {two}")), "{one} {two}");
        }
    }
}

#[test]
fn sentences_are_made_of_words_as_the_vocabulary_reads_them() {
    let phrases = ["3 rooms – Tel-Aviv".to_owned(), "דירה".to_owned()];
    for (sentence, weight) in Corpus::for_call(&phrases, &hints(&[SlotKind::Name])).sentences() {
        assert_eq!(vocabulary::words(sentence).join(" "), sentence);
        assert!(weight > 0.0);
    }
}
