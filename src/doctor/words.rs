//! How much of a sentence came back: the word error rate.

/// The words of a text in the form in which they are compared: lower case, without punctuation.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Words that were wrong, missing or too many, as a share of those that were said: 0 is perfect, and more
/// than 1 is possible. The edit distance over words, as recognisers are commonly compared.
pub(super) fn error_rate(said: &str, heard: &str) -> f32 {
    let (said, heard) = (words(said), words(heard));
    let mut previous: Vec<usize> = (0..=heard.len()).collect();
    for (row, word) in said.iter().enumerate() {
        let mut current = vec![row + 1];
        let mut left = row + 1;
        for (pair, other) in previous.windows(2).zip(&heard) {
            let [diagonal, above] = *pair else { continue };
            left = (diagonal + usize::from(word != other)).min(above + 1).min(left + 1);
            current.push(left);
        }
        previous = current;
    }
    let distance = previous.last().copied().unwrap_or_default();
    distance as f32 / said.len().max(1) as f32
}

/// Those of `keys` that do not stand in a text.
pub(super) fn missing<'a>(keys: &[&'a str], heard: &str) -> Vec<&'a str> {
    let heard = words(heard);
    keys.iter().copied().filter(|key| !heard.iter().any(|word| word == key)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_counts_wrong_missing_and_additional_words() {
        for (said, heard, rate) in [
            ("I want to rent.", "i want to rent", 0.0),
            ("I want to rent", "i want rent", 0.25),
            ("I want to rent", "i want to to rent", 0.25),
            ("I want to rent", "i want to bend", 0.25),
            ("I want to rent", "", 1.0),
            ("rent", "I want to rent", 3.0),
            ("", "", 0.0),
            ("אני רוצה לשכור", "אני רוצה למכור", 1.0 / 3.0),
        ] {
            assert!((error_rate(said, heard) - rate).abs() < 1e-6, "{said} / {heard}");
        }
    }

    #[test]
    fn missing_keys_are_named() {
        assert_eq!(missing(&["rent", "apartment"], "I want an Apartment!"), ["rent"]);
        assert_eq!(missing(&["rent"], "current"), ["rent"]);
    }
}
