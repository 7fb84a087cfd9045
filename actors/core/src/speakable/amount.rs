//! Amounts: a number or a range, and what it counts.

use super::english;
use super::nouns;
use super::numeral::Numeral;
use super::sentence::{Reading, Sentence};
use super::things::{Scale, Thing};
use super::word::Word;
use crate::language::Language;
use crate::spoken::{self, Gender};

/// The written form of an amount.
struct Written<'a> {
    /// `~` or `#` before it.
    mark: Option<char>,
    money: Option<&'static Thing>,
    from: Option<Numeral>,
    to: Numeral,
    /// What stands right after the digits, such as `%` or `km`.
    suffix: &'a str,
}

impl<'a> Written<'a> {
    fn parse(core: &'a str) -> Option<Self> {
        let mark = core.chars().next().filter(|c| matches!(c, '~' | '#'));
        let unmarked = core.get(usize::from(mark.is_some())..)?;
        // `-$5` is minus five of dollars.
        let minus = unmarked.strip_prefix('-').and_then(Thing::money_before);
        let (money, unmarked) =
            minus.map_or_else(|| money_and_rest(unmarked), |(money, rest)| (Some(money), rest));
        let (first, rest) = Numeral::take(unmarked)?;
        let first = if minus.is_some() { first.negative() } else { first };
        // `5%-10%`: what stands behind both is said once.
        let dash = rest.strip_prefix(['K', 'k', 'M', '%', '₪', '$', '€']).unwrap_or(rest);
        let range = dash.strip_prefix('-').and_then(|rest| {
            let (again, rest) = money_and_rest(rest);
            let (second, rest) = Numeral::take(rest)?;
            let are_hours = first.floor() <= Some(12) && second.floor() <= Some(12);
            let is_range =
                (second.floor() > first.floor() || are_hours) && !first.is_code() && !second.is_code();
            (is_range && (again.is_none() || again == money)).then_some((second, rest))
        });
        Some(match range {
            Some((to, suffix)) => Self { mark, money, from: Some(first), to, suffix },
            None => Self { mark, money, from: None, to: first, suffix: rest },
        })
    }
}

fn money_and_rest(text: &str) -> (Option<&'static Thing>, &str) {
    Thing::money_before(text).map_or((None, text), |(money, rest)| (Some(money), rest))
}

/// Reads an amount.
pub(super) fn read(sentence: &Sentence, at: usize) -> Option<Reading> {
    let word = sentence.word(at)?;
    let language = word.language;
    let written = Written::parse(&word.core)?;
    if let Some(said) = alone(sentence, at, &written) {
        return Some(Reading::new(1, said, language));
    }

    let mut words = 1;
    let mut suffix = written.suffix;
    let mut after = String::new();
    if let Some(bare) = suffix.strip_suffix('+') {
        suffix = bare;
        after.push_str(match language {
            Language::English => " plus",
            Language::Hebrew => " פלוס",
        });
    }
    if let Some((bare, period)) = suffix.split_once('/').filter(|(_, period)| is_period(period)) {
        suffix = bare;
        after.push_str(&per(period, language));
    }
    let mut scale = Scale::letter(suffix, written.money.is_some());
    let mut thing = written.money.or_else(|| if scale.is_some() { None } else { Thing::written_as(suffix) });
    if !suffix.is_empty() && scale.is_none() && (thing.is_none() || written.money.is_some()) {
        return None;
    }
    let mut eats_dot = false;
    if suffix.is_empty() {
        scale = sentence.next(at).and_then(|next| Scale::word(&next.core));
        words += usize::from(scale.is_some());
    }
    if thing.is_none()
        && let Some(found) = sentence.next(at + words - 1).and_then(|next| Thing::written_as(&next.core))
    {
        thing = Some(found);
        words += 1;
        eats_dot = !found.is_money();
    }
    let said = match thing {
        Some(thing) => measured(&written, scale, thing, language),
        None => {
            let (said, taken) = counted(&written, scale, sentence.next(at + words - 1), word);
            words += taken;
            said
        }
    };
    let said = format!("{}{said}{after}", mark(written.mark, language));
    Some(Reading { words, said: vec![(said, language)], eats_dot })
}

/// A word, as in `$5/month`; `km/h` is a measure of its own.
fn is_period(text: &str) -> bool {
    text.chars().count() > 1 && text.chars().all(char::is_alphabetic)
}

/// `$2,450/mo`, `5,200₪/חודש`.
fn per(period: &str, language: Language) -> String {
    match (language, period) {
        (Language::English, "mo") => " per month".to_owned(),
        (Language::English, "yr") => " per year".to_owned(),
        (Language::English, "wk") => " per week".to_owned(),
        (Language::English, "hr") => " per hour".to_owned(),
        (Language::English, period) => format!(" per {period}"),
        (Language::Hebrew, period) => format!(" ל{period}"),
    }
}

