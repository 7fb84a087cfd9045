//! Names of days and months, and which day is meant when only a part of it was said.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// How many years ahead to look for a day that not every year has: 29 February may be eight years off.
const YEARS_AHEAD: i16 = 8;

/// The weekday of an English name; Hebrew days other than שבת are ordinals, see [`hebrew_weekday`].
pub(super) fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "sunday" => Weekday::Sunday,
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" | "שבת" => Weekday::Saturday,
        _ => return None,
    })
}

/// The weekday after יום: its ordinal or its letter.
pub(super) fn hebrew_weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "ראשון" | "א" => Weekday::Sunday,
        "שני" | "ב" => Weekday::Monday,
        "שלישי" | "ג" => Weekday::Tuesday,
        "רביעי" | "ד" => Weekday::Wednesday,
        "חמישי" | "ה" => Weekday::Thursday,
        "שישי" | "ששי" | "ו" => Weekday::Friday,
        "שבת" | "ש" => Weekday::Saturday,
        _ => return None,
    })
}

/// The number of a month, 1 to 12, by name.
pub(super) fn month(name: &str) -> Option<i8> {
    Some(match name {
        "january" | "jan" | "ינואר" => 1,
        "february" | "feb" | "פברואר" => 2,
        "march" | "mar" | "מרץ" | "מרס" | "מארס" => 3,
        "april" | "apr" | "אפריל" => 4,
        "may" | "מאי" => 5,
        "june" | "jun" | "יוני" => 6,
        "july" | "jul" | "יולי" => 7,
        "august" | "aug" | "אוגוסט" => 8,
        "september" | "sept" | "sep" | "ספטמבר" => 9,
        "october" | "oct" | "אוקטובר" => 10,
        "november" | "nov" | "נובמבר" => 11,
        "december" | "dec" | "דצמבר" => 12,
        _ => return None,
    })
}

/// First to tenth in Hebrew, as in חמישי לשביעי, and first to thirty first in one English word each.
pub(super) fn ordinal(name: &str) -> Option<u64> {
    Some(match name {
        "first" | "ראשון" => 1,
        "second" | "שני" => 2,
        "third" | "שלישי" => 3,
        "fourth" | "רביעי" => 4,
        "fifth" | "חמישי" => 5,
        "sixth" | "שישי" | "ששי" => 6,
        "seventh" | "שביעי" => 7,
        "eighth" | "שמיני" => 8,
        "ninth" | "תשיעי" => 9,
        "tenth" | "עשירי" => 10,
        "eleventh" => 11,
        "twelfth" => 12,
        "thirteenth" => 13,
        "fourteenth" => 14,
        "fifteenth" => 15,
        "sixteenth" => 16,
        "seventeenth" => 17,
        "eighteenth" => 18,
        "nineteenth" => 19,
        "twentieth" => 20,
        "thirtieth" => 30,
        _ => return None,
    })
}

/// The next such weekday after today: on a Tuesday, "Tuesday" is a week ahead.
pub(super) fn next_weekday(today: Date, day: Weekday) -> Option<Date> {
    let ahead = match today.weekday().until(day) {
        0 => 7,
        ahead => ahead,
    };
    today.checked_add(ahead.days()).ok()
}

/// That weekday in the calendar week after this one. Weeks begin on Sunday, as in Israel.
pub(super) fn weekday_of_next_week(today: Date, day: Weekday) -> Option<Date> {
    let to_sunday = 7 - today.weekday().to_sunday_zero_offset();
    let offset = to_sunday + day.to_sunday_zero_offset();
    today.checked_add(offset.days()).ok()
}

/// The next day with this number and month, today included.
pub(crate) fn next_day_and_month(today: Date, day: i8, month: i8) -> Option<Date> {
    (0..=YEARS_AHEAD)
        .filter_map(|ahead| Date::new(today.year().checked_add(ahead)?, month, day).ok())
        .find(|date| *date >= today)
}

/// The next day with this number in any month, today included.
pub(super) fn next_day_of_month(today: Date, day: i8) -> Option<Date> {
    (0..=2)
        .filter_map(|ahead| {
            let month = today.first_of_month().checked_add(i64::from(ahead).months()).ok()?;
            Date::new(month.year(), month.month(), day).ok()
        })
        .find(|date| *date >= today)
}
