//! Money, percentages and measures: how they are written, and their names in both languages.

use crate::language::Language;
use crate::spoken::{self, Gender};

use super::numeral::Numeral;

/// Something that is counted and written as a sign or an abbreviation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Thing {
    /// How it is written.
    written: &'static [&'static str],
    /// One of it, and several.
    english: [&'static str; 2],
    /// One of it, two to ten, and more.
    hebrew: [&'static str; 3],
    gender: Gender,
    /// A hundredth of it, for money.
    cent: Option<&'static Thing>,
}

const fn thing(
    written: &'static [&'static str],
    english: [&'static str; 2],
    hebrew: [&'static str; 3],
    gender: Gender,
) -> Thing {
    Thing { written, english, hebrew, gender, cent: None }
}

const fn money(
    written: &'static [&'static str],
    english: [&'static str; 2],
    hebrew: [&'static str; 3],
    gender: Gender,
    cent: &'static Thing,
) -> Thing {
    Thing { written, english, hebrew, gender, cent: Some(cent) }
}

use Gender::{Feminine, Masculine};

static AGORA: Thing = thing(&[], ["agora", "agorot"], ["אגורה", "אגורות", "אגורות"], Feminine);
static CENT: Thing = thing(&["¢"], ["cent", "cents"], ["סנט", "סנטים", "סנט"], Masculine);
static PENNY: Thing = thing(&[], ["penny", "pence"], ["פני", "פני", "פני"], Masculine);

static MONEY: [Thing; 4] = [
    money(&["₪", "ש\"ח", "NIS", "ILS"], ["shekel", "shekels"], ["שקל", "שקלים", "שקלים"], Masculine, &AGORA),
    money(&["$", "USD"], ["dollar", "dollars"], ["דולר", "דולרים", "דולר"], Masculine, &CENT),
    money(&["€", "EUR"], ["euro", "euros"], ["אירו", "אירו", "אירו"], Masculine, &CENT),
    money(
        &["£", "GBP"],
        ["pound", "pounds"],
        ["לירה שטרלינג", "לירות שטרלינג", "לירות שטרלינג"],
        Feminine,
        &PENNY,
    ),
];

static MEASURES: [Thing; 28] = [
    thing(&["%"], ["percent", "percent"], ["אחוז", "אחוזים", "אחוז"], Masculine),
    thing(&["km", "ק\"מ"], ["kilometer", "kilometers"], ["קילומטר", "קילומטרים", "קילומטר"], Masculine),
    thing(&["m", "מ'"], ["meter", "meters"], ["מטר", "מטרים", "מטר"], Masculine),
    thing(&["cm", "ס\"מ"], ["centimeter", "centimeters"], ["סנטימטר", "סנטימטרים", "סנטימטר"], Masculine),
    thing(&["mm", "מ\"מ"], ["millimeter", "millimeters"], ["מילימטר", "מילימטרים", "מילימטר"], Masculine),
    thing(
        &["m²", "m2", "sqm", "מ\"ר", "מ²"],
        ["square meter", "square meters"],
        ["מטר רבוע", "מטרים רבועים", "מטר רבוע"],
        Masculine,
    ),
    thing(
        &["m³", "מ\"ק"],
        ["cubic meter", "cubic meters"],
        ["מטר מעוקב", "מטרים מעוקבים", "מטר מעוקב"],
        Masculine,
    ),
    thing(
        &["sqft", "ft²"],
        ["square foot", "square feet"],
        ["רגל רבועה", "רגל רבועה", "רגל רבועה"],
        Feminine,
    ),
    thing(&["ft"], ["foot", "feet"], ["רגל", "רגל", "רגל"], Feminine),
    thing(&["mi"], ["mile", "miles"], ["מייל", "מיילים", "מייל"], Masculine),
    thing(&["yd"], ["yard", "yards"], ["יארד", "יארדים", "יארד"], Masculine),
    thing(&["kg", "ק\"ג"], ["kilogram", "kilograms"], ["קילוגרם", "קילוגרמים", "קילוגרם"], Masculine),
    thing(&["g", "gr", "גר'", "ג'"], ["gram", "grams"], ["גרם", "גרמים", "גרם"], Masculine),
    thing(&["mg", "מ\"ג"], ["milligram", "milligrams"], ["מיליגרם", "מיליגרמים", "מיליגרם"], Masculine),
    thing(&["lb", "lbs"], ["pound", "pounds"], ["ליברה", "ליברות", "ליברות"], Feminine),
    thing(&["oz"], ["ounce", "ounces"], ["אונקיה", "אונקיות", "אונקיות"], Feminine),
    thing(&["l", "L", "ל'"], ["liter", "liters"], ["ליטר", "ליטרים", "ליטר"], Masculine),
    thing(&["ml", "מ\"ל"], ["milliliter", "milliliters"], ["מיליליטר", "מיליליטרים", "מיליליטר"], Masculine),
    thing(
        &["km/h", "kph", "קמ\"ש"],
        ["kilometer per hour", "kilometers per hour"],
        ["קילומטר לשעה", "קילומטרים לשעה", "קילומטר לשעה"],
        Masculine,
    ),
    thing(
        &["mph"],
        ["mile per hour", "miles per hour"],
        ["מייל לשעה", "מיילים לשעה", "מייל לשעה"],
        Masculine,
    ),
    thing(&["°", "°C", "°F"], ["degree", "degrees"], ["מעלה", "מעלות", "מעלות"], Feminine),
    thing(&["GB"], ["gigabyte", "gigabytes"], ["ג'יגה", "ג'יגה", "ג'יגה"], Masculine),
    thing(&["MB"], ["megabyte", "megabytes"], ["מגה", "מגה", "מגה"], Masculine),
    thing(&["min", "mins", "דק'"], ["minute", "minutes"], ["דקה", "דקות", "דקות"], Feminine),
    thing(&["hr", "hrs", "h", "שע'"], ["hour", "hours"], ["שעה", "שעות", "שעות"], Feminine),
    thing(&["sec", "secs", "שנ'"], ["second", "seconds"], ["שנייה", "שניות", "שניות"], Feminine),
    thing(&["חד'"], ["room", "rooms"], ["חדר", "חדרים", "חדרים"], Masculine),
    thing(&["יח'"], ["unit", "units"], ["יחידה", "יחידות", "יחידות"], Feminine),
];

impl Thing {
    /// The money whose sign a text begins with, and what follows it.
    pub(super) fn money_before(text: &str) -> Option<(&'static Self, &str)> {
        MONEY.iter().find_map(|money| {
            let sign = money.written.first()?;
            text.strip_prefix(sign).map(|rest| (money, rest))
        })
    }

    /// What is written so.
    pub(super) fn written_as(text: &str) -> Option<&'static Self> {
        let all = MONEY.iter().chain(&MEASURES).chain([&CENT]);
        all.into_iter().find(|thing| thing.written.contains(&text))
    }

    /// Whether it is money.
    pub(super) fn is_money(&self) -> bool {
        self.cent.is_some()
    }

    /// Its gender.
    pub(super) fn gender(&self) -> Gender {
        self.gender
    }

    /// So many of it.
    pub(super) fn count(&self, number: &Numeral, language: Language) -> String {
        if let (Some(cent), [_, _]) = (self.cent, number.decimals.as_bytes()) {
            return self.with_cents(number, cent, language);
        }
        match (language, number.integer()) {
            (Language::Hebrew, Some(1)) => {
                let [one, _, _] = self.hebrew;
                format!("{one} {}", number.say(language, self.gender))
            }
            (Language::Hebrew, None) if number.floor() == Some(0) && number.decimals == "5" => {
                let [one, _, _] = self.hebrew;
                format!("חצי {one}")
            }
            (Language::English | Language::Hebrew, _) => {
                format!("{} {}", number.count(language, self.gender), self.name(number, language))
            }
        }
    }

    /// `three shekels and fifty agorot`.
    fn with_cents(&self, number: &Numeral, cent: &Thing, language: Language) -> String {
        let part = |digits: &str| Numeral::take(digits).map(|(number, _)| number);
        let cents = part(number.decimals.trim_start_matches('0')).map(|part| cent.count(&part, language));
        let whole = number.without_decimals();
        let and = match language {
            Language::English => " and ",
            Language::Hebrew => " ו",
        };
        match cents {
            None => self.count(&whole, language),
            Some(cents) if whole.floor() == Some(0) => cents,
            Some(cents) => format!("{}{and}{cents}", self.count(&whole, language)),
        }
    }

    /// Its name after a number.
    fn name(&self, number: &Numeral, language: Language) -> &'static str {
        let [one, several] = self.english;
        let [_, few, many] = self.hebrew;
        match (language, number.floor(), number.decimals.is_empty()) {
            (Language::English, Some(1), true) => one,
            (Language::English, _, _) => several,
            (Language::Hebrew, Some(2..=10), _) => few,
            (Language::Hebrew, _, _) => many,
        }
    }

    /// Its name after a round number, such as a million.
    pub(super) fn many(&self, language: Language) -> &'static str {
        let [_, several] = self.english;
        let [_, _, many] = self.hebrew;
        match language {
            Language::English => several,
            Language::Hebrew => many,
        }
    }
}

