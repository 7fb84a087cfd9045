//! Days: "tomorrow", "next Tuesday", "the fifth of May", `5.5`, "מחרתיים", "יום שלישי", "ב-5 למאי".
//!
//! A day without a year is the next one that comes. `5.4` is the fifth of April in both languages, as
//! everywhere the business is called from. A clearer form wins over a vaguer one in the same utterance:
//! "Tuesday the fifth of May" is the fifth.

use std::ops::Range;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::calendar::{
    hebrew_weekday, month, next_day_and_month, next_day_of_month, next_weekday, ordinal, weekday,
    weekday_of_next_week,
};
use super::cardinal::{cardinal, text};
use super::words::{Word, forms, is};
use super::{Attention, Found};

type Reader = fn(&[Word], usize, Date, Attention) -> Option<(Date, usize)>;

/// Clearest first.
const READERS: [Reader; 6] = [day_and_month, written, in_some_days, relative, on_weekday, day_alone];

/// The day that is meant, if any. `today` is the business's own.
pub fn date(words: &[Word], today: Date, attention: Attention) -> Option<Found<Date>> {
    READERS.iter().find_map(|reader| {
        (0..words.len()).find_map(|at| {
            let (value, end) = reader(words, at, today, attention)?;
            Some(Found { value, span: from_article(words, at)..end })
        })
    })
}

/// Takes "on the", "the" and single Hebrew prefix letters before the day into the span.
fn from_article(words: &[Word], at: usize) -> usize {
    let belongs = |i: usize| matches!(text(words, i), "the" | "on" | "ב" | "ה" | "ל");
    (0..at).rev().take_while(|i| belongs(*i)).last().unwrap_or(at)
}

fn small(number: u64, limits: Range<u64>) -> Option<i8> {
    if limits.contains(&number) { i8::try_from(number).ok() } else { None }
}

/// The number of a day, 1 to 31, as an ordinal or a cardinal, and the place after it.
fn day_number(words: &[Word], at: usize) -> Option<(i8, usize, bool)> {
    let ordinal_at = |at: usize| forms(text(words, at)).find_map(ordinal);
    if let Some(day) = ordinal_at(at) {
        return Some((small(day, 1..32)?, at + 1, true));
    }
    let (number, end) = cardinal(words, at)?;
    if let (20 | 30, Some(unit)) = (number, ordinal_at(end)) {
        return Some((small(number + unit, 1..32)?, end + 1, true));
    }
    let suffixed = matches!(text(words, end), "st" | "nd" | "rd" | "th");
    Some((small(number, 1..32)?, end + usize::from(suffixed), suffixed))
}

fn with_year(words: &[Word], at: usize, day: i8, month: i8, today: Date) -> Option<(Date, usize)> {
    let year = text(words, at);
    if year.len() == 4 && (year.starts_with("20") || year.starts_with("19")) && !year.contains(['.', ':']) {
        let year = year.parse().ok()?;
        return Some((Date::new(year, month, day).ok()?, at + 1));
    }
    Some((next_day_and_month(today, day, month)?, at))
}

/// "the fifth of May", "May fifth", "5 למאי", "חמישי לשביעי".
fn day_and_month(words: &[Word], at: usize, today: Date, _: Attention) -> Option<(Date, usize)> {
    let month_at = |at: usize| forms(text(words, at)).find_map(month);
    if let Some(month) = month_at(at) {
        let from = at + 1 + usize::from(text(words, at + 1) == "the");
        let (day, end, _) = day_number(words, from)?;
        return with_year(words, end, day, month, today);
    }
    let (day, mut end, _) = day_number(words, at)?;
    if matches!(text(words, end), "of" | "ב" | "ל") {
        end += 1;
    }
    if let Some(month) = month_at(end) {
        return with_year(words, end + 1, day, month, today);
    }
    let by_number = text(words, end).strip_prefix('ל').and_then(ordinal).and_then(|m| small(m, 1..13))?;
    with_year(words, end + 1, day, by_number, today)
}

