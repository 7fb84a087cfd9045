//! Digits one by one, and telephone numbers in the groups in which people say them.

use super::{Gender, hebrew};
use crate::language::Language;

/// Each digit by its name, `054` as `zero five four` or `אפס חמש ארבע`. Other characters are left out.
///
/// Hebrew digits are feminine, as in a telephone number.
pub fn digits(digits: &str, language: Language) -> String {
    let names: Vec<&str> = digits
        .chars()
        .filter_map(|c| c.to_digit(10))
        .map(|digit| match language {
            Language::English => english_name(digit),
            Language::Hebrew => hebrew::unit(u64::from(digit), Gender::Feminine),
        })
        .collect();
    names.join(" ")
}

fn english_name(digit: u32) -> &'static str {
    match digit {
        0 => "zero",
        1 => "one",
        2 => "two",
        3 => "three",
        4 => "four",
        5 => "five",
        6 => "six",
        7 => "seven",
        8 => "eight",
        _ => "nine",
    }
}

/// A telephone number, a pause (a comma) between groups: `zero five four, one two three, four five six
/// seven`. A leading `+` is said as `plus` or `פלוס`, and the country's code is a group of its own.
pub fn phone(number: &str, language: Language) -> String {
    let plain: String = number.chars().filter(char::is_ascii_digit).collect();
    let country = if number.starts_with('+') { country_code(&plain) } else { 0 };
    let (country, rest) = plain.split_at_checked(country).unwrap_or(("", &plain));
    let all = [country].into_iter().chain(groups(rest)).filter(|group| !group.is_empty());
    let mut said: Vec<String> = all.map(|group| digits(group, language)).collect();
    if let (true, Some(first)) = (number.starts_with('+'), said.first_mut()) {
        let plus = match language {
            Language::English => "plus",
            Language::Hebrew => "פלוס",
        };
        *first = format!("{plus} {first}");
    }
    said.join(", ")
}

/// The length of the country code that an international number begins with (ITU-T E.164 assignments): one
/// digit for 1 and 7, two for those listed, three for all others.
pub(crate) fn country_code(digits: &str) -> usize {
    const OF_TWO: [&str; 11] =
        ["20", "27", "30-34", "36", "39-41", "43-49", "51-58", "60-66", "81-84", "86", "90-95"];
    let starts_within = |range: &str| {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        digits.get(..2).is_some_and(|two| (from..=to).contains(&two))
    };
    match digits.as_bytes().first() {
        None => 0,
        Some(b'1' | b'7') => 1,
        Some(_) if OF_TWO.iter().any(|range| starts_within(range)) || digits.starts_with("98") => 2,
        Some(_) => 3.min(digits.len()),
    }
}

/// The last four digits stay together, before them threes; an area code of two digits (02-123-4567) stays
/// alone in front. Israeli mobile numbers so become 3, 3, 4.
fn groups(digits: &str) -> Vec<&str> {
    let Some((mut head, tail)) = digits.len().checked_sub(4).and_then(|at| digits.split_at_checked(at))
    else {
        return vec![digits];
    };
    let mut groups = vec![tail];
    while let Some((rest, three)) = head.len().checked_sub(3).and_then(|at| head.split_at_checked(at)) {
        groups.push(three);
        head = rest;
    }
    if !head.is_empty() {
        groups.push(head);
    }
    groups.retain(|group| !group.is_empty());
    groups.reverse();
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephone_numbers_are_said_in_groups() {
        let table = [
            (
                "0541234567",
                "zero five four, one two three, four five six seven",
                "אפס חמש ארבע, אחת שתיים שלוש, ארבע חמש שש שבע",
            ),
            (
                "031234567",
                "zero three, one two three, four five six seven",
                "אפס שלוש, אחת שתיים שלוש, ארבע חמש שש שבע",
            ),
            ("5551234", "five five five, one two three four", "חמש חמש חמש, אחת שתיים שלוש ארבע"),
            (
                "+14155550123",
                "plus one, four one five, five five five, zero one two three",
                "פלוס אחת, ארבע אחת חמש, חמש חמש חמש, אפס אחת שתיים שלוש",
            ),
            (
                "+972541234567",
                "plus nine seven two, five four, one two three, four five six seven",
                "פלוס תשע שבע שתיים, חמש ארבע, אחת שתיים שלוש, ארבע חמש שש שבע",
            ),
            ("054", "zero five four", "אפס חמש ארבע"),
            ("1234", "one two three four", "אחת שתיים שלוש ארבע"),
            ("", "", ""),
        ];
        for (number, english, hebrew) in table {
            assert_eq!(phone(number, Language::English), english);
            assert_eq!(phone(number, Language::Hebrew), hebrew);
        }
        assert_eq!(digits("98-0", Language::Hebrew), "תשע שמונה אפס");
    }
}
