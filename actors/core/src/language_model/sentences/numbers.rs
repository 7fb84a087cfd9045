//! Numbers: counts, sizes and sums of money.

use super::super::vocabulary::cardinal;
use super::{fill, whole};

const COUNTED: [&str; 14] = [
    "rooms",
    "bedrooms",
    "people",
    "children",
    "years",
    "months",
    "weeks",
    "days",
    "square meters",
    "meters",
    "percent",
    "shekels",
    "dollars",
    "floors",
];

/// Money and sizes come in round thousands; these are the steps people name.
const ROUND: [u32; 30] = [
    100, 150, 200, 250, 300, 400, 500, 600, 700, 800, 900, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000,
    5_000, 6_000, 7_000, 8_000, 9_000, 10_000, 12_000, 15_000, 20_000, 50_000, 500_000, 900_000,
];

const MILLIONS: [&str; 12] = [
    "one million",
    "a million",
    "a million and a half",
    "one and a half million",
    "one point five million",
    "two million",
    "two and a half million",
    "two point five million",
    "three million",
    "four million",
    "five million",
    "one million two hundred thousand",
];

/// Sentences with weights: bare numbers, numbers with a unit, numbers that are only about right.
pub(super) fn sentences() -> Vec<(String, f64)> {
    let small: Vec<String> = (0..=100).map(cardinal).collect();
    let counts: Vec<String> = (1..=12).map(cardinal).collect();
    let hundreds_of_thousands = (1..=9).map(|hundreds| cardinal(hundreds * 100_000));
    let thousands = (1..=99).map(|thousands| cardinal(thousands * 1_000));
    let round: Vec<String> = ROUND.iter().map(|&number| cardinal(number)).collect();
    let large: Vec<String> = hundreds_of_thousands
        .chain(thousands)
        .chain(round)
        .chain(MILLIONS.iter().map(|&text| text.to_owned()))
        .collect();
    let halves: Vec<String> = counts.iter().map(|count| format!("{count} and a half")).collect();
    let mut sentences = fill(
        &[("{}", 8.0), ("about {}", 1.0), ("around {}", 1.0), ("maybe {}", 0.5), ("{} please", 0.5)],
        &small,
    );
    sentences.extend(fill(
        &[
            ("{}", 2.0),
            ("about {}", 1.0),
            ("up to {}", 1.0),
            ("around {}", 0.5),
            ("{} shekels", 1.0),
            ("{} dollars", 1.0),
            ("up to {} shekels", 0.5),
            ("about {} shekels", 0.5),
            ("my budget is {}", 0.5),
            ("my budget is about {}", 0.5),
            ("{} a month", 0.5),
        ],
        &large,
    ));
    for unit in COUNTED {
        let pattern = format!("{{}} {unit}");
        sentences.extend(fill(&[(&pattern, 0.4)], &counts));
        sentences.extend(fill(&[(&pattern, 0.1)], &small));
    }
    sentences.extend(fill(&[("{}", 0.5), ("{} rooms", 0.5), ("{} million", 0.2)], &halves));
    sentences.extend(fill(
        &[("a hundred and {}", 0.7), ("one hundred and {}", 0.3), ("two hundred and {}", 0.3)],
        small.get(1..100).unwrap_or_default(),
    ));
    sentences.extend(whole(&["a hundred", "a thousand", "a couple", "a few", "none", "i'm alone"]));
    sentences
}
