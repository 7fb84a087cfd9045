//! Telephone numbers, however they are dictated: digit by digit, in pairs, with "double five", in Hebrew.

use super::cardinal::{cardinal, text};
use super::words::Word;
use super::{Attention, Found};

/// Fewest and most digits of a number without a known form (ITU-T E.164 allows fifteen; local numbers have
/// seven).
const SHORTEST: usize = 7;
const LONGEST: usize = 15;

/// What the digits amount to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phone {
    /// A whole number, Israeli ones in their home form: `0541234567`.
    Whole(String),
    /// The start of one: the caller is still dictating.
    Partial(String),
}

/// The number in the words. Unasked, only a whole one of at least nine digits counts.
pub fn phone(words: &[Word], attention: Attention) -> Option<Found<Phone>> {
    let (digits, span) = longest_run(words)?;
    match (phone_from_digits(&digits)?, attention) {
        (Phone::Whole(_), Attention::Overheard) if digits.len() < 9 => None,
        (Phone::Partial(_), Attention::Overheard) => None,
        (value, _) => Some(Found { value, span }),
    }
}

/// All digits in the words, in order, when there is nothing but digits and fillers.
pub fn digits_of(words: &[Word]) -> Option<String> {
    longest_run(words).map(|(digits, _)| digits)
}

/// Reads digits, perhaps after a `+`, as a number. `None` when they cannot become one: too many.
///
/// Israeli numbers begin with zero: ten digits for mobile (05x) and 07x numbers, nine for a landline. `+972`
/// and `00972` stand for that zero.
pub fn phone_from_digits(digits: &str) -> Option<Phone> {
    let home = ["+972", "00972", "972"].iter().find_map(|code| digits.strip_prefix(code));
    let number = match home {
        Some(rest) if rest.len() >= 8 => format!("0{}", rest.trim_start_matches('0')),
        Some(_) | None => digits.to_owned(),
    };
    let length = number.trim_start_matches('+').len();
    let whole = if number.starts_with("00") || number.starts_with('+') {
        10..=LONGEST
    } else if number.starts_with("05") || number.starts_with("07") {
        10..=10
    } else if number.starts_with('0') {
        9..=9
    } else {
        SHORTEST..=LONGEST
    };
    if length == 0 || length > *whole.end() {
        None
    } else if whole.contains(&length) {
        Some(Phone::Whole(number))
    } else {
        Some(Phone::Partial(number))
    }
}

/// The longest stretch of digits; fillers inside a stretch do not end it.
fn longest_run(words: &[Word]) -> Option<(String, std::ops::Range<usize>)> {
    let mut best: Option<(String, std::ops::Range<usize>)> = None;
    let mut at = 0;
    while at < words.len() {
        let (run, span) = run_from(words, at);
        let next = span.end.max(at + 1);
        if !run.is_empty() && best.as_ref().is_none_or(|(digits, _)| run.len() > digits.len()) {
            best = Some((run, span));
        }
        at = next;
    }
    best
}

fn run_from(words: &[Word], from: usize) -> (String, std::ops::Range<usize>) {
    let (mut digits, mut at, mut end) = (String::new(), from, from);
    while at < words.len() {
        if let Some((more, next)) = some_digits(words, at) {
            digits.push_str(&more);
            (at, end) = (next, next);
        } else if !digits.is_empty() && is_filler(text(words, at)) {
            at += 1;
        } else {
            break;
        }
    }
    (digits, from..end)
}

fn is_filler(word: &str) -> bool {
    matches!(word, "and" | "then" | "uh" | "um" | "dash" | "hyphen" | "space" | "מקף" | "אה" | "אחרי" | "זה")
}

