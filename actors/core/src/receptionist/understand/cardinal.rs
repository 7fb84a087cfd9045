//! Number words into whole numbers, English and Hebrew: the common floor of amounts, times, days and phones.

use super::words::{Word, forms};

/// What a number word does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// 0 to 9.
    Unit(u64),
    /// Ten; in Hebrew also the tail of 11 to 19.
    Ten,
    /// 11 to 19 in one word.
    Teen(u64),
    /// 20 to 90.
    Tens(u64),
    /// Times a hundred. Hebrew has מאה for one hundred and מאות after a count.
    Hundred,
    /// מאתיים.
    TwoHundred,
    /// Times a thousand or a million.
    Scale(u64),
    /// אלפיים.
    TwoThousand,
}

const THOUSAND: u64 = 1_000;
const MILLION: u64 = 1_000_000;

/// The whole number at a place in the words, as far as it goes, and the place after it.
///
/// `five four` is five: digits in a row are the business of the telephone. Numbers in digits may carry a
/// multiplier (`2 million`).
pub(super) fn cardinal(words: &[Word], at: usize) -> Option<(u64, usize)> {
    let (mut total, mut next) = (0_u64, at);
    let mut ceiling = u64::MAX;
    loop {
        let from = if next > at { past_and(words, next) } else { next };
        let Some((value, scale, end)) = scaled_group(words, from) else { break };
        if scale >= ceiling || (next > at && (value == 0 || value >= ceiling)) {
            break;
        }
        total = total.checked_add(value)?;
        next = end;
        ceiling = scale;
        if scale == 1 {
            break;
        }
    }
    (next > at).then_some((total, next))
}

/// A group with its multiplier: value, multiplier, the place after it.
fn scaled_group(words: &[Word], at: usize) -> Option<(u64, u64, usize)> {
    match part(words, at) {
        Some(Part::TwoThousand) => return Some((2 * THOUSAND, THOUSAND, at + 1)),
        Some(Part::Scale(scale)) => return Some((scale, scale, at + 1)),
        _ => {}
    }
    let skipped = at + usize::from(text(words, at) == "a");
    if let (true, Some(Part::Scale(scale))) = (skipped > at, part(words, skipped)) {
        return Some((scale, scale, skipped + 1));
    }
    let (value, mut end) = match literal(words, at) {
        Some(value) => (value, at + 1),
        None => below_thousand(words, at)?,
    };
    let (mut value, mut scale) = (value, 1);
    while let Some(Part::Scale(times)) = part(words, end) {
        value = value.checked_mul(times)?;
        scale = if scale == 1 { times } else { scale };
        end += 1;
    }
    Some((value, scale, end))
}

/// A number below a thousand in words, and the place after it.
fn below_thousand(words: &[Word], at: usize) -> Option<(u64, usize)> {
    let (mut total, mut next) = (0, at);
    // Only parts below the last one may follow: twenty one, never one twenty.
    let mut rank = 1_000;
    loop {
        let from = if next > at { past_and(words, next) } else { next };
        let a_hundred = next == at && text(words, from) == "a";
        let found = part(words, from + usize::from(a_hundred))?;
        let end = from + usize::from(a_hundred) + 1;
        let (value, own_rank, end) = match found {
            Part::Unit(n) => match part(words, end) {
                Some(Part::Ten) if (1..10).contains(&n) && is_hebrew_ten(words, end) => (n + 10, 10, end + 1),
                Some(Part::Hundred) if n > 0 && text(words, end) != "מאה" => (n * 100, 100, end + 1),
                _ => (n, 1, end),
            },
            Part::Ten => (10, 10, end),
            Part::Teen(n) => (n, 10, end),
            Part::Tens(n) => (n, 10, end),
            Part::Hundred if text(words, end - 1) == "מאות" => break,
            Part::Hundred => (100, 100, end),
            Part::TwoHundred => (200, 100, end),
            Part::Scale(_) | Part::TwoThousand => break,
        };
        let fits = own_rank < rank && (next == at || value > 0) && (!a_hundred || own_rank == 100);
        if !fits {
            break;
        }
        (total, next, rank) = (total + value, end, own_rank);
        // After ten to nineteen and after a unit nothing of this group can follow.
        if own_rank == 1 || (10..20).contains(&value) {
            break;
        }
        if part(words, past_and(words, next)).is_none() {
            break;
        }
    }
    (next > at).then_some((total, next))
}

/// `eleven` to `nineteen` of two words exist only in Hebrew: אחת עשרה, but never `one ten`.
fn is_hebrew_ten(words: &[Word], at: usize) -> bool {
    matches!(text(words, at), "עשר" | "עשרה")
}

/// English joins by `and`; the Hebrew ו is part of its word.
fn past_and(words: &[Word], at: usize) -> usize {
    at + usize::from(text(words, at) == "and")
}

