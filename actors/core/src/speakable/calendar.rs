//! Days as people write them: `20.11.2026`, `2026-11-20`, `20/11`, `Nov 20, 2026`, `ה-20 בנובמבר`.
//!
//! Between two numbers the first is the day, save with a slash in English, where it is the month as long as
//! that makes a day. `3.5` is a day only behind a Hebrew prefix or a word that asks for one.

use jiff::civil::Date;

use super::hebrew::BEFORE_A_WEEKDAY;
use super::nouns;
use super::numeral::digits_at_start;
use super::sentence::{Reading, Sentence};
use super::things::{Scale, Thing};
use super::word::Word;
use crate::language::Language;
use crate::spoken::{self, Gender};

/// Fractions, and not days.
const FRACTIONS: [(&str, &str, &str); 5] = [
    ("1/2", "half", "חצי"),
    ("1/3", "one third", "שליש"),
    ("2/3", "two thirds", "שני שלישים"),
    ("1/4", "a quarter", "רבע"),
    ("3/4", "three quarters", "שלושה רבעים"),
];

/// Words behind which a number with a point or a slash is a day.
const BEFORE_A_DAY: [&str; 21] = [
    "on",
    "by",
    "until",
    "till",
    "from",
    "since",
    "date",
    "dated",
    "due",
    "תאריך",
    "בתאריך",
    "לתאריך",
    "מתאריך",
    "ראשון",
    "שני",
    "שלישי",
    "רביעי",
    "חמישי",
    "שישי",
    "שבת",
    "עד",
];

/// Reads a day.
pub(super) fn read(sentence: &Sentence, at: usize) -> Option<Reading> {
    let word = sentence.word(at)?;
    fraction(sentence, at, word)
        .or_else(|| in_numbers(sentence, at, word))
        .or_else(|| before_a_month(sentence, at, word))
        .or_else(|| behind_a_month(sentence, at, word))
}

fn fraction(sentence: &Sentence, at: usize, word: &Word) -> Option<Reading> {
    if word.core == "24/7" && word.language == Language::Hebrew {
        return Some(Reading::new(1, "עשרים וארבע שבע".into(), word.language));
    }
    let (_, english, hebrew) = FRACTIONS.iter().find(|(written, _, _)| *written == word.core)?;
    if asks_for_a_day(sentence, at, word) {
        return None;
    }
    let is_of_a_noun =
        sentence.next(at).is_some_and(|next| nouns::listed_behind_prefix(&next.core).is_some());
    let said = match (word.language, word.core.as_str()) {
        (Language::English, _) => english,
        // In the construct: שלושת רבעי השעה.
        (Language::Hebrew, "3/4") if is_of_a_noun => &"שלושת רבעי",
        (Language::Hebrew, "2/3") if is_of_a_noun => &"שני שלישי",
        (Language::Hebrew, _) => hebrew,
    };
    Some(Reading::new(1, (*said).to_owned(), word.language))
}

/// Behind a Hebrew prefix, or a word that asks for a day; but not when what follows is counted.
fn asks_for_a_day(sentence: &Sentence, at: usize, word: &Word) -> bool {
    let counts = sentence.next(at).is_some_and(|next| {
        let core = next.core.as_str();
        Scale::word(core).is_some() || Thing::written_as(core).is_some() || nouns::gender_of(core).is_some()
    });
    let asks = |before: &Word| BEFORE_A_DAY.contains(&before.core.to_lowercase().as_str());
    let is_behind_prefix = !word.prefix.is_empty() && !word.prefix.ends_with('כ');
    !counts && (is_behind_prefix || is_behind_weekday(sentence, at) || sentence.before(at).is_some_and(asks))
}

/// `ליום ג', 24.11`.
fn is_behind_weekday(sentence: &Sentence, at: usize) -> bool {
    let word = |back: usize| at.checked_sub(back).and_then(|at| sentence.word(at));
    word(1).is_some_and(|day| matches!(day.tail.as_str(), "" | ",") && day.core.chars().count() < 6)
        && word(2).is_some_and(|before| BEFORE_A_WEEKDAY.contains(&before.core.as_str()))
}

