//! Days of the calendar in words.

use jiff::civil::{Date, Weekday};

use super::{Gender, english, hebrew};
use crate::language::Language;

/// A day with its weekday, so that the caller notices a slip: `Tuesday, the fifth of May`,
/// `יום שלישי, החמישה במאי`. The year is left out, since a caller never says it.
pub fn date(day: Date, language: Language) -> String {
    let number = u64::from(day.day().unsigned_abs());
    let weekday = weekday(day.weekday(), language);
    let month = month(day.month(), language);
    match language {
        Language::English => format!("{weekday}, the {} of {month}", english::ordinal(number)),
        Language::Hebrew => format!("{weekday}, ה{} ב{month}", hebrew::integer(number, Gender::Masculine)),
    }
}

/// A day without its weekday, as it stands in a text: `November twentieth, twenty twenty six`,
/// `עשרים בנובמבר אלפיים עשרים ושש`. `month` is 1 to 12; Hebrew leaves room for a ב or ה in front.
pub(crate) fn day_and_month(day: u64, month_: i8, year_: Option<u64>, language: Language) -> String {
    let month = month(month_, language);
    let spoken = match language {
        Language::English => format!("{month} {}", english::ordinal(day)),
        Language::Hebrew => format!("{} ב{month}", hebrew::integer(day, Gender::Masculine)),
    };
    match (year_, language) {
        (None, _) => spoken,
        (Some(number), Language::English) => format!("{spoken}, {}", year(number, language)),
        (Some(number), Language::Hebrew) => format!("{spoken} {}", year(number, language)),
    }
}

/// A year: `twenty twenty six`, `אלפיים עשרים ושש`.
pub(crate) fn year(number: u64, language: Language) -> String {
    match language {
        Language::English => english::year(number),
        Language::Hebrew => hebrew::integer(number, Gender::Feminine),
    }
}

/// The month that a word names, 1 to 12: `November`, `Nov`, `Sept`, `נובמבר`, `מרס`.
pub(crate) fn month_named(word: &str) -> Option<i8> {
    let short = |name: &str| word == name || (word.len() == 3 && name.starts_with(word));
    let at = match word {
        "Sept" => Some(8),
        "מרס" => Some(2),
        _ => ENGLISH_MONTHS
            .iter()
            .position(|name| short(name))
            .or_else(|| HEBREW_MONTHS.iter().position(|name| *name == word)),
    };
    at.and_then(|index| i8::try_from(index + 1).ok())
}

fn weekday(day: Weekday, language: Language) -> &'static str {
    match (language, day) {
        (Language::English, Weekday::Sunday) => "Sunday",
        (Language::English, Weekday::Monday) => "Monday",
        (Language::English, Weekday::Tuesday) => "Tuesday",
        (Language::English, Weekday::Wednesday) => "Wednesday",
        (Language::English, Weekday::Thursday) => "Thursday",
        (Language::English, Weekday::Friday) => "Friday",
        (Language::English, Weekday::Saturday) => "Saturday",
        (Language::Hebrew, Weekday::Sunday) => "יום ראשון",
        (Language::Hebrew, Weekday::Monday) => "יום שני",
        (Language::Hebrew, Weekday::Tuesday) => "יום שלישי",
        (Language::Hebrew, Weekday::Wednesday) => "יום רביעי",
        (Language::Hebrew, Weekday::Thursday) => "יום חמישי",
        (Language::Hebrew, Weekday::Friday) => "יום שישי",
        (Language::Hebrew, Weekday::Saturday) => "יום שבת",
    }
}

const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const HEBREW_MONTHS: [&str; 12] = [
    "ינואר",
    "פברואר",
    "מרץ",
    "אפריל",
    "מאי",
    "יוני",
    "יולי",
    "אוגוסט",
    "ספטמבר",
    "אוקטובר",
    "נובמבר",
    "דצמבר",
];

fn month(number: i8, language: Language) -> &'static str {
    let names = match language {
        Language::English => &ENGLISH_MONTHS,
        Language::Hebrew => &HEBREW_MONTHS,
    };
    usize::try_from(number - 1).ok().and_then(|index| names.get(index)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    #[test]
    fn days_are_said_with_their_weekday() {
        let table = [
            (day(2026, 5, 5), "Tuesday, the fifth of May", "יום שלישי, החמישה במאי"),
            (day(2026, 11, 20), "Friday, the twentieth of November", "יום שישי, העשרים בנובמבר"),
            (day(2026, 11, 21), "Saturday, the twenty first of November", "יום שבת, העשרים ואחד בנובמבר"),
            (day(2026, 12, 1), "Tuesday, the first of December", "יום שלישי, האחד בדצמבר"),
            (day(2027, 1, 31), "Sunday, the thirty first of January", "יום ראשון, השלושים ואחד בינואר"),
            (day(2027, 3, 12), "Friday, the twelfth of March", "יום שישי, השנים עשר במרץ"),
        ];
        for (date_, english, hebrew) in table {
            assert_eq!(date(date_, Language::English), english);
            assert_eq!(date(date_, Language::Hebrew), hebrew);
        }
    }
}
