//! Amounts: "three", "three and a half", `3.5`, "two and a half million", "שלושה וחצי", "חמשת אלפים".

use super::cardinal::{cardinal, scale, text};
use super::words::{Word, is};
use super::{Attention, Found};
use crate::spoken::Quantity;

/// The amount that is meant, if any.
///
/// Unasked, an amount only counts beside a word of its own question (`unit_words`, normalised): "three rooms"
/// answers "how many rooms" at any time, a bare "three" does not. Asked, such an amount is preferred to
/// another one in the same utterance.
pub fn number(words: &[Word], unit_words: &[String], attention: Attention) -> Option<Found<Quantity>> {
    let all = amounts(words);
    let beside_unit = all.iter().find(|found| {
        let after = text(words, found.span.end);
        let before = found.span.start.checked_sub(1).map_or("", |i| text(words, i));
        unit_words.iter().any(|unit| same_noun(after, unit) || (is_hebrew(before) && same_noun(before, unit)))
    });
    match attention {
        Attention::Overheard => beside_unit.cloned(),
        Attention::Asked => {
            beside_unit.cloned().or_else(|| all.into_iter().next()).or_else(|| one_and_a_half(words))
        }
    }
}

/// Singular and plural are one noun: the shorter is the start of the longer, of which at most two letters are
/// left (room, rooms; חדר, חדרים).
fn same_noun(said: &str, unit: &str) -> bool {
    let (short, long) = if said.len() <= unit.len() { (said, unit) } else { (unit, said) };
    short.chars().count() >= 3
        && long.strip_prefix(short).is_some_and(|ending| matches!(ending, "" | "s" | "es" | "ים" | "ות"))
}

fn is_hebrew(word: &str) -> bool {
    word.chars().any(|c| ('א'..='ת').contains(&c))
}