/// A number written in digits, without sign or point. Longer ones are telephone numbers.
fn literal(words: &[Word], at: usize) -> Option<u64> {
    let digits = text(words, at);
    let plain = !digits.is_empty() && digits.len() <= 12 && digits.bytes().all(|b| b.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

pub(super) fn text(words: &[Word], at: usize) -> &str {
    words.get(at).map_or("", |word| word.text.as_str())
}

/// The multiplier at a place: thousand or million.
pub(super) fn scale(words: &[Word], at: usize) -> Option<u64> {
    match part(words, at) {
        Some(Part::Scale(times)) => Some(times),
        _ => None,
    }
}

fn part(words: &[Word], at: usize) -> Option<Part> {
    forms(text(words, at)).find_map(meaning)
}

fn meaning(word: &str) -> Option<Part> {
    Some(match word {
        "zero" | "oh" | "o" | "nought" | "אפס" => Part::Unit(0),
        "one" | "אחת" | "אחד" => Part::Unit(1),
        "two" | "שתיים" | "שתים" | "שתי" | "שניים" | "שנים" | "שני" => Part::Unit(2),
        "three" | "שלוש" | "שלושה" | "שלושת" => Part::Unit(3),
        "four" | "ארבע" | "ארבעה" | "ארבעת" => Part::Unit(4),
        "five" | "חמש" | "חמישה" | "חמשה" | "חמשת" | "חמישת" => Part::Unit(5),
        "six" | "שש" | "שישה" | "ששה" | "ששת" | "שישת" => Part::Unit(6),
        "seven" | "שבע" | "שבעה" | "שבעת" => Part::Unit(7),
        "eight" | "שמונה" | "שמונת" => Part::Unit(8),
        "nine" | "תשע" | "תשעה" | "תשעת" => Part::Unit(9),
        "ten" | "עשר" | "עשרה" | "עשרת" => Part::Ten,
        "eleven" => Part::Teen(11),
        "twelve" => Part::Teen(12),
        "thirteen" => Part::Teen(13),
        "fourteen" => Part::Teen(14),
        "fifteen" => Part::Teen(15),
        "sixteen" => Part::Teen(16),
        "seventeen" => Part::Teen(17),
        "eighteen" => Part::Teen(18),
        "nineteen" => Part::Teen(19),
        "twenty" | "עשרים" => Part::Tens(20),
        "thirty" | "שלושים" => Part::Tens(30),
        "forty" | "fourty" | "ארבעים" => Part::Tens(40),
        "fifty" | "חמישים" | "חמשים" => Part::Tens(50),
        "sixty" | "שישים" | "ששים" => Part::Tens(60),
        "seventy" | "שבעים" => Part::Tens(70),
        "eighty" | "שמונים" => Part::Tens(80),
        "ninety" | "תשעים" => Part::Tens(90),
        "hundred" | "מאה" | "מאות" => Part::Hundred,
        "מאתיים" | "מאתים" => Part::TwoHundred,
        "thousand" | "אלף" | "אלפים" | "k" => Part::Scale(THOUSAND),
        "million" | "millions" | "מיליון" | "מליון" => Part::Scale(MILLION),
        "אלפיים" => Part::TwoThousand,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    fn value(said: &str) -> Option<(u64, usize)> {
        cardinal(&words(said), 0)
    }

    #[test]
    fn english_number_words_add_up() {
        let table = [
            ("zero", 0, 1),
            ("seven", 7, 1),
            ("ten thirty", 10, 1),
            ("nineteen", 19, 1),
            ("twenty one", 21, 2),
            ("five four", 5, 1),
            ("five ten", 5, 1),
            ("a hundred", 100, 2),
            ("one hundred and five", 105, 4),
            ("nine hundred ninety nine", 999, 4),
            ("two thousand", 2_000, 2),
            ("five thousand two hundred", 5_200, 4),
            ("five thousand and twenty", 5_020, 4),
            ("two million five hundred thousand", 2_500_000, 5),
            ("a million", 1_000_000, 2),
            ("2 million", 2_000_000, 2),
            ("1200", 1_200, 1),
            ("three and a half", 3, 1),
            ("two hundred thousand", 200_000, 3),
        ];
        for (said, number, used) in table {
            assert_eq!(value(said), Some((number, used)), "{said}");
        }
    }

    #[test]
    fn hebrew_number_words_add_up() {
        let table = [
            ("אפס", 0, 1),
            ("שבע", 7, 1),
            ("שלושה", 3, 1),
            ("עשר", 10, 1),
            ("אחת עשרה", 11, 2),
            ("שנים עשר", 12, 2),
            ("שלוש עשרה", 13, 2),
            ("עשרים ואחת", 21, 2),
            ("חמישים וארבע", 54, 2),
            ("חמש ארבע", 5, 1),
            ("מאה ועשרים", 120, 2),
            ("מאה עשרים ושלוש", 123, 3),
            ("מאתיים וחמישים", 250, 2),
            ("שלוש מאות ארבעים וחמש", 345, 4),
            ("אלף וחמש מאות", 1_500, 3),
            ("אלפיים", 2_000, 1),
            ("חמשת אלפים ומאתיים", 5_200, 3),
            ("עשרים וחמישה אלף", 25_000, 3),
            ("שני מיליון וחמש מאות אלף", 2_500_000, 5),
            ("מיליון", 1_000_000, 1),
            ("שתיים עשרים", 2, 1),
        ];
        for (said, number, used) in table {
            assert_eq!(value(said), Some((number, used)), "{said}");
        }
    }

    #[test]
    fn words_that_are_no_numbers_give_none() {
        for said in ["", "a", "and", "a dog", "hello", "שלום", "ו", "חדרים", "99999999999999999999"]
        {
            assert_eq!(value(said), None, "{said}");
        }
    }
}
