//! Hebrew numerals, which agree with the gender of what they count.
//!
//! From three to ten the masculine is the longer form (שלושה חדרים, שלוש דירות). Thousands from three to ten
//! take the construct form (חמשת אלפים), above that the plain one (אחד עשר אלף). The last part of a number
//! is joined by ו: מאה עשרים ושלוש, אלף וחמש מאות.

use super::Gender;

const FEMININE: [&str; 11] =
    ["אפס", "אחת", "שתיים", "שלוש", "ארבע", "חמש", "שש", "שבע", "שמונה", "תשע", "עשר"];
const MASCULINE: [&str; 11] =
    ["אפס", "אחד", "שניים", "שלושה", "ארבעה", "חמישה", "שישה", "שבעה", "שמונה", "תשעה", "עשרה"];
const TENS: [&str; 10] =
    ["", "עשר", "עשרים", "שלושים", "ארבעים", "חמישים", "שישים", "שבעים", "שמונים", "תשעים"];
/// 3 to 10 before אלפים.
const OF_THOUSANDS: [&str; 8] = ["שלושת", "ארבעת", "חמשת", "ששת", "שבעת", "שמונת", "תשעת", "עשרת"];
const ORDINALS_MASCULINE: [&str; 10] =
    ["ראשון", "שני", "שלישי", "רביעי", "חמישי", "שישי", "שביעי", "שמיני", "תשיעי", "עשירי"];
const ORDINALS_FEMININE: [&str; 10] =
    ["ראשונה", "שנייה", "שלישית", "רביעית", "חמישית", "שישית", "שביעית", "שמינית", "תשיעית", "עשירית"];
/// Above thousands Hebrew counts these as masculine nouns.
const SCALES: [(u64, &str); 5] = [
    (1_000_000_000_000_000_000, "קווינטיליון"),
    (1_000_000_000_000_000, "קוודריליון"),
    (1_000_000_000_000, "טריליון"),
    (1_000_000_000, "מיליארד"),
    (1_000_000, "מיליון"),
];

/// A whole number in words, agreeing with what it counts.
pub(super) fn integer(number: u64, gender: Gender) -> String {
    if number == 0 {
        return "אפס".to_owned();
    }
    let mut parts = Vec::new();
    let mut rest = number;
    for (scale, name) in SCALES {
        let count = rest / scale;
        match count {
            0 => {}
            1 => parts.push(name.to_owned()),
            2 => parts.push(format!("שני {name}")),
            _ => parts.push(format!("{} {name}", joined(&below_thousand(count, Gender::Masculine)))),
        }
        rest %= scale;
    }
    if rest >= 1_000 {
        parts.push(thousands(rest / 1_000));
    }
    parts.extend(below_thousand(rest % 1_000, gender));
    joined(&parts)
}

/// The count of thousands with its noun, as one part.
fn thousands(count: u64) -> String {
    match count {
        1 => "אלף".to_owned(),
        2 => "אלפיים".to_owned(),
        3..=10 => format!("{} אלפים", word(&OF_THOUSANDS, count - 3)),
        _ => format!("{} אלף", joined(&below_thousand(count, Gender::Masculine))),
    }
}

/// The parts of a number below a thousand, without ו.
fn below_thousand(number: u64, gender: Gender) -> Vec<String> {
    let mut parts = Vec::new();
    match number / 100 {
        0 => {}
        1 => parts.push("מאה".to_owned()),
        2 => parts.push("מאתיים".to_owned()),
        hundreds => parts.push(format!("{} מאות", word(&FEMININE, hundreds))),
    }
    let rest = number % 100;
    match rest {
        0 => {}
        1..=10 => parts.push(unit(rest, gender).to_owned()),
        11..=19 => parts.push(teen(rest - 10, gender)),
        _ => {
            parts.push(word(&TENS, rest / 10).to_owned());
            if !rest.is_multiple_of(10) {
                parts.push(unit(rest % 10, gender).to_owned());
            }
        }
    }
    parts
}

/// Two loses a letter before ten: שנים עשר, שתים עשרה.
fn teen(unit_part: u64, gender: Gender) -> String {
    match (unit_part, gender) {
        (2, Gender::Masculine) => "שנים עשר".to_owned(),
        (2, Gender::Feminine) => "שתים עשרה".to_owned(),
        (_, Gender::Masculine) => format!("{} עשר", unit(unit_part, gender)),
        (_, Gender::Feminine) => format!("{} עשרה", unit(unit_part, gender)),
    }
}

