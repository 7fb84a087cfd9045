//! Times of day in words.
//!
//! Office hours from eight to half past twelve stand alone; any other hour gets its part of the day, so
//! that eight and twenty o'clock never sound alike.

use jiff::civil::Time;

use super::{Gender, english, hebrew};
use crate::language::Language;

/// A time of day: `half past ten`, `quarter to five in the afternoon`, `עשר וחצי`, `רבע לחמש אחר הצהריים`.
pub fn time(time: Time, language: Language) -> String {
    let (hour, minute) = (u64::from(time.hour().unsigned_abs()), u64::from(time.minute().unsigned_abs()));
    match (language, hour, minute) {
        (Language::English, 0, 0) => "midnight".to_owned(),
        (Language::English, 12, 0) => "noon".to_owned(),
        (Language::Hebrew, 0, 0) => "חצות".to_owned(),
        (Language::English, _, _) => with_part(english_clock(hour, minute), part_english(hour)),
        (Language::Hebrew, _, _) => with_part(hebrew_clock(hour, minute), part_hebrew(hour)),
    }
}

/// The time on the dial alone, where the text itself names the part of the day.
pub(crate) fn dial_time(time: Time, language: Language) -> String {
    let (hour, minute) = (u64::from(time.hour().unsigned_abs()), u64::from(time.minute().unsigned_abs()));
    match language {
        Language::English => english_clock(hour, minute),
        Language::Hebrew => hebrew_clock(hour, minute),
    }
}

fn with_part(clock: String, part: Option<&str>) -> String {
    match part {
        Some(part) => format!("{clock} {part}"),
        None => clock,
    }
}

/// The hour on a twelve-hour dial.
fn dial(hour: u64) -> u64 {
    match hour % 12 {
        0 => 12,
        other => other,
    }
}

fn english_clock(hour: u64, minute: u64) -> String {
    let this = english::integer(dial(hour));
    match minute {
        0 => format!("{this} o'clock"),
        15 => format!("quarter past {this}"),
        30 => format!("half past {this}"),
        45 => format!("quarter to {}", english::integer(dial(hour + 1))),
        1..=9 => format!("{this} oh {}", english::integer(minute)),
        _ => format!("{this} {}", english::integer(minute)),
    }
}

fn hebrew_clock(hour: u64, minute: u64) -> String {
    let name = |hour: u64| hebrew::integer(dial(hour), Gender::Feminine);
    let this = name(hour);
    match minute {
        0 => this,
        1 => format!("{this} ודקה"),
        2 => format!("{this} ושתי דקות"),
        15 => format!("{this} ורבע"),
        30 => format!("{this} וחצי"),
        45 => format!("רבע ל{}", name(hour + 1)),
        _ => format!("{this} ו{} דקות", hebrew::integer(minute, Gender::Feminine)),
    }
}

fn part_english(hour: u64) -> Option<&'static str> {
    match hour {
        4..=7 => Some("in the morning"),
        8..=12 => None,
        13..=17 => Some("in the afternoon"),
        18..=21 => Some("in the evening"),
        _ => Some("at night"),
    }
}

fn part_hebrew(hour: u64) -> Option<&'static str> {
    match hour {
        4..=7 => Some("בבוקר"),
        8..=11 => None,
        12 => Some("בצהריים"),
        13..=17 => Some("אחר הצהריים"),
        18..=21 => Some("בערב"),
        _ => Some("בלילה"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::time as clock;

    use super::*;

    #[test]
    fn times_are_said_as_people_say_them() {
        let table = [
            (10, 30, "half past ten", "עשר וחצי"),
            (9, 0, "nine o'clock", "תשע"),
            (12, 0, "noon", "שתים עשרה בצהריים"),
            (0, 0, "midnight", "חצות"),
            (14, 30, "half past two in the afternoon", "שתיים וחצי אחר הצהריים"),
            (16, 45, "quarter to five in the afternoon", "רבע לחמש אחר הצהריים"),
            (11, 15, "quarter past eleven", "אחת עשרה ורבע"),
            (10, 5, "ten oh five", "עשר וחמש דקות"),
            (10, 10, "ten ten", "עשר ועשר דקות"),
            (10, 1, "ten oh one", "עשר ודקה"),
            (10, 2, "ten oh two", "עשר ושתי דקות"),
            (8, 20, "eight twenty", "שמונה ועשרים דקות"),
            (20, 20, "eight twenty in the evening", "שמונה ועשרים דקות בערב"),
            (7, 0, "seven o'clock in the morning", "שבע בבוקר"),
            (12, 45, "quarter to one", "רבע לאחת בצהריים"),
            (23, 59, "eleven fifty nine at night", "אחת עשרה וחמישים ותשע דקות בלילה"),
        ];
        for (hour, minute, english, hebrew) in table {
            assert_eq!(time(clock(hour, minute, 0, 0), Language::English), english);
            assert_eq!(time(clock(hour, minute, 0, 0), Language::Hebrew), hebrew);
        }
    }
}