/// Thousands and more, as a word or a letter after a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    factor: u64,
    english: &'static str,
    hebrew: &'static str,
}

const THOUSAND: Scale = Scale { factor: 1_000, english: "thousand", hebrew: "אלף" };
const MILLION: Scale = Scale { factor: 1_000_000, english: "million", hebrew: "מיליון" };
const BILLION: Scale = Scale { factor: 1_000_000_000, english: "billion", hebrew: "מיליארד" };
const TRILLION: Scale = Scale { factor: 1_000_000_000_000, english: "trillion", hebrew: "טריליון" };

impl Scale {
    /// A word after a number.
    pub(super) fn word(word: &str) -> Option<Self> {
        match word {
            "thousand" | "אלף" | "אלפים" => Some(THOUSAND),
            "million" | "מיליון" | "מיליוני" => Some(MILLION),
            "billion" | "מיליארד" => Some(BILLION),
            "trillion" | "טריליון" => Some(TRILLION),
            _ => None,
        }
    }

    /// A letter right after the digits. `4B` is a door; only of money it is billions, and m millions.
    pub(super) fn letter(letter: &str, is_money: bool) -> Option<Self> {
        match letter {
            "K" | "k" => Some(THOUSAND),
            "M" | "MM" => Some(MILLION),
            "m" if is_money => Some(MILLION),
            "B" | "bn" if is_money => Some(BILLION),
            _ => None,
        }
    }

    /// So many thousands or millions.
    pub(super) fn count(self, number: &Numeral, language: Language) -> String {
        match number.integer().and_then(|count| count.checked_mul(self.factor)) {
            Some(number) => spoken::integer(number, language, Masculine),
            None => {
                let name = match language {
                    Language::English => self.english,
                    Language::Hebrew => self.hebrew,
                };
                let said = match (number.floor(), number.decimals.as_str(), language) {
                    (Some(0), "5", Language::Hebrew) => "חצי".to_owned(),
                    (_, _, Language::English | Language::Hebrew) => number.say(language, Masculine),
                };
                format!("{said} {name}")
            }
        }
    }
}
