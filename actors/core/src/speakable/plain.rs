//! The last rule: a word as it is, with whatever a voice cannot say in it replaced.
//!
//! Letters go through; digits inside a word (`COVID-19`, `A4`, `5G`) and signs get their names.

use super::numeral::digits_at_start;
use super::sentence::Reading;
use super::spelling::{is_hebrew, is_point};
use super::word::Word;
use crate::language::Language;
use crate::spoken::{self, Gender};

/// Digits in a word from which they are said one by one.
const CODE_DIGITS: usize = 5;

/// Reads any word.
pub(super) fn read(word: &Word) -> Reading {
    let mut said = String::new();
    let mut rest = word.core.as_str();
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let next = after.chars().next().unwrap_or(' ');
        if c.is_ascii_digit() {
            let digits = digits_at_start(rest);
            said.push_str(&format!(" {} ", number(digits, word.language)));
            rest = rest.get(digits.len()..).unwrap_or_default();
            before = '0';
            continue;
        }
        match c {
            c if c.is_alphabetic() || is_point(c) => said.push(c),
            // Gershayim, geresh, a hyphen: part of the word between letters.
            '"' if is_hebrew(before) && is_hebrew(next) => said.push(c),
            '\'' if before.is_alphabetic() => said.push(c),
            '-' if is_letter(before) && is_letter(next) => said.push(c),
            '.' if is_letter(before) && is_letter(next) && is_single_letters(&word.core) => said.push(' '),
            '—' | ',' | ';' => {
                let length = said.trim_end().len();
                said.truncate(length);
                said.push_str(if said.is_empty() || said.ends_with(',') { " " } else { ", " });
            }
            // `בעל/ת`: the ending of the other gender is for the eye.
            '/' if is_ending(after) && said.chars().next_back().is_some_and(is_hebrew) => {
                rest = "";
                continue;
            }
            sign => {
                said.push(' ');
                said.push_str(name(sign, before, next, word.language));
                said.push(' ');
            }
        }
        before = c;
        rest = after;
    }
    let said: Vec<&str> = said.split_whitespace().collect();
    Reading::new(1, said.join(" "), word.language)
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() || is_point(c) || c == '\'' || c == '"'
}

fn is_single_letters(core: &str) -> bool {
    core.split('.').all(|part| part.chars().count() == 1)
}

/// At most two Hebrew letters: ת, ים, ות, ית.
fn is_ending(after: &str) -> bool {
    let letters = after.chars().count();
    (1..=2).contains(&letters) && after.chars().all(is_hebrew)
}

fn number(digits: &str, language: Language) -> String {
    match digits.parse() {
        Ok(value) if digits.len() < CODE_DIGITS && (digits.len() == 1 || !digits.starts_with('0')) => {
            spoken::integer(value, language, Gender::Feminine)
        }
        Ok(_) | Err(_) => spoken::digits(digits, language),
    }
}

/// The name of a sign; empty for those that are for the eye only.
fn name(sign: char, before: char, next: char, language: Language) -> &'static str {
    let of = |english, hebrew| match language {
        Language::English => english,
        Language::Hebrew => hebrew,
    };
    match sign {
        '&' => of("and", "וגם"),
        '+' => of("plus", "פלוס"),
        '=' => of("equals", "שווה"),
        '%' => of("percent", "אחוז"),
        '@' => of("at", "שטרודל"),
        '×' => of("times", "כפול"),
        '÷' => of("divided by", "חלקי"),
        '°' => of("degrees", "מעלות"),
        '₪' => of("shekels", "שקלים"),
        '$' => of("dollars", "דולרים"),
        '€' => of("euros", "אירו"),
        '£' => of("pounds", "לירות שטרלינג"),
        '§' => of("section", "סעיף"),
        '~' if next.is_ascii_digit() => of("about", "בערך"),
        '#' if next.is_ascii_digit() => of("number", "מספר"),
        '-' if before == ' ' && next.is_ascii_digit() => of("minus", "מינוס"),
        '.' if before == '0' && next.is_ascii_digit() => of("point", "נקודה"),
        '/' if before == '0' && next.is_ascii_digit() => of("slash", "לוכסן"),
        '/' if before == ' ' && next == ' ' || is_letter(before) && is_letter(next) => of("or", "או"),
        '½' => of("half", "חצי"),
        '¼' => of("quarter", "רבע"),
        '¾' => of("three quarters", "שלושה רבעים"),
        '²' => of("squared", "בריבוע"),
        '³' => of("cubed", "בשלישית"),
        _ => "",
    }
}
