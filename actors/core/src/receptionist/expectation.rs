//! What the caller will probably say next, for the recogniser.

use super::agenda::Open;
use super::understand::{NO_WORDS, YES_WORDS};
use crate::agent::{Agent, Slot};
use crate::hints::{RecognitionHints, SlotKind};
use crate::language::Language;

/// Wishes that callers voice at any time.
const WISHES_ENGLISH: [&str; 6] =
    ["goodbye", "please repeat that", "one moment", "i don't know", "speak to someone", "sorry"];
const WISHES_HEBREW: [&str; 7] =
    ["להתראות", "סליחה", "לא שמעתי", "רגע", "לא יודע", "נציג", "אפשר לחזור על זה"];

/// Yes or no words given as hints; the rest are rarer.
const CONFIRMING_WORDS: usize = 8;

/// Kinds and phrases for the open question, its own first. Facts and wishes may come at any time.
pub(super) fn expectation(agent: &Agent, open: Option<&Open>) -> RecognitionHints {
    let slot = open.and_then(|open| agent.slots.get(open.slot));
    let confirming = open.is_some_and(|open| open.confirming.is_some());
    let mut kinds = Vec::new();
    let mut phrases = Vec::new();
    if confirming {
        kinds.push(SlotKind::YesNo);
    }
    kinds.extend(slot.map(|slot| slot.kind));
    if confirming || slot.is_none_or(|slot| slot.kind == SlotKind::YesNo) {
        phrases.extend(yes_and_no(agent.language));
    }
    phrases.extend(slot.into_iter().flat_map(choice_phrases));
    phrases.extend(agent.facts.iter().flat_map(|fact| fact.phrases.iter().cloned()));
    phrases.extend(wishes(agent.language));
    let keys = slot.filter(|_| !confirming).and_then(|slot| slot.keys.clone());
    RecognitionHints { phrases: unique(phrases), kinds, keys }
}

/// Every phrase that may come at some time in a call with this agent: facts, choices, yes and no, the
/// agent's name and the usual wishes. For [`crate::ports::HearingRequest::vocabulary`].
pub fn vocabulary(agent: &Agent) -> Vec<String> {
    let mut phrases: Vec<String> = agent.slots.iter().flat_map(choice_phrases).collect();
    phrases.extend(agent.facts.iter().flat_map(|fact| fact.phrases.iter().cloned()));
    phrases.extend(yes_and_no(agent.language));
    phrases.extend(wishes(agent.language));
    phrases.push(agent.name.clone());
    unique(phrases)
}

fn choice_phrases(slot: &Slot) -> impl Iterator<Item = String> + '_ {
    slot.choices.iter().flat_map(|choice| [&choice.value].into_iter().chain(&choice.phrases).cloned())
}

fn yes_and_no(language: Language) -> impl Iterator<Item = String> {
    let own = move |phrase: &&&str| phrase.is_ascii() == (language == Language::English);
    let some = move |list: &'static [&'static str]| list.iter().filter(own).take(CONFIRMING_WORDS);
    some(&YES_WORDS).chain(some(&NO_WORDS)).map(|phrase| (*phrase).to_owned())
}

fn wishes(language: Language) -> impl Iterator<Item = String> {
    let list: &[&str] = match language {
        Language::English => &WISHES_ENGLISH,
        Language::Hebrew => &WISHES_HEBREW,
    };
    list.iter().map(|phrase| (*phrase).to_owned())
}

fn unique(phrases: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    phrases.into_iter().filter(|phrase| seen.insert(phrase.clone())).collect()
}
