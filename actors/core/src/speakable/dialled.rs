//! Digits that are dialled or typed and count nothing: telephone numbers, identity cards, credit cards, codes.
//!
//! They are said digit by digit, with a pause between groups: the groups as they are written, or those in
//! which people say such a number.

use super::numeral::digits_at_start;
use super::sentence::{Reading, Sentence};
use super::word::Word;
use crate::language::Language;
use crate::spoken;

/// Words behind which digits are a code.
const BEFORE_A_CODE: [&str; 37] = [
    "id",
    "code",
    "pin",
    "card",
    "order",
    "account",
    "passport",
    "zip",
    "ending",
    "extension",
    "ext",
    "reference",
    "ref",
    "confirmation",
    "ticket",
    "case",
    "ת\"ז",
    "ת.ז",
    "זהות",
    "קוד",
    "הקוד",
    "כרטיס",
    "הכרטיס",
    "דרכון",
    "הזמנה",
    "ההזמנה",
    "מיקוד",
    "שלוחה",
    "רישיון",
    "ח\"פ",
    "ח.פ",
    "סודי",
    "אישור",
    "אסמכתה",
    "פוליסה",
    "סיסמה",
    "הסיסמה",
];

/// Words that may stand between.
const BETWEEN: [&str; 13] =
    ["number", "is", "no", "#", "in", "your", "the", "מספר", "מס'", "הוא", "היא", "שלך", "שלי"];

/// Reads dialled digits.
pub(super) fn read(sentence: &Sentence, at: usize) -> Option<Reading> {
    let word = sentence.word(at)?;
    star_number(word).or_else(|| telephone(sentence, at, word)).or_else(|| code(sentence, at, word))
}

/// `*2407`.
fn star_number(word: &Word) -> Option<Reading> {
    let digits = word.core.strip_prefix('*').filter(|digits| all_digits(digits))?;
    let star = match word.language {
        Language::English => "star",
        Language::Hebrew => "כוכבית",
    };
    let said = format!("{star} {}", spoken::digits(digits, word.language));
    Some(Reading::new(1, said, word.language))
}

/// The longest run of words that is a telephone number.
fn telephone(sentence: &Sentence, at: usize, word: &Word) -> Option<Reading> {
    if !word.core.starts_with(['+', '(', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) {
        return None;
    }
    let mut written = String::new();
    let mut found = None;
    let mut words = 0;
    let mut next = Some(word);
    while let Some(part) = next.filter(|part| words == 0 || part.prefix.is_empty()) {
        let is_part =
            part.core.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | '.' | '/'));
        if !is_part || written.len() > MOST_WRITTEN {
            break;
        }
        written.push_str(if words == 0 { "" } else { " " });
        written.push_str(&part.core);
        words += 1;
        if is_telephone(&written) {
            found = Some((words, written.clone()));
        }
        next = sentence.next(at + words - 1);
    }
    let (words, written) = found?;
    // Nine digits with a zero in front are an identity number behind a word that says so.
    if words == 1 && all_digits(&written) && asked(sentence, at) {
        return None;
    }
    Some(Reading::new(words, say(&written, word.language), word.language))
}

/// 15 digits (ITU-T E.164), their separators and a few brackets.
const MOST_WRITTEN: usize = 24;

/// Israeli numbers (Ministry of Communications numbering plan), those with a country code, and North American
/// ones with their separators.
fn is_telephone(written: &str) -> bool {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let groups: Vec<usize> = split(written).map(str::len).collect();
    if written.starts_with('+') {
        return (8..=15).contains(&digits.len()) && !written.contains('/');
    }
    if written.contains(['+', '/']) {
        return false;
    }
    let is_israeli = digits.starts_with('0') && (9..=10).contains(&digits.len()) && !written.contains('.');
    let is_free_call = ["1800", "1700", "1599", "1801", "1888"].iter().any(|code| digits.starts_with(code))
        && digits.len() == 10
        && groups.len() > 1;
    // `500-1000` is a range.
    let is_local = groups == [3, 4] && !digits.ends_with("00");
    let is_american = is_local || matches!(groups.as_slice(), [3, 3, 4] | [1, 3, 3, 4]);
    // Three numbers in a row without a hyphen are rather a list.
    let is_tied = written.contains(['-', '(', '.']);
    is_israeli || is_free_call || is_american && is_tied
}

