//! What was said, as words that can be compared: case, punctuation, vowel points and direction marks are gone.
//!
//! A cloud recogniser writes `ב-10:30, תודה!`, the embedded one `at ten thirty`; after this file both are
//! plain lists. Digits are parted from letters (`ב5`, `10am`), but `10:30`, `5.5` and `5/5` stay whole.

use std::ops::Range;

/// One word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// For comparing: lower case, without points, apostrophes and gershayim.
    pub text: String,
    /// As it was said or written, outer punctuation removed.
    pub raw: String,
}

/// How closely a word must fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Letter by letter.
    Exact,
    /// Hebrew ו, ה, ב, ל, מ, ש and כ may stand before it, up to three of them.
    Prefixed,
}

/// A telephone number written in one go has at least this many digits; fewer with a hyphen are two numbers.
const DIGITS_OF_A_PHONE: usize = 7;

/// The words of an utterance.
pub fn words(said: &str) -> Vec<Word> {
    said.split_whitespace().flat_map(|chunk| split_chunk(&plain(chunk))).collect()
}

/// The comparable words of a phrase from settings.
pub fn normal_form(phrase: &str) -> Vec<String> {
    words(phrase).into_iter().map(|word| word.text).collect()
}

/// Where a phrase stands in the words, the first time.
pub fn find(words: &[Word], phrase: &[String], fit: Fit) -> Option<Range<usize>> {
    if phrase.is_empty() {
        return None;
    }
    let at = words.windows(phrase.len()).position(|window| {
        window.iter().zip(phrase).all(|(word, wanted)| match fit {
            Fit::Exact => word.text == *wanted,
            Fit::Prefixed => is(&word.text, wanted),
        })
    })?;
    Some(at..at + phrase.len())
}

/// Whether a word is the wanted one, Hebrew prefixes aside.
pub(super) fn is(text: &str, wanted: &str) -> bool {
    forms(text).any(|form| form == wanted)
}

/// The word itself, then without its first one, two and three Hebrew prefix letters. At least two letters
/// stay.
pub(super) fn forms(text: &str) -> impl Iterator<Item = &str> {
    let mut next = Some(text);
    let mut stripped = 0;
    std::iter::from_fn(move || {
        let form = next?;
        next = form
            .strip_prefix(['ו', 'ה', 'ב', 'ל', 'מ', 'ש', 'כ'])
            .filter(|rest| stripped < 3 && rest.chars().count() >= 2);
        stripped += 1;
        Some(form)
    })
}