/// 2 to 10 before a noun with ה, as in שלושת החדרים and שלוש הדירות; `None` for others.
pub(super) fn construct(number: u64, gender: Gender) -> Option<&'static str> {
    match (number, gender) {
        (2, _) => Some(two_of(gender)),
        (3..=10, Gender::Masculine) => Some(word(&OF_THOUSANDS, number - 3)),
        (3..=10, Gender::Feminine) => Some(unit(number, gender)),
        _ => None,
    }
}

/// Two before its noun: שני חדרים, שתי דירות.
pub(super) fn two_of(gender: Gender) -> &'static str {
    match gender {
        Gender::Masculine => "שני",
        Gender::Feminine => "שתי",
    }
}

/// The place in a row, 1 to 10; above that Hebrew uses the numeral.
pub(super) fn ordinal(number: u64, gender: Gender) -> String {
    let table = match gender {
        Gender::Masculine => &ORDINALS_MASCULINE,
        Gender::Feminine => &ORDINALS_FEMININE,
    };
    let name = number.checked_sub(1).map_or("", |index| word(table, index));
    if name.is_empty() { integer(number, gender) } else { name.to_owned() }
}

/// Zero to ten.
pub(super) fn unit(number: u64, gender: Gender) -> &'static str {
    match gender {
        Gender::Masculine => word(&MASCULINE, number),
        Gender::Feminine => word(&FEMININE, number),
    }
}

fn word(table: &[&'static str], index: u64) -> &'static str {
    usize::try_from(index).ok().and_then(|i| table.get(i)).copied().unwrap_or_default()
}

fn joined(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} ו{last}", before.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_agree_with_what_they_count() {
        let table = [
            (0, "אפס", "אפס"),
            (1, "אחד", "אחת"),
            (2, "שניים", "שתיים"),
            (3, "שלושה", "שלוש"),
            (4, "ארבעה", "ארבע"),
            (5, "חמישה", "חמש"),
            (6, "שישה", "שש"),
            (7, "שבעה", "שבע"),
            (8, "שמונה", "שמונה"),
            (9, "תשעה", "תשע"),
            (10, "עשרה", "עשר"),
            (11, "אחד עשר", "אחת עשרה"),
            (12, "שנים עשר", "שתים עשרה"),
            (13, "שלושה עשר", "שלוש עשרה"),
            (16, "שישה עשר", "שש עשרה"),
            (18, "שמונה עשר", "שמונה עשרה"),
            (20, "עשרים", "עשרים"),
            (21, "עשרים ואחד", "עשרים ואחת"),
            (60, "שישים", "שישים"),
            (99, "תשעים ותשעה", "תשעים ותשע"),
            (100, "מאה", "מאה"),
            (103, "מאה ושלושה", "מאה ושלוש"),
            (112, "מאה ושנים עשר", "מאה ושתים עשרה"),
            (123, "מאה עשרים ושלושה", "מאה עשרים ושלוש"),
            (200, "מאתיים", "מאתיים"),
            (450, "ארבע מאות וחמישים", "ארבע מאות וחמישים"),
        ];
        for (number, masculine, feminine) in table {
            assert_eq!(integer(number, Gender::Masculine), masculine);
            assert_eq!(integer(number, Gender::Feminine), feminine);
        }
    }

    #[test]
    fn thousands_and_millions_take_their_own_forms() {
        let table = [
            (1_000, "אלף"),
            (1_500, "אלף וחמש מאות"),
            (2_000, "אלפיים"),
            (3_000, "שלושת אלפים"),
            (5_000, "חמשת אלפים"),
            (5_200, "חמשת אלפים ומאתיים"),
            (6_000, "ששת אלפים"),
            (8_000, "שמונת אלפים"),
            (10_000, "עשרת אלפים"),
            (11_000, "אחד עשר אלף"),
            (25_000, "עשרים וחמישה אלף"),
            (100_000, "מאה אלף"),
            (1_000_000, "מיליון"),
            (2_500_000, "שני מיליון וחמש מאות אלף"),
            (3_000_000, "שלושה מיליון"),
        ];
        for (number, words) in table {
            assert_eq!(integer(number, Gender::Masculine), words);
        }
        assert!(!integer(u64::MAX, Gender::Feminine).is_empty());
    }
}
