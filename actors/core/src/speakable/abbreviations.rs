//! Abbreviations in full.

use super::english;
use super::hebrew::{ABBREVIATIONS, BEFORE_A_WEEKDAY, LETTERS, MORE_ABBREVIATIONS};
use super::sentence::{Reading, Sentence};
use super::word::Word;
use crate::language::Language;
use crate::spoken::{self, Gender};

/// Reads an abbreviation.
pub(super) fn read(sentence: &Sentence, at: usize) -> Option<Reading> {
    let word = sentence.word(at)?;
    if word.core.is_empty() || !word.prefix.is_empty() {
        return None;
    }
    let (said, eats_dot) = match word.language {
        Language::English => in_english(sentence, at, word)?,
        Language::Hebrew => (in_hebrew(&word.core)?, word.core.contains('.')),
    };
    Some(Reading { words: 1, said: vec![(said, word.language)], eats_dot })
}

/// What is said, and whether a full stop behind it is part of it.
fn in_english(sentence: &Sentence, at: usize, word: &Word) -> Option<(String, bool)> {
    let lower = word.core.to_lowercase();
    let has_dot = word.tail.starts_with('.');
    let is_title = word.core.starts_with(char::is_uppercase) && sentence.word(at + 1).is_some();
    let next_number = sentence.word(at + 1).is_some_and(begins_with_digit);
    if has_dot && lower == "st" {
        return Some((saint_or_street(sentence, at).to_owned(), true));
    }
    if has_dot && lower == "no" {
        return next_number.then(|| ("number".to_owned(), true));
    }
    let find = |table: &[(&str, &str)]| {
        table.iter().find(|(short, _)| *short == lower).map(|(_, said)| (*said).to_owned())
    };
    let listed = find(&english::ABBREVIATIONS)
        .filter(|_| has_dot || !english::WORDS_OF_THEIR_OWN.contains(&lower.as_str()));
    let listed = listed.or_else(|| find(&english::ONLY_WITH_DOT).filter(|_| has_dot && is_title));
    if let Some(said) = listed {
        return Some((said, has_dot));
    }
    if let Some((from, to)) = word.core.split_once('-')
        && let (Some(from), Some(to)) = (english::weekday(from), english::weekday(to))
    {
        return Some((format!("{from} to {to}"), has_dot));
    }
    // `Sun` and `Sat` are words of their own.
    if let Some(day) = english::weekday(&word.core).filter(|day| !matches!(*day, "Sunday" | "Saturday")) {
        return Some((day.to_owned(), has_dot));
    }
    let is_in_a_day = has_dot || next_number || sentence.before(at).is_some_and(begins_with_digit);
    if is_in_a_day
        && let Some(month) = spoken::month_named(&word.core)
        && word.core.len() < 5
    {
        let name = spoken::day_and_month(1, month, None, Language::English);
        return name.split_whitespace().next().map(|name| (name.to_owned(), has_dot));
    }
    // `U.S.A`: letter by letter.
    let letters: Vec<&str> = word.core.split('.').collect();
    let is_dotted = letters.len() > 1 && letters.iter().all(|part| part.len() == 1 && part.is_ascii());
    let is_letters = is_dotted && word.core.chars().all(|c| c.is_ascii_alphabetic() || c == '.');
    is_letters.then(|| (letters.join(" ").to_uppercase(), true))
}

fn begins_with_digit(word: &Word) -> bool {
    word.core.starts_with(|c: char| c.is_ascii_digit())
}

/// `Main St.` is a street, `St. Mary` a saint.
fn saint_or_street(sentence: &Sentence, at: usize) -> &'static str {
    let is_name = |word: Option<&Word>| word.is_some_and(|word| word.core.starts_with(char::is_uppercase));
    let behind_a_name = is_name(sentence.before(at).filter(|_| at > 1));
    if !behind_a_name && is_name(sentence.word(at + 1)) { "Saint" } else { "Street" }
}

fn in_hebrew(core: &str) -> Option<String> {
    let listed = |short: &str| {
        let all = ABBREVIATIONS.iter().chain(&MORE_ABBREVIATIONS);
        all.into_iter().find(|(written, _)| *written == short).map(|(_, said)| *said)
    };
    if let Some(said) = listed(core) {
        return Some(said.replace('|', ""));
    }
    if let Some(name) = letter_name(core) {
        return Some(name.to_owned());
    }
    // With prefix letters, at most two: שבארה"ב.
    let mut rest = core;
    for _ in 0..2 {
        let before = rest;
        rest = rest.strip_prefix(['ו', 'ה', 'ב', 'כ', 'ל', 'מ', 'ש'])?;
        let Some(said) = listed(rest) else { continue };
        let prefix = core.strip_suffix(rest)?;
        return Some(match (before.starts_with('ה'), said.contains('|')) {
            (true, true) => format!("{}{}", prefix.strip_suffix('ה')?, said.replace('|', "ה")),
            (true, false) | (false, _) => format!("{prefix}{}", said.replace('|', "")),
        });
    }
    None
}

/// א' is אלף.
fn letter_name(core: &str) -> Option<&'static str> {
    let mut letters = core.strip_suffix('\'')?.chars();
    let (letter, None) = (letters.next()?, letters.next()) else { return None };
    LETTERS.iter().find(|(written, _)| *written == letter).map(|(_, name)| *name)
}

/// Reads `א'` and `א'-ה'` behind יום as days of the week.
pub(super) fn read_weekday(sentence: &Sentence, at: usize) -> Option<Reading> {
    let word = sentence.word(at)?;
    let before = sentence.before(at)?;
    let mut days = word.core.split('-').map(weekday);
    let said =
        match (BEFORE_A_WEEKDAY.contains(&before.core.as_str()), days.next()?, days.next(), days.next()) {
            (true, Some(day), None, None) => day,
            (true, Some(from), Some(Some(to)), None) => format!("{from} עד {to}"),
            _ => return None,
        };
    Some(Reading::new(1, said, Language::Hebrew))
}

/// ראשון for א', also without its geresh.
fn weekday(letter: &str) -> Option<String> {
    let mut letters = letter.trim_end_matches('\'').chars();
    let (letter, None) = (letters.next()?, letters.next()) else { return None };
    let index = LETTERS.iter().take(6).position(|(written, _)| *written == letter)?;
    Some(spoken::ordinal(index as u64 + 1, Language::Hebrew, Gender::Masculine))
}