fn in_numbers(sentence: &Sentence, at: usize, word: &Word) -> Option<Reading> {
    let mark = ['.', '/', '-'].into_iter().find(|mark| word.core.contains(*mark))?;
    let parts: Vec<&str> = word.core.split(mark).collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let numbers = parts
        .iter()
        .map(|part| if digits_at_start(part) == *part { part.parse().ok() } else { None })
        .collect::<Option<Vec<u64>>>()?;
    let is_month_first =
        |month: u64, day: u64| word.language == Language::English && mark == '/' && month <= 12 && day <= 31;
    let (day, month, year) = match (numbers.as_slice(), lengths.as_slice()) {
        (&[year, month, day], [4, 1 | 2, 1 | 2]) => (day, month, Some(year)),
        (&[first, second, year], [1 | 2, 1 | 2, 2 | 4]) => {
            let year = full_year(year);
            if is_month_first(first, second) {
                (second, first, Some(year))
            } else {
                (first, second, Some(year))
            }
        }
        (&[first, second], [1 | 2, 1 | 2]) if mark == '/' => {
            if is_month_first(first, second) {
                (second, first, None)
            } else {
                (first, second, None)
            }
        }
        (&[day, month], [1 | 2, 1 | 2]) if mark == '.' && word.language == Language::Hebrew => {
            asks_for_a_day(sentence, at, word).then_some((day, month, None))?
        }
        _ => return None,
    };
    if word.core == "24/7" {
        return None;
    }
    let said = say(day, month, year, word.language)?;
    // ב and ל swallow the ה of the day; behind מ, ו and ש it is heard.
    let is_swallowed = word.prefix.ends_with(['ב', 'ל', 'כ', 'ה']) || word.language == Language::English;
    let article = if is_swallowed { "" } else { "ה" };
    Some(Reading::new(1, format!("{article}{said}"), word.language))
}

/// Two digits are a year from 1950 to 2049.
fn full_year(year: u64) -> u64 {
    match year {
        0..50 => 2_000 + year,
        50..100 => 1_900 + year,
        _ => year,
    }
}

fn say(day: u64, month: u64, year: Option<u64>, language: Language) -> Option<String> {
    let month = i8::try_from(month).ok()?;
    // Any leap year will do for a day without its year.
    Date::new(i16::try_from(year.unwrap_or(2_024)).ok()?, month, i8::try_from(day).ok()?).ok()?;
    Some(spoken::day_and_month(day, month, year, language))
}

/// `20 November 2026`, `20th of November`, `20 בנובמבר`.
fn before_a_month(sentence: &Sentence, at: usize, word: &Word) -> Option<Reading> {
    let digits = digits_at_start(&word.core);
    let day: u64 = digits.parse().ok().filter(|day| (1..=31).contains(day))?;
    let suffix = word.core.get(digits.len()..)?;
    let next = sentence.next(at)?;
    match word.language {
        Language::Hebrew => {
            let name = next.core.strip_prefix(['ב', 'ל']).unwrap_or(&next.core);
            let is_month =
                spoken::month_named(name).is_some() || matches!(next.core.as_str(), "לחודש" | "בחודש");
            let said = spoken::integer(day, Language::Hebrew, Gender::Masculine);
            (suffix.is_empty() && is_month).then(|| Reading::new(1, said, Language::Hebrew))
        }
        Language::English => {
            let is_ordinal = matches!(suffix, "st" | "nd" | "rd" | "th");
            if !is_ordinal && !suffix.is_empty() {
                return None;
            }
            let is_month = spoken::month_named(&next.core).is_some();
            let said = spoken::ordinal(day, Language::English, Gender::Masculine);
            // `the 20th of November` is read word by word; `20 November` wants its `the` and `of`.
            let said = if is_ordinal { said } else { format!("the {said} of") };
            is_month.then(|| Reading::new(1, said, Language::English))
        }
    }
}

/// `Nov. 20`, `November 20th`; a year behind it is read by its own rule.
fn behind_a_month(sentence: &Sentence, at: usize, word: &Word) -> Option<Reading> {
    let digits = digits_at_start(&word.core);
    let day: u64 = digits.parse().ok()?;
    if word.language == Language::English && digits.len() == 4 && follows_a_day(sentence, at) {
        return (digits == word.core)
            .then(|| Reading::new(1, spoken::year(day, word.language), word.language));
    }
    let suffix = word.core.get(digits.len()..)?;
    let is_day = (1..=31).contains(&day) && matches!(suffix, "" | "st" | "nd" | "rd" | "th");
    let before = sentence.before(at)?;
    let is_month = word.language == Language::English && spoken::month_named(&before.core).is_some();
    let said = || spoken::ordinal(day, Language::English, Gender::Masculine);
    (is_day && is_month).then(|| Reading::new(1, said(), Language::English))
}

/// The 2026 of `November 20, 2026`.
fn follows_a_day(sentence: &Sentence, at: usize) -> bool {
    let (Some(day), Some(month)) = (
        at.checked_sub(1).and_then(|at| sentence.word(at)),
        at.checked_sub(2).and_then(|at| sentence.word(at)),
    ) else {
        return false;
    };
    let is_day = digits_at_start(&day.core).parse().is_ok_and(|day: u64| (1..=31).contains(&day));
    is_day && matches!(day.tail.as_str(), "" | ",") && spoken::month_named(&month.core).is_some()
}