fn amounts(words: &[Word]) -> Vec<Found<Quantity>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match amount(words, at) {
            Some((value, end)) => {
                found.push(Found { value, span: at..end });
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

fn amount(words: &[Word], at: usize) -> Option<(Quantity, usize)> {
    // יום שני is Monday, not two days.
    if at.checked_sub(1).is_some_and(|before| is(text(words, before), "יום")) {
        return None;
    }
    if let Some(found) = half_of_scale(words, at) {
        return Some(found);
    }
    let (mut hundredths, mut end) = match decimal(text(words, at)) {
        Some(value) => (value, at + 1),
        None => {
            let (whole, end) = cardinal(words, at)?;
            (whole.checked_mul(100)?, end)
        }
    };
    if let Some((part, after)) = fraction(words, end) {
        // "a million and a half" is half a million more; "three and a half" half of one.
        let unit = end.checked_sub(1).and_then(|last| scale(words, last)).unwrap_or(1);
        hundredths = hundredths.checked_add(part.checked_mul(unit)?)?;
        end = after;
    }
    while let Some(times) = scale(words, end) {
        hundredths = hundredths.checked_mul(times)?;
        end += 1;
    }
    Some((Quantity::from_hundredths(hundredths), end))
}

/// "half a million", "חצי מיליון".
fn half_of_scale(words: &[Word], at: usize) -> Option<(Quantity, usize)> {
    if !matches!(text(words, at), "half" | "חצי") {
        return None;
    }
    let scale_at = at + 1 + usize::from(text(words, at + 1) == "a");
    let times = scale(words, scale_at)?;
    Some((Quantity::from_hundredths(times * 50), scale_at + 1))
}

/// A written decimal in hundredths.
fn decimal(word: &str) -> Option<u64> {
    if !word.contains('.') {
        return None;
    }
    word.parse::<Quantity>().ok().map(Quantity::hundredths)
}

/// "and a half", "and a quarter", "point five", "וחצי", "ורבע": hundredths and the place after.
fn fraction(words: &[Word], at: usize) -> Option<(u64, usize)> {
    let after_and = at + usize::from(text(words, at) == "and");
    let after_a = after_and + usize::from(text(words, after_and) == "a");
    match (text(words, at), text(words, after_a)) {
        ("וחצי", _) => Some((50, at + 1)),
        ("ורבע", _) => Some((25, at + 1)),
        ("point" | "נקודה", _) => {
            let (digits, end) = cardinal(words, at + 1)?;
            match digits {
                0..=9 => Some((digits * 10, end)),
                10..=99 => Some((digits, end)),
                _ => None,
            }
        }
        ("and", "half") => Some((50, after_a + 1)),
        ("and", "quarter") => Some((25, after_a + 1)),
        _ => None,
    }
}

/// חדר וחצי: the noun stands for one of it.
fn one_and_a_half(words: &[Word]) -> Option<Found<Quantity>> {
    let half = words.iter().position(|word| word.text == "וחצי")?;
    let noun = half.checked_sub(1)?;
    Some(Found { value: Quantity::from_hundredths(150), span: noun..half + 1 })
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    fn understood(said: &str) -> Option<String> {
        number(&words(said), &[], Attention::Asked).map(|found| found.value.to_string())
    }

    fn check(table: &[(&str, &str)]) {
        for (said, expected) in table {
            assert_eq!(understood(said).as_deref(), Some(*expected), "{said}");
        }
    }

    #[test]
    fn english_amounts_are_understood() {
        check(&[
            ("three", "3"),
            ("3", "3"),
            ("three rooms please", "3"),
            ("three and a half", "3.5"),
            ("three and a half rooms", "3.5"),
            ("3.5", "3.5"),
            ("three point five", "3.5"),
            ("three and a quarter", "3.25"),
            ("about twenty one", "21"),
            ("a hundred and twenty", "120"),
            ("five thousand two hundred", "5200"),
            ("5,000", "5000"),
            ("two million", "2000000"),
            ("two and a half million", "2500000"),
            ("1.5 million", "1500000"),
            ("a million and a half", "1500000"),
            ("half a million", "500000"),
            ("zero", "0"),
            ("at most four", "4"),
        ]);
    }

    #[test]
    fn hebrew_amounts_are_understood() {
        check(&[
            ("שלוש", "3"),
            ("שלושה חדרים", "3"),
            ("שלושה וחצי", "3.5"),
            ("שלוש וחצי חדרים", "3.5"),
            ("שני חדרים", "2"),
            ("חדר אחד", "1"),
            ("חדר וחצי", "1.5"),
            ("3.5 חדרים", "3.5"),
            ("ארבעה ורבע", "4.25"),
            ("עשרים ואחת", "21"),
            ("מאה ועשרים מטר", "120"),
            ("חמשת אלפים", "5000"),
            ("חמשת אלפים ומאתיים שקל", "5200"),
            ("אלפיים", "2000"),
            ("שני מיליון", "2000000"),
            ("שניים וחצי מיליון", "2500000"),
            ("מיליון וחצי", "1500000"),
            ("חצי מיליון", "500000"),
            ("עד 5,000 שקל", "5000"),
        ]);
    }

    #[test]
    fn unasked_an_amount_needs_its_noun() {
        let units: Vec<String> = ["how", "many", "rooms", "כמה", "חדרים"].map(String::from).into();
        let overheard = |said: &str| {
            number(&words(said), &units, Attention::Overheard).map(|found| found.value.to_string())
        };
        assert_eq!(overheard("i want a three room flat tomorrow at ten").as_deref(), Some("3"));
        assert_eq!(overheard("דירת שלושה חדרים בחמשת אלפים").as_deref(), Some("3"));
        assert_eq!(overheard("חדרים שלושה וחצי").as_deref(), Some("3.5"));
        for said in ["three", "tomorrow at ten", "two people", "חמש דקות", "יום שני", ""] {
            assert_eq!(overheard(said), None, "{said}");
        }
    }

    #[test]
    fn asked_the_amount_with_the_noun_comes_first() {
        let units = ["rooms".to_owned()];
        let found = number(&words("for two people three rooms"), &units, Attention::Asked);
        assert_eq!(found.map(|found| found.value.to_string()).as_deref(), Some("3"));
        for said in ["many", "rooms", "יום שני", ""] {
            assert_eq!(understood(said), None, "{said}");
        }
        // Beyond any amount, but no reason to fall over.
        let _ = understood("999999999999 million million million and a half million");
    }
}