/// `5.5`, `5/12`, `5.12.2026`. Without a year and unasked, only after a preposition: it may be an amount.
fn written(words: &[Word], at: usize, today: Date, attention: Attention) -> Option<(Date, usize)> {
    let word = text(words, at);
    let parts: Vec<&str> = word.split(['.', '/']).collect();
    let number = |part: &str, limits| part.parse().ok().and_then(|n: u64| small(n, limits));
    let introduced =
        at.checked_sub(1).is_some_and(|i| matches!(text(words, i), "on" | "the" | "ב" | "ה" | "ל"));
    match parts.as_slice() {
        [day, month] if attention == Attention::Asked || introduced || word.contains('/') => {
            let date = next_day_and_month(today, number(day, 1..32)?, number(month, 1..13)?)?;
            Some((date, at + 1))
        }
        [day, month, year] => {
            let year: i16 = year.parse().ok()?;
            let year = if year < 100 { 2000 + year } else { year };
            Some((Date::new(year, number(month, 1..13)?, number(day, 1..32)?).ok()?, at + 1))
        }
        _ => None,
    }
}

/// "in three days", "in a week", "בעוד שלושה ימים", "עוד שבועיים".
fn in_some_days(words: &[Word], at: usize, today: Date, _: Attention) -> Option<(Date, usize)> {
    if text(words, at) != "in" && !is(text(words, at), "עוד") {
        return None;
    }
    let (count, end) = match text(words, at + 1) {
        "a" => (1, at + 2),
        "יומיים" => return Some((today.checked_add(2.days()).ok()?, at + 2)),
        "שבוע" => return Some((today.checked_add(1.week()).ok()?, at + 2)),
        "שבועיים" => return Some((today.checked_add(2.weeks()).ok()?, at + 2)),
        _ => cardinal(words, at + 1)?,
    };
    let count = i64::from(small(count, 1..100)?);
    let span = match text(words, end) {
        "day" | "days" | "ימים" => count.days(),
        "week" | "weeks" | "שבועות" => count.weeks(),
        _ => return None,
    };
    Some((today.checked_add(span).ok()?, end + 1))
}

/// "today", "tomorrow", "the day after tomorrow" and their like.
fn relative(words: &[Word], at: usize, today: Date, _: Attention) -> Option<(Date, usize)> {
    let word = text(words, at);
    let (ahead, end) = if word == "day" && text(words, at + 1) == "after" && text(words, at + 2) == "tomorrow"
    {
        (2, at + 3)
    } else if matches!(word, "tomorrow" | "tomorrows") {
        (1, at + 1)
    } else if matches!(word, "today" | "tonight" | "היום" | "הערב") {
        (0, at + 1)
    } else if is(word, "מחרתיים") {
        (2, at + 1)
    } else if is(word, "מחר") {
        (1, at + 1)
    } else {
        return None;
    };
    Some((today.checked_add(ahead.days()).ok()?, end))
}

/// "Tuesday", "next Tuesday", "Tuesday next week", "יום שלישי", "בשבת", "ביום ג' בשבוע הבא".
fn on_weekday(words: &[Word], at: usize, today: Date, attention: Attention) -> Option<(Date, usize)> {
    let word = text(words, at);
    let (day, mut end): (Weekday, usize) = if is(word, "יום") {
        let name = text(words, at + 1);
        (hebrew_weekday(name).or_else(|| hebrew_weekday(name.strip_prefix('ה')?))?, at + 2)
    } else if let Some(day) = forms(word).find_map(weekday) {
        (day, at + 1)
    } else if attention == Attention::Asked && word.chars().count() > 1 {
        (forms(word).find_map(hebrew_weekday)?, at + 1)
    } else {
        return None;
    };
    let week = words.windows(2).position(|pair| match pair {
        [a, b] => (a.text == "next" && b.text == "week") || (is(&a.text, "שבוע") && is(&b.text, "הבא")),
        _ => false,
    });
    if let Some(week) = week {
        if week == end {
            end += 2;
        }
        return Some((weekday_of_next_week(today, day)?, end));
    }
    if matches!(text(words, end), "הבא" | "הבאה" | "הקרוב" | "הקרובה") {
        end += 1;
    }
    Some((next_weekday(today, day)?, end))
}

