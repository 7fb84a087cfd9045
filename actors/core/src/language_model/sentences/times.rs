//! Times of day, alone and on a day.

use super::super::vocabulary::cardinal;
use super::dates::WEEKDAYS;
use super::fill;

const NAMED: [&str; 8] = [
    "noon",
    "at noon",
    "midnight",
    "in the morning",
    "in the afternoon",
    "in the evening",
    "any time",
    "any time in the morning",
];

/// The minutes people name, after the hour.
const MINUTES: [&str; 11] = [
    "oh five",
    "ten",
    "fifteen",
    "twenty",
    "twenty five",
    "thirty",
    "thirty five",
    "forty",
    "forty five",
    "fifty",
    "fifty five",
];

fn hours() -> Vec<String> {
    (1..=12).map(cardinal).collect()
}

/// Sentences with weights. Whole and half hours are the likeliest.
pub(super) fn sentences() -> Vec<(String, f64)> {
    let hours = hours();
    let mut sentences = fill(
        &[
            ("{}", 2.0),
            ("at {}", 4.0),
            ("{} o'clock", 2.0),
            ("at {} o'clock", 2.0),
            ("{} thirty", 4.0),
            ("at {} thirty", 4.0),
            ("half past {}", 2.0),
            ("at half past {}", 1.0),
            ("quarter past {}", 0.7),
            ("quarter to {}", 0.7),
            ("a quarter past {}", 0.3),
            ("a quarter to {}", 0.3),
            ("{} a.m.", 1.5),
            ("{} p.m.", 1.5),
            ("at {} a.m.", 1.5),
            ("at {} p.m.", 1.5),
            ("at {} thirty a.m.", 0.5),
            ("at {} thirty p.m.", 0.5),
            ("{} in the morning", 1.0),
            ("{} in the afternoon", 1.0),
            ("{} in the evening", 1.0),
            ("at {} in the morning", 1.0),
            ("at {} in the afternoon", 1.0),
            ("at {} in the evening", 1.0),
            ("after {}", 0.5),
            ("around {}", 0.5),
            ("before {}", 0.5),
        ],
        &hours,
    );
    for minutes in MINUTES {
        sentences.extend(fill(
            &[(format!("{{}} {minutes}").as_str(), 0.5), (format!("at {{}} {minutes}").as_str(), 0.5)],
            &hours,
        ));
    }
    sentences.extend(fill(&[("{}", 4.0)], &NAMED));
    sentences
}

/// A day and a time in one breath.
pub(super) fn on_days() -> Vec<(String, f64)> {
    let hours = hours();
    WEEKDAYS
        .iter()
        .copied()
        .chain(["tomorrow", "today", "morning", "afternoon"])
        .flat_map(|day| {
            fill(
                &[
                    (format!("{day} at {{}}").as_str(), 2.0),
                    (format!("{day} at {{}} thirty").as_str(), 2.0),
                    (format!("{day} at {{}} o'clock").as_str(), 0.5),
                    (format!("on {day} at {{}}").as_str(), 1.0),
                    (format!("on {day} at {{}} thirty").as_str(), 1.0),
                    (format!("at {{}} on {day}").as_str(), 0.5),
                    (format!("{day} at {{}} in the morning").as_str(), 0.5),
                    (format!("{day} at {{}} in the afternoon").as_str(), 0.5),
                ],
                &hours,
            )
        })
        .collect()
}
