//! Times of day: "half past ten", "ten thirty", "quarter to five", "noon", `14:30`, "בעשר וחצי", "רבע לחמש".
//!
//! Nobody visits an office at three in the night: an hour from one to seven without a part of the day is in
//! the afternoon. A part of the day may stand anywhere in the utterance ("tomorrow morning at ten").

use jiff::civil::Time;

use super::cardinal::{cardinal, text};
use super::words::{Fit, Word, find, forms, is, normal_form};
use super::{Attention, Found};

/// Unqualified hours up to this one are in the afternoon.
const LAST_AFTERNOON_HOUR: u64 = 7;

#[derive(Clone, Copy)]
enum DayPart {
    Morning,
    Noon,
    Afternoon,
    Night,
}

const DAY_PARTS: [(&str, DayPart); 17] = [
    ("am", DayPart::Morning),
    ("a m", DayPart::Morning),
    ("morning", DayPart::Morning),
    ("בבוקר", DayPart::Morning),
    ("לפנות בוקר", DayPart::Morning),
    ("בצהריים", DayPart::Noon),
    ("pm", DayPart::Afternoon),
    ("p m", DayPart::Afternoon),
    ("afternoon", DayPart::Afternoon),
    ("evening", DayPart::Afternoon),
    ("tonight", DayPart::Afternoon),
    ("אחר הצהריים", DayPart::Afternoon),
    ("אחרי הצהריים", DayPart::Afternoon),
    ("אחהצ", DayPart::Afternoon),
    ("בערב", DayPart::Afternoon),
    ("at night", DayPart::Night),
    ("בלילה", DayPart::Night),
];

/// The time that is meant, if any.
pub fn time(words: &[Word], attention: Attention) -> Option<Found<Time>> {
    let part = DAY_PARTS
        .iter()
        .find_map(|(phrase, part)| find(words, &normal_form(phrase), Fit::Exact).map(|_| *part));
    (0..words.len()).find_map(|at| {
        let clock = clock(words, at, attention)?;
        let introduced = introduced(words, at);
        let told = clock.sure || introduced || (part.is_some() && clock.hour_word);
        if !told && attention == Attention::Overheard {
            return None;
        }
        let value = on_the_day(&clock, part)?;
        let start = if introduced && at > 0 && !prefixed(words, at) { at - 1 } else { at };
        Some(Found { value, span: start..with_day_part(words, clock.end) })
    })
}

/// A reading of a clock, before the part of the day.
struct Clock {
    hour: u64,
    /// Minutes after the hour; negative before it ("quarter to").
    minutes: i64,
    end: usize,
    /// The form alone says that it is a time.
    sure: bool,
    /// An hour that a part of the day may complete.
    hour_word: bool,
    /// Told on the 24-hour clock.
    exact: bool,
}

fn clock(words: &[Word], at: usize, attention: Attention) -> Option<Clock> {
    let fixed = |hour| Clock { hour, minutes: 0, end: at + 1, sure: true, hour_word: true, exact: true };
    match text(words, at) {
        "noon" | "midday" => return Some(fixed(12)),
        "midnight" | "חצות" | "בחצות" => return Some(fixed(0)),
        _ => {}
    }
    written(words, at, attention).or_else(|| relative_to_hour(words, at)).or_else(|| hour_first(words, at))
}

/// `14:30`; asked, also `14.30`, which else may be a day or an amount.
fn written(words: &[Word], at: usize, attention: Attention) -> Option<Clock> {
    let word = text(words, at);
    let dotted =
        || word.split_once('.').filter(|(_, minutes)| attention == Attention::Asked && minutes.len() == 2);
    let (hour, minutes) = word.split_once(':').or_else(dotted)?;
    let exact = hour.starts_with('0') && hour.len() == 2;
    let (hour, minutes) = (hour.parse().ok()?, minutes.parse().ok()?);
    Some(Clock { hour, minutes, end: at + 1, sure: true, hour_word: true, exact })
}

/// "half past ten", "quarter to five", "ten to six", "רבע לחמש", "עשרה לשש".
fn relative_to_hour(words: &[Word], at: usize) -> Option<Clock> {
    let word = text(words, at);
    let (amount, mut next) = match word {
        "half" => (30, at + 1),
        "quarter" => (15, at + 1),
        "a" if text(words, at + 1) == "quarter" => (15, at + 2),
        quarter if is(quarter, "רבע") => (15, at + 1),
        _ => cardinal(words, at)?,
    };
    if matches!(text(words, next), "minutes" | "דקות") {
        next += 1;
    }
    let amount = i64::try_from(amount).ok().filter(|minutes| (1..60).contains(minutes))?;
    let (minutes, hour_at) = match text(words, next) {
        "past" | "after" => (amount, next + 1),
        "to" | "before" | "till" => (-amount, next + 1),
        hebrew if hebrew.starts_with('ל') && hebrew_hour(hebrew) => (-amount, next),
        _ => return None,
    };
    let (hour, end) = hour(words, hour_at)?;
    Some(Clock { hour, minutes, end, sure: true, hour_word: true, exact: false })
}

