//! Telephone numbers, digit by digit, in the groupings people use.

use super::draw::Draw;

const DIGITS: [&str; 9] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

const CARRIERS: [&str; 12] = [
    "my number is",
    "my phone number is",
    "the number is",
    "it's",
    "it is",
    "you can reach me at",
    "you can call me at",
    "call me at",
    "yes it's",
    "sure it's",
    "sure my number is",
    "please call",
];

/// How many numbers are made up: enough that nearly every three digits in a row are met. With 260 of them
/// 6.6 % of the words of spoken numbers were misheard in a round trip, with 800 3.8 %.
const DRAWN: usize = 800;

/// Any fixed number will do.
const SEED: u64 = 2026;

/// Sentences with weights. Two in three are the bare number.
pub(super) fn sentences() -> Vec<(String, f64)> {
    let mut draw = Draw::new(SEED);
    (0..DRAWN)
        .map(|at| {
            let number = number(&mut draw, at);
            let sentence = match at % 3 {
                0 => format!("{} {number}", draw.one_of(&CARRIERS)),
                _ => number,
            };
            (sentence, 1.0)
        })
        .collect()
}

/// One number. Most are Israeli (mobile `05x` and seven digits, area `0x` and seven), the rest ten digits
/// of a North American one or the international form of either.
fn number(draw: &mut Draw, at: usize) -> String {
    let zero = if at.is_multiple_of(2) { "oh" } else { "zero" };
    let (prefix, digits) = match at % 8 {
        0..=3 => (format!("{zero} five {}", digit(draw, zero)), 7),
        4 => (format!("{zero} {}", draw.one_of(&["two", "three", "four", "eight", "nine"])), 7),
        5 => (format!("{zero} {}", draw.one_of(&["fifty", "fifty two", "fifty three", "fifty four"])), 7),
        6 => ("plus nine seven two five".to_owned(), 8),
        _ => (draw.one_of(&DIGITS).to_owned(), 9),
    };
    let mut words = vec![prefix];
    let mut left = digits;
    while left > 0 {
        let (text, length) = match draw.below(24) {
            0 if left >= 2 => (format!("double {}", digit(draw, zero)), 2),
            1 if left >= 3 => (format!("triple {}", digit(draw, zero)), 3),
            _ => (digit(draw, zero).to_owned(), 1),
        };
        words.push(text);
        left -= length;
    }
    words.join(" ")
}

/// A digit; a caller who says `oh` says it throughout.
fn digit<'a>(draw: &mut Draw, zero: &'a str) -> &'a str {
    let at = draw.below(DIGITS.len() + 1);
    DIGITS.get(at).copied().unwrap_or(zero)
}