/// Without vowel points and direction marks; quotes, hyphens and apostrophes in one form each.
fn plain(chunk: &str) -> String {
    chunk
        .chars()
        .filter_map(|c| match c {
            '\u{05be}' | '\u{2010}'..='\u{2015}' => Some('-'),
            '\u{0591}'..='\u{05c7}' => None,
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
            '’' | '‘' | '׳' | '`' => Some('\''),
            '“' | '”' | '״' => Some('"'),
            other => Some(other),
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    Other,
}

fn class(c: char) -> Class {
    if c.is_ascii_digit() {
        Class::Digit
    } else if c.is_alphabetic() {
        Class::Letter
    } else {
        Class::Other
    }
}

fn split_chunk(chunk: &str) -> Vec<Word> {
    if let Some(phone) = written_phone(chunk) {
        return vec![phone];
    }
    let chars: Vec<char> = chunk.chars().collect();
    let class_at = |at: usize| chars.get(at).map_or(Class::Other, |c| class(*c));
    let mut found = Vec::new();
    let mut word = Word::default();
    for (at, &c) in chars.iter().enumerate() {
        let before = if at == 0 { Class::Other } else { class_at(at - 1) };
        let after = class_at(at + 1);
        match class(c) {
            Class::Other if c == '+' && after == Class::Digit => {
                found.extend(finished(&mut word));
                word = Word { text: "+".to_owned(), raw: "+".to_owned() };
            }
            Class::Other => match joint(c, before, after, &chars, at) {
                Joint::Kept => {
                    word.text.push(c);
                    word.raw.push(c);
                }
                Joint::Silent => word.raw.push(c),
                Joint::Dropped => {}
                Joint::Break => found.extend(finished(&mut word)),
            },
            own @ (Class::Letter | Class::Digit) => {
                let other_class = before != Class::Other && before != own;
                if other_class {
                    found.extend(finished(&mut word));
                }
                word.text.extend(c.to_lowercase());
                word.raw.push(c);
            }
        }
    }
    found.extend(finished(&mut word));
    found
}

/// What a mark inside a chunk does.
enum Joint {
    /// Part of the word: `10:30`.
    Kept,
    /// Seen, not compared: `don't`, `צה"ל`.
    Silent,
    /// Neither: the dots of `p.m.`, the comma of `2,000`.
    Dropped,
    /// Ends the word.
    Break,
}

fn joint(c: char, before: Class, after: Class, chars: &[char], at: usize) -> Joint {
    let digits = before == Class::Digit && after == Class::Digit;
    let letters = before == Class::Letter && after == Class::Letter;
    let two_back = at.checked_sub(2).and_then(|i| chars.get(i)).map_or(Class::Other, |c| class(*c));
    match c {
        '.' | ':' | '/' if digits => Joint::Kept,
        '.' if letters && two_back != Class::Letter => Joint::Dropped,
        ',' if digits && thousands(chars.get(at + 1..).unwrap_or_default()) => Joint::Dropped,
        '\'' | '"' if letters => Joint::Silent,
        '\'' if before == Class::Letter && chars.get(at.saturating_sub(1)).is_some_and(|c| *c >= 'א') => {
            Joint::Silent
        }
        _ => Joint::Break,
    }
}

fn thousands(rest: &[char]) -> bool {
    rest.iter().take_while(|c| c.is_ascii_digit()).count() == 3
}

fn finished(word: &mut Word) -> Option<Word> {
    let word = std::mem::take(word);
    (!word.text.is_empty()).then_some(word)
}

/// `054-123-4567`, `(03)1234567`, `+972-54-1234567`: one word of digits. A Hebrew prefix letter before it is
/// parted by its own hyphen elsewhere.
fn written_phone(chunk: &str) -> Option<Word> {
    let chunk = chunk.trim_matches(|c: char| !(c.is_ascii_digit() || c == '+' || c == '('));
    let digits = chunk.chars().filter(char::is_ascii_digit).count();
    let marks_only = chunk.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '(' | ')' | '+'));
    if digits < DIGITS_OF_A_PHONE || !marks_only {
        return None;
    }
    let mut text: String = chunk.chars().filter(char::is_ascii_digit).collect();
    if chunk.trim_start_matches('(').starts_with('+') {
        text.insert(0, '+');
    }
    Some(Word { text, raw: chunk.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_dress() {
        let table: &[(&str, &[&str])] = &[
            ("Hello, World!", &["hello", "world"]),
            ("I'm here; it’s 10am.", &["im", "here", "its", "10", "am"]),
            ("at 2:30 p.m.", &["at", "2:30", "pm"]),
            ("twenty-one", &["twenty", "one"]),
            ("2,500,000 or 3.5", &["2500000", "or", "3.5"]),
            ("on 5/5, 5.12.2026.", &["on", "5/5", "5.12.2026"]),
            ("054-123-4567.", &["0541234567"]),
            ("+972-54-1234567", &["+972541234567"]),
            ("(03)1234567", &["031234567"]),
            ("10-12", &["10", "12"]),
            ("the 5th", &["the", "5", "th"]),
            ("ב-10:30, תודה!", &["ב", "10:30", "תודה"]),
            ("ב5 במאי", &["ב", "5", "במאי"]),
            ("שָׁלוֹם", &["שלום"]),
            ("צה״ל, ד\"ר ג'ורג'", &["צהל", "דר", "גורג"]),
            ("בית־ספר", &["בית", "ספר"]),
            ("\u{200f}כן\u{200f}.", &["כן"]),
            ("כן,לא", &["כן", "לא"]),
            ("?!  …", &[]),
        ];
        for (said, expected) in table {
            assert_eq!(normal_form(said), *expected, "{said}");
        }
    }

    #[test]
    fn a_name_keeps_its_own_spelling() {
        let raw: Vec<String> = words("Sean O'Brien, ג׳ורג׳.").into_iter().map(|w| w.raw).collect();
        assert_eq!(raw, ["Sean", "O'Brien", "ג'ורג'"]);
    }

    #[test]
    fn hebrew_prefixes_are_tolerated_where_asked() {
        let phrase = normal_form("שעות הפתיחה");
        let said = words("ומה שעות הפתיחה?");
        assert_eq!(find(&said, &phrase, Fit::Exact), Some(1..3));
        let said = words("לגבי החניה שבבניין");
        assert_eq!(find(&said, &normal_form("חניה"), Fit::Exact), None);
        assert_eq!(find(&said, &normal_form("חניה"), Fit::Prefixed), Some(1..2));
        assert_eq!(find(&said, &normal_form("בניין"), Fit::Prefixed), Some(2..3));
        assert_eq!(find(&said, &[], Fit::Prefixed), None);
    }
}