/// "ten", "ten thirty", "nine oh five", "ten o'clock", "עשר וחצי", "עשר ועשרים".
fn hour_first(words: &[Word], at: usize) -> Option<Clock> {
    let (hour, mut end) = hour(words, at)?;
    let (mut minutes, mut sure) = (0, false);
    let next = text(words, end);
    if matches!(next, "oclock" | "clock") {
        (end, sure) = (end + 1, true);
    } else if next == "o" && text(words, end + 1) == "clock" {
        (end, sure) = (end + 2, true);
    } else if matches!(next, "וחצי" | "ורבע") && hebrew_hour(text(words, end.saturating_sub(1))) {
        (minutes, end) = (if next == "וחצי" { 30 } else { 15 }, end + 1);
        sure = at > 0 || feminine_only(text(words, at));
    } else if matches!(next, "oh" | "o" | "zero") {
        if let Some((unit @ 1..=9, after)) = cardinal(words, end + 1) {
            (minutes, end, sure) = (i64::try_from(unit).ok()?, after, true);
        }
    } else if let Some((more @ 1..=59, after)) = cardinal(words, end) {
        // English minutes below ten need their "oh"; Hebrew ones come with ו.
        if more >= 10 || next.starts_with('ו') {
            (minutes, end) = (i64::try_from(more).ok()?, after);
            sure = more % 5 == 0 && hour <= 12 && !next.starts_with(|c: char| c.is_ascii_digit());
        }
        if matches!(text(words, end), "דקות" | "minutes") {
            end += 1;
        }
    }
    // Another number right before or behind: these are digits of something else.
    let before = at.checked_sub(1).and_then(|before| cardinal(words, before));
    if before.is_some() || cardinal(words, end).is_some() {
        return None;
    }
    Some(Clock { hour, minutes, end, sure, hour_word: true, exact: false })
}

/// An hour from 0 to 24. Anything larger is an amount: eight thousand is no time.
fn hour(words: &[Word], at: usize) -> Option<(u64, usize)> {
    let word = text(words, at);
    if matches!(word, "oh" | "o" | "zero" | "אפס") {
        return None;
    }
    let (hour, end) = cardinal(words, at)?;
    (hour <= 24).then_some((hour, end))
}

/// Whether "at", "by", בשעה or a single prefix letter stands before, or a Hebrew hour carries its ב.
fn introduced(words: &[Word], at: usize) -> bool {
    let before = at.checked_sub(1).map_or("", |i| text(words, i));
    matches!(before, "at" | "by" | "around" | "about" | "ב" | "ל") || is(before, "שעה") || prefixed(words, at)
}

fn prefixed(words: &[Word], at: usize) -> bool {
    let word = text(words, at);
    word.strip_prefix('ב')
        .or_else(|| word.strip_prefix('ל'))
        .is_some_and(|rest| rest != word && hebrew_hour(rest))
}

/// Hours are feminine: חמש is a time, חמישה counts things.
fn hebrew_hour(word: &str) -> bool {
    forms(word).any(|form| {
        matches!(
            form,
            "אחת"
                | "שתיים"
                | "שתים"
                | "שלוש"
                | "ארבע"
                | "חמש"
                | "שש"
                | "שבע"
                | "שמונה"
                | "תשע"
                | "עשר"
                | "עשרה"
        )
    })
}

fn feminine_only(word: &str) -> bool {
    hebrew_hour(word) && !is(word, "שמונה") && !is(word, "עשרה")
}

fn on_the_day(clock: &Clock, part: Option<DayPart>) -> Option<Time> {
    let hour = match (clock.hour, part) {
        (hour, _) if clock.exact || hour > 12 => hour,
        (12, Some(DayPart::Morning | DayPart::Night)) => 0,
        (hour, Some(DayPart::Morning)) => hour,
        (12, _) => 12,
        (hour, Some(DayPart::Afternoon)) => hour + 12,
        (hour, Some(DayPart::Noon)) => hour + if hour < 10 { 12 } else { 0 },
        (hour, Some(DayPart::Night)) => hour + if hour > 5 { 12 } else { 0 },
        (0, None) => 0,
        (hour, None) => hour + if hour <= LAST_AFTERNOON_HOUR { 12 } else { 0 },
    };
    let of_day = i64::try_from(hour).ok()?.checked_mul(60)? + clock.minutes;
    if !(-60..=24 * 60).contains(&of_day) || clock.minutes >= 60 {
        return None;
    }
    let of_day = of_day.rem_euclid(24 * 60);
    Time::new(i8::try_from(of_day / 60).ok()?, i8::try_from(of_day % 60).ok()?, 0, 0).ok()
}

