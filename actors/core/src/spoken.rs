//! Values as a voice says them: numbers, telephone numbers, days and times in English and Hebrew.
//!
//! Voices differ in what they do with `10:30` or `0541234567`: one reads a number in the hundreds of
//! millions, another skips digits in Hebrew text altogether. So nothing with a digit in it is ever handed
//! to a voice from here; the words are ours, and a test can read them.

mod date;
mod digits;
pub(crate) mod english;
mod hebrew;
mod quantity;
mod time;

use serde::{Deserialize, Serialize};

use crate::language::Language;

pub use date::date;
pub(crate) use date::{day_and_month, month_named, year};
pub(crate) use digits::country_code;
pub use digits::{digits, phone};
pub use quantity::{NotAQuantity, Quantity};
pub(crate) use time::dial_time;
pub use time::time;

/// The gender of a counted thing. Hebrew numerals agree with it; English ones ignore it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gender {
    /// חדרים, שקלים, ימים: שלושה.
    #[default]
    Masculine,
    /// דירות, שעות, and digits as such: שלוש.
    Feminine,
}

/// A whole number in words: 21 is `twenty one`, `עשרים ואחד` or `עשרים ואחת`.
///
/// English is written without hyphens and without `and`, which is how the embedded voice says it best.
pub fn integer(number: u64, language: Language, gender: Gender) -> String {
    match language {
        Language::English => english::integer(number),
        Language::Hebrew => hebrew::integer(number, gender),
    }
}

/// A place in a row: `third`, שלישי, שלישית. Above ten Hebrew uses the numeral.
pub(crate) fn ordinal(number: u64, language: Language, gender: Gender) -> String {
    match language {
        Language::English => english::ordinal(number),
        Language::Hebrew => hebrew::ordinal(number, gender),
    }
}

/// A count right before what is counted: as [`integer`], but two is שני or שתי in Hebrew.
pub(crate) fn count(number: u64, language: Language, gender: Gender) -> String {
    match (language, number) {
        (Language::Hebrew, 2) => hebrew::two_of(gender).to_owned(),
        (_, number) => integer(number, language, gender),
    }
}

/// A Hebrew count before a noun with ה, 2 to 10: שלושת החדרים.
pub(crate) fn construct(number: u64, gender: Gender) -> Option<&'static str> {
    hebrew::construct(number, gender)
}

/// An amount in words: 3.5 is `three and a half` or `שלושה וחצי`, 2.25 is `two and a quarter`.
pub fn quantity(amount: Quantity, language: Language, gender: Gender) -> String {
    let whole = amount.hundredths() / 100;
    let part = amount.hundredths() % 100;
    if whole == 0 && part == 50 {
        return match language {
            Language::English => "half".to_owned(),
            Language::Hebrew => "חצי".to_owned(),
        };
    }
    let spoken = integer(whole, language, gender);
    match (language, part) {
        (_, 0) => spoken,
        (Language::English, 25) => format!("{spoken} and a quarter"),
        (Language::English, 50) => format!("{spoken} and a half"),
        (Language::English, 75) => format!("{spoken} and three quarters"),
        (Language::Hebrew, 25) => format!("{spoken} ורבע"),
        (Language::Hebrew, 50) => format!("{spoken} וחצי"),
        (Language::Hebrew, 75) => format!("{spoken} ושלושה רבעים"),
        (Language::English, _) => format!("{spoken} point {}", fraction_digits(part, language)),
        (Language::Hebrew, _) => format!("{spoken} נקודה {}", fraction_digits(part, language)),
    }
}

/// The digits after the point, one by one, without a closing zero.
fn fraction_digits(hundredths: u64, language: Language) -> String {
    let text = format!("{hundredths:02}");
    digits(text.trim_end_matches('0'), language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_said_with_halves_and_quarters() {
        let say = |text: &str, language, gender| quantity(text.parse().expect("an amount"), language, gender);
        let table = [
            ("3", "three", "שלושה", "שלוש"),
            ("3.5", "three and a half", "שלושה וחצי", "שלוש וחצי"),
            ("0.5", "half", "חצי", "חצי"),
            ("2.25", "two and a quarter", "שניים ורבע", "שתיים ורבע"),
            ("4.75", "four and three quarters", "ארבעה ושלושה רבעים", "ארבע ושלושה רבעים"),
            ("1.2", "one point two", "אחד נקודה שתיים", "אחת נקודה שתיים"),
            ("1.05", "one point zero five", "אחד נקודה אפס חמש", "אחת נקודה אפס חמש"),
        ];
        for (text, english, masculine, feminine) in table {
            assert_eq!(say(text, Language::English, Gender::Masculine), english);
            assert_eq!(say(text, Language::Hebrew, Gender::Masculine), masculine);
            assert_eq!(say(text, Language::Hebrew, Gender::Feminine), feminine);
        }
    }
}