/// What is no amount of anything: `3rd`, `1990s`, a year after `in`, the third in `ה-3`.
fn alone(sentence: &Sentence, at: usize, written: &Written) -> Option<String> {
    let word = sentence.word(at)?;
    let plain = written.from.is_none() && written.money.is_none() && written.mark.is_none();
    let number = written.to.integer().filter(|_| plain && !written.to.is_code())?;
    match word.language {
        Language::English => match written.suffix {
            "st" | "nd" | "rd" | "th" => Some(spoken::ordinal(number, word.language, Gender::Masculine)),
            "x" => Some(format!("{} times", spoken::integer(number, word.language, Gender::Masculine))),
            "s" | "'s" if number.is_multiple_of(10) => Some(english::decade(number)),
            "" if written.to.is_plain() && is_year(sentence, at, number) => {
                Some(spoken::year(number, word.language))
            }
            _ => None,
        },
        Language::Hebrew => {
            let counts = sentence.next(at).is_some_and(|next| nouns::gender_of(&next.core).is_some());
            let noun = sentence.before(at).and_then(|before| nouns::listed_behind_prefix(&before.core));
            let is_place = word.prefix.ends_with('ה') && written.suffix.is_empty() && !counts;
            noun.filter(|_| is_place).map(|gender| spoken::ordinal(number, word.language, gender))
        }
    }
}

/// A number of four digits behind a word that asks for a year.
fn is_year(sentence: &Sentence, at: usize, number: u64) -> bool {
    let before = sentence.before(at).map(|word| word.core.as_str()).unwrap_or_default();
    let counts = sentence.next(at).is_some_and(|next| Scale::word(&next.core).is_some());
    (1_100..2_100).contains(&number)
        && !counts
        && (english::BEFORE_A_YEAR.contains(&before.to_lowercase().as_str())
            || spoken::month_named(before).is_some())
}

fn mark(mark: Option<char>, language: Language) -> &'static str {
    match (mark, language) {
        (Some('~'), Language::English) => "about ",
        (Some('~'), Language::Hebrew) => "בערך ",
        (Some(_), Language::English) => "number ",
        (Some(_), Language::Hebrew) => "מספר ",
        (None, _) => "",
    }
}

/// Money and measures.
fn measured(written: &Written, scale: Option<Scale>, thing: &Thing, language: Language) -> String {
    let to = match scale {
        Some(scale) => format!("{} {}", scale.count(&written.to, language), thing.many(language)),
        None => thing.count(&written.to, language),
    };
    let gender = if scale.is_some() { Gender::Masculine } else { thing.gender() };
    range(written.from.as_ref().map(|from| from.say(language, gender)), to, language)
}

/// A number before a noun, or before nothing; and how many words of the noun were taken along.
fn counted(written: &Written, scale: Option<Scale>, next: Option<&Word>, word: &Word) -> (String, usize) {
    let language = word.language;
    let noun = next.map(|next| next.core.as_str()).unwrap_or_default();
    if let Some(scale) = scale {
        let from = written.from.as_ref().map(|from| from.say(language, Gender::Masculine));
        return (range(from, scale.count(&written.to, language), language), 0);
    }
    let number = &written.to;
    if language == Language::English {
        let from = written.from.as_ref().map(|from| from.say(language, Gender::Masculine));
        return (range(from, number.say(language, Gender::Masculine), language), 0);
    }
    let behind_the =
        noun.strip_prefix('ה').and_then(nouns::gender_of).filter(|_| nouns::listed(noun).is_none());
    let construct = number
        .integer()
        .filter(|_| written.from.is_none())
        .and_then(|number| spoken::construct(number, behind_the?));
    if let Some(construct) = construct {
        return (construct.to_owned(), 0);
    }
    let gender = nouns::gender_of(noun).or(behind_the);
    if let (Some(1), Some(gender), None) = (number.integer(), nouns::listed(noun), &written.from)
        && nouns::is_singular(noun)
    {
        return (format!("{noun} {}", number.say(language, gender)), 1);
    }
    let from = written.from.as_ref().map(|from| from.say(language, gender.unwrap_or(Gender::Feminine)));
    let to = match gender {
        Some(_) if number.floor() == Some(0) && number.decimals == "5" => "חצי".to_owned(),
        Some(gender) => number.count(language, gender),
        None => number.say(language, Gender::Feminine),
    };
    (range(from, to, language), 0)
}

fn range(from: Option<String>, to: String, language: Language) -> String {
    match (from, language) {
        (None, _) => to,
        (Some(from), Language::English) => format!("{from} to {to}"),
        (Some(from), Language::Hebrew) => format!("{from} עד {to}"),
    }
}