/// In the written groups, if there are several, and else as [`spoken::phone`] groups them.
fn say(written: &str, language: Language) -> String {
    let digits: String = written.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let plain = digits.trim_start_matches('+');
    let groups: Vec<&str> = split(written).collect();
    let longest = groups.iter().map(|group| group.len()).max().unwrap_or_default();
    let has_country = digits.starts_with('+')
        && groups.first().is_some_and(|first| first.len() == spoken::country_code(plain));
    if groups.len() < 2 || longest > 4 || digits.starts_with('+') && !has_country {
        return spoken::phone(&digits, language);
    }
    let said: Vec<String> = groups.iter().map(|group| spoken::digits(group, language)).collect();
    let plus = match (digits.starts_with('+'), language) {
        (false, _) => "",
        (true, Language::English) => "plus ",
        (true, Language::Hebrew) => "פלוס ",
    };
    format!("{plus}{}", said.join(", "))
}

/// Groups of digits.
fn split(written: &str) -> impl Iterator<Item = &str> {
    written.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty())
}

/// Cards in four fours, identity numbers, and digits behind a word that asks for a code.
fn code(sentence: &Sentence, at: usize, word: &Word) -> Option<Reading> {
    let fours = (at..)
        .map_while(|at| sentence.word(at))
        .take_while(|word| word.core.len() == 4 && all_digits(&word.core) && word.tail.is_empty())
        .count();
    // The last of them may end the sentence.
    let closes = sentence.word(at + fours).is_some_and(|word| word.core.len() == 4 && all_digits(&word.core));
    let words = fours + usize::from(closes);
    if words >= 3 {
        let groups = (at..at + words).filter_map(|at| sentence.word(at));
        let said: Vec<String> = groups.map(|group| spoken::digits(&group.core, word.language)).collect();
        return Some(Reading::new(words, said.join(", "), word.language));
    }
    let written = word.core.strip_prefix('#').unwrap_or(&word.core);
    let is_card = split(written).count() >= 3 && split(written).all(|group| group.len() == 4);
    let is_code = all_digits(written) && (is_identity(written) || written.len() >= 3 && asked(sentence, at));
    let is_written_so = written.chars().all(|c| c.is_ascii_digit() || c == '-');
    let is_grouped_code = is_written_so && (is_card || written.len() >= 6 && asked(sentence, at));
    if !is_code && !is_grouped_code {
        return None;
    }
    let groups: Vec<&str> = if is_code { in_groups(written) } else { split(written).collect() };
    let said: Vec<String> = groups.iter().map(|group| spoken::digits(group, word.language)).collect();
    Some(Reading::new(1, said.join(", "), word.language))
}

/// Seven digits or more that are not round, or with a zero in front.
fn is_identity(digits: &str) -> bool {
    digits.len() >= 7 && !digits.ends_with("00") || digits.len() >= 5 && digits.starts_with('0')
}

/// Whether one of the three words before asks for a code.
fn asked(sentence: &Sentence, at: usize) -> bool {
    let mut before = at;
    for _ in 0..4 {
        let Some(word) = sentence.before(before) else { return false };
        let lower = word.core.to_lowercase();
        if BEFORE_A_CODE.contains(&lower.as_str()) {
            return true;
        }
        if !BETWEEN.contains(&lower.as_str()) {
            return false;
        }
        before -= 1;
    }
    false
}

/// Fours where they come out even, else threes; a digit is never left alone.
fn in_groups(digits: &str) -> Vec<&str> {
    let size = if digits.len().is_multiple_of(4) || digits.len() == 5 { 4 } else { 3 };
    let mut groups = Vec::new();
    let mut rest = digits;
    while rest.len() > size + 1 {
        let (group, after) = rest.split_at(size);
        groups.push(group);
        rest = after;
    }
    groups.push(rest);
    groups
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && digits_at_start(text) == text
}
