//! One written word, taken apart: what stands before it, its core, and the punctuation after it.

use super::markup;
use super::spelling::is_hebrew;
use crate::language::Language;

/// A written word without markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Hebrew letters that stand before a number and belong to it in speech: the ב of ב-20.
    pub(super) prefix: String,
    /// What is to be read. Empty for a word that is only markup or punctuation.
    pub(super) core: String,
    /// Punctuation after it, of `.,!?:;`.
    pub(super) tail: String,
    /// A bracket opens before it.
    pub(super) opens: bool,
    /// A bracket closes after it.
    pub(super) closes: bool,
    /// The language in which it is read.
    pub(super) language: Language,
}

impl Word {
    /// A word that is heard as nothing.
    pub(super) fn silent(language: Language) -> Self {
        Self {
            prefix: String::new(),
            core: String::new(),
            tail: String::new(),
            opens: false,
            closes: false,
            language,
        }
    }

    /// Takes a written word apart.
    pub(super) fn read(raw: &str, language: Language) -> Self {
        let stripped = markup::strip(raw);
        if matches!(stripped.as_str(), "-" | "—" | "|" | "->" | "→") {
            // A dash between words, or the edge of a table's cell: a pause.
            return Self { tail: ",".into(), ..Self::silent(language) };
        }
        let (opens, core) = without_openers(&stripped);
        let (core, tail, closes) = without_closers(core, stripped.starts_with('\''));
        let (prefix, core) = split_prefix(&core);
        let opens = opens && !core.is_empty();
        Self { prefix: prefix.to_owned(), core: core.to_owned(), tail, opens, closes, language }
    }

    /// The punctuation that is left when the dot belonged to an abbreviation.
    pub(super) fn tail_after_dot(&self) -> &str {
        self.tail.strip_prefix('.').unwrap_or(&self.tail)
    }

    /// Whether the written word goes on into the next: nothing stands between them.
    pub(super) fn runs_on(&self) -> bool {
        self.tail.is_empty() && !self.closes
    }

    /// The language that its letters show; `None` for numbers, addresses and signs.
    pub(super) fn script(&self) -> Option<Language> {
        if !self.prefix.is_empty() || self.core.chars().any(is_hebrew) {
            return Some(Language::Hebrew);
        }
        let begins_a_number = self.core.starts_with(|c: char| !c.is_alphabetic());
        let is_address = self.core.contains(['@', '/']) || self.core.contains('.');
        let is_latin = self.core.chars().any(char::is_alphabetic);
        (is_latin && !begins_a_number && !is_address).then_some(Language::English)
    }
}

/// Removes what opens a word; tells whether a bracket was among it.
fn without_openers(word: &str) -> (bool, &str) {
    let mut rest = word;
    let mut bracket = false;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let is_opener = match c {
            '(' | '[' | '{' => {
                bracket |= c == '(' && !starts_with_digit(after);
                // The area code of a telephone number stays with its bracket.
                c != '(' || !is_area_code(after)
            }
            '!' => after.starts_with('['),
            '"' | '\'' | '_' | '>' | '~' if c != '~' || !starts_with_digit(after) => true,
            // `*2407` is a telephone number, `#5` a number.
            '*' => !is_star_number(after),
            '#' => !starts_with_digit(after),
            _ => false,
        };
        if !is_opener {
            break;
        }
        rest = after;
    }
    (bracket, rest)
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn is_area_code(after: &str) -> bool {
    after
        .split_once(')')
        .is_some_and(|(code, _)| (2..=4).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit()))
}

/// Israeli star numbers have three to five digits (Ministry of Communications numbering plan).
fn is_star_number(after: &str) -> bool {
    let digits = after.trim_end_matches(['.', ',', '!', '?', '*', ')', ':']);
    (3..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !after.ends_with('*')
}

/// Core, punctuation, and whether a bracket closes.
fn without_closers(word: &str, opened_with_quote: bool) -> (String, String, bool) {
    let mut core = word;
    let mut tail = Vec::new();
    let mut closes = false;
    while let Some(c) = core.chars().next_back() {
        let before = core.get(..core.len() - c.len_utf8()).unwrap_or_default();
        match c {
            '.' | ',' | '!' | '?' | ':' | ';' => tail.push(c),
            '…' => tail.extend(['.', '.', '.']),
            ')' if is_area_code(core.strip_prefix('(').unwrap_or_default()) => break,
            ')' | ']' | '}' => closes |= c == ')',
            '*' | '_' | '~' | '"' | '|' | '>' | '—' | '→' => {}
            // After a Hebrew letter it is a geresh, unless it closes a quotation.
            '\'' if opened_with_quote || !before.ends_with(is_hebrew) => {}
            '-' if !before.is_empty() => {}
            _ => break,
        }
        core = before;
    }
    tail.reverse();
    (core.to_owned(), tail.into_iter().collect(), closes)
}

/// Splits Hebrew prefix letters from a number or an address: `ב-20`, `וב20`, `כ-₪500`, `ל-info@a.com`.
fn split_prefix(core: &str) -> (&str, &str) {
    let letters = core.find(|c| !matches!(c, 'ו' | 'ה' | 'ב' | 'כ' | 'ל' | 'מ' | 'ש')).unwrap_or(core.len());
    let (prefix, rest) = core.split_at(letters);
    if prefix.is_empty() || prefix.chars().count() > 3 {
        return ("", core);
    }
    let number = rest.strip_prefix('-').unwrap_or(rest);
    let mut ahead = number.chars();
    let is_number = match ahead.next() {
        Some('₪' | '$' | '€' | '£' | '+' | '-' | '*' | '½' | '¼' | '¾') => {
            starts_with_digit(ahead.as_str()) || number.len() < 3
        }
        Some(c) => c.is_ascii_digit(),
        None => false,
    };
    let is_address = rest.starts_with('-') && number.is_ascii() && number.contains(['@', '.', '/']);
    if is_number || is_address { (prefix, number) } else { ("", core) }
}
