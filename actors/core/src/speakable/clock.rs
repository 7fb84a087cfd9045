//! Times of day: `14:30`, `2pm`, `9:00-17:00`.

use jiff::civil::Time;

use super::numeral::digits_at_start;
use super::sentence::{Reading, Sentence};
use crate::language::Language;
use crate::spoken;

/// Hebrew words that name the part of the day themselves, so that it is not said twice.
const PARTS_OF_THE_DAY: [&str; 10] =
    ["בבוקר", "בערב", "בלילה", "בצהריים", "אחר", "אחרי", "אחה\"צ", "לפנות", "לפנה\"צ", "לפני"];

/// Reads a time or two.
pub(super) fn read(sentence: &Sentence, at: usize) -> Option<Reading> {
    let word = sentence.word(at)?;
    let language = word.language;
    let (first, second) = match word.core.split_once('-') {
        Some((from, to)) => (from, Some(to)),
        None => (word.core.as_str(), None),
    };
    let next = sentence.next(at).map(|next| next.core.as_str()).unwrap_or_default();
    let half = half_of_day(next);
    let to = parse(second.unwrap_or(first), half)?;
    let words = if half.is_some() && to.needs_half { 2 } else { 1 };
    if to.is_bare_hour && words == 1 {
        return None;
    }
    let names_part = language == Language::Hebrew && PARTS_OF_THE_DAY.contains(&next)
        || language == Language::English && matches!(next, "in" | "at") && says_part(sentence, at);
    let say =
        |time| if names_part { spoken::dial_time(time, language) } else { spoken::time(time, language) };
    let said = match second {
        None => say(to.time),
        Some(_) => {
            let from = parse(first, half)?;
            // `9-5pm` says its half of the day once, and nobody means nine at night.
            let is_before_noon = from.needs_half && from.time >= to.time && from.time.hour() >= 12;
            let hour = from.time.hour() - if is_before_noon { 12 } else { 0 };
            let from = Time::new(hour, from.time.minute(), 0, 0).ok()?;
            let till = match language {
                Language::English => "to",
                Language::Hebrew => "עד",
            };
            format!("{} {till} {}", spoken::time(from, language), say(to.time))
        }
    };
    let eats_dot = words == 2 && next.contains('.') || first.ends_with(".m");
    Some(Reading { words, said: vec![(said, language)], eats_dot })
}

/// `in the evening`, `at night`.
fn says_part(sentence: &Sentence, at: usize) -> bool {
    let core = |at: usize| sentence.word(at).map(|word| word.core.as_str()).unwrap_or_default();
    match (core(at + 1), core(at + 2), core(at + 3)) {
        ("at", "night", _) => true,
        ("in", "the", part) => matches!(part, "morning" | "afternoon" | "evening"),
        _ => false,
    }
}

struct Hour {
    time: Time,
    /// It came without am or pm of its own.
    needs_half: bool,
    /// There were no minutes: `2` before `pm`.
    is_bare_hour: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Am,
    Pm,
}

fn half_of_day(text: &str) -> Option<Half> {
    match text.to_ascii_lowercase().as_str() {
        "am" | "a.m" => Some(Half::Am),
        "pm" | "p.m" => Some(Half::Pm),
        _ => None,
    }
}

/// `14:30`, `2pm`, `2:30p.m`; `half` is what the next word says.
fn parse(text: &str, half: Option<Half>) -> Option<Hour> {
    let hour = digits_at_start(text);
    let mut rest = text.get(hour.len()..)?;
    let minute = rest.strip_prefix(':').map(digits_at_start).filter(|minute| minute.len() == 2);
    if minute.is_some() {
        rest = rest.get(3..)?;
    }
    let own = half_of_day(rest);
    if !(1..=2).contains(&hour.len()) || (own.is_none() && !rest.is_empty()) {
        return None;
    }
    let number: i8 = hour.parse().ok()?;
    let number = match own.or(half).filter(|_| (1..=12).contains(&number)) {
        Some(Half::Am) => number % 12,
        Some(Half::Pm) => number % 12 + 12,
        None => number,
    };
    let time = Time::new(number, minute.unwrap_or("0").parse().ok()?, 0, 0).ok()?;
    Some(Hour { time, needs_half: own.is_none(), is_bare_hour: own.is_none() && minute.is_none() })
}
