//! Text to the words a recogniser knows: lower case, no digits, no punctuation but the apostrophe.
//!
//! A settings file says `Open 9:30–17:00, don't wait`; a pronunciation dictionary knows `open`, `nine`,
//! `thirty`, `don't`. Both the training sentences and the judging of results use this one reading, so a
//! word is spelled one way everywhere.

use std::collections::BTreeSet;

use crate::spoken::english::{SMALL, TENS};

/// The longest run of digits that is read as one number; longer ones are telephone numbers and codes.
const LONGEST_NUMBER: usize = 7;

/// An English number in words, below ten million: `1250` gives `one thousand two hundred fifty`. Larger
/// ones are read digit by digit.
pub fn cardinal(number: u32) -> String {
    let mut words = Vec::new();
    if number < 10_000_000 {
        push_cardinal(number, &mut words);
    } else {
        words.extend(number.to_string().chars().map(digit));
    }
    words.join(" ")
}

fn push_cardinal(number: u32, words: &mut Vec<&'static str>) {
    for (unit, name) in [(1_000_000, "million"), (1_000, "thousand"), (100, "hundred")] {
        if number >= unit {
            push_cardinal(number / unit, words);
            words.push(name);
            if !number.is_multiple_of(unit) {
                push_cardinal(number % unit, words);
            }
            return;
        }
    }
    let (tens, ones) = (number as usize / 10, number as usize % 10);
    if tens < 2 {
        words.push(SMALL.get(number as usize).copied().unwrap_or_default());
        return;
    }
    words.push(TENS.get(tens).copied().unwrap_or_default());
    if ones > 0 {
        words.push(SMALL.get(ones).copied().unwrap_or_default());
    }
}

/// A decimal digit as a word; anything else gives `zero`.
pub fn digit(digit: char) -> &'static str {
    digit.to_digit(10).and_then(|value| SMALL.get(value as usize)).copied().unwrap_or("zero")
}

/// The words of a text, as a pronunciation dictionary spells them.
///
/// Digits become words: up to seven of them without a leading zero are one number, others are read one by
/// one, and a time such as `10:30` is read as two numbers. Words in other alphabets are left out, because
/// no English dictionary pronounces them.
pub fn words(text: &str) -> Vec<String> {
    let text = without_digit_commas(&text.to_lowercase().replace(['\u{2019}', '\u{02bc}'], "'"));
    let mut found = Vec::new();
    for token in text.split(|c: char| c.is_whitespace() || "-–—/:,;!?\"()".contains(c)) {
        push_token(token, &mut found);
    }
    found
}

/// `1,250,000` to `1250000`; other commas stay.
fn without_digit_commas(text: &str) -> String {
    let digit_at = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    text.char_indices()
        .filter(|&(at, c)| {
            let thousands = (1..=3).all(|ahead| digit_at(at + ahead)) && !digit_at(at + 4);
            !(c == ',' && at > 0 && digit_at(at - 1) && thousands)
        })
        .map(|(_, c)| c)
        .collect()
}

fn push_token(token: &str, found: &mut Vec<String>) {
    match token {
        "a.m." | "a.m" => found.push("a.m.".to_owned()),
        "p.m." | "p.m" => found.push("p.m.".to_owned()),
        "&" => found.push("and".to_owned()),
        "%" => found.push("percent".to_owned()),
        other => {
            let mut rest = other;
            while let Some(first) = rest.chars().next() {
                let is_digit = first.is_ascii_digit();
                let end = rest.find(|c: char| c.is_ascii_digit() != is_digit).unwrap_or(rest.len());
                let (run, tail) = rest.split_at(end);
                if is_digit {
                    push_digits(run, found)
                } else {
                    push_letters(run, found)
                }
                rest = tail;
            }
        }
    }
}

fn push_digits(run: &str, found: &mut Vec<String>) {
    // The minutes of a full hour are not said.
    if run == "00" {
        return;
    }
    let one_number = run.len() <= LONGEST_NUMBER && (run.len() == 1 || !run.starts_with('0'));
    match run.parse::<u32>() {
        Ok(number) if one_number => {
            found.extend(cardinal(number).split(' ').map(str::to_owned));
        }
        Ok(_) | Err(_) => found.extend(run.chars().map(|c| digit(c).to_owned())),
    }
}

fn push_letters(run: &str, found: &mut Vec<String>) {
    for part in run.split(|c: char| !c.is_alphabetic() && c != '\'') {
        let word = part.trim_matches('\'');
        if !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '\'') {
            found.push(word.to_owned());
        }
    }
}

/// The distinct words of many sentences, sorted.
pub fn distinct<'a>(sentences: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    sentences.into_iter().flat_map(str::split_whitespace).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        words(text).join(" ")
    }

    #[test]
    fn case_and_punctuation_vanish_and_apostrophes_stay() {
        assert_eq!(read("Don\u{2019}t wait: it's \u{201c}O'Clock\u{201d}!"), "don't wait it's o'clock");
    }

    #[test]
    fn short_numbers_are_read_whole_and_codes_digit_by_digit() {
        assert_eq!(read("24 rooms"), "twenty four rooms");
        assert_eq!(read("1,250"), "one thousand two hundred fifty");
        assert_eq!(read("rooms 3,4"), "rooms three four");
        assert_eq!(read("1250000"), "one million two hundred fifty thousand");
        assert_eq!(read("054"), "zero five four");
        assert_eq!(read("0541234567"), "zero five four one two three four five six seven");
    }

    #[test]
    fn a_clock_time_is_read_as_people_say_it() {
        assert_eq!(read("10:30"), "ten thirty");
        assert_eq!(read("9:00 a.m."), "nine a.m.");
    }

    #[test]
    fn words_of_other_alphabets_are_left_out() {
        assert_eq!(read("שלום maya מאיה"), "maya");
    }

    #[test]
    fn a_number_stuck_to_letters_is_cut_off() {
        assert_eq!(read("3rooms b2b"), "three rooms b two b");
    }

    #[test]
    fn teens_tens_and_hundreds_are_spelled() {
        assert_eq!(cardinal(0), "zero");
        assert_eq!(cardinal(19), "nineteen");
        assert_eq!(cardinal(40), "forty");
        assert_eq!(cardinal(999), "nine hundred ninety nine");
    }

    proptest! {
        #[test]
        fn every_word_is_plain_lower_case(text in "\\PC{0,60}") {
            for word in words(&text) {
                prop_assert!(!word.is_empty());
                prop_assert!(word.chars().all(|c| c.is_ascii_lowercase() || c == '\'' || c == '.'));
            }
        }

        #[test]
        fn reading_twice_changes_nothing(text in "[ -~]{0,60}") {
            let once = read(&text);
            prop_assert_eq!(read(&once), once.clone());
        }
    }
}
