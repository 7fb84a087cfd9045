//! Days: of the week, of the month, and counted from today.

use super::fill;

/// Days of the week, Sunday first.
pub(super) const WEEKDAYS: [&str; 7] =
    ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const ORDINALS: [&str; 31] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty first",
    "twenty second",
    "twenty third",
    "twenty fourth",
    "twenty fifth",
    "twenty sixth",
    "twenty seventh",
    "twenty eighth",
    "twenty ninth",
    "thirtieth",
    "thirty first",
];

const RELATIVE: [&str; 16] = [
    "today",
    "tonight",
    "tomorrow",
    "tomorrow",
    "the day after tomorrow",
    "tomorrow morning",
    "tomorrow afternoon",
    "tomorrow evening",
    "this week",
    "next week",
    "next month",
    "in two days",
    "in three days",
    "in a week",
    "in two weeks",
    "as soon as possible",
];

/// Sentences with weights.
pub(super) fn sentences() -> Vec<(String, f64)> {
    let mut sentences = fill(
        &[
            ("{}", 4.0),
            ("on {}", 3.0),
            ("next {}", 2.0),
            ("this {}", 1.0),
            ("{} please", 0.5),
            ("{} is good", 0.5),
            ("maybe {}", 0.5),
            ("{} morning", 1.0),
            ("{} afternoon", 1.0),
            ("{} evening", 1.0),
            ("on {} morning", 0.5),
            ("on {} afternoon", 0.5),
            ("{} next week", 0.5),
            ("on {} next week", 0.3),
        ],
        &WEEKDAYS,
    );
    sentences
        .extend(fill(&[("{}", 5.0), ("{} please", 0.5), ("maybe {}", 0.5), ("{} is good", 0.5)], &RELATIVE));
    sentences.extend(fill(&[("the {}", 1.0), ("on the {}", 1.0), ("the {} of this month", 0.3)], &ORDINALS));
    for month in MONTHS {
        let patterns = [
            (format!("{month} {{}}"), 0.3),
            (format!("{month} the {{}}"), 0.1),
            (format!("on {month} {{}}"), 0.15),
            (format!("the {{}} of {month}"), 0.2),
            (format!("on the {{}} of {month}"), 0.15),
        ];
        let patterns: Vec<(&str, f64)> =
            patterns.iter().map(|(pattern, weight)| (pattern.as_str(), *weight)).collect();
        sentences.extend(fill(&patterns, &ORDINALS));
    }
    sentences
}