/// The digits at one place: a written group, a number word, or "double five".
fn some_digits(words: &[Word], at: usize) -> Option<(String, usize)> {
    let word = text(words, at);
    let times = match word {
        "double" | "פעמיים" | "כפול" => 2,
        "triple" => 3,
        "plus" | "פלוס" => return Some(("+".to_owned(), at + 1)),
        _ => {
            let written = word.strip_prefix('+').unwrap_or(word);
            if !written.is_empty() && written.bytes().all(|b| b.is_ascii_digit()) {
                return Some((word.to_owned(), at + 1));
            }
            let (number, end) = cardinal(words, at).filter(|(number, _)| *number < 1_000)?;
            return Some((number.to_string(), end));
        }
    };
    let (digit, end) = cardinal(words, at + 1).filter(|(number, _)| *number < 10)?;
    Some((digit.to_string().repeat(times), end))
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    fn whole(said: &str, attention: Attention) -> Option<String> {
        match phone(&words(said), attention)?.value {
            Phone::Whole(number) => Some(number),
            Phone::Partial(_) => None,
        }
    }

    fn check(table: &[(&str, &str)]) {
        for (said, expected) in table {
            assert_eq!(whole(said, Attention::Asked).as_deref(), Some(*expected), "{said}");
        }
    }

    #[test]
    fn english_dictation_is_understood() {
        check(&[
            ("oh five four one two three four five six seven", "0541234567"),
            ("zero five four one two three four five six seven", "0541234567"),
            ("zero fifty four one two three four five six seven", "0541234567"),
            ("my number is oh five four double one three four five six seven", "0541134567"),
            ("oh five two triple five one two three four", "0525551234"),
            ("oh three one two three four five six seven", "031234567"),
            ("054-1234567", "0541234567"),
            ("it's 054 123 4567 thanks", "0541234567"),
            ("+972 54 123 4567", "0541234567"),
            ("plus nine seven two five four one two three four five six seven", "0541234567"),
            ("972541234567", "0541234567"),
            ("five five five one two three four", "5551234"),
            ("four one five five five five zero one two three", "4155550123"),
            ("+1 415 555 0123", "+14155550123"),
            ("oh five four uh one two three and four five six seven", "0541234567"),
            ("oh seven seven one two three four five six seven", "0771234567"),
        ]);
        assert_eq!(whole("oh five four one two three four five six seven eight", Attention::Asked), None);
    }

    #[test]
    fn hebrew_dictation_is_understood() {
        check(&[
            ("אפס חמש ארבע אחת שתיים שלוש ארבע חמש שש שבע", "0541234567"),
            ("אפס חמישים וארבע אחת שתיים שלוש ארבע חמש שש שבע", "0541234567"),
            ("אפס חמישים ארבע, מאה עשרים ושלוש, ארבעים וחמש, שישים ושבע", "0541234567"),
            ("אפס חמישה ארבעה אחד שניים שלושה ארבעה חמישה שישה שבעה", "0541234567"),
            ("המספר שלי הוא 054-1234567", "0541234567"),
            ("054 123 45 67", "0541234567"),
            ("אפס שלוש אחת שתיים שלוש ארבע חמש שש שבע", "031234567"),
            ("03-1234567", "031234567"),
            ("+972-54-1234567", "0541234567"),
            ("פלוס תשע שבע שתיים חמש ארבע אחת שתיים שלוש ארבע חמש שש שבע", "0541234567"),
            ("אפס חמש אפס מקף אחת אחת אחת שתיים שתיים שתיים שלוש", "0501112223"),
            ("אפס חמש שתיים אחת שתיים שלוש אה ארבע חמש שש שבע", "0521234567"),
            ("זה 0521234567, תודה", "0521234567"),
            ("ב-0521234567", "0521234567"),
            ("אפס שבע שבע אחת שתיים שלוש ארבע חמש שש שבע", "0771234567"),
            ("אפס חמש שלוש שמונה מאות שתים עשרה ארבע חמש שש שבע", "0538124567"),
        ]);
    }

    #[test]
    fn half_a_number_is_known_as_half() {
        for (said, digits) in [("oh five four", "054"), ("אפס חמש ארבע", "054"), ("054 123", "054123")]
        {
            let found = phone(&words(said), Attention::Asked).map(|found| found.value);
            assert_eq!(found, Some(Phone::Partial(digits.to_owned())), "{said}");
        }
        assert_eq!(phone_from_digits("05412345678"), None);
        assert_eq!(phone_from_digits("1234567890123456"), None);
        assert_eq!(phone_from_digits(""), None);
    }

    #[test]
    fn unasked_a_few_numbers_are_no_telephone() {
        for said in
            ["three rooms", "five five five one two three four", "oh five four", "שלושה חדרים ב-5000", ""]
        {
            assert_eq!(phone(&words(said), Attention::Overheard), None, "{said}");
        }
        assert_eq!(whole("call me on 0541234567", Attention::Overheard).as_deref(), Some("0541234567"));
    }
}