/// Takes "in the morning", "pm", בערב and the like after the time into the span.
fn with_day_part(words: &[Word], end: usize) -> usize {
    let belongs = |i: usize| {
        let word = text(words, i);
        matches!(word, "in" | "the" | "at" | "a" | "p" | "m" | "אחר" | "אחרי" | "הצהריים")
            || DAY_PARTS.iter().any(|(phrase, _)| *phrase == word)
    };
    let tail = (end..words.len()).take_while(|i| belongs(*i)).count();
    let is_part = tail > 0 && !matches!(text(words, end + tail - 1), "in" | "the" | "at" | "a");
    if is_part { end + tail } else { end }
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    fn understood(said: &str, attention: Attention) -> Option<String> {
        time(&words(said), attention).map(|found| found.value.strftime("%H:%M").to_string())
    }

    fn check(table: &[(&str, &str)], attention: Attention) {
        for (said, expected) in table {
            assert_eq!(understood(said, attention).as_deref(), Some(*expected), "{said}");
        }
    }

    #[test]
    fn english_times_are_understood() {
        check(
            &[
                ("ten", "10:00"),
                ("at ten", "10:00"),
                ("half past ten", "10:30"),
                ("ten thirty", "10:30"),
                ("quarter to five", "16:45"),
                ("a quarter past nine", "09:15"),
                ("ten to six", "17:50"),
                ("twenty minutes past eight", "08:20"),
                ("nine oh five", "09:05"),
                ("noon", "12:00"),
                ("midnight", "00:00"),
                ("three", "15:00"),
                ("three in the morning", "03:00"),
                ("seven pm", "19:00"),
                ("7 a.m.", "07:00"),
                ("at 2:30", "14:30"),
                ("14:30", "14:30"),
                ("08:15", "08:15"),
                ("ten o'clock", "10:00"),
                ("ten o clock", "10:00"),
                ("twelve thirty", "12:30"),
                ("eight in the evening", "20:00"),
                ("tomorrow morning at seven", "07:00"),
                ("at 11 p.m. please", "23:00"),
                ("quarter to one", "12:45"),
                ("twenty thirty", "20:30"),
            ],
            Attention::Asked,
        );
    }

    #[test]
    fn hebrew_times_are_understood() {
        check(
            &[
                ("עשר", "10:00"),
                ("בעשר", "10:00"),
                ("בעשר וחצי", "10:30"),
                ("רבע לחמש", "16:45"),
                ("ביום ראשון ברבע לארבע", "15:45"),
                ("עשר ורבע", "10:15"),
                ("עשרה לשש", "17:50"),
                ("חמישה לתשע", "08:55"),
                ("עשר ועשרים", "10:20"),
                ("עשר ועשר דקות", "10:10"),
                ("בשעה שלוש", "15:00"),
                ("שלוש בלילה", "03:00"),
                ("שמונה בערב", "20:00"),
                ("שבע בבוקר", "07:00"),
                ("שתיים בצהריים", "14:00"),
                ("שתים עשרה בצהריים", "12:00"),
                ("ארבע אחר הצהריים", "16:00"),
                ("חמש אחה״צ", "17:00"),
                ("ב-10:30", "10:30"),
                ("ב-10", "10:00"),
                ("10.30", "10:30"),
                ("חצות", "00:00"),
                ("אחת עשרה", "11:00"),
                ("לאחת", "13:00"),
                ("מחר בבוקר בשמונה", "08:00"),
                ("רבע לאחת", "12:45"),
                ("עשר שלושים", "10:30"),
            ],
            Attention::Asked,
        );
    }

    #[test]
    fn unasked_only_unmistakable_times_count() {
        check(
            &[
                ("i want three rooms tomorrow at ten", "10:00"),
                ("around half past four", "16:30"),
                ("נפגש מחר בעשר", "10:00"),
                ("שלושה חדרים בשעה חמש", "17:00"),
            ],
            Attention::Overheard,
        );
        for said in
            ["three rooms", "ten", "שמונה", "שלושה חדרים", "שלושה וחצי חדרים", "בשמונה אלף", "5.5", ""]
        {
            assert_eq!(understood(said, Attention::Overheard), None, "{said}");
        }
        for said in ["hello", "tomorrow", "25:00", "10:75", "fifty", "שלום", "oh five four"] {
            assert_eq!(understood(said, Attention::Asked), None, "{said}");
        }
    }

    #[test]
    fn the_words_of_a_time_are_told() {
        let span = |said: &str| time(&words(said), Attention::Overheard).map(|found| found.span);
        assert_eq!(span("tomorrow at ten thirty in the morning please"), Some(1..7));
        assert_eq!(span("מחר ב-10 בבוקר"), Some(1..4));
    }
}
