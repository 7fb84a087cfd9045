//! Thoughts within the text: some local servers leave a model's `<think>…</think>` where its words should
//! be. They stand at the beginning of an answer, and are never spoken.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// Keeps thoughts back.
#[derive(Debug, Default)]
pub(super) struct Thoughts {
    place: Place,
    held: String,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Place {
    /// Nothing but space, or the beginning of the opening mark, was seen.
    #[default]
    Beginning,
    Thinking,
    Speaking,
}

impl Thoughts {
    /// The words among the next piece of text.
    pub(super) fn words(&mut self, delta: &str) -> String {
        if self.place == Place::Speaking {
            return delta.to_owned();
        }
        self.held.push_str(delta);
        if self.place == Place::Beginning {
            let begun = self.held.trim_start();
            if let Some(thought) = begun.strip_prefix(OPEN) {
                self.held = thought.to_owned();
                self.place = Place::Thinking;
            } else if OPEN.starts_with(begun) {
                return String::new();
            } else {
                self.place = Place::Speaking;
                return std::mem::take(&mut self.held);
            }
        }
        match self.held.split_once(CLOSE) {
            Some((_, words)) => {
                let words = words.trim_start().to_owned();
                self.held.clear();
                self.place = Place::Speaking;
                words
            }
            None => String::new(),
        }
    }

    /// What was held back in vain: the text ended before it became a thought.
    pub(super) fn rest(&mut self) -> String {
        if self.place == Place::Beginning { std::mem::take(&mut self.held) } else { String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(pieces: &[&str]) -> String {
        let mut thoughts = Thoughts::default();
        let words: String = pieces.iter().map(|piece| thoughts.words(piece)).collect();
        words + &thoughts.rest()
    }

    #[test]
    fn thoughts_are_kept_back_however_they_are_cut() {
        let text = "\n<think>He wants to rent.</think>\n\nTo rent, good.";
        assert_eq!(words(&[text]), "To rent, good.");
        let letters: Vec<String> = text.chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        assert_eq!(words(&letters).trim_start(), "To rent, good.");
    }

    #[test]
    fn words_pass_at_once() {
        let mut thoughts = Thoughts::default();
        assert_eq!(thoughts.words("Hello"), "Hello");
        assert_eq!(thoughts.words(" <think>"), " <think>");
        assert_eq!(words(&["<", "th"]), "<th");
        assert_eq!(words(&["<think>only thoughts"]), "");
    }
}
