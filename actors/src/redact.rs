//! What may stand in a log line above DEBUG: no telephone number in full, and nothing in a caller's own words.

use moked_core::receptionist::Lead;

/// Digits of a run that stay readable, at its end: enough to tell two callers apart.
const KEPT: usize = 2;

/// Digits in a row from which a value is taken for a number that identifies someone.
const IDENTIFYING: usize = 6;

/// A lead whose telephone-like numbers are masked and whose words are left out: they may be a name, or an
/// answer kept as it was said.
pub(crate) fn lead(lead: &Lead) -> Lead {
    let mut masked = lead.clone();
    for answer in masked.answers.values_mut() {
        let is_words = answer.value.chars().any(char::is_alphabetic);
        answer.value = if is_words { "…".to_owned() } else { number(&answer.value) };
        answer.said = "…".to_owned();
    }
    masked
}

/// `0541234567` becomes `********67`; a text with fewer digits stays as it is.
pub(crate) fn number(text: &str) -> String {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_date = text.contains('-') && digits == 8;
    if digits < IDENTIFYING || is_date {
        return text.to_owned();
    }
    let mut seen = 0;
    text.chars()
        .map(|character| {
            if character.is_ascii_digit() {
                seen += 1;
                if seen + KEPT <= digits { '*' } else { character }
            } else {
                character
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use moked_core::receptionist::Answer;

    use super::*;

    #[test]
    fn a_telephone_number_keeps_its_last_two_digits_and_a_date_all() {
        assert_eq!(number("+972541234567"), "+**********67");
        assert_eq!(number("2026-11-20"), "2026-11-20");
        assert_eq!(number("14:30"), "14:30");
    }

    #[test]
    fn of_an_answer_in_words_only_its_being_there_is_told() {
        let answer = |value: &str| Answer { value: value.to_owned(), said: "so it was said".to_owned() };
        let answers = [("day", "2026-11-20"), ("need", "the roof leaks"), ("phone", "0541234567")];
        let answers = answers.map(|(slot, value)| (slot.to_owned(), answer(value))).into();
        let masked = lead(&Lead { answers, complete: true });
        let values: Vec<_> = masked.answers.values().map(|answer| answer.value.as_str()).collect();
        assert_eq!(values, ["2026-11-20", "…", "********67"]);
        assert!(masked.answers.values().all(|answer| answer.said == "…"));
    }
}