/// "the fifth", "ב-5 לחודש": that day of this month or the next one. Unasked, only with "on the" or לחודש.
fn day_alone(words: &[Word], at: usize, today: Date, attention: Attention) -> Option<(Date, usize)> {
    let (day, end, is_ordinal) = day_number(words, at)?;
    if text(words, end) == "לחודש" {
        return Some((next_day_of_month(today, day)?, end + 1));
    }
    let article = at.checked_sub(1).is_some_and(|i| text(words, i) == "the");
    let on = at.checked_sub(2).is_some_and(|i| text(words, i) == "on");
    // "Thirty second" is no day; its second word alone is not meant.
    let tail = at.checked_sub(1).is_some_and(|i| cardinal(words, i).is_some());
    let clear = is_ordinal && !tail && (attention == Attention::Asked || (article && on));
    if clear { Some((next_day_of_month(today, day)?, end)) } else { None }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::super::words::words;
    use super::*;

    /// A Friday.
    const TODAY: Date = day(2026, 11, 20);

    fn understood(said: &str, attention: Attention) -> Option<String> {
        date(&words(said), TODAY, attention).map(|found| found.value.to_string())
    }

    fn check(table: &[(&str, &str)], attention: Attention) {
        for (said, expected) in table {
            assert_eq!(understood(said, attention).as_deref(), Some(*expected), "{said}");
        }
    }

    #[test]
    fn english_days_are_understood() {
        check(
            &[
                ("today", "2026-11-20"),
                ("tomorrow", "2026-11-21"),
                ("tomorrow at ten", "2026-11-21"),
                ("the day after tomorrow please", "2026-11-22"),
                ("monday", "2026-11-23"),
                ("on friday", "2026-11-27"),
                ("next tuesday", "2026-11-24"),
                ("Tuesday next week", "2026-11-24"),
                ("next week on saturday", "2026-11-28"),
                ("in three days", "2026-11-23"),
                ("in a week", "2026-11-27"),
                ("the fifth of may", "2027-05-05"),
                ("Tuesday, the first of December", "2026-12-01"),
                ("december twenty first", "2026-12-21"),
                ("May 5th", "2027-05-05"),
                ("may the fifth", "2027-05-05"),
                ("5.12", "2026-12-05"),
                ("on 5/5/2027", "2027-05-05"),
                ("november twentieth", "2026-11-20"),
                ("february twenty ninth", "2028-02-29"),
            ],
            Attention::Asked,
        );
        check(&[("the thirtieth", "2026-11-30"), ("the fifth", "2026-12-05")], Attention::Asked);
        check(&[("the twenty first", "2026-11-21"), ("31st", "2026-12-31")], Attention::Asked);
    }

    #[test]
    fn hebrew_days_are_understood() {
        check(
            &[
                ("היום", "2026-11-20"),
                ("מחר", "2026-11-21"),
                ("מחר בעשר", "2026-11-21"),
                ("אפשר למחרתיים?", "2026-11-22"),
                ("יום שלישי", "2026-11-24"),
                ("ביום שלישי הקרוב", "2026-11-24"),
                ("ביום ג'", "2026-11-24"),
                ("יום שני", "2026-11-23"),
                ("בשבת", "2026-11-21"),
                ("שלישי", "2026-11-24"),
                ("יום חמישי בשבוע הבא", "2026-11-26"),
                ("בעוד שלושה ימים", "2026-11-23"),
                ("עוד שבוע", "2026-11-27"),
                ("בעוד יומיים", "2026-11-22"),
                ("החמישה במאי", "2027-05-05"),
                ("ב-5 למאי", "2027-05-05"),
                ("ב5.12", "2026-12-05"),
                ("עשרים ואחת בדצמבר", "2026-12-21"),
                ("חמישי לשביעי", "2027-07-05"),
                ("ב-5 לחודש", "2026-12-05"),
                ("ה-30 לחודש", "2026-11-30"),
            ],
            Attention::Asked,
        );
    }

    #[test]
    fn unasked_only_unmistakable_days_count() {
        check(
            &[
                ("i want three rooms tomorrow at ten", "2026-11-21"),
                ("on the fifth", "2026-12-05"),
                ("ב-5.12 אם אפשר", "2026-12-05"),
                ("נפגש ביום ראשון", "2026-11-22"),
            ],
            Attention::Overheard,
        );
        for said in
            ["5.5", "three and a half", "the first", "שני חדרים", "ten", "may i ask", "second floor", ""]
        {
            assert_eq!(understood(said, Attention::Overheard), None, "{said}");
        }
        for said in ["ten", "next week", "hello", "the thirty second", "32.1", "31.2", "שלום"] {
            assert_eq!(understood(said, Attention::Asked), None, "{said}");
        }
    }

    #[test]
    fn the_words_of_a_day_are_told() {
        let said = words("can we meet on the fifth of may at ten");
        assert_eq!(date(&said, TODAY, Attention::Overheard).map(|found| found.span), Some(3..8));
    }
}
