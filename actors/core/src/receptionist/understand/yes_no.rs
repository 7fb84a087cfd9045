//! Yes and no, with the many ways of saying them.

use super::Found;
use super::words::{Fit, Word, find, normal_form};

/// Ways of saying yes, for reading and for the recogniser.
pub(crate) const YES_WORDS: [&str; 34] = [
    "yes",
    "yeah",
    "yep",
    "yup",
    "sure",
    "of course",
    "correct",
    "right",
    "that's right",
    "exactly",
    "okay",
    "ok",
    "no problem",
    "please do",
    "absolutely",
    "definitely",
    "why not",
    "i do",
    "it is",
    "כן",
    "בטח",
    "נכון",
    "בוודאי",
    "ודאי",
    "בסדר",
    "אוקיי",
    "אוקי",
    "מדויק",
    "אין בעיה",
    "ברור",
    "בהחלט",
    "סבבה",
    "יאללה",
    "למה לא",
];

/// Ways of saying no.
pub(crate) const NO_WORDS: [&str; 24] = [
    "no",
    "nope",
    "nah",
    "not really",
    "no way",
    "that's wrong",
    "wrong",
    "incorrect",
    "not right",
    "not correct",
    "i don't",
    "it isn't",
    "it is not",
    "of course not",
    "i don't think so",
    "לא",
    "ממש לא",
    "לא נכון",
    "לא ממש",
    "בכלל לא",
    "טעות",
    "לא בסדר",
    "שלילי",
    "זה לא",
];

/// Neither: the caller does not know.
const NEITHER: [&str; 14] = [
    "i don't know",
    "don't know",
    "not sure",
    "no idea",
    "maybe",
    "i know",
    "לא יודע",
    "לא יודעת",
    "לא בטוח",
    "לא בטוחה",
    "אין לי מושג",
    "אולי",
    "לא משנה",
    "לא זוכר",
];

/// Whether the words say yes (`true`) or no. The first of them counts, and the longest at one place: "no
/// problem" is a yes, "לא נכון" a no. `None` when they say neither.
pub fn yes_no(words: &[Word]) -> Option<Found<bool>> {
    let candidates = YES_WORDS
        .iter()
        .map(|phrase| (phrase, Some(true)))
        .chain(NO_WORDS.iter().map(|phrase| (phrase, Some(false))))
        .chain(NEITHER.iter().map(|phrase| (phrase, None)));
    let (span, value) = candidates
        .filter_map(|(phrase, value)| Some((find(words, &normal_form(phrase), Fit::Exact)?, value)))
        .min_by_key(|(span, _)| (span.start, usize::MAX - span.len()))?;
    value.map(|value| Found { value, span })
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    fn check(said: &[&str], expected: Option<bool>) {
        for said in said {
            assert_eq!(yes_no(&words(said)).map(|found| found.value), expected, "{said}");
        }
    }

    #[test]
    fn english_yes_and_no_are_understood() {
        check(
            &[
                "yes",
                "Yes, please.",
                "yeah",
                "yep that's it",
                "sure",
                "of course",
                "that's right",
                "correct",
                "okay",
                "no problem",
                "uh yes",
                "absolutely",
                "why not",
                "exactly",
                "yes no wait yes",
            ],
            Some(true),
        );
        check(
            &[
                "no",
                "No!",
                "nope",
                "nah",
                "no thank you",
                "not really",
                "of course not",
                "i don't think so",
                "that's wrong",
                "that is not correct",
                "no it's five",
                "not right",
                "no way",
                "incorrect",
                "uh no sorry",
            ],
            Some(false),
        );
    }

    #[test]
    fn hebrew_yes_and_no_are_understood() {
        check(
            &[
                "כן",
                "כן, בטח",
                "בטח",
                "נכון",
                "נכון מאוד",
                "בסדר",
                "אוקיי",
                "אין בעיה",
                "בוודאי",
                "סבבה",
                "ברור",
                "בהחלט",
                "אה כן",
                "כן כן",
                "יאללה",
            ],
            Some(true),
        );
        check(
            &[
                "לא",
                "לא!",
                "ממש לא",
                "לא נכון",
                "לא, תודה",
                "לא ממש",
                "בכלל לא",
                "טעות",
                "זה לא נכון",
                "לא לא",
                "אה לא",
                "לא בסדר",
                "לא, זה חמש",
                "שלילי",
                "לא כן",
            ],
            Some(false),
        );
    }

    #[test]
    fn other_words_are_neither() {
        check(
            &[
                "",
                "hello",
                "i don't know",
                "not sure",
                "maybe",
                "three",
                "לא יודע",
                "לא בטוחה",
                "אולי",
                "הלאה",
                "כנראה",
            ],
            None,
        );
    }
}
